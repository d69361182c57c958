import { notStarted, type RpcError } from "../errors.js";
import type { IncomingMessage, LinkPeer } from "../link/link.js";
import { readOffer, sendDrain, sendPulse, sendRefusal, sendWelcome, type WorkerOffer } from "../protocol/control.js";
import type { CallBook } from "./call-book.js";
import type { Pools } from "./pools.js";
import { Worker, type WorkerState } from "./worker.js";

/** One worker, as the queue tells of it. */
export interface WorkerStats {
	readonly address: string;
	readonly instance: string;
	readonly state: WorkerState;
	readonly services: readonly string[];
	/** From which schemas it serves them, by service: of a queue several. Without those that it does not say. */
	readonly schemaHashes: Readonly<Record<string, readonly string[]>>;
	readonly concurrency: number;
	readonly inFlight: number;
	readonly served: number;
	/** Of these, calls that it has answered with an error. */
	readonly failed: number;
	/** For how long it has given no sign of life; `undefined` of plain workers, which give none. Unit: ms. */
	readonly silentMs: number | undefined;
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
	/** This queue's own, by which it knows its calls when they come round. */
	readonly instance: string;
	readonly onChange: (change: WorkerChange) => void;
	/** What the workers do together may have changed. Calls of a worker that is gone are still its own. */
	readonly onStaffChange: () => void;
	/** A worker's offer was not taken. */
	readonly onRefused: (address: string, error: RpcError) => void;
}

/** What the workers do together: their services with the schema hashes, their credit, the queues among and below them. */
export type CrewOffer = Pick<WorkerOffer, "concurrency" | "services"> &
	Required<Pick<WorkerOffer, "credits" | "queues" | "versions">>;

/** All workers of a queue, from their offer to their end, and whether they live. What they do is the call book's. */
export class Crew {
	readonly #options: CrewOptions;
	/** Each is its peer's context too. */
	readonly #workers = new Set<Worker>();
	/** Queues whose calls would come round. They stay refused until their connection ends, or two that join each other would take turns. */
	readonly #refused = new Set<LinkPeer>();
	#lookedAt = performance.now();

	constructor(options: CrewOptions) {
		this.#options = options;
	}

	/** Of a link that is the crew's alone. */
	find(peer: LinkPeer): Worker | undefined {
		return peer.context as Worker | undefined;
	}

	stats(): WorkerStats[] {
		return [...this.#workers].map(describe);
	}

	/** Of those that take new work. Without plain workers that serve whatever nobody else does: that has no name. */
	get offer(): CrewOffer {
		let concurrency = 0;
		const services: Record<string, string> = {};
		const credits = new Map<string, number>();
		const versions = new Map<string, Map<string, number>>();
		const queues = new Set<string>();
		for (const worker of this.#workers) {
			if (worker.state === "draining") continue;
			// Of the silent too: they may speak again.
			for (const queue of worker.queues) queues.add(queue);
			if (worker.state !== "ready" || worker.services.length === 0) continue;
			concurrency += worker.concurrency;
			for (const service of worker.services) {
				const hashes = worker.hashesOf(service);
				services[service] = hashes[0] ?? services[service] ?? "";
				credits.set(service, (credits.get(service) ?? 0) + worker.creditFor({ service, schemaHash: undefined }));
				const own = versions.get(service) ?? new Map<string, number>();
				versions.set(service, own);
				for (const schemaHash of hashes) {
					own.set(schemaHash, (own.get(schemaHash) ?? 0) + worker.creditFor({ service, schemaHash }));
				}
			}
		}
		return {
			concurrency,
			services,
			credits: Object.fromEntries(credits),
			versions: Object.fromEntries(
				[...versions].filter(([, own]) => own.size > 1).map(([name, own]) => [name, Object.fromEntries(own)]),
			),
			queues: [...queues],
		};
	}

	/** Takes a worker's offer and welcomes it; a later one takes the place of the first. False: it makes no sense. */
	admit(peer: LinkPeer, message: IncomingMessage): boolean {
		const offer = readOffer(message);
		if (offer === undefined) return false;
		if (this.#refused.has(peer)) return true;
		const known = this.find(peer);
		if (offer.queues?.includes(this.#options.instance)) {
			this.#refuse(peer, known);
			return true;
		}
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
		const { book, pools } = this.#options;
		if (book.hasWaiting) book.employ(worker, pools.of(worker));
	}

	/** The worker wants no new work; it is told that none will come, and leaves when it is done. */
	release(worker: Worker): void {
		if (worker.state === "draining") return;
		this.#retire(worker);
		sendDrain(worker.peer);
	}

	/** The worker is gone: its calls go to others, or their callers are told. */
	dismiss(peer: LinkPeer): void {
		this.#refused.delete(peer);
		const worker = this.find(peer);
		if (worker === undefined) return;
		const { pools, book } = this.#options;
		peer.context = undefined;
		this.#workers.delete(worker);
		pools.remove(worker);
		this.#options.onStaffChange();
		book.losses.forgetWorker(worker);
		for (const pool of pools) book.dispatch(pool);
		this.#tell(worker, "left");
	}

	/** Looks whether workers live, and tells them that the queue does. To be called every `heartbeatMs`. */
	look(): void {
		const { heartbeatMs, leaseMs } = this.#options;
		const now = performance.now();
		const wasLate = now - this.#lookedAt > heartbeatMs * 2;
		this.#lookedAt = now;
		for (const worker of [...this.#workers]) {
			if (worker.isPlain) continue;
			const before = worker.state;
			if (worker.look(now, heartbeatMs, leaseMs, wasLate)) {
				worker.peer.close(undefined);
				continue;
			}
			if (worker.state !== before) {
				this.#options.onStaffChange();
				this.#tell(worker, worker.state);
				this.employ(worker);
			}
			sendPulse(worker.peer);
		}
	}

	#hire(worker: Worker): void {
		this.#workers.add(worker);
		worker.peer.context = worker;
		this.#options.pools.add(worker);
		this.#options.onStaffChange();
		this.#tell(worker, "joined");
		this.employ(worker);
	}

	/** Calls that the worker has stay with it, of services that it offers no more too. */
	#renew(worker: Worker, offer: WorkerOffer): boolean {
		// Another instance over the same connection would answer for calls that it never had.
		if (offer.instance !== worker.instance) return false;
		worker.renew(offer);
		if (worker.state !== "draining") this.#options.pools.renew(worker);
		this.#options.onStaffChange();
		this.#tell(worker, "renewed");
		this.employ(worker);
		return true;
	}

	/** A queue that has this one below it: what it were given, it would give back, and on and on. */
	#refuse(peer: LinkPeer, worker: Worker | undefined): void {
		this.#refused.add(peer);
		const error = notStarted(
			"FAILED_PRECONDITION",
			"queues that join each other in a ring would send calls round in it",
		);
		sendRefusal(peer, error);
		if (worker !== undefined && worker.state !== "draining") this.#retire(worker);
		this.#options.onRefused(peer.address, error);
	}

	/** Gives the worker nothing new. */
	#retire(worker: Worker): void {
		worker.state = "draining";
		this.#options.pools.remove(worker);
		this.#options.onStaffChange();
		this.#tell(worker, "draining");
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
		schemaHashes: Object.fromEntries(
			worker.services.map((name) => [name, worker.hashesOf(name)] as const).filter(([, hashes]) => hashes.length > 0),
		),
		concurrency: worker.concurrency,
		inFlight: worker.unfinished,
		served: worker.served,
		failed: worker.failed,
		silentMs: worker.isPlain ? undefined : Math.round(worker.silenceMs(performance.now())),
	};
}
