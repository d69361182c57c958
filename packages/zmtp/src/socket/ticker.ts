import { idleTimeout } from "./process-hold.js";

/** Something that looks at the clock now and then. */
export interface Tickable {
	/** How often it wants to. Unit: ms; `Infinity`: not at all. */
	readonly tickMs: number;
	tick(now: number): void;
}

/** Finest step. Unit: ms. The shortest duration on the wire, a PING's TTL of one decisecond, is seen in time. */
const finestMs = 20;

/** Members that are ticked at a time: more than these, and the others wait for their share of the period. */
const sliceSize = 64;

/**
 * The clock of all connections of a socket. Members are kept by how often they want to be ticked, to a power of two, so
 * that one peer that asks for haste costs its own ticks and not everybody's; those of one lane take turns, so that ten
 * thousand do not PING in one turn of the event loop.
 */
export class Ticker {
	readonly #laneOf = new Map<Tickable, Lane | undefined>();
	readonly #lanes = new Map<number, Lane>();

	add(member: Tickable): void {
		this.#laneOf.set(member, undefined);
		this.changed(member);
	}

	remove(member: Tickable): void {
		this.#laneOf.get(member)?.remove(member);
		this.#laneOf.delete(member);
	}

	stop(): void {
		for (const member of this.#laneOf.keys()) this.remove(member);
	}

	/** A member's `tickMs` has changed. */
	changed(member: Tickable): void {
		if (!this.#laneOf.has(member)) return;
		const former = this.#laneOf.get(member);
		const periodMs = laneMs(member.tickMs);
		if (former?.periodMs === periodMs) return;
		former?.remove(member);
		const lane = periodMs === Number.POSITIVE_INFINITY ? undefined : this.#lane(periodMs);
		lane?.add(member);
		this.#laneOf.set(member, lane);
	}

	#lane(periodMs: number): Lane {
		let lane = this.#lanes.get(periodMs);
		if (lane === undefined) {
			lane = new Lane(periodMs, (member) => this.changed(member));
			this.#lanes.set(periodMs, lane);
		}
		return lane;
	}
}

/** The longest period of a lane that is often enough. */
function laneMs(tickMs: number): number {
	if (tickMs === Number.POSITIVE_INFINITY) return tickMs;
	return finestMs * 2 ** Math.floor(Math.log2(Math.max(1, tickMs / finestMs)));
}

/** Members with one period, and one timer, which runs only while there are any. */
class Lane {
	readonly periodMs: number;
	readonly #members = new Set<Tickable>();
	/** Called after each tick of a member: it may belong elsewhere now. */
	readonly #onTicked: (member: Tickable) => void;
	#turns: Iterator<Tickable> | undefined;
	#timer: NodeJS.Timeout | undefined;
	/** When members were ticked last. */
	#tickedAt = 0;

	constructor(periodMs: number, onTicked: (member: Tickable) => void) {
		this.periodMs = periodMs;
		this.#onTicked = onTicked;
	}

	add(member: Tickable): void {
		this.#members.add(member);
		if (this.#members.size === 1) this.#tickedAt = performance.now();
		// With each slice that comes in addition the next turn is earlier.
		if (this.#timer === undefined || this.#members.size % sliceSize === 1) this.#wait();
	}

	remove(member: Tickable): void {
		this.#members.delete(member);
		if (this.#members.size > 0) return;
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#turns = undefined;
	}

	#wait(): void {
		clearTimeout(this.#timer);
		const slices = Math.min(Math.ceil(this.#members.size / sliceSize), this.periodMs / finestMs);
		const since = performance.now() - this.#tickedAt;
		this.#timer = idleTimeout(() => this.#run(), Math.max(1, this.periodMs / slices - since));
	}

	#run(): void {
		this.#timer = undefined;
		const now = performance.now();
		const share = Math.min(1, (now - this.#tickedAt) / this.periodMs);
		this.#tickedAt = now;
		this.#tick(Math.ceil(this.#members.size * share), now);
		if (this.#members.size > 0 && this.#timer === undefined) this.#wait();
	}

	/** Goes on where it left off. */
	#tick(count: number, now: number): void {
		for (let left = count; left > 0 && this.#members.size > 0; ) {
			this.#turns ??= this.#members.values();
			const turn = this.#turns.next();
			if (turn.done === true) {
				this.#turns = undefined;
				continue;
			}
			left--;
			turn.value.tick(now);
			this.#onTicked(turn.value);
		}
	}
}
