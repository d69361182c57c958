/** The candidate that somebody who wrote `word` most likely meant; `undefined` when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
	const written = word.toLowerCase();
	let best: string | undefined;
	// More changes than that and it is another word.
	let least = Math.max(2, Math.floor(word.length / 3)) + 1;
	for (const candidate of candidates) {
		const distance = changes(written, candidate.toLowerCase());
		if (distance >= least) continue;
		least = distance;
		best = candidate;
	}
	return best ?? candidates.find((candidate) => written.length > 2 && candidate.toLowerCase().startsWith(written));
}

/** Levenshtein's distance. */
function changes(from: string, to: string): number {
	let above = Array.from({ length: to.length + 1 }, (_, index) => index);
	for (let i = 1; i <= from.length; i++) {
		const row = [i];
		for (let j = 1; j <= to.length; j++) {
			const isSame = from[i - 1] === to[j - 1];
			row.push(Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (isSame ? 0 : 1)));
		}
		above = row;
	}
	return above[to.length]!;
}
