import { createServer, type ListenOptions as NodeListenOptions, type Socket } from "node:net";
import { fromNodeError, ZmtpError } from "../errors.js";
import { NodeStream } from "./node-stream.js";
import type { ByteStream, Listener, ListenOptions } from "./transport.js";

/** Binds a `node:net` server; `describe` names the bound endpoint and each peer's address. */
export function listenWithNode(
	where: NodeListenOptions,
	options: ListenOptions,
	describe: {
		bound(address: ReturnType<ReturnType<typeof createServer>["address"]>): string;
		peer(socket: Socket): string;
	},
): Promise<Listener> {
	return new Promise((resolve, reject) => {
		const server = createServer({ noDelay: true }, (socket) => {
			socket.unref();
			options.onStream(new NodeStream(socket, describe.peer(socket)));
		});
		server.once("error", (error) => reject(fromNodeError(error, "cannot bind")));
		server.listen({ ...where, backlog: options.backlog }, () => {
			server.removeAllListeners("error");
			server.on("error", (error) => options.onAcceptError(fromNodeError(error, "cannot accept")));
			server.unref();
			resolve({
				endpoint: describe.bound(server.address()),
				// Not when its callback is called: that waits for every accepted stream to end, though the address is free before.
				close: () =>
					new Promise((closed) => {
						server.close();
						setImmediate(closed);
					}),
			});
		});
	});
}

/** Waits until a socket under construction has connected. Rejects with a `ZmtpError`; nothing stays open then. */
export function connectWithNode(socket: Socket, endpoint: string, signal: AbortSignal): Promise<ByteStream> {
	return new Promise((resolve, reject) => {
		socket.unref();
		const fail = (error: unknown) => {
			signal.removeEventListener("abort", abort);
			socket.destroy();
			reject(fromNodeError(error, `cannot connect to ${endpoint}`));
		};
		const abort = () => fail(new ZmtpError("ECANCELED", `connecting to ${endpoint} was given up`));
		socket.once("error", fail);
		signal.addEventListener("abort", abort, { once: true });
		if (signal.aborted) return abort();
		socket.once("connect", () => {
			socket.removeListener("error", fail);
			signal.removeEventListener("abort", abort);
			// A port of the ephemeral range may connect to itself while nobody listens there.
			if (
				socket.localPort !== undefined &&
				socket.localPort === socket.remotePort &&
				socket.localAddress === socket.remoteAddress
			) {
				return fail(new ZmtpError("ZMTP_SELF_CONNECTED", "the socket connected to itself"));
			}
			resolve(new NodeStream(socket, endpoint));
		});
	});
}
