import { setTimeout as sleep } from "node:timers/promises";
import { readCpuUs, tell } from "./messages.js";

/** What counts while a client is measured. */
export interface Counter {
	/** Says to the load: start nothing more. */
	isOver: boolean;
	/** Forgets what warming up brought. */
	reset(): void;
	/** What has been counted since then. */
	read(): object;
	/** What takes time to work out; asked for when the measured time is over. */
	conclude(): object;
}

/** Lets the load warm up, measures it, and tells the result. Never returns. */
export async function runPhases(
	{ warmUpSeconds, seconds: wanted }: { readonly warmUpSeconds: number; readonly seconds: number },
	counter: Counter,
): Promise<never> {
	await sleep(warmUpSeconds * 1000);
	counter.reset();
	const cpuBefore = readCpuUs();
	const startedAt = performance.now();
	tell({});
	await sleep(wanted * 1000);
	// The timer may be late: what counts is how long it was.
	const seconds = (performance.now() - startedAt) / 1000;
	const counted = counter.read();
	const cpuUs = readCpuUs() - cpuBefore;
	counter.isOver = true;
	tell({ ...counted, ...counter.conclude(), seconds, cpuUs });
	process.exit(0);
}
