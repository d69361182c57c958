import type { LinkPeer } from "../link/link.js";
import type { WorkerOffer } from "../protocol/control.js";

/** How a worker stands. `suspect`: silent, gets no new work, keeps what it has. `draining`: wants no new work. */
export type WorkerState = "ready" | "suspect" | "draining";

/** A worker's signs of life are looked at this many heartbeats apart before it becomes suspect. */
const liveness = 3;

/** What a worker says that it does. */
export type OfferedWork = Omit<WorkerOffer, "protocol">;

/** One worker of the pool: its offer, its calls, its signs of life. */
export class Worker {
	readonly peer: LinkPeer;
	readonly instance: string;
	#offer: OfferedWork;
	/** Names of what it offers. */
	services: readonly string[];
	/** A REP socket: takes one call at a time, gives no signs of life, is given up when a call's deadline passes. */
	readonly isPlain: boolean;
	/** Calls it was given and has not answered. */
	unfinished = 0;
	/** The same of each service, where its offer bounds them. */
	readonly #unfinishedOf = new Map<string, number>();
	state: WorkerState = "ready";
	/** Calls it has finished. */
	served = 0;
	#hasSpoken = true;
	#heardAt: number;

	constructor(peer: LinkPeer, offer: OfferedWork, isPlain: boolean, now: number) {
		this.peer = peer;
		this.instance = offer.instance;
		this.#offer = offer;
		this.services = Object.keys(offer.services);
		this.isPlain = isPlain;
		this.#heardAt = now;
	}

	/** Its credit: calls it may have unfinished at a time. */
	get concurrency(): number {
		return this.#offer.concurrency;
	}

	/** Schema hashes by service name. */
	get schemaHashes(): Readonly<Record<string, string>> {
		return this.#offer.services;
	}

	/** Of a queue: the queues that its calls come through. */
	get queues(): readonly string[] {
		return this.#offer.queues ?? [];
	}

	/** Whether it is a queue, with workers of its own. */
	get isQueue(): boolean {
		return this.#offer.queues !== undefined;
	}

	/** Whether it can be given a call now. */
	get hasCredit(): boolean {
		return this.state === "ready" && this.unfinished < this.#offer.concurrency && this.peer.isWritable;
	}

	/** Its credit for calls of one service. */
	creditFor(service: string): number {
		const { credits, concurrency } = this.#offer;
		return credits === undefined || !Object.hasOwn(credits, service)
			? concurrency
			: Math.min(concurrency, credits[service]!);
	}

	/** Whether it can be given a call of this service now. */
	hasCreditFor(service: string): boolean {
		if (!this.hasCredit) return false;
		return this.#offer.credits === undefined || (this.#unfinishedOf.get(service) ?? 0) < this.creditFor(service);
	}

	/** It has been given a call. */
	take(service: string): void {
		this.unfinished++;
		if (this.isQueue) this.#unfinishedOf.set(service, (this.#unfinishedOf.get(service) ?? 0) + 1);
	}

	/** It is done with one. */
	giveBack(service: string): void {
		this.unfinished--;
		const left = (this.#unfinishedOf.get(service) ?? 0) - 1;
		if (left > 0) this.#unfinishedOf.set(service, left);
		else this.#unfinishedOf.delete(service);
	}

	/** It offers something else from now on. What it has, it keeps. */
	renew(offer: OfferedWork): void {
		this.#offer = offer;
		this.services = Object.keys(offer.services);
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
