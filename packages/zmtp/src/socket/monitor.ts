import type { ZmtpError, ZmtpErrorCode } from "../errors.js";
import { Emitter } from "./emitter.js";

/** What happens to a socket's endpoints and connections. Names are zeromq.js's. `address` is the endpoint or the peer's. */
export interface SocketEvents {
	/** A connection was accepted; its handshake follows. */
	accept: { readonly address: string };
	"accept:error": { readonly address: string; readonly error: ZmtpError };
	bind: { readonly address: string };
	"bind:error": { readonly address: string; readonly error: ZmtpError };
	/** A connection stands; its handshake follows. */
	connect: { readonly address: string };
	/** An attempt to connect failed, or a connection ended; the next attempt is made after `interval` ms. */
	"connect:retry": { readonly address: string; readonly interval: number; readonly error: ZmtpError | undefined };
	/** The peer is ready for messages. */
	handshake: { readonly address: string };
	/** The peer refused us, or we it. */
	"handshake:error:auth": { readonly address: string; readonly error: ZmtpError };
	/** The peer is no ZMTP peer, breaks its rules or does not fit. */
	"handshake:error:protocol": { readonly address: string; readonly error: ZmtpError };
	/** The connection was lost before the handshake was done. */
	"handshake:error:other": { readonly address: string; readonly error: ZmtpError };
	/** A peer that had been ready is gone; `error` says why when it was not an orderly end. */
	disconnect: { readonly address: string; readonly error: ZmtpError | undefined };
	/** An endpoint is no longer bound. */
	close: { readonly address: string };
	/** The socket is closed and everything it held is released. */
	end: Record<string, never>;
}

export type SocketEventName = keyof SocketEvents;

/** Typed events of one socket. A listener must not throw; if it does, the process hears of it as of any uncaught error. */
export class Monitor extends Emitter<SocketEvents> {}

/** Tells that a connection is gone, by the event that fits how far it had come. */
export function reportLoss(events: Monitor, address: string, wasReady: boolean, error: ZmtpError | undefined): void {
	if (wasReady) events.emit("disconnect", { address, error });
	else if (error !== undefined) events.emit(handshakeEvent(error), { address, error });
}

/** What the world did to a handshake. What is neither this nor the peer's own refusal, the peer did wrong. */
const misfortunes: ReadonlySet<string> = new Set<ZmtpErrorCode>([
	"EAGAIN",
	"ZMTP_CONNECTION_LOST",
	"ZMTP_HANDSHAKE_TIMEOUT",
	"ZMTP_TOO_MANY_HANDSHAKES",
]);

function handshakeEvent(error: ZmtpError) {
	const isRefusal = error.code === "ZMTP_PEER_REFUSED" || error.code === "ZMTP_AUTHENTICATION_FAILED";
	if (isRefusal) return "handshake:error:auth" as const;
	return misfortunes.has(error.code) ? ("handshake:error:other" as const) : ("handshake:error:protocol" as const);
}
