import type { LinkPeer } from "../link/link.js";

/** How a worker stands. `suspect`: silent, gets no new work, keeps what it has. `draining`: wants no new work. */
export type WorkerState = "ready" | "suspect" | "draining";

/** A worker's signs of life are looked at this many heartbeats apart before it becomes suspect. */
const liveness = 3;

/** One worker of the pool: its offer, its calls, its signs of life. */
export class Worker {
	readonly peer: LinkPeer;
	readonly instance: string;
	/** Its credit: calls it may have unfinished at a time. */
	readonly concurrency: number;
	readonly services: readonly string[];
	/** A REP socket: takes one call at a time, gives no signs of life, is given up when a call's deadline passes. */
	readonly isPlain: boolean;
	/** Calls it was given and has not answered. */
	unfinished = 0;
	state: WorkerState = "ready";
	/** Calls it has finished. */
	served = 0;
	#hasSpoken = true;
	#heardAt: number;

	constructor(
		peer: LinkPeer,
		offer: { readonly instance: string; readonly concurrency: number; readonly services: readonly string[] },
		isPlain: boolean,
		now: number,
	) {
		this.peer = peer;
		this.instance = offer.instance;
		this.concurrency = offer.concurrency;
		this.services = offer.services;
		this.isPlain = isPlain;
		this.#heardAt = now;
	}

	/** Whether it can be given a call now. */
	get hasCredit(): boolean {
		return this.state === "ready" && this.unfinished < this.concurrency && this.peer.isWritable;
	}

	/** A message of it came. */
	heard(): void {
		this.#hasSpoken = true;
	}

	/** Looks at its signs of life. Returns whether it has been silent for the whole lease. */
	look(now: number, heartbeatMs: number, leaseMs: number, wasLate: boolean): boolean {
		// After a pause of the queue's own, what workers said meanwhile lies unread: their silence does not count.
		if (this.#hasSpoken || wasLate) this.#heardAt = now;
		this.#hasSpoken = false;
		const silence = now - this.#heardAt;
		if (this.state !== "draining") this.state = silence > heartbeatMs * liveness ? "suspect" : "ready";
		return silence > leaseMs;
	}
}
