import { createConnection, createServer, type Socket } from "node:net";
import { parseHostAndPort, parseRoute } from "../../../packages/zmtp/src/transport/endpoint.js";
import { connected } from "../../../packages/zmtp/src/transport/node-listener.js";
import { accept, acceptPaused } from "../../../packages/zmtp/src/transport/node-sockets.js";
import { NodeStream } from "../../../packages/zmtp/src/transport/node-stream.js";
import {
	acceptOptions,
	connectOptions,
	describePeer,
	listenOnPort,
} from "../../../packages/zmtp/src/transport/node-tcp.js";
import type { Transport } from "../../../packages/zmtp/src/transport/transport.js";

/** tcp on a Node whose accepted sockets have no handle that goes on as another, and on hosts that read streams only. */
export const streamedTcp: Transport = {
	check(address) {
		parseRoute(address);
	},
	listen(address, options) {
		const server = createServer({ ...acceptOptions(options), ...acceptPaused }, (socket) => {
			withoutUserBuffer(socket);
			options.onStream(accept(socket, describePeer("tcp", socket)));
		});
		return listenOnPort("tcp", server, parseHostAndPort(address, true), options);
	},
	async connect(address, options, signal) {
		const socket = createConnection(await connectOptions(parseRoute(address), options));
		await connected(socket, "connect", `tcp://${address}`, signal);
		return new NodeStream(socket, `tcp://${address}`);
	},
};

function withoutUserBuffer(socket: Socket): void {
	const { _handle: handle } = socket as unknown as { readonly _handle: object };
	Object.defineProperty(handle, "useUserBuffer", { value: undefined });
}
