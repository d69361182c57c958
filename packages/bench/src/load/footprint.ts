import { setTimeout as sleep } from "node:timers/promises";

/** What a process holds. Unit: bytes. */
export interface Footprint {
	readonly residentBytes: number;
	/** Heap in use, buffers outside of it included. */
	readonly heapBytes: number;
}

/** After the garbage is gone: needs `--expose-gc`. */
export async function takeFootprint(): Promise<Footprint> {
	const collect = (globalThis as { gc?: () => void }).gc;
	if (collect === undefined) throw new Error("run with --expose-gc");
	for (let i = 0; i < 3; i++) {
		collect();
		// Finalizers and the release of pages come between turns of the loop.
		await sleep(50);
	}
	const { rss, heapUsed, external } = process.memoryUsage();
	return { residentBytes: rss, heapBytes: heapUsed + external };
}

export function differ(after: Footprint, before: Footprint, count: number): Footprint {
	return {
		residentBytes: (after.residentBytes - before.residentBytes) / count,
		heapBytes: (after.heapBytes - before.heapBytes) / count,
	};
}
