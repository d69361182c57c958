/** What a whole call takes, both sides of it, where nothing but the library is part of it. */
import { program } from "../children/paths.js";
import type { SliceFigures } from "../load/slices.js";
import { clearProgress, showProgress } from "../report/note.js";
import { median } from "../statistics.js";
import { callers, slices } from "./path-settings.js";
import { withProcesses } from "./processes.js";
import { ratioWithinRounds } from "./rows.js";

const calls = "path-calls";
const rowPrograms = {
	small: calls,
	"small-async": calls,
	medium: calls,
	queue: "path-queue",
	promises: "path-promises",
} as const;

export type PathRowName = keyof typeof rowPrograms;
const names = Object.keys(rowPrograms) as PathRowName[];
/** The same loop without a call: what the host takes for a promise, and a message each way. */
const yardstick: PathRowName = "promises";
const timeoutMs = 120_000;

export interface PathRow {
	readonly name: PathRowName;
	/** Figure by figure, of the rounds. */
	readonly median: SliceFigures;
	readonly lowest: SliceFigures;
	readonly rounds: readonly SliceFigures[];
	/** The fastest slice against that of promises alone: the median of the ratios within one round. */
	readonly ofPromises: number;
}

export interface PathReport {
	readonly settings: { readonly rounds: number; readonly inFlight: number; readonly slices: typeof slices };
	readonly rows: readonly PathRow[];
}

/** In turns; each row anew in each round, in a process of its own, which no other row has warmed up. */
export async function runPath(rounds: number): Promise<PathReport> {
	const taken = new Map(names.map((name) => [name, [] as SliceFigures[]]));
	for (let round = 1; round <= rounds; round++) {
		for (const [name, figures] of taken) {
			showProgress(`path, round ${round} of ${rounds}: ${name}`);
			figures.push(await measureSlices(name));
		}
	}
	clearProgress();
	const fastestOf = (name: PathRowName) => taken.get(name)!.map(({ fastestNs }) => fastestNs);
	return {
		settings: { rounds, inFlight: callers, slices },
		rows: names.map((name) => ({
			name,
			median: combine(taken.get(name)!, median),
			lowest: combine(taken.get(name)!, (values) => Math.min(...values)),
			rounds: taken.get(name)!,
			ofPromises: ratioWithinRounds(fastestOf(name), fastestOf(yardstick))!,
		})),
	};
}

function measureSlices(name: PathRowName): Promise<SliceFigures> {
	return withProcesses("path", async (start) =>
		start(name, program(rowPrograms[name]), { scenario: name }).next<SliceFigures>(timeoutMs),
	);
}

function combine(rounds: readonly SliceFigures[], one: (values: readonly number[]) => number): SliceFigures {
	const of = (figure: keyof SliceFigures) => one(rounds.map((round) => round[figure]));
	return { fastestNs: of("fastestNs"), p5Ns: of("p5Ns"), p25Ns: of("p25Ns") };
}
