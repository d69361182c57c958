/** One seed for all random tests of a run, printed in their titles. `HOMING_TEST_SEED` runs them again with the same one. */
export const seed = Number(process.env["HOMING_TEST_SEED"] ?? Math.floor(Math.random() * 0x7fff_ffff));

export const printedSeed = `seed ${seed}`;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function createRandom(from = seed): () => number {
	let state = from >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
	};
}
