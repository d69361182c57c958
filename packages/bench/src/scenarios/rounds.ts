/** All in turns, round after round, so that whatever else the machine does falls on all of them. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Contestant } from "../contestants/contestant.js";
import { clearProgress, note, showProgress } from "../report/note.js";
import { mean } from "../statistics.js";

/** From here on figures are no good: contestants with many threads suffer most. A share of all cores' time. */
export const busyShare = 0.1;
/** Long enough for a short burst to be over. */
const pauseMs = 3000;

/** Figures of one contestant, taken once. */
export interface Figures {
	/** Of all cores' time, what other processes took meanwhile: 0 to 1. */
	readonly othersShare: number;
}

export interface Measured<F extends Figures> {
	readonly figures: F;
	/** Of the library under test, where only a running server could tell. */
	readonly version?: string | undefined;
}

/** Who is measured under which settings, and how. */
export interface Contest<S, F extends Figures> {
	readonly title: string;
	readonly contestants: readonly Contestant[];
	readonly settings: readonly S[];
	describe(setting: S): string;
	/** Default: everybody does. */
	takesPart?(contestant: Contestant, setting: S): boolean;
	measure(contestant: Contestant, setting: S): Promise<Measured<F>>;
}

export interface Outcome<S, F extends Figures> {
	/** What each round gave, in order. Empty for those who failed or take no part. */
	roundsOf(name: string, setting: S): readonly F[];
	/** Of all cores' time, what processes that have no part in it took: the mean of all measurements, 0 to 1. */
	readonly othersShare: number;
	/** What went wrong, by contestant. */
	readonly failures: Readonly<Record<string, string>>;
	readonly versions: Readonly<Record<string, string>>;
}

export interface Turns {
	readonly rounds: number;
	/** How often at most a measurement that others disturbed is done again. */
	readonly repetitions: number;
}

/** Whoever fails once is out. */
export async function takeTurns<S, F extends Figures>(
	contest: Contest<S, F>,
	{ rounds, repetitions }: Turns,
): Promise<Outcome<S, F>> {
	const failures: Record<string, string> = {};
	const versions: Record<string, string> = {};
	const results = new Map(contest.settings.map((setting) => [setting, new Map<string, F[]>()]));
	for (let round = 1; round <= rounds; round++) {
		for (const [setting, byName] of results) {
			for (const contestant of contest.contestants) {
				const { name } = contestant;
				if (failures[name] !== undefined || contest.takesPart?.(contestant, setting) === false) continue;
				const what = `${contest.title}, ${contest.describe(setting)}`;
				showProgress(`${what}, round ${round} of ${rounds}: ${name}`);
				try {
					const { figures, version } = await measureUndisturbed(
						() => contest.measure(contestant, setting),
						repetitions,
					);
					if (version !== undefined) versions[name] = version;
					byName.set(name, [...(byName.get(name) ?? []), figures]);
				} catch (error) {
					failures[name] = (error as Error).message;
					note(`FAILED: ${what}: ${failures[name]}`);
				}
			}
		}
	}
	clearProgress();
	// Not the median: a third of the measurements disturbed would not show in it.
	const all = [...results.values()].flatMap((byName) => [...byName.values()].flat());
	return {
		roundsOf: (name, setting) => (failures[name] === undefined ? results.get(setting)?.get(name) : undefined) ?? [],
		othersShare: mean(all.map((figures) => figures.othersShare)),
		failures,
		versions,
	};
}

/**
 * Others' bursts of work fall on one contestant and spare the next: what they disturbed is done again, a few times. It
 * is the disturbance that decides, never the result.
 */
async function measureUndisturbed<F extends Figures>(
	measure: () => Promise<Measured<F>>,
	repetitions: number,
): Promise<Measured<F>> {
	let best = await measure();
	for (let again = 0; again < repetitions && best.figures.othersShare >= busyShare; again++) {
		await sleep(pauseMs);
		const next = await measure();
		if (next.figures.othersShare < best.figures.othersShare) best = next;
	}
	return best;
}
