import "./parent.js";
import { type LoadArguments, readArguments } from "./arguments.js";
import { Meter } from "./meter.js";
import { runPhases } from "./phases.js";
import { StreamMeter } from "./stream-meter.js";

type Start<M> = (meter: M, load: Required<LoadArguments>) => void | Promise<void>;

/**
 * The life of a client process: `start` connects and puts the calls in flight, each reply then sends the next until the
 * meter is over. Never returns.
 */
export async function runClient(start: Start<Meter>): Promise<never> {
	const load = readArguments();
	const meter = new Meter(load.inFlight);
	await start(meter, load);
	return runPhases(load, meter);
}

/** The same for one that only receives: `start` connects, and every message that comes goes to the meter. */
export async function runReceiver(start: Start<StreamMeter>): Promise<never> {
	const load = readArguments();
	const meter = new StreamMeter(load.bytes);
	await start(meter, load);
	return runPhases(load, meter);
}

/** Keeps `inFlight` calls going, each waiting for its own promise, as the callers of a service do. */
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

/** Reads `count` streams at a time, each from its end on anew. Timed is how long a reader waits for an item. */
export function startReaders(meter: Meter, count: number, open: () => AsyncIterable<unknown>): void {
	const keepReading = async () => {
		while (!meter.isOver) {
			let startedAt = meter.begin();
			for await (const _ of open()) {
				meter.end(startedAt);
				if (meter.isOver) return;
				startedAt = meter.begin();
			}
		}
	};
	for (let i = 0; i < count; i++) void keepReading();
}

/** Sends `count` streams at a time, each from its end on anew. Timed is how long it takes until a sender is asked for another item. */
export function startWriters<T>(
	meter: Meter,
	count: number,
	itemsOfAStream: number,
	make: (number: number) => T,
	send: (items: AsyncIterable<T>) => Promise<number>,
): void {
	async function* items() {
		for (let number = 0; number < itemsOfAStream; number++) {
			const startedAt = meter.begin();
			yield make(number);
			meter.end(startedAt);
			if (meter.isOver) return;
		}
	}
	const keepSending = async () => {
		while (!meter.isOver) await send(items());
	};
	for (let i = 0; i < count; i++) void keepSending();
}
