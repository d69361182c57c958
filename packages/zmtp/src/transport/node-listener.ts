import type { ListenOptions as NodeListenOptions, Server, Socket } from "node:net";
import { fromNodeError, ZmtpError } from "../errors.js";
import type { Listener } from "./transport.js";

/** Binds a server. Rejects with a `ZmtpError`; nothing stays open then. */
export function listen(
	server: Server,
	where: NodeListenOptions,
	onAcceptError: (error: ZmtpError) => void,
): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once("error", (error) => reject(fromNodeError(error, "cannot bind")));
		server.listen(where, () => {
			server.removeAllListeners("error");
			server.on("error", (error) => onAcceptError(fromNodeError(error, "cannot accept")));
			server.unref();
			resolve();
		});
	});
}

/** A bound server as a listener. */
export function listenerOf(server: Server, endpoint: string): Listener {
	return {
		endpoint,
		// Not when its callback is called: that waits for every accepted stream to end, though the address is free before.
		close: () =>
			new Promise((closed) => {
				server.close();
				setImmediate(closed);
			}),
	};
}

/**
 * Waits until a socket under construction has connected, which `event` tells. Rejects with a `ZmtpError`; nothing stays
 * open then.
 */
export function connected(
	socket: Socket,
	event: "connect" | "secureConnect",
	endpoint: string,
	signal: AbortSignal,
): Promise<void> {
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
		socket.once(event, () => {
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
			resolve();
		});
	});
}
