/** What each numeric option may be: the one table that defaults, checks and the documentation (docs/sockets.md) come from. */
import { defaultLimits, maxHeartbeatTtlMs } from "../limits.js";

export interface NumberRule {
	readonly unit: "bytes" | "connections" | "frames" | "messages" | "ms";
	readonly default: number;
	readonly least: number;
	/** Largest number beside `Infinity`. */
	readonly most: number;
	/** Whether `Infinity` is one of its values. */
	readonly canBeInfinite: boolean;
	/** Other ways to say `Infinity`, as libzmq has them. */
	readonly infinite?: 0 | -1;
}

const MiB = 1024 * 1024;
/** Node's timers turn anything longer into 1 ms. Unit: ms. */
const longestTimerMs = 2 ** 31 - 1;

function size(unit: NumberRule["unit"], standard: number, least: number): NumberRule {
	return { unit, default: standard, least, most: Number.MAX_SAFE_INTEGER, canBeInfinite: true };
}

/** libzmq's high water mark of 0 means none. */
function highWaterMark(unit: "bytes" | "messages", standard: number): NumberRule {
	return { ...size(unit, standard, 1), infinite: 0 };
}

function duration(standard: number, least: number, infinite?: 0 | -1): NumberRule {
	const rule = {
		unit: "ms",
		default: standard,
		least,
		most: longestTimerMs,
		canBeInfinite: infinite !== undefined,
	} as const;
	return infinite === undefined ? rule : { ...rule, infinite };
}

const forEver = Number.POSITIVE_INFINITY;

export const numberRules = {
	maxFrameBytes: size("bytes", defaultLimits.maxFrameBytes, 0),
	maxMessageBytes: size("bytes", defaultLimits.maxMessageBytes, 0),
	maxFramesPerMessage: size("frames", defaultLimits.maxFramesPerMessage, 1),
	maxCommandBytes: size("bytes", defaultLimits.maxCommandBytes, 64),
	sendHighWaterMark: highWaterMark("messages", 1000),
	sendHighWaterMarkBytes: highWaterMark("bytes", 64 * MiB),
	receiveHighWaterMark: highWaterMark("messages", 1000),
	receiveHighWaterMarkBytes: highWaterMark("bytes", 64 * MiB),
	sendTimeout: duration(forEver, 0, -1),
	receiveTimeout: duration(forEver, 0, -1),
	linger: duration(forEver, 0, -1),
	reconnectInterval: duration(100, 1, -1),
	reconnectMaxInterval: duration(5000, 0),
	connectTimeout: duration(30_000, 1, 0),
	handshakeInterval: duration(30_000, 1, 0),
	maxPendingHandshakes: size("connections", 4096, 1),
	heartbeatInterval: duration(0, 0),
	heartbeatTimeout: duration(0, 1, 0),
	heartbeatTimeToLive: { ...duration(0, 0), most: maxHeartbeatTtlMs },
	backlog: { ...size("connections", 511, 1), most: 65_535, canBeInfinite: false },
} as const satisfies Record<string, NumberRule>;

/** The value as it is meant, or a description of the values that are allowed. */
export function applyRule(rule: NumberRule, value: unknown): number | string {
	if (typeof value === "number") {
		if (value === rule.infinite) return Number.POSITIVE_INFINITY;
		if (value === Number.POSITIVE_INFINITY && rule.canBeInfinite) return value;
		const isWhole = rule.unit === "ms" || Number.isInteger(value);
		if (isWhole && value >= rule.least && value <= rule.most) return value;
	}
	return describeRange(rule);
}

/** For people: `1 to 2147483647 or Infinity`. */
export function describeRange({ least, most, canBeInfinite, infinite }: NumberRule): string {
	const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
	const also = infinite === undefined || infinite >= least ? "" : ` (or ${infinite})`;
	return canBeInfinite ? `${range}, or Infinity${also}` : range;
}
