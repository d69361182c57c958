/**
 * Calls in a queue's care: where each is, and how its stay ends. Knows pools, workers and lines; what callers and workers
 * say is for those who use this.
 *
 * Rules of this file: a call is in exactly one place: in a pool's line (`worker` undefined), with a worker, or delegated. Its
 * slot is released when its worker is done with it or lost, never before: credit counts unfinished calls, also of clients that
 * are gone. A released slot's token is void, so what a lost worker still answers reaches nobody.
 */
import { notStarted, type Outcome, RpcError } from "../errors.js";
import type { LinkPeer } from "../link/link.js";
import { schemaMismatch } from "../protocol/schema-hash.js";
import { SlotTable } from "../reply-channel/slots.js";
import { DeadlineWheel } from "../timing/deadline-wheel.js";
import { isBefore } from "../waiting/waiting-line.js";
import { answerError, answerSurveyed, endSurvey, sendCall, sendCancel } from "./answers.js";
import { EarlyAnswers } from "./early-answers.js";
import type { Pool } from "./pool.js";
import type { QueuedCall } from "./queued-call.js";
import type { Worker } from "./worker.js";

/** What a queue counts of its calls, since its start. */
export interface QueueCounters {
	/** Calls handed to a worker, repetitions included. */
	dispatched: number;
	/** Calls whose answer was passed on. */
	answered: number;
	/** Calls answered with an error, a worker's or, for a call that it had taken, the queue's own. */
	failed: number;
	/** Calls given to another worker after theirs was lost. */
	redelivered: number;
	/** Calls given back to the queue that they came from, since nobody serves them here any more. */
	returned: number;
	/** Calls answered UNAVAILABLE with an unknown outcome because their worker was lost. */
	lost: number;
	/** Calls that lost their worker too often. */
	poisoned: number;
	/** Calls whose deadline passed in line. */
	expired: number;
	/** Calls refused: line full, no such service, draining. */
	refused: number;
	/** Calls that their client gave up. */
	cancelled: number;
	/** Answers that no call waited for. */
	droppedReplies: number;
	/** What clients said of calls that were over, or not theirs. */
	droppedFollowUps: number;
}

export interface CareOptions {
	/** A client's queue is full; it should not be read from until that is better. */
	readonly onSlowClient: (client: LinkPeer) => void;
	/** A worker that gives no signs of life has not answered in time. */
	readonly onStuckWorker: (worker: Worker) => void;
	/** A call left. */
	readonly onLeft: () => void;
}

export class Care {
	readonly counters: QueueCounters = {
		dispatched: 0,
		answered: 0,
		failed: 0,
		redelivered: 0,
		returned: 0,
		lost: 0,
		poisoned: 0,
		expired: 0,
		refused: 0,
		cancelled: 0,
		droppedReplies: 0,
		droppedFollowUps: 0,
	};
	readonly calls = new SlotTable<QueuedCall>();
	/** Delegated calls, by the key that whoever answers them shows. */
	readonly delegated = new Map<string, QueuedCall>();
	readonly early = new EarlyAnswers();
	readonly #options: CareOptions;
	readonly #wheel = new DeadlineWheel<QueuedCall>((call) => this.#expire(call));

	constructor(options: CareOptions) {
		this.#options = options;
	}

	/** Into the line of its pool. */
	enqueue(call: QueuedCall): void {
		call.pool.line.add(call);
		this.#wheel.add(call);
	}

	/** Gives waiting calls to workers while both are there, of a service and its versions together. */
	dispatch(pool: Pool<QueuedCall>): void {
		const pools = pool.family;
		while (pools.length > 1) {
			const next = mostUrgent(pools);
			if (next === undefined) return;
			// Who has no worker now gets none from those that come behind.
			if (!this.dispatchNext(next)) pools.splice(pools.indexOf(next), 1);
		}
		while (this.dispatchNext(pools[0]!));
	}

	/** Takes the next call out of a line, to a worker, or to its end when its deadline has passed. False: there is none, or nobody for it. */
	dispatchNext(pool: Pool<QueuedCall>): boolean {
		const call = pool.line.peek();
		if (call === undefined) return false;
		const now = performance.now();
		if (call.deadlineAt <= now) {
			this.#expire(call);
			return true;
		}
		const worker = pool.choose();
		if (worker === undefined) return false;
		pool.line.remove(call);
		this.#wheel.remove(call);
		try {
			sendCall(worker, call, now);
		} catch (error) {
			this.counters.refused++;
			this.answer(call, unreadable(error));
			return true;
		}
		if (!mayComeBack(call.isIdempotent, worker)) call.request = undefined;
		this.entrust(worker, call);
		return true;
	}

	/** Gives a worker what waits for it: of all its services the most urgent, then the oldest. */
	employ(worker: Worker, pools: readonly Pool<QueuedCall>[]): void {
		while (worker.hasCredit) {
			const pool = mostUrgent(pools, worker);
			if (pool === undefined || !this.dispatchNext(pool)) break;
		}
		// A client that has fewer calls with this worker now may have a place at those of another version.
		for (const pool of pools) if (pool.versions.size > 0) this.dispatch(pool);
	}

	/** It has been sent to the worker. */
	entrust(worker: Worker, call: QueuedCall): void {
		this.counters.dispatched++;
		const { counters } = call.pool;
		counters.dispatched++;
		counters.inFlight++;
		call.worker = worker;
		call.lastWorker = worker.instance;
		call.ordinal = worker.peer.committed;
		worker.take(call.pool);
		call.pool.line.take(call.owner);
		if (worker.isPlain) this.#wheel.add(call);
	}

	/** The worker is done with it, or lost. */
	discharge(call: QueuedCall): void {
		if (call.worker === undefined) return;
		call.worker.giveBack(call.pool);
		call.worker = undefined;
		call.pool.counters.inFlight--;
		call.pool.line.giveBack(call.owner);
	}

	/** Under another token from now on: what was known of it by the old one is void. */
	rename(call: QueuedCall): void {
		this.early.refuseAll(call);
		this.calls.remove(call);
		this.calls.add(call);
		this.#wheel.remove(call);
	}

	/** Nobody here works on it; it has so much time. */
	keepFor(call: QueuedCall, timeMs: number): void {
		this.#wheel.remove(call);
		call.deadlineAt = Math.min(call.deadlineAt, performance.now() + timeMs);
		this.#wheel.add(call);
	}

	/** Its answer is passed on. */
	answered(call: QueuedCall, isError: boolean): void {
		this.counters.answered++;
		call.pool.counters.answered++;
		if (isError) this.#failed(call);
	}

	/** Something was sent to the client, who may not be reading. */
	sentTo(client: LinkPeer): void {
		if (!client.isWritable) this.#options.onSlowClient(client);
	}

	/** Ends a call with an answer of the queue's own. */
	answer(call: QueuedCall, error: RpcError): void {
		const { client, survey } = call;
		if (client !== undefined && (!call.isOneWay || call.isCounted)) {
			this.#failed(call);
			if (survey === undefined) answerError(client, call, error);
			else answerSurveyed(client, call, call.lastWorker, error);
		}
		this.leave(call);
	}

	/** Ends a call, which is in line, for the want of somebody who serves the schema that it is for. */
	answerMismatch(call: QueuedCall): void {
		const { service, schemaHash, whole } = call.pool;
		this.counters.refused++;
		this.answer(call, schemaMismatch(service, schemaHash!, whole!.schemaHashes, outcomeInLine(call)));
	}

	/** Nobody waits for the call any more. */
	abandon(call: QueuedCall): void {
		call.giveUp();
		if (call.worker === undefined) this.answer(call, cancelled(call.attempt === 0 ? "not-started" : "unknown"));
		else sendCancel(call.worker, call);
	}

	/** Its stay has ended; whoever waits has been told. */
	leave(call: QueuedCall): void {
		this.early.refuseAll(call);
		if (call.key !== undefined) this.delegated.delete(call.key);
		const { client, survey } = call;
		if (survey !== undefined && --survey.pending === 0 && client !== undefined) endSurvey(client, call);
		this.calls.remove(call);
		this.#wheel.remove(call);
		if (call.worker === undefined) call.pool.line.remove(call);
		else this.discharge(call);
		this.#options.onLeft();
	}

	stop(): void {
		this.#wheel.stop();
		this.early.stop();
	}

	#failed(call: QueuedCall): void {
		this.counters.failed++;
		call.pool.counters.failed++;
	}

	#expire(call: QueuedCall): void {
		if (call.worker !== undefined) {
			this.#options.onStuckWorker(call.worker);
			return;
		}
		this.counters.expired++;
		const text =
			call.key === undefined ? "no worker took the call in the time it had" : "nobody answered the delegated call";
		this.answer(call, new RpcError("DEADLINE_EXCEEDED", text, { outcome: outcomeInLine(call) }));
	}
}

/** What is known of a call that is with no worker. */
function outcomeInLine({ attempt, key, forwards }: QueuedCall): Outcome {
	return attempt === 0 && key === undefined && forwards === 0 ? "not-started" : "unknown";
}

/** Whether a call has to be kept while this worker has it: it may be repeated, or a queue may give it back. */
export function mayComeBack(isIdempotent: boolean, worker: Worker): boolean {
	return isIdempotent || worker.isQueue;
}

/** Arguments that a worker without frames beside a body cannot be given. */
export function unreadable(error: unknown): RpcError {
	return notStarted("INVALID_ARGUMENT", `the arguments: ${(error as Error).message}`);
}

export function cancelled(outcome: Outcome): RpcError {
	return new RpcError("CANCELLED", "the caller cancelled", { outcome });
}

/** Of the pools, or those that the worker has credit for, the one whose next call goes before the others'; `undefined` when nobody waits. */
function mostUrgent(pools: readonly Pool<QueuedCall>[], worker?: Worker): Pool<QueuedCall> | undefined {
	let best: Pool<QueuedCall> | undefined;
	let first: QueuedCall | undefined;
	for (const pool of pools) {
		const next = worker?.hasCreditFor(pool) === false ? undefined : pool.line.peek();
		if (next === undefined || (first !== undefined && isBefore(first, next))) continue;
		best = pool;
		first = next;
	}
	return best;
}
