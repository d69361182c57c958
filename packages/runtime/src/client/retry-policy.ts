/** When a call that failed may be made again, and after what pause. Pure: clocks, timers and sockets are others'. */
import { RpcError, type Status, statusNumbers } from "../errors.js";
import { numericOption } from "../numeric-option.js";
import type { AnyMethod } from "../service.js";

/** How failed calls are made again. What is left out has its default. */
export interface RetryPolicy {
	/** Attempts in all, the first included: at least 1. Default: 3. */
	readonly attempts?: number;
	/** Longest pause before the second attempt; how long it is, chance says (full jitter). Unit: ms. Default: 50. */
	readonly initialBackoffMs?: number;
	/** No pause is longer. Unit: ms. Default: 2000. */
	readonly maxBackoffMs?: number;
	/** By how much the longest pause grows with each attempt; at least 1. Default: 2. */
	readonly multiplier?: number;
	/**
	 * With which status a call of an idempotent method is made again that may have run. Calls that were not started are made
	 * again with these, and with all that do not tell that another attempt would end the same way. Default: UNAVAILABLE.
	 */
	readonly statuses?: readonly Status[];
}

/** A policy with nothing left out. */
export interface FullRetryPolicy {
	readonly attempts: number;
	readonly initialBackoffMs: number;
	readonly maxBackoffMs: number;
	readonly multiplier: number;
	readonly statuses: ReadonlySet<Status>;
}

const defaults = { attempts: 3, initialBackoffMs: 50, maxBackoffMs: 2000, multiplier: 2 } as const;

/** What holds where nobody says anything: only what was not started is made again, so nothing can run twice. */
export const standardPolicy: FullRetryPolicy = { ...defaults, statuses: new Set() };

/** The next attempt would end the same way, or nobody wants one. */
const finalStatuses: ReadonlySet<Status> = new Set([
	"CANCELLED",
	"INVALID_ARGUMENT",
	"DEADLINE_EXCEEDED",
	"PERMISSION_DENIED",
	"RESOURCE_EXHAUSTED",
	"FAILED_PRECONDITION",
	"UNIMPLEMENTED",
	"UNAUTHENTICATED",
]);

/** Highest number of an attempt that the header can say, and one. */
const maxAttempts = 256;

/** The policy as given, whole; `undefined`: nothing is made again. Throws for a value that makes no sense. */
export function fullPolicy(given: RetryPolicy | false): FullRetryPolicy | undefined {
	if (given === false) return undefined;
	const policy = { ...defaults, ...given, statuses: new Set(given.statuses ?? (["UNAVAILABLE"] as const)) };
	const { attempts, initialBackoffMs, maxBackoffMs, multiplier, statuses } = policy;
	numericOption("retry.attempts", attempts, { atLeast: 1, atMost: maxAttempts, isWhole: true });
	numericOption("retry.initialBackoffMs", initialBackoffMs, { atLeast: 0 });
	numericOption("retry.maxBackoffMs", maxBackoffMs, { atLeast: 0 });
	numericOption("retry.multiplier", multiplier, { atLeast: 1 });
	for (const status of statuses) {
		if (!(status in statusNumbers)) throw new RangeError(`retry.statuses: there is no status ${String(status)}`);
		if (status === "CANCELLED") throw new RangeError("retry.statuses: a cancelled call is wanted by nobody");
	}
	return policy;
}

/** What the rules ask about a call. */
export interface Repeatable {
	readonly method: AnyMethod;
	/** Of a call that is more than a request and an answer. */
	readonly channel: { readonly isUntouched: boolean } | undefined;
}

/**
 * Whether another attempt is safe and of use, limits of number and time aside. What may have run is made again only where
 * the method allows it; what is more than a request and an answer, only while none of it has been exchanged.
 */
export function mayRepeat({ method, channel }: Repeatable, error: RpcError, policy: FullRetryPolicy): boolean {
	const { status, outcome } = error;
	if (outcome === "not-started") {
		return channel?.isUntouched !== false && (policy.statuses.has(status) || !finalStatuses.has(status));
	}
	return method.isIdempotent && channel === undefined && policy.statuses.has(status);
}

/** The pause before attempt number `attempt`, 1 being the second. `chance`: from 0 to below 1. Unit: ms. */
export function backoffMs(policy: FullRetryPolicy, attempt: number, chance: number): number {
	const longest = policy.initialBackoffMs * policy.multiplier ** (attempt - 1);
	return chance * Math.min(policy.maxBackoffMs, longest);
}

/** The error of a call of which an earlier attempt may have run: whatever the last one says, it is not "not started". */
export function asUnknown(error: RpcError): RpcError {
	if (error.outcome !== "not-started") return error;
	const { status, message, origin, details, cause } = error;
	return new RpcError(status, message, { outcome: "unknown", origin, details, cause });
}
