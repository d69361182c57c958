import { createRandom } from "../support/zmtp/seed.js";

/** Chance, the same for the same seed. */
export class Dice {
	readonly #next: () => number;

	constructor(seed: number) {
		this.#next = createRandom(seed);
	}

	/** A whole number from 0 up to `limit`, without it. */
	below(limit: number): number {
		return Math.floor(this.#next() * limit);
	}

	chance(probability: number): boolean {
		return this.#next() < probability;
	}

	pick<T>(list: readonly T[]): T {
		return list[this.below(list.length)]!;
	}

	/** Mostly short, now and then as long as it may be. */
	length(longest: number): number {
		return this.chance(0.9) ? this.below(Math.min(longest, 24) + 1) : this.below(longest + 1);
	}

	octets(length: number): Buffer {
		const octets = Buffer.allocUnsafe(length);
		for (let i = 0; i < length; i++) octets[i] = this.below(256);
		return octets;
	}

	/** A number of `bits` bits, such as break things: at a border, or any. */
	interesting(bits: number): bigint {
		const power = 1n << BigInt(this.below(bits + 1));
		const near = power + BigInt(this.below(3) - 1);
		return BigInt.asUintN(bits, this.chance(0.8) ? near : BigInt(this.below(2 ** 32)) * BigInt(this.below(2 ** 32)));
	}
}
