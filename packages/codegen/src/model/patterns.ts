/** Judges regular expressions by the time they can take. */

/**
 * Whether repetition stands inside repetition, as in `(a+)+`: text that almost matches can then take exponential time.
 * A cautious reading of the source: some patterns that it names are harmless, and it knows only this one trap.
 */
export function isSlowPattern(source: string): boolean {
	// For each open group, whether something in it repeats without bound.
	const groups: boolean[] = [false];
	let closed = false;
	for (let at = 0; at < source.length; at++) {
		const character = source[at];
		let justClosed = false;
		if (character === "\\") at++;
		else if (character === "[") at = endOfClass(source, at);
		else if (character === "(") groups.push(false);
		else if (character === ")" && groups.length > 1) {
			closed = groups.pop()!;
			justClosed = true;
		}
		if (isUnboundedQuantifier(source, at + 1) && character !== "(" && character !== "|") {
			if (justClosed && closed) return true;
			groups[groups.length - 1] = true;
		} else if (justClosed && closed) {
			groups[groups.length - 1] = true;
		}
	}
	return false;
}

function isUnboundedQuantifier(source: string, at: number): boolean {
	return source[at] === "*" || source[at] === "+" || /^\{\d+,\}/.test(source.slice(at, at + 12));
}

function endOfClass(source: string, start: number): number {
	let at = start + 1;
	while (at < source.length && source[at] !== "]") at += source[at] === "\\" ? 2 : 1;
	return at;
}
