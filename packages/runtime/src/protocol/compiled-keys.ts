/** Names of properties as they travel. */

import { crowded, surprised } from "./surprise.js";

/** Octets, and how far they have been read. */
export interface Cursor {
	readonly octets: Uint8Array;
	at: number;
}

/**
 * A text in msgpack, or what an object begins with up to the value of its first property. Generated code asks each key at places of
 * its own. There the engine knows the key's class, and from it how many octets to write or to compare, without a loop: a third of
 * the time. Each class is for a few sizes: its octets are the first so many and the last so many, which may overlap. They are fields that are
 * declared only: one that is `undefined` until the constructor sets it could hold anything, and the engine makes a double of each octet.
 */
export interface Key {
	readonly octets: Uint8Array;
	/** Returns the offset behind it. Is crowded where it has no room. */
	write(to: Uint8Array, at: number): number;
	/** Reads it. Is surprised where it is not next. */
	read(from: Cursor): void;
	/** Whether it is next; it is then read. */
	isNext(from: Cursor): boolean;
}

export function keyOfOctets(octets: Uint8Array): Key {
	const size = octets.length;
	if (size < 2 || size > 16) return new AnyKey(octets);
	if (size <= 4) return new Key4(octets);
	if (size <= 6) return new Key6(octets);
	if (size <= 8) return new Key8(octets);
	return size <= 12 ? new Key12(octets) : new Key16(octets);
}

class AnyKey implements Key {
	readonly octets: Uint8Array;

	constructor(octets: Uint8Array) {
		this.octets = octets;
	}

	write(to: Uint8Array, at: number): number {
		const { octets } = this;
		const end = at + octets.length;
		if (end > to.length) crowded();
		for (let i = 0; i < octets.length; i++) to[at + i] = octets[i]!;
		return end;
	}

	read(from: Cursor): void {
		if (!this.isNext(from)) surprised();
	}

	isNext(from: Cursor): boolean {
		return isKeyNext(this.octets, from);
	}
}

/** For whoever has keys of several classes at one place. */
export function isKeyNext(key: Uint8Array, from: Cursor): boolean {
	const { octets, at } = from;
	for (let i = 0; i < key.length; i++) if (octets[at + i] !== key[i]) return false;
	from.at = at + key.length;
	return true;
}

class Key4 implements Key {
	declare readonly octets: Uint8Array;
	declare readonly size: number;
	declare readonly f0: number;
	declare readonly f1: number;
	declare readonly l2: number;
	declare readonly l1: number;

	constructor(octets: Uint8Array) {
		this.octets = octets;
		this.size = octets.length;
		this.f0 = octets[0]!;
		this.f1 = octets[1]!;
		this.l2 = octets.at(-2)!;
		this.l1 = octets.at(-1)!;
	}

	write(to: Uint8Array, at: number): number {
		const end = at + this.size;
		if (end > to.length) crowded();
		to[at] = this.f0;
		to[at + 1] = this.f1;
		to[end - 2] = this.l2;
		to[end - 1] = this.l1;
		return end;
	}

	read(from: Cursor): void {
		if (!this.isNext(from)) surprised();
	}

	isNext(from: Cursor): boolean {
		const { octets, at } = from;
		const end = at + this.size;
		const isNext =
			octets[at] === this.f0 &&
			octets[at + 1] === this.f1 &&
			octets[end - 2] === this.l2 &&
			octets[end - 1] === this.l1;
		if (isNext) from.at = end;
		return isNext;
	}
}

class Key6 implements Key {
	declare readonly octets: Uint8Array;
	declare readonly size: number;
	declare readonly f0: number;
	declare readonly f1: number;
	declare readonly f2: number;
	declare readonly l3: number;
	declare readonly l2: number;
	declare readonly l1: number;

	constructor(octets: Uint8Array) {
		this.octets = octets;
		this.size = octets.length;
		this.f0 = octets[0]!;
		this.f1 = octets[1]!;
		this.f2 = octets[2]!;
		this.l3 = octets.at(-3)!;
		this.l2 = octets.at(-2)!;
		this.l1 = octets.at(-1)!;
	}

	write(to: Uint8Array, at: number): number {
		const end = at + this.size;
		if (end > to.length) crowded();
		to[at] = this.f0;
		to[at + 1] = this.f1;
		to[at + 2] = this.f2;
		to[end - 3] = this.l3;
		to[end - 2] = this.l2;
		to[end - 1] = this.l1;
		return end;
	}

	read(from: Cursor): void {
		if (!this.isNext(from)) surprised();
	}

	isNext(from: Cursor): boolean {
		const { octets, at } = from;
		const end = at + this.size;
		const isNext =
			octets[at] === this.f0 &&
			octets[at + 1] === this.f1 &&
			octets[at + 2] === this.f2 &&
			octets[end - 3] === this.l3 &&
			octets[end - 2] === this.l2 &&
			octets[end - 1] === this.l1;
		if (isNext) from.at = end;
		return isNext;
	}
}

class Key8 implements Key {
	declare readonly octets: Uint8Array;
	declare readonly size: number;
	declare readonly f0: number;
	declare readonly f1: number;
	declare readonly f2: number;
	declare readonly f3: number;
	declare readonly l4: number;
	declare readonly l3: number;
	declare readonly l2: number;
	declare readonly l1: number;

	constructor(octets: Uint8Array) {
		this.octets = octets;
		this.size = octets.length;
		this.f0 = octets[0]!;
		this.f1 = octets[1]!;
		this.f2 = octets[2]!;
		this.f3 = octets[3]!;
		this.l4 = octets.at(-4)!;
		this.l3 = octets.at(-3)!;
		this.l2 = octets.at(-2)!;
		this.l1 = octets.at(-1)!;
	}

	write(to: Uint8Array, at: number): number {
		const end = at + this.size;
		if (end > to.length) crowded();
		to[at] = this.f0;
		to[at + 1] = this.f1;
		to[at + 2] = this.f2;
		to[at + 3] = this.f3;
		to[end - 4] = this.l4;
		to[end - 3] = this.l3;
		to[end - 2] = this.l2;
		to[end - 1] = this.l1;
		return end;
	}

	read(from: Cursor): void {
		if (!this.isNext(from)) surprised();
	}

	isNext(from: Cursor): boolean {
		const { octets, at } = from;
		const end = at + this.size;
		const isNext =
			octets[at] === this.f0 &&
			octets[at + 1] === this.f1 &&
			octets[at + 2] === this.f2 &&
			octets[at + 3] === this.f3 &&
			octets[end - 4] === this.l4 &&
			octets[end - 3] === this.l3 &&
			octets[end - 2] === this.l2 &&
			octets[end - 1] === this.l1;
		if (isNext) from.at = end;
		return isNext;
	}
}

class Key12 implements Key {
	declare readonly octets: Uint8Array;
	declare readonly size: number;
	declare readonly f0: number;
	declare readonly f1: number;
	declare readonly f2: number;
	declare readonly f3: number;
	declare readonly f4: number;
	declare readonly f5: number;
	declare readonly l6: number;
	declare readonly l5: number;
	declare readonly l4: number;
	declare readonly l3: number;
	declare readonly l2: number;
	declare readonly l1: number;

	constructor(octets: Uint8Array) {
		this.octets = octets;
		this.size = octets.length;
		this.f0 = octets[0]!;
		this.f1 = octets[1]!;
		this.f2 = octets[2]!;
		this.f3 = octets[3]!;
		this.f4 = octets[4]!;
		this.f5 = octets[5]!;
		this.l6 = octets.at(-6)!;
		this.l5 = octets.at(-5)!;
		this.l4 = octets.at(-4)!;
		this.l3 = octets.at(-3)!;
		this.l2 = octets.at(-2)!;
		this.l1 = octets.at(-1)!;
	}

	write(to: Uint8Array, at: number): number {
		const end = at + this.size;
		if (end > to.length) crowded();
		to[at] = this.f0;
		to[at + 1] = this.f1;
		to[at + 2] = this.f2;
		to[at + 3] = this.f3;
		to[at + 4] = this.f4;
		to[at + 5] = this.f5;
		to[end - 6] = this.l6;
		to[end - 5] = this.l5;
		to[end - 4] = this.l4;
		to[end - 3] = this.l3;
		to[end - 2] = this.l2;
		to[end - 1] = this.l1;
		return end;
	}

	read(from: Cursor): void {
		if (!this.isNext(from)) surprised();
	}

	isNext(from: Cursor): boolean {
		const { octets, at } = from;
		const end = at + this.size;
		const isNext =
			octets[at] === this.f0 &&
			octets[at + 1] === this.f1 &&
			octets[at + 2] === this.f2 &&
			octets[at + 3] === this.f3 &&
			octets[at + 4] === this.f4 &&
			octets[at + 5] === this.f5 &&
			octets[end - 6] === this.l6 &&
			octets[end - 5] === this.l5 &&
			octets[end - 4] === this.l4 &&
			octets[end - 3] === this.l3 &&
			octets[end - 2] === this.l2 &&
			octets[end - 1] === this.l1;
		if (isNext) from.at = end;
		return isNext;
	}
}

class Key16 implements Key {
	declare readonly octets: Uint8Array;
	declare readonly size: number;
	declare readonly f0: number;
	declare readonly f1: number;
	declare readonly f2: number;
	declare readonly f3: number;
	declare readonly f4: number;
	declare readonly f5: number;
	declare readonly f6: number;
	declare readonly f7: number;
	declare readonly l8: number;
	declare readonly l7: number;
	declare readonly l6: number;
	declare readonly l5: number;
	declare readonly l4: number;
	declare readonly l3: number;
	declare readonly l2: number;
	declare readonly l1: number;

	constructor(octets: Uint8Array) {
		this.octets = octets;
		this.size = octets.length;
		this.f0 = octets[0]!;
		this.f1 = octets[1]!;
		this.f2 = octets[2]!;
		this.f3 = octets[3]!;
		this.f4 = octets[4]!;
		this.f5 = octets[5]!;
		this.f6 = octets[6]!;
		this.f7 = octets[7]!;
		this.l8 = octets.at(-8)!;
		this.l7 = octets.at(-7)!;
		this.l6 = octets.at(-6)!;
		this.l5 = octets.at(-5)!;
		this.l4 = octets.at(-4)!;
		this.l3 = octets.at(-3)!;
		this.l2 = octets.at(-2)!;
		this.l1 = octets.at(-1)!;
	}

	write(to: Uint8Array, at: number): number {
		const end = at + this.size;
		if (end > to.length) crowded();
		to[at] = this.f0;
		to[at + 1] = this.f1;
		to[at + 2] = this.f2;
		to[at + 3] = this.f3;
		to[at + 4] = this.f4;
		to[at + 5] = this.f5;
		to[at + 6] = this.f6;
		to[at + 7] = this.f7;
		to[end - 8] = this.l8;
		to[end - 7] = this.l7;
		to[end - 6] = this.l6;
		to[end - 5] = this.l5;
		to[end - 4] = this.l4;
		to[end - 3] = this.l3;
		to[end - 2] = this.l2;
		to[end - 1] = this.l1;
		return end;
	}

	read(from: Cursor): void {
		if (!this.isNext(from)) surprised();
	}

	isNext(from: Cursor): boolean {
		const { octets, at } = from;
		const end = at + this.size;
		const isNext =
			octets[at] === this.f0 &&
			octets[at + 1] === this.f1 &&
			octets[at + 2] === this.f2 &&
			octets[at + 3] === this.f3 &&
			octets[at + 4] === this.f4 &&
			octets[at + 5] === this.f5 &&
			octets[at + 6] === this.f6 &&
			octets[at + 7] === this.f7 &&
			octets[end - 8] === this.l8 &&
			octets[end - 7] === this.l7 &&
			octets[end - 6] === this.l6 &&
			octets[end - 5] === this.l5 &&
			octets[end - 4] === this.l4 &&
			octets[end - 3] === this.l3 &&
			octets[end - 2] === this.l2 &&
			octets[end - 1] === this.l1;
		if (isNext) from.at = end;
		return isNext;
	}
}
