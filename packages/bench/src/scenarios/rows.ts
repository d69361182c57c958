import { median } from "../statistics.js";
import type { Figures } from "./rounds.js";

/** One contestant under one setting. */
export interface Row<F extends Figures> {
	readonly name: string;
	/** Medians of the rounds, figure by figure; none where the contestant does not take part or failed. */
	readonly median: F | undefined;
	readonly rounds: readonly F[];
	/** Its main figure against each other contestant's: the median of the ratios within one round. */
	readonly ratios: Readonly<Record<string, number>>;
}

/** `mainOf`: the figure that ratios are taken of. */
export function summarize<F extends Figures>(
	names: readonly string[],
	roundsOf: (name: string) => readonly F[],
	mainOf: (figures: F) => number,
): Row<F>[] {
	return names.map((name) => {
		const rounds = roundsOf(name);
		const ratios: Record<string, number> = {};
		for (const other of names) {
			const ratio = ratioWithinRounds(rounds.map(mainOf), roundsOf(other).map(mainOf));
			if (ratio !== undefined) ratios[other] = ratio;
		}
		return { name, median: medianOf(rounds), rounds, ratios };
	});
}

/** Whatever else the machine does falls on both sides of a ratio within a round. `undefined` of nothing. */
export function ratioWithinRounds(ours: readonly number[], others: readonly number[]): number | undefined {
	if (ours.length === 0 || others.length === 0) return undefined;
	return median(ours.map((value, round) => value / others[round]!));
}

function medianOf<F extends Figures>(rounds: readonly F[]): F | undefined {
	const [first] = rounds;
	if (first === undefined) return undefined;
	const fields = Object.keys(first) as (keyof F)[];
	return Object.fromEntries(
		fields.map((field) => [field, median(rounds.map((round) => Number(round[field])))]),
	) as unknown as F;
}
