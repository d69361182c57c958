import { errnoOf } from "./errno.js";

/** What the user of a socket did, or what the system refused. Names are those of errno and of zeromq.js. */
export type SocketErrorCode =
	| "EACCES"
	| "EADDRINUSE"
	| "EADDRNOTAVAIL"
	| "EAGAIN"
	| "EBADF"
	| "EBUSY"
	| "ECANCELED"
	| "EFSM"
	| "EHOSTUNREACH"
	| "EINVAL"
	| "EMFILE"
	| "EMSGSIZE"
	| "ENOENT"
	| "ENOTSUP"
	| "EPROTONOSUPPORT"
	| "ESYSTEM";

/** What a peer did wrong, or why a connection to it ended. Never thrown at the application: reported as events. */
export type PeerErrorCode =
	| "ZMTP_AUTHENTICATION_FAILED"
	| "ZMTP_COMMAND_MALFORMED"
	| "ZMTP_COMMAND_TOO_LARGE"
	| "ZMTP_COMMAND_UNEXPECTED"
	| "ZMTP_CONNECTION_LOST"
	| "ZMTP_CURVE_HANDSHAKE_INVALID"
	| "ZMTP_CURVE_MESSAGE_INVALID"
	| "ZMTP_CURVE_NONCE_INVALID"
	| "ZMTP_FRAME_FLAGS_INVALID"
	| "ZMTP_FRAME_TOO_LARGE"
	| "ZMTP_HANDSHAKE_TIMEOUT"
	| "ZMTP_HEARTBEAT_TIMEOUT"
	| "ZMTP_MECHANISM_MISMATCH"
	| "ZMTP_MESSAGE_TOO_LARGE"
	| "ZMTP_MESSAGE_UNEXPECTED"
	| "ZMTP_NOT_ZMTP"
	| "ZMTP_PAIR_TAKEN"
	| "ZMTP_PEER_REFUSED"
	| "ZMTP_PEER_TOO_FAST"
	| "ZMTP_PROPERTIES_MALFORMED"
	| "ZMTP_ROUTING_ID_INVALID"
	| "ZMTP_ROUTING_ID_TAKEN"
	| "ZMTP_SELF_CONNECTED"
	| "ZMTP_SOCKET_TYPE_MISMATCH"
	| "ZMTP_SUBSCRIPTIONS_UNREAD"
	| "ZMTP_TOO_MANY_FRAMES"
	| "ZMTP_TOO_MANY_HANDSHAKES"
	| "ZMTP_TOO_MANY_SUBSCRIPTIONS"
	| "ZMTP_VERSION_UNSUPPORTED"
	| "ZMTP_WEBSOCKET_MALFORMED"
	| "ZMTP_WEBSOCKET_REFUSED"
	| "ZMTP_WEBSOCKET_UNSUPPORTED";

export type ZmtpErrorCode = SocketErrorCode | PeerErrorCode;

export interface ZmtpErrorOptions extends ErrorOptions {
	readonly status?: number | undefined;
}

/** The one error class of this package. Match on `code`, never on the text. */
export class ZmtpError extends Error {
	override readonly name = "ZmtpError";
	readonly code: ZmtpErrorCode;
	/** The system's number of the code, or libzmq's; absent where there is none. */
	declare readonly errno?: number;
	/** The endpoint that was to be bound, unbound, connected or disconnected. */
	declare readonly address?: string;

	/** How an authenticator judged: 300 not now, 400 no, 500 it failed. */
	declare readonly status?: number;

	constructor(code: ZmtpErrorCode, message: string, options: ZmtpErrorOptions = {}) {
		super(message, options);
		this.code = code;
		const errno = errnoOf(code);
		if (errno !== undefined) this.errno = errno;
		if (options.status !== undefined) this.status = options.status;
	}

	/** The same error with the endpoint that it is about, unless it has one. */
	at(address: string): this {
		if (this.address === undefined) Object.assign(this, { address });
		return this;
	}
}

const systemCodes: ReadonlySet<string> = new Set<SocketErrorCode>([
	"EACCES",
	"EADDRINUSE",
	"EADDRNOTAVAIL",
	"EINVAL",
	"EMFILE",
	"ENOENT",
]);

/** The one converter of Node's system errors. A code that has no counterpart becomes `ESYSTEM`, with the original as cause. */
export function fromNodeError(error: unknown, doing: string): ZmtpError {
	if (error instanceof ZmtpError) return error;
	const { code, message } = error as Error & { readonly code?: string };
	const known = code !== undefined && systemCodes.has(code);
	return new ZmtpError(known ? (code as SocketErrorCode) : "ESYSTEM", `${doing}: ${message}`, { cause: error });
}

/** Errors of `action` tell the endpoint. */
export function about<Result>(endpoint: string, action: () => Result): Result {
	try {
		return action();
	} catch (error) {
		throw error instanceof ZmtpError ? error.at(endpoint) : error;
	}
}
