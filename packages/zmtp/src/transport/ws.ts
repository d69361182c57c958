import { createConnection, createServer } from "node:net";
import { parseWebSocketAddress } from "./endpoint.js";
import { connected } from "./node-listener.js";
import { NodeStream } from "./node-stream.js";
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
		const server = createServer(acceptOptions(options), (socket) => {
			const stream = new NodeStream(socket, describePeer("ws", socket));
			options.onStream(new WebSocketStream(stream, serverSide(options)));
		});
		return listenOnPort("ws", server, where, options, where.path);
	},
	async connect(address, options, signal) {
		const target = parseWebSocketAddress("ws", address, false);
		const endpoint = `ws://${address}`;
		const socket = createConnection(await connectOptions({ source: undefined, target }, options));
		await connected(socket, "connect", endpoint, signal);
		return new WebSocketStream(new NodeStream(socket, endpoint), clientSide(options, target));
	},
};
