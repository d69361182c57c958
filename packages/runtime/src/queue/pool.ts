import { SharedLine } from "../waiting/shared-line.js";
import type { Waiter, WaitingRoom } from "../waiting/waiting-line.js";
import { ServiceCounters, type ServiceStats } from "./counters.js";
import type { Work, Worker } from "./worker.js";

/** Which of the workers that can take a call gets it. */
export type DispatchPolicy = "least-loaded" | "round-robin";

const policies: readonly DispatchPolicy[] = ["least-loaded", "round-robin"];

/** Throws a RangeError for what is no policy. */
export function assertPolicy(policy: DispatchPolicy): void {
	if (!policies.includes(policy)) throw new RangeError(`policy must be one of ${policies.join(", ")}, not ${policy}`);
}

/**
 * The workers of one service, and the calls that wait for them; or those of one version of it, and the calls that are for that
 * version alone. The calls of a service and its versions wait for the same workers: the most urgent of all of them goes first.
 */
export class Pool<Call extends Waiter> implements Work {
	readonly service: string;
	/** Of a version: its workers' schema hash. */
	readonly schemaHash: string | undefined;
	/** Of a version: the pool of its service. */
	readonly whole: Pool<Call> | undefined;
	/** Of a version: its service has workers, and none of these has come for too long a time. */
	isGone = false;
	/** Its places are the workers' credit. */
	readonly line: SharedLine<Call>;
	/** Whether a worker has ever offered the service: then calls wait for one to come back. */
	isKnown = false;
	/** Of the service: its versions count here too. */
	readonly counters: ServiceCounters;
	readonly #workers: Worker[] = [];
	readonly #policy: DispatchPolicy;
	/** Where the last choice was made; the next one starts behind it, so that equals take turns. */
	#last = 0;

	readonly #versions = new Map<string, Pool<Call>>();

	/** `clientShare`: the part of the workers' credit that one client may hold. */
	constructor(
		service: string,
		policy: DispatchPolicy,
		room: WaitingRoom,
		clientShare: number,
		version?: { readonly whole: Pool<Call>; readonly schemaHash: string },
	) {
		this.service = service;
		this.#policy = policy;
		this.schemaHash = version?.schemaHash;
		this.whole = version?.whole;
		this.counters = version?.whole.counters ?? new ServiceCounters();
		this.line = new SharedLine(room, clientShare, 0, this.whole?.line);
		if (version === undefined) return;
		this.isKnown = version.whole.isKnown;
		version.whole.#versions.set(version.schemaHash, this);
	}

	/** Of a version: nobody will ask for it any more. Nobody may wait for it. */
	detach(): void {
		this.isGone = true;
		this.line.detach();
		if (this.whole !== undefined) this.whole.#versions.delete(this.schemaHash!);
	}

	/** Of a service: those of its versions that callers have asked for, by schema hash. */
	get versions(): ReadonlyMap<string, Pool<Call>> {
		return this.#versions;
	}

	/** The service and its versions, these first. */
	get family(): Pool<Call>[] {
		const whole = this.whole ?? this;
		return [...whole.versions.values(), whole];
	}

	/** What its workers say from which schema they are. */
	get schemaHashes(): readonly string[] {
		return [...new Set(this.#workers.flatMap((worker) => worker.hashesOf(this.service)))].sort();
	}

	get size(): number {
		return this.#workers.length;
	}

	get workers(): readonly Worker[] {
		return this.#workers;
	}

	/** The workers that take new work, with credit or without. */
	get ready(): readonly Worker[] {
		return this.#workers.filter(({ state, isPlain, hasCredit }) => state === "ready" && (!isPlain || hasCredit));
	}

	/** Whether there is a worker to wait for. */
	get isStaffed(): boolean {
		return this.#workers.some(({ state }) => state === "ready");
	}

	/** Of a service. */
	stats(): ServiceStats {
		const taking = this.#workers.filter(({ state }) => state === "ready");
		const lines = this.family.map(({ line }) => line);
		return {
			...this.counters,
			workers: taking.length,
			places: taking.reduce((places, worker) => places + worker.creditFor(this), 0),
			waiting: lines.reduce((waiting, { length }) => waiting + length, 0),
			setAside: lines.reduce((calls, { setAside }) => calls + setAside, 0),
		};
	}

	add(worker: Worker): void {
		if (!this.isKnown) for (const pool of this.family) pool.isKnown = true;
		this.isGone = false;
		this.#workers.push(worker);
		this.#divide();
	}

	remove(worker: Worker): void {
		const index = this.#workers.indexOf(worker);
		if (index === -1) return;
		this.#workers.splice(index, 1);
		this.#divide();
	}

	/** The worker for the next call; `undefined` when none has credit. */
	choose(): Worker | undefined {
		const workers = this.#workers;
		const { length } = workers;
		let best: Worker | undefined;
		let bestAt = 0;
		for (let step = 1; step <= length; step++) {
			const at = (this.#last + step) % length;
			const worker = workers[at]!;
			if (best !== undefined && worker.unfinished >= best.unfinished) continue;
			if (!worker.hasCreditFor(this)) continue;
			best = worker;
			bestAt = at;
			if (this.#policy === "round-robin" || worker.unfinished === 0) break;
		}
		this.#last = bestAt;
		return best;
	}

	#divide(): void {
		let credit = 0;
		for (const worker of this.#workers) credit += worker.creditFor(this);
		this.line.divide(credit);
	}
}
