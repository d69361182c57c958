import { createConnection, createServer } from "node:net";
import { parseHostAndPort, parseRoute } from "./endpoint.js";
import { connected } from "./node-listener.js";
import { NodeStream } from "./node-stream.js";
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
		const server = createServer(acceptOptions(options), (socket) => {
			options.onStream(new NodeStream(socket, describePeer("tcp", socket)));
		});
		return listenOnPort("tcp", server, parseHostAndPort(address, true), options);
	},
	async connect(address, options, signal) {
		const endpoint = `tcp://${address}`;
		const socket = createConnection(await connectOptions(parseRoute(address), options));
		await connected(socket, "connect", endpoint, signal);
		return new NodeStream(socket, endpoint);
	},
};
