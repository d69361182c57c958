import { setImmediate as turn } from "node:timers/promises";
import { Coverage } from "./coverage.js";
import { Dice } from "./dice.js";
import { judge, slowMs, type Verdict } from "./judge.js";
import { maxInputBytes } from "./mutate.js";
import type { Target } from "./target.js";

export interface FuzzOptions {
	readonly inputs: number;
	readonly seed: number;
	/** Inputs to begin with. */
	readonly seeds: readonly Uint8Array[];
	/** Whether inputs that reach new code are built upon. */
	readonly isGuided: boolean;
	/** Whether none may take longer than `slowMs`. */
	readonly isTimed: boolean;
	/** Called before each input: should it end the process, it can be found again. */
	onInput?(input: Uint8Array): void;
	/** Called after each input, and when one is tried again. */
	onProgress?(report: FuzzReport): void;
}

export interface Finding {
	readonly verdict: Verdict;
	readonly input: Uint8Array;
}

export interface FuzzReport {
	inputs: number;
	/** Inputs that went where none had been. */
	corpus: number;
	/** Stretches of the product's code that ran. */
	stretches: number;
	/** The slowest input. Unit: ms. */
	slowestMs: number;
	/** Heap and buffers at their most, looked at after each batch. Unit: bytes. */
	peakBytes: number;
	finding: Finding | undefined;
}

/** Between two looks at coverage and memory: growing while nothing new is reached. Unit: inputs. */
const smallestBatch = 128;
const largestBatch = 8192;
/** No batch grows that takes longer. Unit: ms. */
const batchMs = 2000;

/** More than this and the oldest of the inputs found on the way are forgotten. */
const maxFound = 2000;

export const noFigures = { inputs: 0, corpus: 0, stretches: 0, slowestMs: 0, peakBytes: 0 } as const;

/** Ends at the first finding. */
export async function fuzz(target: Target, options: FuzzOptions): Promise<FuzzReport> {
	const report: FuzzReport = { ...noFigures, finding: undefined };
	const dice = new Dice(options.seed);
	const coverage = options.isGuided ? new Coverage() : undefined;
	const found: Uint8Array[] = [];
	const rejections: unknown[] = [];
	const onRejection = (reason: unknown) => rejections.push(reason);
	process.on("unhandledRejection", onRejection);
	/** Between two inputs, also those that are tried again: a child that says nothing for long counts as hung. */
	const alive = async () => {
		options.onProgress?.(report);
		await turn();
	};
	try {
		let batch: readonly Uint8Array[] = options.seeds;
		let size = smallestBatch;
		for (;;) {
			const start = performance.now();
			for (const input of batch) {
				report.finding = take(target, input, options, report);
				await alive();
				if (rejections.length > 0) report.finding ??= { verdict: rejected(rejections[0]), input };
				if (report.finding !== undefined) return report;
			}
			const finders = coverage === undefined ? [] : await pathfinders(target, batch, coverage, alive);
			found.push(...finders);
			found.splice(0, found.length - maxFound);
			if (finders.length > 0) size = Math.max(smallestBatch, size >> 1);
			else if (performance.now() - start < batchMs) size = Math.min(largestBatch, size * 2);
			report.corpus = found.length;
			report.stretches = coverage?.stretches ?? 0;
			const { heapUsed, external } = process.memoryUsage();
			report.peakBytes = Math.max(report.peakBytes, heapUsed + external);
			const left = options.inputs - report.inputs;
			if (left <= 0) return report;
			batch = makeBatch(target, [...options.seeds, ...found], dice, Math.min(size, left));
		}
	} finally {
		process.off("unhandledRejection", onRejection);
		coverage?.close();
	}
}

function makeBatch(target: Target, corpus: readonly Uint8Array[], dice: Dice, size: number): Uint8Array[] {
	return Array.from({ length: size }, () => {
		const input =
			corpus.length === 0 || dice.chance(0.25)
				? target.generate(dice)
				: target.mutate(dice.pick(corpus), dice.pick(corpus), dice);
		return input.subarray(0, maxInputBytes);
	});
}

function take(target: Target, input: Uint8Array, options: FuzzOptions, report: FuzzReport): Finding | undefined {
	options.onInput?.(input);
	const { verdict, ms } = judge(target, input, options.isTimed ? slowMs : Number.POSITIVE_INFINITY);
	report.inputs++;
	report.slowestMs = Math.max(report.slowestMs, ms);
	return verdict && { verdict, input: minimise(target, input, verdict) };
}

function rejected(reason: unknown): Verdict {
	return { kind: "rejected", what: String((reason as Error)?.stack ?? reason) };
}

/** Those inputs that reach what nothing had reached before them; found by halves, for a look at coverage is dear. */
async function pathfinders(
	target: Target,
	inputs: readonly Uint8Array[],
	coverage: Coverage,
	alive: () => Promise<void>,
): Promise<Uint8Array[]> {
	if (coverage.take(inputs.length === 1) === 0) return [];
	if (inputs.length === 1) return [...inputs];
	const half = inputs.length >> 1;
	const found: Uint8Array[] = [];
	for (const some of [inputs.slice(0, half), inputs.slice(half)]) {
		for (const input of some) {
			judge(target, input);
			await alive();
		}
		found.push(...(await pathfinders(target, some, coverage, alive)));
	}
	return found;
}

/** Leaves out what the verdict does not need, as long as it stays of its kind. */
function minimise(target: Target, input: Uint8Array, { kind }: Verdict): Uint8Array {
	let least = Buffer.from(input);
	for (let size = least.length >> 1; size > 0; size >>= 1) {
		for (let at = 0; at < least.length; ) {
			const shorter = Buffer.concat([least.subarray(0, at), least.subarray(at + size)]);
			if (judge(target, shorter).verdict?.kind === kind) least = shorter;
			else at += size;
		}
	}
	return least;
}
