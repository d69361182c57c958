/** When a call that is not answered yet is sent a second time. */
export interface HedgeOptions {
	/** How long an attempt has for itself before the next one is made beside it. Unit: ms; 0: all at once. */
	readonly delayMs: number;
	/** Attempts in all, the first included: from 2 to 16. Default: 2. */
	readonly maxAttempts?: number;
}

/** The options, whole. Throws a RangeError for a value that makes no sense. */
export function fullHedge({ delayMs, maxAttempts = 2 }: HedgeOptions): Required<HedgeOptions> {
	if (!(delayMs >= 0)) throw new RangeError(`hedge.delayMs must be 0 or more, not ${String(delayMs)}`);
	if (!(Number.isInteger(maxAttempts) && maxAttempts >= 2 && maxAttempts <= 16)) {
		throw new RangeError(`hedge.maxAttempts must be an integer from 2 to 16, not ${String(maxAttempts)}`);
	}
	return { delayMs, maxAttempts };
}
