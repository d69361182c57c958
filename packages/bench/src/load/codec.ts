/** What a program of `codec` does with its codecs: one shape is measured, after all of them have been at work and are compiled. */
import { setTimeout as after, setImmediate as turn } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { makeValues, type ShapeName, shapeNames } from "../shapes.js";
import { readArguments } from "./arguments.js";
import { readCpuUs, tell } from "./messages.js";
import "./parent.js";

/** One shape's, by one library. */
export interface ShapeCodec {
	/** Writes a value, to wherever this library best does. */
	encode(value: unknown): unknown;
	/** Reads what `octets` answered. */
	decode(octets: Buffer): unknown;
	/** A value as it travels, in memory of its own. */
	octets(value: unknown): Buffer;
	/** What was read as plain objects, for libraries that make others. */
	plain?(value: unknown): unknown;
}

export interface CodecResult {
	readonly encodeNs: number;
	readonly decodeNs: number;
	/** Of one value: the mean. */
	readonly octets: number;
	/** Of this process while it was measured. Unit: microseconds. */
	readonly cpuUs: number;
}

/** Does something with the value of this number. */
type Task = (index: number) => unknown;

/** What a task gives is kept, or the compiler may find that nobody needs it. */
let kept: unknown;

const warmUpShare = 1 / 3;
const sliceMs = 5;
const idleMs = 20;
const idleShare = 0.05;

/** `codecs`: of the shapes that the library has a schema for. Never returns. */
export async function runCodec(codecs: Readonly<Partial<Record<ShapeName, ShapeCodec>>>): Promise<never> {
	const { shape, seconds } = readArguments();
	const tasks = new Map(
		shapeNames.flatMap((name) => (codecs[name] === undefined ? [] : [[name, tasksOf(name, codecs[name])] as const])),
	);
	const own = tasks.get(shape as ShapeName);
	if (own === undefined) throw new Error(`no codec of the shape ${shape}`);
	// A process has messages of several shapes: what the compiler learns from one it knows of all.
	const warmUpMs = (seconds * 1000 * warmUpShare) / tasks.size / 2;
	for (let i = 0; i < 2; i++) {
		for (const { encode, decode } of tasks.values()) {
			await time(encode, warmUpMs / 2);
			await time(decode, warmUpMs / 2);
		}
	}
	await time(own.encode, seconds * 250);
	await time(own.decode, seconds * 250);
	await untilIdle();
	tell({});
	const cpuBefore = readCpuUs();
	const encodeNs = await time(own.encode, seconds * 500);
	const decodeNs = await time(own.decode, seconds * 500);
	const result: CodecResult = { encodeNs, decodeNs, octets: own.octets, cpuUs: readCpuUs() - cpuBefore };
	tell(result);
	process.exit(kept === tasks ? 1 : 0);
}

function tasksOf(name: ShapeName, codec: ShapeCodec): { encode: Task; decode: Task; octets: number } {
	const values = makeValues(name);
	const bodies = values.map((value) => codec.octets(value));
	for (const [index, value] of values.entries()) {
		const read = codec.decode(bodies[index]!);
		if (!isDeepStrictEqual(codec.plain?.(read) ?? read, value)) throw new Error(`${name} did not come back as it went`);
	}
	return {
		encode: (index) => codec.encode(values[index % values.length]),
		decode: (index) => codec.decode(bodies[index % bodies.length]!),
		octets: bodies.reduce((sum, { length }) => sum + length, 0) / bodies.length,
	};
}

/**
 * Until nothing is left to compile, which is done beside: it would be counted as what this shape takes, and there is more of it the
 * more shapes a library has codecs for.
 */
async function untilIdle(): Promise<void> {
	let usedUs: number;
	do {
		const before = readCpuUs();
		await after(idleMs);
		usedUs = readCpuUs() - before;
	} while (usedUs > idleMs * 1000 * idleShare);
}

/**
 * Nanoseconds of CPU for one, of all threads, the collector's among them: there is nothing to wait for, and what others do
 * on the machine counts less. Between slices this process can be told to end.
 */
async function time(task: Task, ms: number): Promise<number> {
	let count = 0;
	let batch = 1;
	const before = readCpuUs();
	const endsAt = performance.now() + ms;
	for (;;) {
		const startedAt = performance.now();
		for (let i = 0; i < batch; i++) kept = task(count + i);
		count += batch;
		const now = performance.now();
		if (now >= endsAt) return ((readCpuUs() - before) * 1000) / count;
		if (now - startedAt < sliceMs) batch *= 2;
		await turn();
	}
}
