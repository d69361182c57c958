import { numericOption } from "../numeric-option.js";

/** When a call that is not answered yet is sent a second time. */
export interface HedgeOptions {
	/** How long an attempt has for itself before the next one is made beside it. Unit: ms; 0: all at once. */
	readonly delayMs: number;
	/** Attempts in all, the first included: from 2 to 16. Default: 2. */
	readonly maxAttempts?: number;
}

/** The options, whole. Throws for a value that makes no sense. */
export function fullHedge({ delayMs, maxAttempts = 2 }: HedgeOptions): Required<HedgeOptions> {
	return {
		delayMs: numericOption("hedge.delayMs", delayMs, { atLeast: 0 }),
		maxAttempts: numericOption("hedge.maxAttempts", maxAttempts, { atLeast: 2, atMost: 16, isWhole: true }),
	};
}
