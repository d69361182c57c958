import { setTimeout as sleep } from "node:timers/promises";
import "./parent.js";
import { type LoadArguments, readArguments } from "./arguments.js";
import { readCpuUs, tell } from "./messages.js";
import { Meter } from "./meter.js";

/**
 * The life of a client process: `start` connects and puts the calls in flight, each reply then sends the next until the
 * meter is over. Never returns.
 */
export async function runClient(start: (meter: Meter, load: LoadArguments) => void | Promise<void>): Promise<never> {
	const load = readArguments();
	const meter = new Meter(load.inFlight);
	await start(meter, load);
	await sleep(load.warmUpSeconds * 1000);
	meter.reset();
	const cpuBefore = readCpuUs();
	const startedAt = performance.now();
	tell({});
	await sleep(load.seconds * 1000);
	// The timer may be late: what counts is how long it was.
	const seconds = (performance.now() - startedAt) / 1000;
	const calls = meter.calls;
	const cpuUs = readCpuUs() - cpuBefore;
	meter.isOver = true;
	tell({ calls, seconds, latencyUs: meter.latency(), cpuUs });
	process.exit(0);
}

/** Keeps `load.inFlight` calls going, each waiting for its own promise, as the callers of a service do. */
export function startCallers(meter: Meter, inFlight: number, call: (number: number) => Promise<unknown>): void {
	let number = 0;
	const keepCalling = async () => {
		while (!meter.isOver) {
			const startedAt = meter.begin();
			await call(number++);
			meter.end(startedAt);
		}
	};
	for (let i = 0; i < inFlight; i++) void keepCalling();
}
