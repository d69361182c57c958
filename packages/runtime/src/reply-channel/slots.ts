import { maxSlots, readTokenGeneration, readTokenIndex } from "../protocol/token.js";

/** Drawn many at once, which costs little more than one. Signed: numbers above 2^31 would be objects of their own, one for each entry. */
const drawn = new Int32Array(256);
let nextDrawn = drawn.length;

function randomGeneration(): number {
	if (nextDrawn === drawn.length) {
		crypto.getRandomValues(drawn);
		nextDrawn = 0;
	}
	return drawn[nextDrawn++]!;
}

/** An entry of a `SlotTable`. The table sets both fields; together they are its token. */
export interface Slotted {
	slot: number;
	generation: number;
}

/**
 * Records found by the token that came back: an index and one comparison. A released slot gets another generation, so
 * whatever still carries the old token (late, repeated, forged, meant for a predecessor) finds nothing.
 */
export class SlotTable<Entry extends Slotted> {
	readonly #entries: (Entry | undefined)[] = [];
	readonly #generations: number[] = [];
	readonly #free: number[] = [];
	readonly #capacity: number;

	/** `capacity`: most entries at once. */
	constructor(capacity = maxSlots) {
		this.#capacity = Math.min(capacity, maxSlots);
	}

	/** Entries present. */
	get size(): number {
		return this.#entries.length - this.#free.length;
	}

	/** Gives the entry a slot. False when all are taken. */
	add(entry: Entry): boolean {
		const index = this.#free.pop() ?? this.#grow();
		if (index === -1) return false;
		this.#entries[index] = entry;
		entry.slot = index;
		entry.generation = this.#generations[index]!;
		return true;
	}

	/** The entry whose token a frame holds, if it is still here. */
	find(buffer: Uint8Array, start: number, end: number): Entry | undefined {
		const index = readTokenIndex(buffer, start, end);
		// Bounds first: an index beyond the array would make V8 forget that it is dense.
		if (index < 0 || index >= this.#entries.length) return undefined;
		const entry = this.#entries[index];
		return entry !== undefined && entry.generation === (readTokenGeneration(buffer, start) | 0) ? entry : undefined;
	}

	/** The entry that has this slot, if one does. */
	at(slot: number): Entry | undefined {
		return this.#entries[slot];
	}

	/** Takes the entry out; its token is void from now on. False: it is not in. */
	remove(entry: Entry): boolean {
		const index = entry.slot;
		if (this.#entries[index] !== entry) return false;
		this.#entries[index] = undefined;
		this.#generations[index] = (this.#generations[index]! + 1) | 0;
		this.#free.push(index);
		return true;
	}

	/** All entries; those that are removed on the way are skipped, those added may or may not be met. */
	*[Symbol.iterator](): Generator<Entry> {
		for (const entry of this.#entries) if (entry !== undefined) yield entry;
	}

	#grow(): number {
		const index = this.#entries.length;
		if (index >= this.#capacity) return -1;
		this.#entries.push(undefined);
		// Random, so that a token of an earlier process fits none of this one but by chance.
		this.#generations.push(randomGeneration());
		return index;
	}
}
