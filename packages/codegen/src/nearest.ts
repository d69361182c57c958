import { distance } from "fastest-levenshtein";

/** The candidate that somebody who wrote `word` most likely meant; `undefined` when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
	const written = word.toLowerCase();
	let best: string | undefined;
	// More changes than that and it is another word.
	let least = Math.max(2, Math.floor(word.length / 3)) + 1;
	for (const candidate of candidates) {
		const changes = distance(written, candidate.toLowerCase());
		if (changes >= least) continue;
		least = changes;
		best = candidate;
	}
	return best ?? candidates.find((candidate) => written.length > 2 && candidate.toLowerCase().startsWith(written));
}
