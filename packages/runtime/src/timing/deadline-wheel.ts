/**
 * Deadlines of any number of entries on one timer. Entries hang in buckets of one tick each, as links of a ring through
 * the entries themselves: adding and removing cost the same with ten or a million, and allocate nothing.
 *
 * Never early; late by one tick and what the event loop adds.
 */

import { now, tickMs } from "./clock.js";

const bucketCount = 512;

/** An entry with a deadline. The wheel sets the links. */
export interface Timed {
	/** By `performance.now()`; `Infinity`: none. */
	deadlineAt: number;
	wheelNext: Timed | undefined;
	wheelPrevious: Timed | undefined;
}

/** A bucket's ring starts and ends here. */
class Bucket implements Timed {
	deadlineAt = Number.POSITIVE_INFINITY;
	wheelNext: Timed = this;
	wheelPrevious: Timed = this;
}

export class DeadlineWheel<Entry extends Timed> {
	readonly #onExpired: (entry: Entry) => void;
	readonly #clock: () => number;
	readonly #buckets: Bucket[] = Array.from({ length: bucketCount }, () => new Bucket());
	/** Entries found expired that have not been told yet. */
	readonly #due = new Bucket();
	#size = 0;
	/** The last tick whose bucket has been looked through. */
	#tick = 0;
	#timer: NodeJS.Timeout | undefined;

	/** `onExpired` is called with the entry already taken out. `clock` is that of the deadlines. Unit: ms. */
	constructor(onExpired: (entry: Entry) => void, clock: () => number = now) {
		this.#onExpired = onExpired;
		this.#clock = clock;
	}

	/** Puts an entry in; one without a deadline is left out. */
	add(entry: Entry): void {
		if (entry.deadlineAt === Number.POSITIVE_INFINITY) return;
		this.#size++;
		if (this.#timer === undefined) this.#start();
		const due = Math.max(Math.ceil(entry.deadlineAt / tickMs), this.#tick + 1);
		append(this.#buckets[due % bucketCount]!, entry);
	}

	/** Takes an entry out, if it is in. */
	remove(entry: Entry): void {
		if (entry.wheelNext === undefined) return;
		unlink(entry);
		this.#size--;
	}

	stop(): void {
		clearInterval(this.#timer);
		this.#timer = undefined;
	}

	#start(): void {
		this.#tick = Math.floor(this.#clock() / tickMs);
		this.#timer = setInterval(() => this.advance(), tickMs);
	}

	/** Looks through the buckets of all ticks that have passed; one round is enough, however long the loop was held up. */
	advance(): void {
		// Not as soon as it is empty: one call after the other would set a timer each.
		if (this.#size === 0) {
			this.stop();
			return;
		}
		const time = this.#clock();
		const reached = Math.floor(time / tickMs);
		const first = Math.max(this.#tick + 1, reached - bucketCount + 1);
		this.#tick = reached;
		for (let tick = first; tick <= reached; tick++) this.#look(this.#buckets[tick % bucketCount]!, time);
	}

	#look(bucket: Bucket, now: number): void {
		// Moved to a ring of their own first: whoever is told may take out, put in or move any entry of any bucket.
		const due = this.#due;
		for (let entry = bucket.wheelNext; entry !== bucket; ) {
			const next = entry.wheelNext!;
			if (entry.deadlineAt <= now) {
				unlink(entry);
				append(due, entry);
			}
			entry = next;
		}
		for (let entry = due.wheelNext; entry !== due; entry = due.wheelNext) {
			this.remove(entry as Entry);
			this.#onExpired(entry as Entry);
		}
	}
}

function append(bucket: Bucket, entry: Timed): void {
	const last = bucket.wheelPrevious;
	entry.wheelNext = bucket;
	entry.wheelPrevious = last;
	last.wheelNext = entry;
	bucket.wheelPrevious = entry;
}

function unlink(entry: Timed): void {
	entry.wheelPrevious!.wheelNext = entry.wheelNext;
	entry.wheelNext!.wheelPrevious = entry.wheelPrevious;
	entry.wheelNext = undefined;
	entry.wheelPrevious = undefined;
}
