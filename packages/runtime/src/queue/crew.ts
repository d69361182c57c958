import type { IncomingMessage, LinkPeer } from "../link/link.js";
import { readOffer, sendDrain, sendPulse, sendWelcome, type WorkerOffer } from "../protocol/control.js";
import type { CallBook } from "./call-book.js";
import type { Pools } from "./pools.js";
import { Worker, type WorkerState } from "./worker.js";

/** One worker, as the queue tells of it. */
export interface WorkerStats {
	readonly address: string;
	readonly instance: string;
	readonly state: WorkerState;
	readonly services: readonly string[];
	readonly concurrency: number;
	readonly inFlight: number;
	readonly served: number;
}

/** A worker offered itself, changed its offer or its state, or is gone. */
export interface WorkerChange {
	readonly worker: WorkerStats;
	/** `renewed`: it offers something else. */
	readonly change: "joined" | "renewed" | "left" | WorkerState;
}

export interface CrewOptions {
	readonly pools: Pools;
	readonly book: CallBook;
	/** How often a worker gives, and is given, a sign of life. Unit: ms. */
	readonly heartbeatMs: number;
	/** Silence after which a worker is given up. Unit: ms. */
	readonly leaseMs: number;
	/** Services of plain workers; none: whatever no other worker offers. */
	readonly plainServices: readonly string[];
	readonly onChange: (change: WorkerChange) => void;
}

/** All workers of a queue, from their offer to their end, and whether they live. What they do is the call book's. */
export class Crew {
	readonly #options: CrewOptions;
	readonly #workers = new Map<LinkPeer, Worker>();
	#lookedAt = performance.now();

	constructor(options: CrewOptions) {
		this.#options = options;
	}

	find(peer: LinkPeer): Worker | undefined {
		return this.#workers.get(peer);
	}

	stats(): WorkerStats[] {
		return [...this.#workers.values()].map(describe);
	}

	/** Takes a worker's offer and welcomes it; a later one takes the place of the first. False: it makes no sense. */
	admit(peer: LinkPeer, message: IncomingMessage): boolean {
		const offer = readOffer(message);
		if (offer === undefined) return false;
		const known = this.#workers.get(peer);
		if (known !== undefined) return this.#renew(known, offer);
		const { heartbeatMs, leaseMs } = this.#options;
		sendWelcome(peer, { heartbeatMs, leaseMs });
		this.#hire(new Worker(peer, offer, false, performance.now()));
		return true;
	}

	/** Takes in a plain REP socket, which makes no offer. */
	admitPlain(peer: LinkPeer): void {
		const services = Object.fromEntries(this.#options.plainServices.map((name) => [name, ""]));
		const offer = { instance: "rep", concurrency: 1, services };
		this.#hire(new Worker(peer, offer, true, performance.now()));
	}

	/** Gives a worker what waits for it. */
	employ(worker: Worker): void {
		for (const pool of this.#options.pools.of(worker)) {
			if (!worker.hasCredit) return;
			this.#options.book.dispatch(pool);
		}
	}

	/** The worker wants no new work; it is told that none will come, and leaves when it is done. */
	release(worker: Worker): void {
		if (worker.state === "draining") return;
		worker.state = "draining";
		this.#options.pools.remove(worker);
		sendDrain(worker.peer);
		this.#tell(worker, "draining");
	}

	/** The worker is gone: its calls go to others, or their callers are told. */
	dismiss(peer: LinkPeer): void {
		const worker = this.#workers.get(peer);
		if (worker === undefined) return;
		const { pools, book } = this.#options;
		this.#workers.delete(peer);
		pools.remove(worker);
		book.forgetWorker(worker);
		for (const pool of pools) book.dispatch(pool);
		this.#tell(worker, "left");
	}

	/** Looks whether workers live, and tells them that the queue does. To be called every `heartbeatMs`. */
	look(): void {
		const { heartbeatMs, leaseMs } = this.#options;
		const now = performance.now();
		const wasLate = now - this.#lookedAt > heartbeatMs * 2;
		this.#lookedAt = now;
		for (const worker of [...this.#workers.values()]) {
			if (worker.isPlain) continue;
			const before = worker.state;
			if (worker.look(now, heartbeatMs, leaseMs, wasLate)) {
				worker.peer.close(undefined);
				continue;
			}
			if (worker.state !== before) {
				this.#tell(worker, worker.state);
				this.employ(worker);
			}
			sendPulse(worker.peer);
		}
	}

	#hire(worker: Worker): void {
		this.#workers.set(worker.peer, worker);
		this.#options.pools.add(worker);
		this.#tell(worker, "joined");
		this.employ(worker);
	}

	/** Calls that the worker has stay with it, of services that it offers no more too. */
	#renew(worker: Worker, offer: WorkerOffer): boolean {
		// Another instance over the same connection would answer for calls that it never had.
		if (offer.instance !== worker.instance) return false;
		worker.renew(offer);
		if (worker.state !== "draining") this.#options.pools.renew(worker);
		this.#tell(worker, "renewed");
		this.employ(worker);
		return true;
	}

	#tell(worker: Worker, change: WorkerChange["change"]): void {
		this.#options.onChange({ worker: describe(worker), change });
	}
}

function describe(worker: Worker): WorkerStats {
	return {
		address: worker.peer.address,
		instance: worker.instance,
		state: worker.state,
		services: worker.services,
		concurrency: worker.concurrency,
		inFlight: worker.unfinished,
		served: worker.served,
	};
}
