/** The versions of a queue's services that strict callers ask for. */
import { notStarted, type RpcError } from "../errors.js";
import { schemaMismatch } from "../protocol/schema-hash.js";
import type { Pool } from "./pool.js";
import type { QueuedCall } from "./queued-call.js";

/** Most versions that are known; what asks for more is refused. Those that nobody offers are forgotten first. */
const maxVersions = 1024;

export interface VersionsOptions {
	readonly open: (whole: Pool<QueuedCall>, schemaHash: string) => Pool<QueuedCall>;
	/** How long calls wait for a version of which there is no worker, while others serve its service. Unit: ms. */
	readonly patienceMs: number;
	/** Nobody has come in this time. */
	readonly onGone: (version: Pool<QueuedCall>) => void;
}

/**
 * A version has a pool from when it is first asked for. One that loses its last worker waits for another: for a while if others serve the
 * service, who tell that this one may not come back; else as any service does that nobody serves.
 */
export class Versions {
	readonly #options: VersionsOptions;
	readonly #pools = new Set<Pool<QueuedCall>>();
	readonly #waits = new Map<Pool<QueuedCall>, NodeJS.Timeout>();

	constructor(options: VersionsOptions) {
		this.#options = options;
	}

	/** The pool of a version, or why there is none. `mayCome`: workers that have not come yet are waited for. */
	find(whole: Pool<QueuedCall>, schemaHash: string, mayCome: boolean): Pool<QueuedCall> | RpcError {
		const known = whole.versions.get(schemaHash);
		if (known?.isGone === false) return known;
		const workers = whole.workers.filter((worker) => worker.hashesOf(whole.service).includes(schemaHash));
		if (workers.length === 0 && whole.size > 0 && !mayCome) {
			return schemaMismatch(whole.service, schemaHash, whole.schemaHashes);
		}
		if (known !== undefined) {
			known.isGone = false;
			this.look(known);
			return known;
		}
		if (this.#pools.size >= maxVersions) this.#forgetIdle();
		if (this.#pools.size >= maxVersions) {
			return notStarted("RESOURCE_EXHAUSTED", `calls of ${maxVersions} versions wait for workers already`);
		}
		const version = this.#options.open(whole, schemaHash);
		this.#pools.add(version);
		this.look(version);
		return version;
	}

	/** Who serves the version, or its service, has changed. */
	look(version: Pool<QueuedCall>): void {
		const isMissing = version.size === 0 && version.whole!.size > 0;
		if (!isMissing) {
			version.isGone = false;
			this.#endWait(version);
		} else if (!version.isGone && !this.#waits.has(version)) {
			const timer = setTimeout(() => this.#giveUp(version), this.#options.patienceMs);
			this.#waits.set(version, timer);
		}
	}

	/** Nobody waits for it, or serves it. */
	forget(version: Pool<QueuedCall>): void {
		this.#endWait(version);
		this.#pools.delete(version);
		version.detach();
	}

	stop(): void {
		for (const version of [...this.#waits.keys()]) this.#endWait(version);
	}

	#giveUp(version: Pool<QueuedCall>): void {
		this.#endWait(version);
		version.isGone = true;
		this.#options.onGone(version);
	}

	#endWait(version: Pool<QueuedCall>): void {
		clearTimeout(this.#waits.get(version));
		this.#waits.delete(version);
	}

	#forgetIdle(): void {
		for (const version of [...this.#pools]) if (version.size === 0 && version.line.length === 0) this.forget(version);
	}
}
