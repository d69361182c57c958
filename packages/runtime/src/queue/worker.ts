import type { LinkPeer } from "../link/link.js";
import type { WorkerOffer } from "../protocol/control.js";

/** How a worker stands. `suspect`: silent, gets no new work, keeps what it has. `draining`: wants no new work. */
export type WorkerState = "ready" | "suspect" | "draining";

/** A worker's signs of life are looked at this many heartbeats apart before it becomes suspect. */
const liveness = 3;

/** What a worker says that it does. */
export type OfferedWork = Omit<WorkerOffer, "protocol">;

/** What calls of a kind are for: a service, or one version of it. */
export interface Work {
	readonly service: string;
	readonly schemaHash: string | undefined;
}

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
	/** Of a queue, whose offer may bound them: the same of each service, and those of them that are for one version. */
	readonly #unfinishedOf = new Map<string, number>();
	readonly #unfinishedOfVersion = new Map<string, number>();
	state: WorkerState = "ready";
	/** Calls it has finished. */
	served = 0;
	/** Of these, calls that it has answered with an error. */
	failed = 0;
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

	/** The schemas from which it serves a service: several if it is a queue. None: it does not say. */
	hashesOf(service: string): readonly string[] {
		const { services, versions } = this.#offer;
		const several = versions !== undefined && Object.hasOwn(versions, service) ? versions[service]! : undefined;
		if (several !== undefined) return Object.keys(several);
		const hash = Object.hasOwn(services, service) ? services[service]! : "";
		return hash === "" ? [] : [hash];
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

	/** Its credit for calls of one kind. */
	creditFor({ service, schemaHash }: Work): number {
		const credit = this.#creditOf(service);
		const { versions } = this.#offer;
		if (schemaHash === undefined || versions === undefined || !Object.hasOwn(versions, service)) return credit;
		return bounded(credit, versions[service], schemaHash);
	}

	/** Whether it can be given a call of this kind now. */
	hasCreditFor(work: Work): boolean {
		if (!this.hasCredit) return false;
		if (this.#offer.credits === undefined) return true;
		if ((this.#unfinishedOf.get(work.service) ?? 0) >= this.#creditOf(work.service)) return false;
		if (work.schemaHash === undefined) return true;
		return (this.#unfinishedOfVersion.get(nameOf(work)) ?? 0) < this.creditFor(work);
	}

	/** It has been given a call. */
	take(work: Work): void {
		this.unfinished++;
		if (!this.isQueue) return;
		count(this.#unfinishedOf, work.service, 1);
		if (work.schemaHash !== undefined) count(this.#unfinishedOfVersion, nameOf(work), 1);
	}

	/** It is done with one. */
	giveBack(work: Work): void {
		this.unfinished--;
		if (!this.isQueue) return;
		count(this.#unfinishedOf, work.service, -1);
		if (work.schemaHash !== undefined) count(this.#unfinishedOfVersion, nameOf(work), -1);
	}

	#creditOf(service: string): number {
		return bounded(this.#offer.concurrency, this.#offer.credits, service);
	}

	/** It offers something else from now on. What it has, it keeps. */
	renew(offer: OfferedWork): void {
		this.#offer = offer;
		this.services = Object.keys(offer.services);
	}

	/** For how long nothing was heard of it, as far as has been looked at. Unit: ms. */
	silenceMs(now: number): number {
		return this.#hasSpoken ? 0 : now - this.#heardAt;
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

function bounded(most: number, bounds: Readonly<Record<string, number>> | undefined, name: string): number {
	return bounds === undefined || !Object.hasOwn(bounds, name) ? most : Math.min(most, bounds[name]!);
}

function count(counts: Map<string, number>, name: string, change: 1 | -1): void {
	const left = (counts.get(name) ?? 0) + change;
	if (left > 0) counts.set(name, left);
	else counts.delete(name);
}

function nameOf({ service, schemaHash }: Work): string {
	return `${schemaHash} ${service}`;
}
