import { idleTimeout } from "./process-hold.js";

/** Something that looks at the clock now and then. */
export interface Tickable {
	/** How often it wants to. Unit: ms; `Infinity`: not at all. */
	readonly tickMs: number;
	tick(now: number): void;
}

/** Finest step. Unit: ms. The shortest duration on the wire, a PING's TTL of one decisecond, is seen in time. */
const finestMs = 20;

/** One coarse timer for all connections of a socket; it runs only while one of them has a use for it. */
export class Ticker {
	readonly #members = new Set<Tickable>();
	#timer: NodeJS.Timeout | undefined;
	#periodMs = Number.POSITIVE_INFINITY;

	add(member: Tickable): void {
		this.#members.add(member);
		this.changed(member);
	}

	remove(member: Tickable): void {
		this.#members.delete(member);
		if (this.#members.size === 0) this.#run(Number.POSITIVE_INFINITY);
	}

	stop(): void {
		this.#members.clear();
		this.#run(Number.POSITIVE_INFINITY);
	}

	/** A member's `tickMs` has changed. */
	changed(member: Tickable): void {
		if (member.tickMs < this.#periodMs) this.#run(member.tickMs);
	}

	#run(periodMs: number): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#periodMs = periodMs;
		if (periodMs !== Number.POSITIVE_INFINITY) {
			this.#timer = idleTimeout(() => this.#tick(), Math.max(finestMs, periodMs));
		}
	}

	#tick(): void {
		const now = performance.now();
		for (const member of this.#members) member.tick(now);
		let periodMs = Number.POSITIVE_INFINITY;
		for (const member of this.#members) periodMs = Math.min(periodMs, member.tickMs);
		this.#run(periodMs);
	}
}
