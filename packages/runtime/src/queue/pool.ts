import { SharedLine } from "../waiting/shared-line.js";
import type { Waiter, WaitingRoom } from "../waiting/waiting-line.js";
import type { Worker } from "./worker.js";

/** Which of the workers that can take a call gets it. */
export type DispatchPolicy = "least-loaded" | "round-robin";

/** The workers of one service, and the calls that wait for them. */
export class Pool<Call extends Waiter> {
	readonly service: string;
	/** Its places are the workers' credit. */
	readonly line: SharedLine<Call>;
	/** Whether a worker has ever offered the service: then calls wait for one to come back. */
	isKnown = false;
	readonly #workers: Worker[] = [];
	readonly #policy: DispatchPolicy;
	/** Where the last choice was made; the next one starts behind it, so that equals take turns. */
	#last = 0;

	/** `clientShare`: the part of the workers' credit that one client may hold. */
	constructor(service: string, policy: DispatchPolicy, room: WaitingRoom, clientShare: number) {
		this.service = service;
		this.#policy = policy;
		this.line = new SharedLine(room, clientShare, 0);
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

	add(worker: Worker): void {
		this.isKnown = true;
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
			if (!worker.hasCreditFor(this.service)) continue;
			best = worker;
			bestAt = at;
			if (this.#policy === "round-robin" || worker.unfinished === 0) break;
		}
		this.#last = bestAt;
		return best;
	}

	#divide(): void {
		let credit = 0;
		for (const worker of this.#workers) credit += worker.creditFor(this.service);
		this.line.divide(credit);
	}
}
