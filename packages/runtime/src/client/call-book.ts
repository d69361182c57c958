import { type Outcome, RpcError } from "../errors.js";
import type { IncomingMessage } from "../link/link.js";
import { readBody } from "../protocol/body-reader.js";
import { surprises } from "../protocol/codec.js";
import { SlotTable } from "../reply-channel/slots.js";
import { now } from "../timing/clock.js";
import { SlotDeadlines } from "../timing/slot-deadlines.js";
import type { Breaker } from "./breaker.js";
import { type Call, ended } from "./call.js";
import { expired, tooManyInFlight, tooManyWaiting } from "./call-failures.js";
import { type Endpoint, endpointOf } from "./endpoint.js";
import { writeCancel } from "./request-writer.js";
import type { Retries } from "./retries.js";
import { asUnknown } from "./retry-policy.js";
import { SignalWatch } from "./signal-watch.js";
import { WaitingLine } from "./waiting-line.js";

export interface CallBookOptions {
	readonly maxWaitingCalls: number;
	/** Unit: bytes. */
	readonly maxWaitingBytes: number;
	readonly retries: Retries;
	/** What keeps servers away, where something does. */
	readonly trouble: () => Error | undefined;
}

/**
 * The calls of a connection that have not ended, and the ways in which one can end; there is no other. The breaker
 * of the call's server hears of each, where that is news of the server.
 */
export class CallBook {
	readonly #slots = new SlotTable<Call>();
	/** Calls that are with no server. */
	readonly waiting: WaitingLine;
	readonly #deadlines = new SlotDeadlines((slot) => this.expire(this.#slots.at(slot)!));
	readonly #signals = new SignalWatch<Call>((call, reason) => this.#cancel(call, reason));
	readonly #retries: Retries;
	readonly #trouble: () => Error | undefined;
	/** One-way calls that ended before they left. */
	droppedOneWays = 0;
	/** Bodies that surprised their compiled codec, and were good. */
	surprises = 0;

	constructor({ maxWaitingCalls, maxWaitingBytes, retries, trouble }: CallBookOptions) {
		this.waiting = new WaitingLine(maxWaitingCalls, maxWaitingBytes);
		this.#retries = retries;
		this.#trouble = trouble;
	}

	get size(): number {
		return this.#slots.size;
	}

	/** The call that waits for this message, if one does. */
	find(message: IncomingMessage): Call | undefined {
		return this.#slots.find(message.buffers[0]!, message.starts[0]!, message.ends[0]!);
	}

	[Symbol.iterator](): Iterator<Call> {
		return this.#slots[Symbol.iterator]();
	}

	/** Gives a call a reply channel and minds its time. Throws an `RpcError` when there are too many. */
	add(call: Call, leftMs: number): void {
		if (!this.#slots.add(call)) throw tooManyInFlight(call.method);
		this.#deadlines.start(call.slot, leftMs);
	}

	/** Until when the call may take, by `performance.now()`, which shows `time`; `Infinity`: for ever. */
	deadlineOf({ slot }: Call, time: number): number {
		return this.#deadlines.of(slot, time);
	}

	/** Takes back what `add` did: the call has not ended. */
	withdraw(call: Call): void {
		if (this.#slots.remove(call)) this.#deadlines.clear(call.slot);
	}

	/** Adds a call that waits for a server, its request encoded. Throws an `RpcError` when too many wait. */
	wait(call: Call, leftMs: number): void {
		this.add(call, leftMs);
		if (this.waiting.add(call)) return;
		this.withdraw(call);
		throw tooManyWaiting(call.method);
	}

	/** What may still come for the call's last attempt finds nothing. */
	renew(call: Call): void {
		const time = now();
		const leftMs = this.deadlineOf(call, time) - time;
		this.withdraw(call);
		this.add(call, leftMs);
		endpoint(call)?.release();
		call.peer = undefined;
	}

	/** A stream may last as long as it likes. */
	forgetDeadline(call: Call): void {
		this.#deadlines.clear(call.slot);
	}

	/** The caller's signals cancel the call from now on. */
	listen(call: Call): void {
		if (call.options === undefined || call.isOneWay) return;
		this.#signals.watch(call.options, call);
	}

	/** The server has answered: the result's body is frame `body`. */
	complete(call: Call, message: IncomingMessage, body: number): void {
		let value: unknown;
		const before = surprises.count;
		try {
			value = readBody<unknown>(call.method.result, message, body);
		} catch (error) {
			this.#refuse(call, error as Error);
			return;
		}
		if (surprises.count !== before) this.surprises++;
		this.#take(call);
		this.#retries.budget.earn();
		call.resolve(value);
		breakerOf(call)?.onAnswered(call);
	}

	/** The server has answered with something else. */
	#refuse(call: Call, cause: Error): void {
		const text = `${call.method.name}: the server's result is not what the interface says: ${cause.message}`;
		this.fail(call, new RpcError("INTERNAL", text, { cause }));
		breakerOf(call)?.onAnswered(call);
	}

	/** What there was to come, one message after the other, has come. */
	finish(call: Call): void {
		this.#take(call);
		call.resolve(ended);
		breakerOf(call)?.onAnswered(call);
	}

	/** It has left, and nobody will ever hear more of it. */
	leave(call: Call): void {
		this.#take(call);
		call.resolve(undefined);
	}

	/** No attempt is made any more. What it says of the server is known already. */
	fail(call: Call, error: RpcError): void {
		this.#take(call);
		call.reject(call.repetition?.mayHaveRun === true ? asUnknown(error) : error);
	}

	/** Ends a call for a reason of this side's that is no deadline: with an error, or because its reader has had enough. */
	abandon(call: Call, error: RpcError | undefined): void {
		if (call.peer !== undefined) writeCancel(call.peer, call);
		if (error !== undefined) {
			this.fail(call, error);
		} else {
			this.#take(call);
			call.resolve(ended);
		}
		breakerOf(call)?.onReleased(call);
	}

	/** The connection is closed. */
	close(): void {
		for (const call of this) {
			if (call.isOneWay) this.droppedOneWays++;
			const text = `${call.method.name}: the connection was closed`;
			this.fail(call, new RpcError("CANCELLED", text, { outcome: outcomeOf(call) }));
		}
		this.#deadlines.stop();
	}

	/** Its time is up. */
	expire(call: Call): void {
		if (call.isOneWay) this.droppedOneWays++;
		// A server knows a unary call's time; that of a stream may be this side's alone.
		if (call.channel !== undefined && call.peer !== undefined) writeCancel(call.peer, call);
		this.fail(call, expired(call.method, outcomeOf(call), this.#trouble()));
		breakerOf(call)?.onFailed(call);
	}

	#cancel(call: Call, cause: unknown): void {
		const text = `${call.method.name}: the caller cancelled`;
		this.abandon(call, new RpcError("CANCELLED", text, { outcome: outcomeOf(call), cause }));
	}

	#leaveLine(call: Call): void {
		this.waiting.remove(call);
		call.waiting = undefined;
	}

	/** Takes the call out of everything that knows it. A call that has its slot no more cannot end again. */
	#take(call: Call): void {
		this.withdraw(call);
		endpoint(call)?.release();
		if (call.waiting !== undefined) this.#leaveLine(call);
		if (call.repetition !== undefined) this.#retries.forget(call.repetition);
		if (call.place !== undefined) this.#signals.unwatch(call);
		call.channel?.end();
	}
}

function endpoint({ peer }: Call): Endpoint | undefined {
	return peer === undefined ? undefined : endpointOf(peer);
}

function breakerOf(call: Call): Breaker | undefined {
	return endpoint(call)?.breaker;
}

function outcomeOf({ peer }: Call): Outcome {
	return peer === undefined ? "not-started" : "unknown";
}
