import { createServer } from "node:net";
import { parseHostAndPort, parseRoute } from "./endpoint.js";
import { accept, acceptPaused, dial } from "./node-sockets.js";
import { acceptOptions, connectOptions, describePeer, listenOnPort } from "./node-tcp.js";
import type { Transport } from "./transport.js";

/**
 * `tcp://`: IPv4, IPv6 in brackets, names; `*` binds all interfaces, port 0 or `*` lets the system choose. A connection may
 * name where it comes from: `tcp://source:port;host:port`.
 */
export const tcp: Transport = {
	check(address) {
		parseRoute(address);
	},
	async listen(address, options) {
		const server = createServer({ ...acceptOptions(options), ...acceptPaused }, (socket) => {
			options.onStream(accept(socket, describePeer("tcp", socket)));
		});
		return listenOnPort("tcp", server, parseHostAndPort(address, true), options);
	},
	async connect(address, options, signal) {
		return dial(await connectOptions(parseRoute(address), options), `tcp://${address}`, signal);
	},
};
