import { parseWebSocketAddress } from "./endpoint.js";
import { connected } from "./node-listener.js";
import { NodeStream } from "./node-stream.js";
import { connectOptions, describePeer, listenOnPort } from "./node-tcp.js";
import { createSecureServer, loadTls, nodeTls } from "./node-tls.js";
import { clientSide, serverSide } from "./node-websocket.js";
import type { Transport } from "./transport.js";
import { WebSocketStream } from "./websocket-stream.js";

/** `wss://`: as `ws://`, inside TLS. A server needs the option `tls` with a key and its certificate. */
export const wss: Transport = {
	check(address) {
		parseWebSocketAddress("wss", address, false);
	},
	async listen(address, options) {
		const where = parseWebSocketAddress("wss", address, true);
		const { server, giveUpPending } = await createSecureServer(options, (socket) => {
			const stream = new NodeStream(socket, describePeer("wss", socket));
			options.onStream(new WebSocketStream(stream, serverSide(options)));
		});
		const listener = await listenOnPort("wss", server, where, options, where.path);
		const close = () => {
			giveUpPending();
			return listener.close();
		};
		return { endpoint: listener.endpoint, close };
	},
	async connect(address, options, signal) {
		const target = parseWebSocketAddress("wss", address, false);
		const endpoint = `wss://${address}`;
		const tcp = await connectOptions({ source: undefined, target }, options);
		const { connect } = await loadTls();
		const socket = connect({ ...tcp, ...nodeTls(options.tls) });
		await connected(socket, "secureConnect", endpoint, signal);
		return new WebSocketStream(new NodeStream(socket, endpoint), clientSide(options, target));
	},
};
