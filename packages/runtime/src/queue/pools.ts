import type { RpcError } from "../errors.js";
import { MethodTable } from "../protocol/method-table.js";
import { schemaMismatch } from "../protocol/schema-hash.js";
import { reservedName } from "../reserved/homing.js";
import { serviceOf } from "../service.js";
import type { WaitingRoom } from "../waiting/waiting-line.js";
import type { ServiceStats } from "./counters.js";
import { type DispatchPolicy, Pool } from "./pool.js";
import type { QueuedCall } from "./queued-call.js";
import { Versions } from "./versions.js";
import type { Worker } from "./worker.js";

/** Method names remembered with their pool, so that most calls are routed without making a string. */
const maxRememberedMethods = 16_384;

/** Pools of services that no worker has offered yet; what asks for more is refused. They exist only while the queue is young. */
const maxUnknownPools = 1024;

export interface PoolsOptions {
	readonly policy: DispatchPolicy;
	readonly room: WaitingRoom;
	/** The part of a pool's credit that one client may hold. */
	readonly clientShare: number;
	/** How long calls wait for a version of a service whose workers are all of others. Unit: ms. */
	readonly patienceMs: number;
	/** They have waited so long. */
	readonly onVersionGone: (version: Pool<QueuedCall>) => void;
}

/** All pools of a queue, found by method name. */
export class Pools {
	readonly #options: PoolsOptions;
	readonly #versions: Versions;
	readonly #byService = new Map<string, Pool<QueuedCall>>();
	readonly #byMethod = new MethodTable<Pool<QueuedCall>>();
	readonly #byWorker = new Map<Worker, readonly Pool<QueuedCall>[]>();
	/** For plain workers that serve whatever no other worker offers. */
	readonly fallback: Pool<QueuedCall>;
	#unknown = 0;

	constructor(options: PoolsOptions) {
		this.#options = options;
		const { policy, room, clientShare, patienceMs, onVersionGone: onGone } = options;
		this.fallback = new Pool<QueuedCall>("*", policy, room, clientShare);
		const open = (whole: Pool<QueuedCall>, schemaHash: string) => this.#openVersion(whole, schemaHash);
		this.#versions = new Versions({ open, patienceMs, onGone });
	}

	/** The pool that serves a method; `undefined` when there is none and none can be made. */
	find(buffer: Uint8Array, start: number, end: number): Pool<QueuedCall> | undefined {
		return this.#byMethod.find(buffer, start, end) ?? this.#resolve(buffer, start, end);
	}

	/**
	 * The pool of a version of a service, or why there is none. `mayCome`: there may be workers that have not come yet. Those that serve
	 * whatever no other worker offers say nothing of versions.
	 */
	findVersion(pool: Pool<QueuedCall>, schemaHash: string, mayCome: boolean): Pool<QueuedCall> | RpcError {
		if (pool === this.fallback) return schemaMismatch("the service", schemaHash, []);
		return this.#versions.find(pool, schemaHash, mayCome);
	}

	/** Those of services that workers have offered, by name. */
	get offered(): readonly Pool<QueuedCall>[] {
		return [...this.#byService.values()].filter(({ isKnown, service }) => isKnown && service !== reservedName);
	}

	/** Of those, and of what plain workers serve beside, as `*`. */
	stats(): Record<string, ServiceStats> {
		const pools = this.fallback.isKnown ? [...this.offered, this.fallback] : this.offered;
		return Object.fromEntries(pools.map((pool) => [pool.service, pool.stats()]));
	}

	[Symbol.iterator](): Iterator<Pool<QueuedCall>> {
		return this.#all().values();
	}

	/** Enters a worker into the pools of its services. */
	add(worker: Worker): void {
		const isFallback = worker.isPlain && worker.services.length === 0;
		const pools = isFallback ? [this.fallback] : worker.services.map((service) => this.#open(service));
		for (const pool of [...pools]) {
			if (!pool.isKnown && pool !== this.fallback) this.#unknown--;
			pool.add(worker);
			if (pool.versions.size === 0) continue;
			const versions = worker.hashesOf(pool.service).flatMap((hash) => pool.versions.get(hash) ?? []);
			for (const version of versions) version.add(worker);
			pools.push(...versions);
			this.#lookAtVersions(pool);
		}
		this.#byWorker.set(worker, pools);
		if (isFallback) this.#adopt();
	}

	/** Moves a worker whose offer has changed into the pools of what it offers now. */
	renew(worker: Worker): void {
		this.remove(worker);
		this.add(worker);
	}

	/** Takes a worker out of all pools, if it is in any. */
	remove(worker: Worker): void {
		const pools = this.of(worker);
		for (const pool of pools) pool.remove(worker);
		this.#byWorker.delete(worker);
		for (const pool of pools) this.#lookAtVersions(pool);
	}

	/** The pools that a worker is in. */
	of(worker: Worker): readonly Pool<QueuedCall>[] {
		return this.#byWorker.get(worker) ?? [];
	}

	/** Calls that came before anybody offered their service have somebody to wait for now. */
	#adopt(): void {
		for (const pool of [...this.#byService.values()]) {
			if (pool.isKnown) continue;
			for (const call of [...pool.line]) {
				pool.line.remove(call);
				call.pool = this.fallback;
				this.fallback.line.add(call);
			}
			this.prune(pool);
		}
	}

	#all(): Pool<QueuedCall>[] {
		return [...this.#byService.values(), this.fallback].flatMap(({ family }) => family);
	}

	#lookAtVersions({ versions }: Pool<QueuedCall>): void {
		for (const version of versions.values()) this.#versions.look(version);
	}

	#openVersion(whole: Pool<QueuedCall>, schemaHash: string): Pool<QueuedCall> {
		const { policy, room, clientShare } = this.#options;
		const version = new Pool<QueuedCall>(whole.service, policy, room, clientShare, { whole, schemaHash });
		for (const worker of whole.workers) {
			if (!worker.hashesOf(whole.service).includes(schemaHash)) continue;
			version.add(worker);
			this.#byWorker.set(worker, [...this.of(worker), version]);
		}
		return version;
	}

	#resolve(buffer: Uint8Array, start: number, end: number): Pool<QueuedCall> | undefined {
		const name = Buffer.from(buffer.buffer, buffer.byteOffset + start, end - start).toString();
		const service = serviceOf(name);
		const pool = this.#byService.get(service);
		if (pool?.isKnown) {
			if (this.#byMethod.size >= maxRememberedMethods) this.#byMethod.clear();
			this.#byMethod.add(buffer.subarray(start, end), pool);
			return pool;
		}
		if (this.fallback.isKnown) return this.fallback;
		if (pool !== undefined) return pool;
		if (this.#unknown >= maxUnknownPools) return undefined;
		return this.#open(service);
	}

	#open(service: string): Pool<QueuedCall> {
		let pool = this.#byService.get(service);
		if (pool === undefined) {
			const { policy, room, clientShare } = this.#options;
			pool = new Pool<QueuedCall>(service, policy, room, clientShare);
			this.#byService.set(service, pool);
			this.#unknown++;
		}
		return pool;
	}

	/** Forgets a pool that no worker ever offered and nobody waits for. */
	prune(pool: Pool<QueuedCall>): void {
		if (pool.isKnown || pool.line.length > 0) return;
		if (pool.whole !== undefined) this.#versions.forget(pool);
		else if (pool.versions.size === 0 && this.#byService.delete(pool.service)) this.#unknown--;
	}

	stop(): void {
		this.#versions.stop();
	}
}
