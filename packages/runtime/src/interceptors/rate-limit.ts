import { notStarted } from "../errors.js";
import type { InterceptedCall, Interceptor } from "../interceptor.js";
import { numericOption } from "../numeric-option.js";

export interface RateLimitOptions {
	/** Calls that each key may make for good. Unit: calls a second. */
	readonly perSecond: number;
	/** Most calls at once, after a pause. Default: `perSecond`, at least 1. */
	readonly burst?: number;
	/** Who shares a limit: a tenant, a user, a method. Default: all calls share one. */
	readonly keyOf?: (call: InterceptedCall) => string;
	/** Most keys remembered; beyond it the one that has called least recently starts anew. Default: 10 000. */
	readonly maxKeys?: number;
	/** Unit: ms. Default: `performance.now`. */
	readonly clock?: () => number;
}

interface Bucket {
	tokens: number;
	filledAt: number;
}

/** Refuses calls beyond a rate with RESOURCE_EXHAUSTED, before they start: a token bucket for each key. For either side. */
export function rateLimit(options: RateLimitOptions): Interceptor {
	const { perSecond, keyOf = () => "", maxKeys = 10_000, clock = () => performance.now() } = options;
	numericOption("perSecond", perSecond, { above: 0 });
	numericOption("maxKeys", maxKeys, { atLeast: 1 });
	const burst = numericOption("burst", options.burst ?? Math.max(1, perSecond), { atLeast: 1 });
	/** The least recently used first. */
	const buckets = new Map<string, Bucket>();

	function take(key: string): boolean {
		const now = clock();
		const bucket = buckets.get(key) ?? { tokens: burst, filledAt: now };
		buckets.delete(key);
		buckets.set(key, bucket);
		if (buckets.size > maxKeys) buckets.delete(buckets.keys().next().value as string);
		bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) / 1000) * perSecond);
		bucket.filledAt = now;
		if (bucket.tokens < 1) return false;
		bucket.tokens--;
		return true;
	}

	return (call, next) => {
		if (take(keyOf(call))) return next(call);
		throw notStarted("RESOURCE_EXHAUSTED", `${call.method}: more than ${perSecond} calls a second`);
	};
}
