/**
 * Copies of `octets` with one bit flipped, all of them; those of the octets `last` come at the end (a nonce that has gone
 * up makes all that follow it fail for another reason).
 */
export function* flips(
	octets: Uint8Array,
	last: readonly number[] = [],
): Generator<[bit: number, flipped: Uint8Array]> {
	const late = new Set(last);
	const places = Array.from({ length: octets.length }, (_, at) => at);
	for (const at of [...places.filter((at) => !late.has(at)), ...last]) {
		for (let bit = 0; bit < 8; bit++) {
			const flipped = Uint8Array.from(octets);
			flipped[at]! ^= 1 << bit;
			yield [at * 8 + bit, flipped];
		}
	}
}

/** `count` numbers from `start` on. */
export function range(start: number, count: number): number[] {
	return Array.from({ length: count }, (_, index) => start + index);
}
