import type { Socket } from "node:net";
import type { TlsOptions as NodeTlsOptions, SecureContextOptions, Server, TLSSocket } from "node:tls";
import { ZmtpError } from "../errors.js";
import { acceptOptions } from "./node-tcp.js";
import type { TlsOptions } from "./tls-options.js";
import type { ListenOptions } from "./transport.js";

/** Node's timers turn anything longer into 1 ms. Unit: ms. */
const longestTimerMs = 2 ** 31 - 1;

/** Loaded when it is first needed: most programs have no use for it, and it takes a third of a megabyte of the heap. */
export const loadTls = () => import("node:tls");

type Choices = Pick<TlsOptions, "servername" | "requestCert" | "rejectUnauthorized">;

/** The option `tls` as Node takes it. */
export function nodeTls(tls: TlsOptions | null): SecureContextOptions & Choices {
	return { ...tls } as SecureContextOptions;
}

/**
 * A server whose sockets are through with TLS, and a way to give up those that are not yet. Rejects with `EINVAL` on keys and
 * certificates that are none.
 */
export async function createSecureServer(
	options: ListenOptions,
	onSocket: (socket: TLSSocket) => void,
): Promise<{ readonly server: Server; giveUpPending(): void }> {
	const { tls, onAcceptError } = options;
	if (tls?.key === undefined || tls.cert === undefined) {
		throw new ZmtpError("EINVAL", "binding wss:// needs the option tls with key and cert");
	}
	const pending = new PendingSockets(options.maxPendingHandshakes);
	const server = await createSafely({
		...acceptOptions(options),
		...nodeTls(tls),
		handshakeTimeout: Math.min(options.handshakeInterval, longestTimerMs),
	});
	server.on("connection", (socket: Socket) => {
		socket.unref();
		pending.add(socket);
	});
	server.on("secureConnection", (socket) => {
		pending.remove(socket);
		onSocket(socket);
	});
	server.on("tlsClientError", (cause, socket) => {
		// Node leaves it open after its time is over.
		socket.destroy();
		onAcceptError(new ZmtpError("ZMTP_NOT_ZMTP", `a peer failed at TLS: ${cause.message}`, { cause }));
	});
	return { server, giveUpPending: () => pending.destroy() };
}

async function createSafely(options: NodeTlsOptions): Promise<Server> {
	const { createServer } = await loadTls();
	try {
		return createServer(options);
	} catch (cause) {
		throw new ZmtpError("EINVAL", `option tls is refused: ${(cause as Error).message}`, { cause });
	}
}

/**
 * Sockets that are not through with TLS: an engine knows nothing of them yet, so they are counted here. Those who are slow
 * on purpose must not keep others out, so the oldest makes room.
 */
class PendingSockets {
	readonly #most: number;
	/** By the peer's address and port, which the socket below TLS has in common with the one above it. */
	readonly #sockets = new Map<string, Socket>();

	constructor(most: number) {
		this.#most = most;
	}

	add(socket: Socket): void {
		if (this.#sockets.size >= this.#most) {
			const [oldest] = this.#sockets.values();
			oldest?.destroy();
		}
		const name = nameOf(socket);
		this.#sockets.set(name, socket);
		socket.once("close", () => {
			if (this.#sockets.get(name) === socket) this.#sockets.delete(name);
		});
	}

	remove(socket: Socket): void {
		this.#sockets.delete(nameOf(socket));
	}

	destroy(): void {
		for (const socket of this.#sockets.values()) socket.destroy();
	}
}

function nameOf(socket: Socket): string {
	return `${socket.remoteAddress} ${socket.remotePort}`;
}
