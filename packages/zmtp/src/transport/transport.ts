import type { ZmtpError } from "../errors.js";
import type { TlsOptions } from "./tls-options.js";

/**
 * One open stream of octets. It knows nothing of ZMTP, nor that a reconnect may follow it, and does not keep the process
 * from ending.
 * `onData`, `onDrain` and `onClose` are set by its user before the event loop turns.
 */
export interface ByteStream {
	/** The other end, for people: `tcp://127.0.0.1:40312`, `ipc:///run/x`, `inproc://name`. */
	readonly remoteAddress: string;
	/** A chunk arrived. Owned by the callee. */
	onData: (chunk: Uint8Array) => void;
	/**
	 * Asked before each read by a stream that can read into its user's memory: where the octets that come next belong, if
	 * that is known; room for one at least. What comes there is given to `onData` as a view of it.
	 */
	onRoom?: () => Uint8Array | undefined;
	/** The chunks of the last `write` that returned false are no longer needed; the next may be made. */
	onDrain: () => void;
	/** The stream has ended, for whatever reason; called once, never during a call of ours. */
	onClose: (error: ZmtpError | undefined) => void;

	/**
	 * Sends the chunks in order. True: they have been taken and their memory is free again. False: they are borrowed
	 * until `onDrain`, before which a further `write` only makes longer what waits.
	 */
	write(chunks: readonly Uint8Array[]): boolean;
	/** Stops reading: the peer's octets back up in the kernel, then at the peer. */
	pause(): void;
	resume(): void;
	/**
	 * Asks the peer for a sign of life in the transport's own way. The answer comes as a chunk, be it an empty one. Absent:
	 * ZMTP has to do it.
	 */
	ping?(): void;
	/**
	 * The peer is through with its handshake, so it may make the stream hold more than a command: a frame. Absent: this one
	 * holds nothing.
	 */
	trust?(): void;
	/**
	 * Ends in order: what has been written still leaves. `onClose` is not called. Resolves when the stream is gone.
	 * `reason`: for transports that can tell it to the peer.
	 */
	end(reason?: ZmtpError): Promise<void>;
	/** Ends now. */
	destroy(): void;
}

/** An endpoint that takes connections. As streams, it does not keep the process from ending. */
export interface Listener {
	/** As bound: with the port or path that the system chose. */
	readonly endpoint: string;
	/** Stops accepting; streams already open stay. Resolves when the address is free again. */
	close(): Promise<void>;
}

/** What of a socket's options its streams are made by; names and meanings are the options'. */
export interface StreamOptions {
	/** As in a greeting: a WebSocket agrees on it before anything of ZMTP is sent. */
	readonly mechanism: string;
	readonly maxFrameBytes: number;
	readonly maxCommandBytes: number;
	readonly ipv6: boolean;
	readonly tcpKeepalive: -1 | 0 | 1;
	/** Unit: s. -1: the system's. */
	readonly tcpKeepaliveIdle: number;
	readonly tls: TlsOptions | null;
}

export interface ListenOptions extends StreamOptions {
	/** A stream was accepted. */
	readonly onStream: (stream: ByteStream) => void;
	/** Accepting failed once (too many open files, say); the listener goes on. */
	readonly onAcceptError: (error: ZmtpError) => void;
	/** Length of the system's queue of connections not yet accepted. */
	readonly backlog: number;
	/** Let other listeners of this machine have the same port, each with a share of the connections. */
	readonly reusePort: boolean;
	/** How long a peer may take for what comes before a stream is made of it. Unit: ms. */
	readonly handshakeInterval: number;
	/** Most peers at once that take it. */
	readonly maxPendingHandshakes: number;
}

export interface Transport {
	/** Throws `EINVAL` on an address that can never be connected to, and on options that do not go with it. */
	check(address: string, options: StreamOptions): void;
	/** Whether somebody listens at an address, where a transport can know without connecting. */
	isBound?(address: string): boolean;
	/** Rejects with a `ZmtpError` (`EADDRINUSE`, `EACCES`, ...). */
	listen(address: string, options: ListenOptions): Promise<Listener>;
	/** Rejects with a `ZmtpError` when there is no connection, or when `signal` aborts first. */
	connect(address: string, options: StreamOptions, signal: AbortSignal): Promise<ByteStream>;
}
