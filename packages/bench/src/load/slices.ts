/** What the programs of `path` do: short bursts of calls, each timed by itself, after enough of them to be compiled. */
import { callers, slices, warmUp } from "../scenarios/path-settings.js";
import { percentile } from "../statistics.js";
import { tell } from "./messages.js";
import "./parent.js";

type Call = (number: number) => Promise<unknown>;

/** Of the slices' times. Unit: nanoseconds a call. */
export interface SliceFigures {
	readonly fastestNs: number;
	readonly p5Ns: number;
	readonly p25Ns: number;
}

/** Tells the figures. Never returns. */
export async function runSlices(call: Call): Promise<never> {
	const burst = startCallers(call);
	for (let i = 0; i < warmUp.bursts; i++) await burst(warmUp.calls);
	const times: number[] = [];
	for (let i = 0; i < slices.count; i++) {
		const startedAt = performance.now();
		await burst(slices.calls);
		times.push(((performance.now() - startedAt) * 1e6) / slices.calls);
	}
	const figures: SliceFigures = {
		fastestNs: Math.min(...times),
		p5Ns: percentile(times, 0.05),
		p25Ns: percentile(times, 0.25),
	};
	tell(figures);
	process.exit(0);
}

/** Callers in a closed loop, who rest between bursts. Returns what has them make so many calls and resolves when all are answered. */
function startCallers(call: Call): (calls: number) => Promise<void> {
	let begun = 0;
	let answered = 0;
	let wanted = 0;
	let finish = () => {};
	let resting: (() => void)[] = [];
	const rest = (wake: () => void) => {
		resting.push(wake);
	};
	const keepCalling = async () => {
		for (;;) {
			while (begun >= wanted) await new Promise<void>(rest);
			await call(begun++);
			if (++answered === wanted) finish();
		}
	};
	for (let i = 0; i < callers; i++) void keepCalling();
	return (calls) =>
		new Promise((resolve) => {
			finish = resolve;
			wanted += calls;
			const woken = resting;
			resting = [];
			for (const wake of woken) wake();
		});
}
