/** Calls that their workers hand over: to whoever shows a key, or to another method. The worker is done with them. */
import { notStarted, RpcError } from "../errors.js";
import { maxDelegatedCalls } from "../limits.js";
import type { IncomingMessage, LinkPeer } from "../link/link.js";
import type { Body } from "../protocol/body.js";
import { takeBody } from "../protocol/body-reader.js";
import { foldBody } from "../protocol/fold.js";
import { type Delivery, nameOfKey, nobodyWaits, readDelegate, readDeliver } from "../protocol/hand-over.js";
import { Flag, Kind, newCallHeader, readCallHeader } from "../protocol/header.js";
import { endOfFirstAddress } from "../protocol/route.js";
import type { WaitingRoom } from "../waiting/waiting-line.js";
import { acknowledge, refuseCall, relayDelivery } from "./answers.js";
import type { Care } from "./care.js";
import type { Pool } from "./pool.js";
import type { QueuedCall } from "./queued-call.js";
import { takeRequest } from "./request.js";
import type { Worker } from "./worker.js";

/** A call is handed on so often: then it goes round in circles. */
const maxForwards = 16;

export interface HandOverOptions {
	/** The pool that serves a method. */
	readonly findPool: (name: Uint8Array, start: number, end: number) => Pool<QueuedCall> | undefined;
	readonly room: WaitingRoom;
}

export class HandOvers {
	readonly #care: Care;
	readonly #options: HandOverOptions;

	constructor(care: Care, options: HandOverOptions) {
		this.#care = care;
		this.#options = options;
	}

	/** The worker leaves the answer to whoever shows a key; it is done with the call. */
	delegate(worker: Worker, call: QueuedCall, message: IncomingMessage, body: number): boolean {
		if (this.#care.delegated.size >= maxDelegatedCalls) {
			this.#release(worker, call);
			const text = `${maxDelegatedCalls} delegated calls wait at the queue already`;
			this.#care.answer(call, new RpcError("RESOURCE_EXHAUSTED", text));
			return true;
		}
		const expiresMs = this.#keep(call, message, body);
		if (expiresMs === undefined) {
			this.#care.counters.droppedReplies++;
			return false;
		}
		// Before the call has another address: then nobody's answer to the old one is held.
		const answer = call.isGivenUp ? undefined : this.#care.early.claim(call, call.key!);
		this.#release(worker, call);
		this.#care.keepFor(call, expiresMs);
		if (call.isGivenUp) {
			this.#care.leave(call);
		} else if (answer !== undefined) {
			answer.end(this.#answer(call, answer.delivery, answer.body));
		}
		return true;
	}

	/** The worker leaves the answer to another method, whose CALL it sends along; it is done with the call. */
	forward(worker: Worker, call: QueuedCall, message: IncomingMessage, header: number): boolean {
		const fields = newCallHeader();
		const buffer = message.buffers[header]!;
		if (
			header + 2 > message.count ||
			!readCallHeader(buffer, message.starts[header]!, message.ends[header]!, fields) ||
			buffer[message.starts[header]!] !== Kind.CALL
		) {
			this.#care.counters.droppedReplies++;
			return false;
		}
		this.#release(worker, call);
		if (call.isGivenUp) {
			this.#care.leave(call);
			return true;
		}
		const pool = this.#options.findPool(buffer, fields.methodStart, fields.methodEnd);
		const request = takeRequest(message, header);
		const refusal = this.#forwardRefusal(call, pool, request.size);
		if (pool === undefined || refusal !== undefined) {
			this.#care.answer(call, refusal!);
			return true;
		}
		call.pool = pool;
		call.request = request;
		call.isIdempotent = (fields.flags & Flag.IDEMPOTENT) !== 0;
		call.priority = fields.priority;
		call.isBare = false;
		call.attempt = 0;
		call.forwards++;
		this.#care.enqueue(call);
		this.#care.dispatch(pool);
		return true;
	}

	/** Somebody answers a delegated call, or one of which the word that it is has not come yet. */
	deliver(client: LinkPeer, message: IncomingMessage, delimiter: number): void {
		const [header, body] = [delimiter + 1, delimiter + 2];
		const delivery = readDeliver(message, header);
		const call = this.#care.delegated.get(delivery.key);
		if (call !== undefined) {
			const problem = this.#answer(call, delivery, takeBody(message, body));
			if (problem === undefined) acknowledge(client, message, delimiter);
			else refuseCall(client, message, delimiter, problem);
			return;
		}
		const named = this.#named(message.buffers[header]!, delivery.wayStart, message.ends[header]!);
		const problem =
			named === undefined ? nobodyWaits() : this.#care.early.hold(named, client, message, delimiter, delivery);
		if (problem !== undefined) refuseCall(client, message, delimiter, problem);
	}

	/** Returns why the call goes on waiting, if it does: its caller takes no frames beside a body, and they cannot be put into it. */
	#answer(call: QueuedCall, delivery: Delivery, given: Body): RpcError | undefined {
		let body: Body;
		try {
			body = call.takesOctets ? given : foldBody(given);
		} catch (error) {
			return notStarted("INVALID_ARGUMENT", `the answer: ${(error as Error).message}`);
		}
		this.#care.answered(call, delivery.status !== 0);
		relayDelivery(call.client!, call, delivery, body);
		this.#care.sentTo(call.client!);
		this.#care.leave(call);
		return undefined;
	}

	/** The call that one of these addresses is of, if its worker can still delegate it to this queue. */
	#named(buffer: Uint8Array, start: number, end: number): QueuedCall | undefined {
		for (let at = start, next = 0; ; at = next) {
			next = endOfFirstAddress(buffer, at, end);
			if (next === -1) return undefined;
			const call = this.#care.calls.find(buffer, at + 1, next);
			if (call?.worker === undefined || call.worker.isPlain || call.isOneWay || call.isGivenUp) continue;
			// A queue keeps the hand-overs of what it is asked for a survey.
			if (call.survey !== undefined && call.worker.isQueue) continue;
			if (!goesUp(call)) return call;
		}
	}

	/** Keeps a call for whoever shows the key in DELEGATE's body. Returns how long, in ms; `undefined` when it makes no sense. */
	#keep(call: QueuedCall, message: IncomingMessage, body: number): number | undefined {
		const delegation = readDelegate(message, body);
		if (delegation === undefined) return undefined;
		const key = nameOfKey(delegation.key);
		if (this.#care.delegated.has(key)) return undefined;
		this.#care.delegated.set(key, call);
		call.key = key;
		return delegation.expiresMs;
	}

	#forwardRefusal(call: QueuedCall, pool: Pool<QueuedCall> | undefined, size: number): RpcError | undefined {
		if (pool?.isKnown !== true)
			return new RpcError("UNIMPLEMENTED", "the call was forwarded to a method that nobody offers");
		if (call.forwards >= maxForwards)
			return new RpcError("ABORTED", `the call was forwarded more than ${maxForwards} times`);
		return this.#options.room.hasRoomFor(size, call.owner)
			? undefined
			: new RpcError("RESOURCE_EXHAUSTED", "the queue's waiting line is full");
	}

	/** The worker is done with a call that goes on: under another token, so that it can say nothing more of it. */
	#release(worker: Worker, call: QueuedCall): void {
		worker.served++;
		this.#care.discharge(call);
		call.request = undefined;
		this.#care.rename(call);
	}
}

/** What hands the call over goes up as it came: the queue that first had the call knows whoever may answer. */
export function goesUp(call: QueuedCall): boolean {
	return call.isCounted && call.survey === undefined;
}
