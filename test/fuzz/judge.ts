import { Stopwatch } from "./stopwatch.js";
import { type Cut, isFault, type Target } from "./target.js";

/** What an input must not do. */
export type Verdict =
	| { readonly kind: "threw" | "differs" | "rejected" | "crashed" | "hung"; readonly what: string }
	| { readonly kind: "slow"; readonly what: string; readonly ms: number };

/** No input, of 4 KiB at most, may take longer. Unit: ms. */
export const slowMs = 10;

/** How often an input that took a good part of that is tried again: other processes hold the machine up now and then. */
const retries = 3;

export interface Judgement {
	readonly verdict: Verdict | undefined;
	/** Unit: ms. */
	readonly ms: number;
}

/**
 * Runs an input whole and, for a stream, octet by octet: both ways it must do the same, and nothing but what is allowed.
 * With `limitMs` at `Infinity` it may take its time.
 */
export function judge(target: Target, input: Uint8Array, limitMs = slowMs): Judgement {
	let ms = 0;
	try {
		const whole = timed(target, input, limitMs, (octets) => [Buffer.from(octets)]);
		ms = whole.ms;
		if (target.isStream) {
			const single = timed(target, input, limitMs, (octets) => Array.from(octets, (octet) => Uint8Array.of(octet)));
			ms = Math.max(ms, single.ms);
			if (single.result !== whole.result) {
				const what = `whole: ${whole.result}\noctet by octet: ${single.result}`;
				return { verdict: { kind: "differs", what }, ms };
			}
		}
	} catch (error) {
		const what = isFault(error) ? `not caught: ${error.code}` : String((error as Error)?.stack ?? error);
		return { verdict: { kind: "threw", what }, ms };
	}
	if (ms > limitMs) return { verdict: { kind: "slow", what: `${ms.toFixed(1)} ms`, ms }, ms };
	return { verdict: undefined, ms };
}

function timed(target: Target, input: Uint8Array, limitMs: number, cut: Cut): { result: string; ms: number } {
	let least = Number.POSITIVE_INFINITY;
	let result = "";
	for (let tries = 0; tries === 0 || (tries <= retries && least > limitMs / 4); tries++) {
		// Asking for the processor's time is dear.
		const watch = new Stopwatch(tries > 0);
		result = target.run(input, cut, (work) => watch.besides(work));
		least = Math.min(least, watch.ms());
	}
	return { result, ms: least };
}
