import { MethodTable } from "../protocol/method-table.js";
import { reservedName } from "../reserved/homing.js";
import type { WaitingRoom } from "../waiting/waiting-line.js";
import { type DispatchPolicy, Pool } from "./pool.js";
import type { QueuedCall } from "./queued-call.js";
import type { Worker } from "./worker.js";

/** Method names remembered with their pool, so that most calls are routed without making a string. */
const maxRememberedMethods = 16_384;

/** Pools of services that no worker has offered yet; what asks for more is refused. They exist only while the queue is young. */
const maxUnknownPools = 1024;

/** All pools of a queue, found by method name. */
export class Pools {
	readonly #policy: DispatchPolicy;
	readonly #room: WaitingRoom;
	readonly #clientShare: number;
	readonly #byService = new Map<string, Pool<QueuedCall>>();
	readonly #byMethod = new MethodTable<Pool<QueuedCall>>();
	readonly #byWorker = new Map<Worker, readonly Pool<QueuedCall>[]>();
	/** For plain workers that serve whatever no other worker offers. */
	readonly fallback: Pool<QueuedCall>;
	#unknown = 0;

	constructor(policy: DispatchPolicy, room: WaitingRoom, clientShare: number) {
		this.#policy = policy;
		this.#room = room;
		this.#clientShare = clientShare;
		this.fallback = new Pool<QueuedCall>("*", policy, room, clientShare);
	}

	/** The pool that serves a method; `undefined` when there is none and none can be made. */
	find(buffer: Uint8Array, start: number, end: number): Pool<QueuedCall> | undefined {
		return this.#byMethod.find(buffer, start, end) ?? this.#resolve(buffer, start, end);
	}

	/** Those of services that workers have offered, by name. */
	get offered(): readonly Pool<QueuedCall>[] {
		return [...this.#byService.values()].filter(({ isKnown, service }) => isKnown && service !== reservedName);
	}

	[Symbol.iterator](): Iterator<Pool<QueuedCall>> {
		return this.#all().values();
	}

	/** Enters a worker into the pools of its services. */
	add(worker: Worker): void {
		const isFallback = worker.isPlain && worker.services.length === 0;
		const pools = isFallback ? [this.fallback] : worker.services.map((service) => this.#open(service));
		for (const pool of pools) {
			if (!pool.isKnown && pool !== this.fallback) this.#unknown--;
			pool.add(worker);
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
		for (const pool of this.of(worker)) pool.remove(worker);
		this.#byWorker.delete(worker);
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
		return [...this.#byService.values(), this.fallback];
	}

	#resolve(buffer: Uint8Array, start: number, end: number): Pool<QueuedCall> | undefined {
		const name = Buffer.from(buffer.buffer, buffer.byteOffset + start, end - start).toString();
		const service = name.slice(0, Math.max(0, name.lastIndexOf(".")));
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
			pool = new Pool<QueuedCall>(service, this.#policy, this.#room, this.#clientShare);
			this.#byService.set(service, pool);
			this.#unknown++;
		}
		return pool;
	}

	/** Forgets a pool that no worker ever offered and nobody waits for. */
	prune(pool: Pool<QueuedCall>): void {
		if (!pool.isKnown && pool.line.length === 0 && this.#byService.delete(pool.service)) this.#unknown--;
	}
}
