/** What a peer may make this side hold or wait for. Local, never negotiated. `Infinity` lifts a bound. */
export interface Limits {
	/**
	 * Largest frame body accepted, checked before any allocation.
	 * Unit: bytes. Default: 64 MiB. On excess: the connection closes with `ZMTP_FRAME_TOO_LARGE`.
	 */
	readonly maxFrameBytes: number;
	/**
	 * Largest message accepted, all its frames together: endless MORE frames cannot fill the memory.
	 * Unit: bytes. Default: 128 MiB. On excess: `ZMTP_MESSAGE_TOO_LARGE`.
	 */
	readonly maxMessageBytes: number;
	/** Most frames accepted in one message. Default: 1024. On excess: `ZMTP_TOO_MANY_FRAMES`. */
	readonly maxFramesPerMessage: number;
	/**
	 * Largest command accepted, and so all that a peer can make us hold before its handshake is done.
	 * Unit: bytes. Default: 64 KiB. On excess: `ZMTP_COMMAND_TOO_LARGE`.
	 */
	readonly maxCommandBytes: number;
}

const KiB = 1024;
const MiB = 1024 * KiB;

export const defaultLimits: Limits = {
	maxFrameBytes: 64 * MiB,
	maxMessageBytes: 128 * MiB,
	maxFramesPerMessage: 1024,
	maxCommandBytes: 64 * KiB,
};

/** Most topics of one peer that a publisher keeps; about 200 bytes of memory each, beside the topics. */
export const defaultMaxSubscriptions = 250_000;

/** Most octets in the topics of one peer. */
export const defaultMaxSubscriptionBytes = 16 * MiB;

/** RFC 37, Framing: a routing id has at most 255 octets. */
export const maxRoutingIdBytes = 255;

/** RFC 37, Connection heartbeating: a PING's context has at most 16 octets. */
export const maxPingContextBytes = 16;

/** PING's TTL is 16 bits of deciseconds, but libzmq keeps ttl * 100 in 16 bits (libzmq#4226). Unit: ms. */
export const maxHeartbeatTtlMs = 65_500;
