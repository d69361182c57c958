/**
 * Deadlines of what has slots of a table, on one timer. Setting one is a store or two, and so is taking it back: most calls end long
 * before their time.
 *
 * Nor is the clock asked for each: times run from the end of the promise reactions in whose course they are set, before which
 * nothing can arrive. A time that does not run yet stands here with its sign reversed.
 *
 * Slots lie in pages; a page is looked through when the earliest that was set in it has come. Never early; late by one tick and
 * what the event loop adds.
 */
import { now, tickMs } from "./clock.js";

const pageBits = 6;
const pageSlots = 1 << pageBits;

const none = Number.POSITIVE_INFINITY;

export class SlotDeadlines {
	readonly #onDue: (slot: number) => void;
	readonly #clock: () => number;
	/** By slot. */
	#deadlines = new Float64Array(pageSlots).fill(none);
	/** By page; none is later than a deadline of its page, but for those that do not run yet. */
	#earliest = new Float64Array(1).fill(none);
	/** Slots that have one. */
	#count = 0;
	/** Slots whose times may not run yet. */
	#fresh: number[] = [];
	readonly #onTurn = () => this.#stamp();
	#timer: NodeJS.Timeout | undefined;

	/** `onDue`: a slot's deadline has passed, and it has none any more. `clock`: of the deadlines. Unit: ms. */
	constructor(onDue: (slot: number) => void, clock: () => number = now) {
		this.#onDue = onDue;
		this.#clock = clock;
	}

	/** Sets what is left to who has the slot, which has no deadline; `Infinity`: it gets none. Unit: ms. */
	start(slot: number, leftMs: number): void {
		if (leftMs === none) return;
		if (slot >= this.#deadlines.length) this.#grow(slot);
		this.#deadlines[slot] = leftMs > 0 ? -leftMs : 0;
		this.#count++;
		if (this.#fresh.length === 0) queueMicrotask(this.#onTurn);
		this.#fresh.push(slot);
	}

	/** By the clock, which shows `time`; `Infinity`: none. */
	of(slot: number, time: number): number {
		const deadline = slot < this.#deadlines.length ? this.#deadlines[slot]! : none;
		return deadline > 0 ? deadline : time - deadline;
	}

	/** Takes the deadline away, if there is one. */
	clear(slot: number): void {
		if (slot >= this.#deadlines.length || this.#deadlines[slot] === none) return;
		this.#deadlines[slot] = none;
		this.#count--;
	}

	stop(): void {
		clearInterval(this.#timer);
		this.#timer = undefined;
	}

	/** Tells of all slots whose deadlines have passed. */
	advance(): void {
		// Not as soon as there is none: one call after the other would set a timer each.
		if (this.#count === 0) {
			this.stop();
			return;
		}
		this.#stamp();
		const time = this.#clock();
		for (let page = 0; page < this.#earliest.length; page++) if (this.#earliest[page]! <= time) this.#look(page, time);
	}

	#stamp(): void {
		const fresh = this.#fresh;
		if (fresh.length === 0) return;
		this.#fresh = [];
		const time = this.#clock();
		for (const slot of fresh) {
			const deadline = this.#deadlines[slot]!;
			// Else it is gone already, or its slot was set more than once.
			if (deadline <= 0) this.#run(slot, time - deadline);
		}
		if (this.#timer === undefined && this.#count > 0) this.#timer = setInterval(() => this.advance(), tickMs);
	}

	#run(slot: number, deadlineAt: number): void {
		this.#deadlines[slot] = deadlineAt;
		const page = slot >>> pageBits;
		if (deadlineAt < this.#earliest[page]!) this.#earliest[page] = deadlineAt;
	}

	#look(page: number, time: number): void {
		this.#earliest[page] = none;
		const start = page << pageBits;
		for (let slot = start; slot < start + pageSlots; slot++) {
			// Looked up each time: whoever is told may set deadlines, here too, which then do not run yet.
			const deadlineAt = this.#deadlines[slot]!;
			if (deadlineAt <= 0) continue;
			if (deadlineAt <= time) {
				this.clear(slot);
				this.#onDue(slot);
			} else if (deadlineAt < this.#earliest[page]!) {
				this.#earliest[page] = deadlineAt;
			}
		}
	}

	#grow(slot: number): void {
		let { length } = this.#deadlines;
		while (length <= slot) length *= 2;
		this.#deadlines = enlarged(this.#deadlines, length);
		this.#earliest = enlarged(this.#earliest, length >>> pageBits);
	}
}

function enlarged(numbers: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
	const larger = new Float64Array(length).fill(none);
	larger.set(numbers);
	return larger;
}
