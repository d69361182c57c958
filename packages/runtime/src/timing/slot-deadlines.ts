/**
 * Deadlines of what has slots of a table, on one timer. Setting one is one store, and none is taken back: most calls end long
 * before their time. So what stands here may be a predecessor's, and whoever is told looks into the slot.
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

export class SlotDeadlines {
	readonly #slots: { readonly size: number };
	readonly #onDue: (slot: number) => void;
	readonly #clock: () => number;
	/** By slot. */
	#deadlines = new Float64Array(pageSlots).fill(Number.POSITIVE_INFINITY);
	/** Slots whose times may not run yet. */
	#fresh: number[] = [];
	readonly #onTurn = () => this.#stamp();
	/** By page; none is later than a deadline of its page. */
	#earliest = new Float64Array(1).fill(Number.POSITIVE_INFINITY);
	#timer: NodeJS.Timeout | undefined;

	/** `slots`: the timer rests while it is empty. `onDue` may be told of a slot that is empty. `clock`: of the deadlines. Unit: ms. */
	constructor(slots: { readonly size: number }, onDue: (slot: number) => void, clock: () => number = now) {
		this.#slots = slots;
		this.#onDue = onDue;
		this.#clock = clock;
	}

	/** Sets what is left to who has the slot now; `Infinity`: no deadline. Unit: ms. */
	start(slot: number, leftMs: number): void {
		if (slot >= this.#deadlines.length) this.#grow(slot);
		this.#deadlines[slot] = leftMs > 0 ? -leftMs : 0;
		if (this.#fresh.length === 0) queueMicrotask(this.#onTurn);
		this.#fresh.push(slot);
	}

	/** By the clock, which shows `time`; `Infinity`: none. */
	of(slot: number, time: number): number {
		const deadline = this.#deadlines[slot]!;
		return deadline > 0 ? deadline : time - deadline;
	}

	/** Sets the deadline of who has the slot now. `Infinity`: none. */
	set(slot: number, deadlineAt: number): void {
		if (slot >= this.#deadlines.length) this.#grow(slot);
		this.#deadlines[slot] = deadlineAt;
		const page = slot >>> pageBits;
		if (deadlineAt < this.#earliest[page]!) this.#earliest[page] = deadlineAt;
		if (this.#timer === undefined) this.#start();
	}

	stop(): void {
		clearInterval(this.#timer);
		this.#timer = undefined;
	}

	/** Tells of all slots whose deadlines have passed. */
	advance(): void {
		// Not as soon as it is empty: one call after the other would set a timer each.
		if (this.#slots.size === 0) {
			this.stop();
			return;
		}
		this.#stamp();
		const time = this.#clock();
		for (let page = 0; page < this.#earliest.length; page++) if (this.#earliest[page]! <= time) this.#look(page, time);
	}

	#start(): void {
		this.#timer = setInterval(() => this.advance(), tickMs);
	}

	#stamp(): void {
		const fresh = this.#fresh;
		if (fresh.length === 0) return;
		this.#fresh = [];
		const time = this.#clock();
		for (const slot of fresh) {
			const deadline = this.#deadlines[slot]!;
			if (deadline <= 0) this.set(slot, time - deadline);
		}
	}

	#look(page: number, time: number): void {
		this.#earliest[page] = Number.POSITIVE_INFINITY;
		const start = page << pageBits;
		for (let slot = start; slot < start + pageSlots; slot++) {
			// Looked up each time: whoever is told may set deadlines, here too.
			const deadlineAt = this.#deadlines[slot]!;
			if (deadlineAt <= time) {
				this.#deadlines[slot] = Number.POSITIVE_INFINITY;
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
	const larger = new Float64Array(length).fill(Number.POSITIVE_INFINITY);
	larger.set(numbers);
	return larger;
}
