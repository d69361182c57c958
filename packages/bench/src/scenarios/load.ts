/** The scenarios with a load: all contestants in turns, so that whatever else the machine does falls on all of them. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Contestant } from "../contestants/contestant.js";
import { clearProgress, note, showProgress } from "../report/note.js";
import { mean, median } from "../statistics.js";
import type { LoadScenario } from "../workload.js";
import { type Load, type Measured, type Measurement, measure } from "./measure.js";

/** From here on figures are no good: contestants with many threads suffer most. A share of all cores' time. */
export const busyShare = 0.1;
const repetitions = 2;
/** Long enough for a short burst to be over. */
const pauseMs = 3000;

export interface LoadSettings {
	readonly inFlight: readonly number[];
	readonly seconds: number;
	readonly rounds: number;
}

export interface Row {
	readonly name: string;
	/** Medians of the rounds; none where the contestant does not take part or failed. */
	readonly median: Measurement | undefined;
	readonly rounds: readonly Measurement[];
	/** Calls a second against each other contestant's: the median of the ratios within one round. */
	readonly ratios: Readonly<Record<string, number>>;
}

export interface Level {
	readonly inFlight: number;
	readonly rows: readonly Row[];
}

export interface LoadReport {
	readonly scenario: LoadScenario;
	readonly settings: LoadSettings;
	readonly levels: readonly Level[];
	/** Of all cores' time, what processes that have no part in it took: the mean of all measurements, 0 to 1. */
	readonly othersShare: number;
	/** What went wrong, by contestant. */
	readonly failures: Readonly<Record<string, string>>;
	/** Versions that only a running server could tell. */
	readonly versions: Readonly<Record<string, string>>;
}

/** `all` get a line in the report, `present` are measured. */
export async function runLoad(
	scenario: LoadScenario,
	present: readonly Contestant[],
	all: readonly Contestant[],
	settings: LoadSettings,
): Promise<LoadReport> {
	const taking = present.filter((contestant) => contestant.scenarios.includes(scenario));
	const failures: Record<string, string> = {};
	const versions: Record<string, string> = {};
	const results = new Map<string, Measurement[]>();
	const key = (inFlight: number, name: string) => `${inFlight} ${name}`;
	for (let round = 1; round <= settings.rounds; round++) {
		for (const inFlight of settings.inFlight) {
			for (const contestant of taking) {
				const { name } = contestant;
				if (failures[name] !== undefined) continue;
				showProgress(`${scenario}, round ${round} of ${settings.rounds}, ${inFlight} in flight: ${name}`);
				try {
					const load = { scenario, inFlight, seconds: settings.seconds };
					const { version, ...measurement } = await measureUndisturbed(contestant, load);
					if (version !== undefined) versions[name] = version;
					results.set(key(inFlight, name), [...(results.get(key(inFlight, name)) ?? []), measurement]);
				} catch (error) {
					failures[name] = (error as Error).message;
					note(`FAILED: ${scenario}, ${inFlight} in flight: ${failures[name]}`);
				}
			}
		}
	}
	clearProgress();
	const levels = settings.inFlight.map((inFlight) => {
		const roundsOf = (name: string) =>
			(failures[name] === undefined ? results.get(key(inFlight, name)) : undefined) ?? [];
		return { inFlight, rows: all.map(({ name }) => summarize(name, roundsOf, all)) };
	});
	// Not the median: a third of the measurements disturbed would not show in it.
	const othersShare = mean([...results.values()].flat().map((measurement) => measurement.othersShare));
	return { scenario, settings, levels, othersShare, failures, versions };
}

/**
 * Others' bursts of work fall on one contestant and spare the next: what they disturbed is done again, a few times. It
 * is the disturbance that decides, never the result.
 */
async function measureUndisturbed(contestant: Contestant, load: Load): Promise<Measured> {
	let best = await measure(contestant, load);
	for (let again = 0; again < repetitions && best.othersShare >= busyShare; again++) {
		await sleep(pauseMs);
		const next = await measure(contestant, load);
		if (next.othersShare < best.othersShare) best = next;
	}
	return best;
}

function summarize(name: string, roundsOf: (name: string) => readonly Measurement[], all: readonly Contestant[]): Row {
	const rounds = roundsOf(name);
	const ratios: Record<string, number> = {};
	for (const other of all) {
		const others = roundsOf(other.name);
		if (rounds.length === 0 || others.length === 0) continue;
		ratios[other.name] = median(rounds.map((round, i) => round.callsPerSecond / others[i]!.callsPerSecond));
	}
	return { name, median: rounds.length === 0 ? undefined : medianOf(rounds), rounds, ratios };
}

function medianOf(rounds: readonly Measurement[]): Measurement {
	const of = (field: keyof Measurement) => median(rounds.map((round) => round[field]));
	return {
		callsPerSecond: of("callsPerSecond"),
		p50Us: of("p50Us"),
		p99Us: of("p99Us"),
		clientCpuUs: of("clientCpuUs"),
		serverCpuUs: of("serverCpuUs"),
		othersShare: of("othersShare"),
	};
}
