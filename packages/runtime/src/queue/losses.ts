/**
 * What becomes of calls whose caller or worker is lost. A call whose worker is lost goes to another where that is safe; else its caller
 * is told. A call from a queue above, for which nobody is left here to wait, goes back there.
 */
import { RpcError } from "../errors.js";
import { maxRedeliveries } from "../limits.js";
import type { LinkPeer } from "../link/link.js";
import { returnCall } from "./answers.js";
import { type Care, cancelled } from "./care.js";
import type { Pool } from "./pool.js";
import type { QueuedCall } from "./queued-call.js";
import type { Worker } from "./worker.js";

/** So often may queues give one call back: then one of them plays with it. Honest ones do so when their last worker leaves. */
const maxReturns = 255;

export class Losses {
	readonly #care: Care;

	constructor(care: Care) {
		this.#care = care;
	}

	/** A caller is gone: its calls in line leave, those with workers are cancelled there. One-way calls have nobody to lose. */
	forgetClient(client: LinkPeer): void {
		this.#care.early.forget(client);
		for (const call of this.#care.calls) {
			if (call.client !== client) continue;
			// A queue that was lost comes back as the same peer, and knows nothing of this call then.
			call.client = undefined;
			if (call.isOneWay || call.isGivenUp) continue;
			this.#care.counters.cancelled++;
			this.#care.abandon(call);
		}
	}

	/** A worker is gone or given up: its calls go to others where that is safe, else their callers are told. */
	forgetWorker(worker: Worker): void {
		const { flushed } = worker.peer;
		for (const call of this.#care.calls) {
			if (call.worker !== worker) continue;
			this.#care.discharge(call);
			const hasLeft = call.ordinal <= flushed;
			if (call.isGivenUp) this.#care.answer(call, cancelled("unknown"));
			else if (call.request !== undefined && (call.isIdempotent || !hasLeft)) this.#redeliver(call, hasLeft);
			else this.#reportLost(call, hasLeft || call.isOpen);
		}
	}

	/** A queue gives a call back that nobody serves there any more. `attempt`: what the call has been through meanwhile. */
	takeBack(call: QueuedCall, attempt: number): boolean {
		this.#care.discharge(call);
		call.attempt = Math.max(call.attempt, attempt - call.callerAttempts);
		if (call.isGivenUp) {
			this.#care.answer(call, cancelled(call.attempt === 0 ? "not-started" : "unknown"));
		} else if (call.request === undefined) {
			this.#reportLost(call, true);
		} else if (++call.returns > maxReturns) {
			const outcome = call.attempt === 0 ? "not-started" : "unknown";
			const error = new RpcError("UNAVAILABLE", `queues gave the call back more than ${maxReturns} times`, { outcome });
			this.#care.answer(call, error);
		} else {
			this.#requeue(call);
			this.#care.dispatch(call.pool);
		}
		return true;
	}

	/** Ends the wait for a version of which nobody has come: whoever gave a call to this queue may know somebody. */
	giveUpOn(pool: Pool<QueuedCall>): void {
		this.handBackLine(pool);
		for (const call of [...pool.line]) this.#care.answerMismatch(call);
	}

	/** Gives calls in line back to the queues that they came from, since nobody is left here to wait for. */
	handBackLine(pool: Pool<QueuedCall>): void {
		for (const call of [...pool.line]) {
			if (call.isCounted && call.client !== undefined) this.handBack(call, call.client);
		}
	}

	/** To the queue that it came from, which may know somebody who serves it. */
	handBack(call: QueuedCall, queue: LinkPeer): void {
		this.#care.counters.returned++;
		returnCall(queue, call);
		this.#care.leave(call);
	}

	#redeliver(call: QueuedCall, hasLeft: boolean): void {
		if (hasLeft && ++call.attempt > maxRedeliveries) {
			this.#care.counters.poisoned++;
			this.#care.answer(
				call,
				new RpcError("ABORTED", `lost ${call.attempt} workers one after another`, { outcome: "unknown" }),
			);
			return;
		}
		if (this.#requeue(call)) this.#care.counters.redelivered++;
	}

	/** Back into the line, or, when nobody is left to wait for, to the queue that it came from. Returns whether it stays. */
	#requeue(call: QueuedCall): boolean {
		if (call.isCounted && call.client !== undefined && !call.pool.isStaffed) {
			this.handBack(call, call.client);
			return false;
		}
		if (call.pool.isGone) {
			this.#care.answerMismatch(call);
			return false;
		}
		// A new slot: what the lost worker may still say of the old one must not be taken for an answer.
		this.#care.rename(call);
		this.#care.enqueue(call);
		return true;
	}

	#reportLost(call: QueuedCall, hasLeft: boolean): void {
		this.#care.counters.lost++;
		const outcome = hasLeft ? "unknown" : "not-started";
		// A plain worker is given up because of the deadline: that is what the caller should hear.
		const status = call.deadlineAt <= performance.now() ? "DEADLINE_EXCEEDED" : "UNAVAILABLE";
		this.#care.answer(call, new RpcError(status, "the worker that had the call was lost", { outcome }));
	}
}
