import type { ConnectionOptions } from "../connection/connection.js";
import { ZmtpError } from "../errors.js";
import { type Limits, maxRoutingIdBytes } from "../limits.js";
import { utf8 } from "../wire/octets.js";
import type { SocketType } from "../wire/socket-type.js";
import { applyRule, type NumberRule, numberRules } from "./option-rules.js";

/**
 * What a socket can be told when it is made. Names and units are zeromq.js's where it has the option; a duration of
 * `Infinity` means for ever, a limit of `Infinity` none. Ranges and defaults stand in `option-rules.ts`.
 */
export interface SocketOptions extends Partial<Limits> {
	/** Most messages that wait for one peer (ZMQ_SNDHWM). Default: 1000. On excess: sends wait, or drop where the pattern says so. */
	readonly sendHighWaterMark?: number;
	/** Most octets that wait for one peer, whatever their number of messages. Unit: bytes. Default: 64 MiB. */
	readonly sendHighWaterMarkBytes?: number;
	/** Most messages of one peer that wait for `receive()` (ZMQ_RCVHWM). Default: 1000. On excess: the peer is not read from. */
	readonly receiveHighWaterMark?: number;
	/** Most octets of one peer that wait for `receive()`. Unit: bytes. Default: 64 MiB. */
	readonly receiveHighWaterMarkBytes?: number;
	/** How long `send()` waits for room (ZMQ_SNDTIMEO). Unit: ms. Default: `Infinity`. On excess: `EAGAIN`; 0: at once. */
	readonly sendTimeout?: number;
	/** How long `receive()` waits for a message (ZMQ_RCVTIMEO). Unit: ms. Default: `Infinity`. On excess: `EAGAIN`. */
	readonly receiveTimeout?: number;
	/** How long `close()` goes on sending what is queued (ZMQ_LINGER). Unit: ms. Default: `Infinity`. */
	readonly linger?: number;
	/** This socket's address at ROUTER peers (ZMQ_ROUTING_ID): 1-255 octets, the first not zero; a string is UTF-8. Default: none. */
	readonly routingId?: string | Uint8Array;
	/** `connect()` makes no queue before the connection stands: messages go to connected peers only (ZMQ_IMMEDIATE). Default: false. */
	readonly immediate?: boolean;
	/**
	 * First pause before another attempt to connect (ZMQ_RECONNECT_IVL); each gets up to twice as long, with jitter.
	 * Unit: ms. Default: 100. `Infinity` or -1: no other attempt.
	 */
	readonly reconnectInterval?: number;
	/** Longest such pause (ZMQ_RECONNECT_IVL_MAX). Unit: ms. Default: 5000 (libzmq: no growth). */
	readonly reconnectMaxInterval?: number;
	/** How long one attempt to connect may take (ZMQ_CONNECT_TIMEOUT). Unit: ms. Default: 30 000. 0: as long as the system lets it. */
	readonly connectTimeout?: number;
	/** How long a peer may take for greeting and mechanism (ZMQ_HANDSHAKE_IVL). Unit: ms. Default: 30 000. 0: for ever. */
	readonly handshakeInterval?: number;
	/** Most accepted peers at once whose handshake is not done; one more makes room by closing the oldest. Default: 4096. */
	readonly maxPendingHandshakes?: number;
	/** Silence of a peer after which it is sent a PING (ZMQ_HEARTBEAT_IVL). Unit: ms. Default: 0, never. */
	readonly heartbeatInterval?: number;
	/** How long after that it is given up (ZMQ_HEARTBEAT_TIMEOUT). Unit: ms. Default: `heartbeatInterval`. 0: never. */
	readonly heartbeatTimeout?: number;
	/** How long a peer may wait for a sign of ours (ZMQ_HEARTBEAT_TTL). Unit: ms, sent as tenths of a second. Range: 0-65 500. Default: 0. */
	readonly heartbeatTimeToLive?: number;
	/** Length of the system's queue of connections not yet accepted (ZMQ_BACKLOG). Default: 511. */
	readonly backlog?: number;
}

export interface RouterSocketOptions extends SocketOptions {
	/** Report messages that cannot be routed instead of dropping them (ZMQ_ROUTER_MANDATORY). Default: false. */
	readonly mandatory?: boolean;
	/** A new peer takes the routing id of another (ZMQ_ROUTER_HANDOVER). Default: false. */
	readonly handover?: boolean;
}

/** All options, with their defaults filled in. */
export type Settings = Required<Omit<RouterSocketOptions, "routingId">> & Limits & { readonly routingId: Uint8Array };

const booleans: Readonly<Record<string, readonly string[]>> = {
	ROUTER: ["handover", "immediate", "mandatory"],
	other: ["immediate"],
};

/** Fills in defaults. Throws `EINVAL` naming option, value and range. */
export function resolveOptions(type: SocketType, options: RouterSocketOptions): Settings {
	const given = new Map<string, unknown>(Object.entries(options).filter(([, value]) => value !== undefined));
	const settings: Record<string, unknown> = { handover: false, immediate: false, mandatory: false };
	for (const [name, rule] of Object.entries<NumberRule>(numberRules)) {
		const value = applyRule(rule, given.get(name) ?? rule.default);
		if (typeof value === "string") refuse(name, given.get(name), value);
		settings[name] = value;
		given.delete(name);
	}
	if (options.heartbeatTimeout === undefined) settings["heartbeatTimeout"] = settings["heartbeatInterval"];
	settings["routingId"] = resolveRoutingId(options.routingId);
	given.delete("routingId");
	for (const name of booleans[type] ?? booleans["other"]!) {
		const value = given.get(name) ?? false;
		if (typeof value !== "boolean") refuse(name, value, "true or false");
		settings[name] = value;
		given.delete(name);
	}
	for (const name of given.keys()) throw new ZmtpError("EINVAL", `a ${type} socket has no option ${name}`);
	return settings as unknown as Settings;
}

/** What of the settings a connection has to know. */
export function connectionOptions(socketType: SocketType, settings: Settings): ConnectionOptions {
	return {
		socketType,
		limits: settings,
		handshakeTimeoutMs: settings.handshakeInterval,
		heartbeat: {
			intervalMs: settings.heartbeatInterval,
			timeoutMs: settings.heartbeatTimeout,
			timeToLiveMs: settings.heartbeatTimeToLive,
		},
	};
}

function resolveRoutingId(routingId: string | Uint8Array | undefined): Uint8Array {
	if (routingId === undefined) return new Uint8Array(0);
	const octets = typeof routingId === "string" ? utf8(routingId) : Uint8Array.from(routingId);
	if (octets.length === 0 || octets.length > maxRoutingIdBytes || octets[0] === 0) {
		refuse("routingId", `${octets.length} octets`, "1 to 255 octets, the first not zero");
	}
	return octets;
}

function refuse(name: string, value: unknown, range: string): never {
	throw new ZmtpError("EINVAL", `option ${name} cannot be ${String(value)}: ${range}`);
}
