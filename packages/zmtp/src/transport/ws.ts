import { createServer } from "node:net";
import { parseWebSocketAddress } from "./endpoint.js";
import { accept, acceptPaused, dial } from "./node-sockets.js";
import { acceptOptions, connectOptions, describePeer, listenOnPort } from "./node-tcp.js";
import { clientSide, serverSide } from "./node-websocket.js";
import type { Transport } from "./transport.js";
import { WebSocketStream } from "./websocket-stream.js";

/** `ws://`: ZMTP over WebSockets. A bound path is a label, as in libzmq: whatever path a peer asks for, it is let in. */
export const ws: Transport = {
	check(address) {
		parseWebSocketAddress("ws", address, false);
	},
	async listen(address, options) {
		const where = parseWebSocketAddress("ws", address, true);
		const server = createServer({ ...acceptOptions(options), ...acceptPaused }, (socket) => {
			const stream = accept(socket, describePeer("ws", socket));
			options.onStream(new WebSocketStream(stream, serverSide(options)));
		});
		return listenOnPort("ws", server, where, options, where.path);
	},
	async connect(address, options, signal) {
		const target = parseWebSocketAddress("ws", address, false);
		const stream = await dial(await connectOptions({ source: undefined, target }, options), `ws://${address}`, signal);
		return new WebSocketStream(stream, clientSide(options, target));
	},
};
