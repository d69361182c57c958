/**
 * Deadlines of any number of entries on one timer. Entries hang in buckets of one tick each, as links of a ring through
 * the entries themselves: adding and removing cost the same with ten or a million, and allocate nothing.
 *
 * Never early; late by one tick and what the event loop adds.
 */

/** Unit: ms. */
const tickMs = 10;
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
	readonly #buckets: Bucket[] = Array.from({ length: bucketCount }, () => new Bucket());
	#size = 0;
	/** The last tick whose bucket has been looked through. */
	#tick = 0;
	#timer: NodeJS.Timeout | undefined;

	/** `onExpired` is called with the entry already taken out. */
	constructor(onExpired: (entry: Entry) => void) {
		this.#onExpired = onExpired;
	}

	/** Puts an entry in; one without a deadline is left out. */
	add(entry: Entry): void {
		if (entry.deadlineAt === Number.POSITIVE_INFINITY) return;
		if (this.#size++ === 0) this.#start();
		const due = Math.max(Math.ceil(entry.deadlineAt / tickMs), this.#tick + 1);
		const bucket = this.#buckets[due % bucketCount]!;
		const last = bucket.wheelPrevious;
		entry.wheelNext = bucket;
		entry.wheelPrevious = last;
		last.wheelNext = entry;
		bucket.wheelPrevious = entry;
	}

	/** Takes an entry out, if it is in. */
	remove(entry: Entry): void {
		const { wheelNext, wheelPrevious } = entry;
		if (wheelNext === undefined || wheelPrevious === undefined) return;
		wheelPrevious.wheelNext = wheelNext;
		wheelNext.wheelPrevious = wheelPrevious;
		entry.wheelNext = undefined;
		entry.wheelPrevious = undefined;
		if (--this.#size === 0) this.stop();
	}

	stop(): void {
		clearInterval(this.#timer);
		this.#timer = undefined;
	}

	#start(): void {
		this.#tick = Math.floor(performance.now() / tickMs);
		this.#timer ??= setInterval(() => this.#advance(), tickMs).unref();
	}

	/** Looks through the buckets of all ticks that have passed; one round is enough, however long the loop was held up. */
	#advance(): void {
		const now = performance.now();
		const reached = Math.floor(now / tickMs);
		const first = Math.max(this.#tick + 1, reached - bucketCount + 1);
		this.#tick = reached;
		for (let tick = first; tick <= reached; tick++) this.#look(this.#buckets[tick % bucketCount]!, now);
	}

	#look(bucket: Bucket, now: number): void {
		let entry: Timed = bucket.wheelNext;
		while (entry !== bucket) {
			const next: Timed = entry.wheelNext!;
			if (entry.deadlineAt <= now) {
				this.remove(entry as Entry);
				this.#onExpired(entry as Entry);
				// What was called may have taken the next one out too.
				if (next.wheelNext === undefined) {
					entry = bucket.wheelNext;
					continue;
				}
			}
			entry = next;
		}
	}
}
