import { cpus } from "node:os";

/** What all processes of the machine have used so far, and what there was. Unit: microseconds of one core. */
export interface ProcessorTimes {
	readonly usedUs: number;
	readonly totalUs: number;
}

export function readProcessorTimes(): ProcessorTimes {
	let used = 0;
	let idle = 0;
	for (const { times } of cpus()) {
		used += times.user + times.nice + times.sys + times.irq;
		idle += times.idle;
	}
	return { usedUs: used * 1000, totalUs: (used + idle) * 1000 };
}

/** The share of the machine that went to others than those measured, who used `oursUs`: 0 to 1. */
export function shareOfOthers(before: ProcessorTimes, after: ProcessorTimes, oursUs: number): number {
	const total = after.totalUs - before.totalUs;
	if (total <= 0) return 0;
	// The kernel counts in ticks of its own: a little less than nothing is nothing.
	return Math.max(0, (after.usedUs - before.usedUs - oursUs) / total);
}
