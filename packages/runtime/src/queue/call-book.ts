/**
 * Calls in the queue's care and every way their stay can end. Knows pools, workers and lines; endpoints and liveness are
 * its owner's.
 *
 * Rules of this file: a call is in exactly one place: in a pool's line (`worker` undefined) or with a worker. Its slot is
 * released when its worker is done with it or lost, never before: credit counts unfinished calls, also of clients that are
 * gone. A released slot's token is void, so what a lost worker still answers reaches nobody.
 */
import { notStarted, type Outcome, RpcError } from "../errors.js";
import { maxRedeliveries } from "../limits.js";
import type { IncomingMessage, LinkPeer } from "../link/link.js";
import { findDelimiter, isSameEnvelope, keepEnvelope } from "../protocol/envelope.js";
import { nobodyWaits } from "../protocol/hand-over.js";
import {
	type CallHeader,
	Flag,
	isJsonRequest,
	Kind,
	newCallHeader,
	normalPriority,
	Reply,
	readCallHeader,
} from "../protocol/header.js";
import { endOfFirstAddress, routeOffset } from "../protocol/route.js";
import { SlotTable } from "../reply-channel/slots.js";
import { DeadlineWheel } from "../timing/deadline-wheel.js";
import {
	acknowledge,
	answerError,
	answerSurveyed,
	endSurvey,
	refuseCall,
	relayCall,
	relayDelivery,
	relayFollowUp,
	relayOpen,
	relayReply,
	relaySurveyed,
	returnCall,
	sendCall,
	sendCancel,
} from "./answers.js";
import { HandOvers, maxForwards } from "./hand-overs.js";
import type { Pool } from "./pool.js";
import { QueuedCall, type Survey } from "./queued-call.js";
import type { WaitingRoom } from "./waiting-line.js";
import type { Worker } from "./worker.js";

/** What the book counts, since its start. */
export interface QueueCounters {
	/** Calls handed to a worker, repetitions included. */
	dispatched: number;
	/** Calls whose answer was passed on. */
	answered: number;
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

/** What may lie here for a worker that does not read: the queue counts no credit of streams, so a caller could send on. Unit: bytes. */
const maxUnreadBytes = 64 * 1024 * 1024;

export interface CallBookOptions {
	/** The pool that serves a method. */
	readonly findPool: (name: Uint8Array, start: number, end: number) => Pool<QueuedCall> | undefined;
	readonly room: WaitingRoom;
	/** A client's queue is full; it should not be read from until that is better. */
	readonly onSlowClient: (client: LinkPeer) => void;
	/** A worker that gives no signs of life has not answered in time. */
	readonly onStuckWorker: (worker: Worker) => void;
	/** A call left. */
	readonly onLeft: () => void;
}

export class CallBook {
	readonly counters: QueueCounters = {
		dispatched: 0,
		answered: 0,
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
	readonly #options: CallBookOptions;
	readonly #calls = new SlotTable<QueuedCall>();
	readonly #handOvers = new HandOvers();
	readonly #wheel = new DeadlineWheel<QueuedCall>((call) => this.#expire(call));
	#arrivals = 0;

	constructor(options: CallBookOptions) {
		this.#options = options;
	}

	/** Calls with workers and in lines. */
	get size(): number {
		return this.#calls.size;
	}

	/** Takes a call; `header` is its header, or undefined for a bare request. `isCounted`: its caller is a queue. */
	accept(
		client: LinkPeer,
		pool: Pool<QueuedCall>,
		message: IncomingMessage,
		delimiter: number,
		header: CallHeader | undefined,
		isCounted = false,
	): void {
		const call = this.#record(client, pool, message, delimiter, header, isCounted);
		const worker = pool.line.length === 0 ? pool.choose() : undefined;
		const size = message.size(delimiter + 1) + message.size(delimiter + 2);
		if (worker === undefined && isCounted && !pool.isStaffed) {
			this.#handBack(call, client);
			return;
		}
		const refusal = worker === undefined ? this.#refusal(pool, header?.flags ?? 0, size) : undefined;
		if (refusal !== undefined || !this.#calls.add(call)) {
			this.refuse(
				client,
				message,
				delimiter,
				refusal ?? notStarted("RESOURCE_EXHAUSTED", "the queue is full"),
				call.isOneWay,
				isCounted,
			);
			return;
		}
		if (worker === undefined || mayComeBack(call, worker)) {
			call.request = { header: message.take(delimiter + 1), body: message.take(delimiter + 2) };
		}
		if (worker === undefined) {
			pool.line.add(call);
			this.#wheel.add(call);
		} else {
			relayCall(worker, call, message, delimiter);
			this.#entrust(worker, call);
		}
	}

	/** Asks all workers of a service that take new work, beside whatever credit they have. */
	survey(
		client: LinkPeer,
		pool: Pool<QueuedCall>,
		message: IncomingMessage,
		delimiter: number,
		header: CallHeader,
		isCounted = false,
	): void {
		const workers = pool.ready;
		if (workers.length === 0 || (header.flags & Flag.ONE_WAY) !== 0) {
			const error =
				workers.length === 0
					? notStarted("UNAVAILABLE", `no worker serves ${pool.service} now`)
					: notStarted("INVALID_ARGUMENT", "nobody would hear the answers to a one-way survey");
			this.refuse(client, message, delimiter, error, (header.flags & Flag.ONE_WAY) !== 0, isCounted);
			return;
		}
		const survey: Survey = { pending: workers.length };
		for (const worker of workers) {
			const call = this.#record(client, pool, message, delimiter, header, isCounted);
			call.survey = survey;
			if (this.#calls.add(call)) {
				relayCall(worker, call, message, delimiter);
				this.#entrust(worker, call);
			} else {
				survey.pending--;
			}
		}
	}

	/** Answers a call that is not taken. Nobody but a queue waits for a one-way call's end. */
	refuse(
		client: LinkPeer,
		message: IncomingMessage,
		delimiter: number,
		error: RpcError,
		isOneWay: boolean,
		isCounted: boolean,
	): void {
		this.counters.refused++;
		if (!isOneWay || isCounted) refuseCall(client, message, delimiter, error, isOneWay);
	}

	/** Gives waiting calls to workers while both are there. */
	dispatch(pool: Pool<QueuedCall>): void {
		if (pool.line.length === 0) return;
		const now = performance.now();
		for (let call = pool.line.peek(); call !== undefined; call = pool.line.peek()) {
			if (call.deadlineAt <= now) {
				this.#expire(call);
				continue;
			}
			const worker = pool.choose();
			if (worker === undefined) return;
			pool.line.remove(call);
			this.#wheel.remove(call);
			sendCall(worker, call, now);
			if (!mayComeBack(call, worker)) call.request = undefined;
			this.#entrust(worker, call);
		}
	}

	/**
	 * Passes a worker's answer to its client. Returns whether the call is done. The envelope must be the call's own: a worker knows the tokens of calls it was given, and could address another of the same client.
	 */
	settle(worker: Worker, message: IncomingMessage): boolean {
		const call = this.#calls.find(message.buffers[0]!, message.starts[0]!, message.ends[0]!);
		const first = findDelimiter(message) + 1;
		if (
			call === undefined ||
			call.worker !== worker ||
			first >= message.count ||
			!isSameEnvelope(call.envelope, message, 1, first - 1)
		) {
			this.counters.droppedReplies++;
			return false;
		}
		const kind =
			message.count - first < 2 || message.size(first) === 0 ? -1 : message.buffers[first]![message.starts[first]!]!;
		if (kind === Reply.RETURN && worker.isQueue && message.size(first) > 2) {
			return this.#takeBack(worker, call, message.buffers[first]![message.starts[first]! + 2]!);
		}
		// What hands a call over goes up as it came: the queue that first had the call knows whoever may answer.
		const goesUp = call.isCounted && call.survey === undefined;
		const isHandedUp = goesUp && (kind === Reply.DELEGATE || kind === Reply.FORWARD);
		if (!worker.isPlain && !call.isOneWay && !isHandedUp) {
			if (kind === Reply.DELEGATE) return this.#delegate(worker, call, message, first + 1);
			if (kind === Reply.FORWARD) return this.#forward(worker, call, message, first + 1);
		}
		const isLast = worker.isPlain || call.isOneWay || isHandedUp || isLastReply(message, first);
		if (!isLast) {
			this.#passOn(call, message, first);
			return false;
		}
		worker.served++;
		const { client } = call;
		if (client !== undefined && (!call.isOneWay || call.isCounted)) {
			this.counters.answered++;
			if (call.survey === undefined) relayReply(client, message);
			// A queue among the workers has told of its own one by one, and says only that it is done.
			else if (kind !== Reply.END) relaySurveyed(client, call, worker, message, first);
			if (!client.isWritable) this.#options.onSlowClient(client);
		}
		this.#leave(call);
		return true;
	}

	/** The worker leaves the answer to whoever shows a key; it is done with the call. */
	#delegate(worker: Worker, call: QueuedCall, message: IncomingMessage, body: number): boolean {
		const expiresMs = this.#handOvers.keep(call, message, body);
		if (expiresMs === undefined) {
			this.counters.droppedReplies++;
			return false;
		}
		this.#release(worker, call);
		this.#wheel.remove(call);
		call.deadlineAt = Math.min(call.deadlineAt, performance.now() + expiresMs);
		this.#wheel.add(call);
		if (call.isGivenUp) this.#leave(call);
		return true;
	}

	/** The worker leaves the answer to another method, whose CALL it sends along; it is done with the call. */
	#forward(worker: Worker, call: QueuedCall, message: IncomingMessage, header: number): boolean {
		const fields = newCallHeader();
		const buffer = message.buffers[header]!;
		if (
			header + 2 !== message.count ||
			!readCallHeader(buffer, message.starts[header]!, message.ends[header]!, fields) ||
			buffer[message.starts[header]!] !== Kind.CALL
		) {
			this.counters.droppedReplies++;
			return false;
		}
		this.#release(worker, call);
		if (call.isGivenUp) {
			this.#leave(call);
			return true;
		}
		const pool = this.#options.findPool(buffer, fields.methodStart, fields.methodEnd);
		const request = { header: message.take(header), body: message.take(header + 1) };
		const refusal = this.#forwardRefusal(call, pool, request.header.length + request.body.length);
		if (pool === undefined || refusal !== undefined) {
			this.#answer(call, refusal!);
			return true;
		}
		call.pool = pool;
		call.request = request;
		call.isIdempotent = (fields.flags & Flag.IDEMPOTENT) !== 0;
		call.isBare = false;
		call.attempt = 0;
		call.forwards++;
		pool.line.add(call);
		this.#wheel.add(call);
		this.dispatch(pool);
		return true;
	}

	#forwardRefusal(call: QueuedCall, pool: Pool<QueuedCall> | undefined, size: number): RpcError | undefined {
		if (pool?.isKnown !== true)
			return new RpcError("UNIMPLEMENTED", "the call was forwarded to a method that nobody offers");
		if (call.forwards >= maxForwards)
			return new RpcError("ABORTED", `the call was forwarded more than ${maxForwards} times`);
		return this.#options.room.hasRoomFor(size)
			? undefined
			: new RpcError("RESOURCE_EXHAUSTED", "the queue's waiting line is full");
	}

	/** The worker is done with a call that goes on: under another token, so that it can say nothing more of it. */
	#release(worker: Worker, call: QueuedCall): void {
		worker.served++;
		worker.unfinished--;
		call.worker = undefined;
		call.request = undefined;
		this.#calls.remove(call);
		this.#calls.add(call);
		this.#wheel.remove(call);
	}

	/** Somebody answers a delegated call. */
	deliver(client: LinkPeer, message: IncomingMessage, delimiter: number): void {
		const found = this.#handOvers.find(message, delimiter + 1);
		if (found === undefined) {
			refuseCall(client, message, delimiter, nobodyWaits());
			return;
		}
		const [call, delivery] = found;
		this.counters.answered++;
		relayDelivery(call.client!, call, delivery, message, delimiter + 2);
		if (!call.client!.isWritable) this.#options.onSlowClient(call.client!);
		acknowledge(client, message, delimiter);
		this.#leave(call);
	}

	/** Passes on what is not the last that a call's worker says. */
	#passOn(call: QueuedCall, message: IncomingMessage, first: number): void {
		// What its caller has seen of it cannot be taken back: nobody else may begin anew.
		call.isOpen = true;
		call.request = undefined;
		const { client } = call;
		if (client === undefined || call.isGivenUp) return;
		if (message.buffers[first]![message.starts[first]!] === Reply.OPEN) relayOpen(client, call, message, first);
		else relayReply(client, message);
		if (!client.isWritable) this.#options.onSlowClient(client);
	}

	/**
	 * Passes on what a client says of an open call, or cancels it. The call is found by its address, which the client was told
	 * and gives back in the route; it is no secret among clients, so the envelope must be the call's own too.
	 */
	follow(client: LinkPeer, message: IncomingMessage, delimiter: number, kind: number): void {
		const header = delimiter + 1;
		const buffer = message.buffers[header]!;
		const end = message.ends[header]!;
		const start = message.starts[header]! + routeOffset(kind);
		const addressEnd = endOfFirstAddress(buffer, start, end);
		const call = addressEnd === -1 ? undefined : this.#calls.find(buffer, start + 1, addressEnd);
		if (
			call === undefined ||
			call.client !== client ||
			call.isGivenUp ||
			call.worker === undefined ||
			!isSameEnvelope(call.envelope, message, 0, delimiter)
		) {
			this.counters.droppedFollowUps++;
			return;
		}
		const isCancel = kind === Kind.CANCEL;
		if (!isCancel && call.worker.peer.queuedBytes > maxUnreadBytes) {
			this.counters.droppedFollowUps++;
			answerError(client, call, new RpcError("RESOURCE_EXHAUSTED", "the worker does not read what the caller sends"));
			// It has heard the end.
			call.client = undefined;
			this.#abandon(call);
			return;
		}
		relayFollowUp(call.worker, call, message, header, start, addressEnd);
		if (!isCancel) return;
		this.counters.cancelled++;
		call.giveUp();
	}

	/** A client cancels the call with this envelope. It was told no other address, so its calls are looked through. */
	cancel(client: LinkPeer, message: IncomingMessage, delimiter: number): void {
		for (const call of this.#calls) {
			if (call.client !== client || call.isGivenUp || !isSameEnvelope(call.envelope, message, 0, delimiter)) continue;
			this.counters.cancelled++;
			this.#abandon(call);
			// A survey is several.
			if (call.survey === undefined) return;
		}
	}

	/** A caller is gone: its calls in line leave, those with workers are cancelled there. One-way calls have nobody to lose. */
	forgetClient(client: LinkPeer): void {
		for (const call of this.#calls) {
			if (call.client !== client) continue;
			// A queue that was lost comes back as the same peer, and knows nothing of this call then.
			call.client = undefined;
			if (call.isOneWay || call.isGivenUp) continue;
			this.counters.cancelled++;
			this.#abandon(call);
		}
	}

	/** A worker is gone or given up: its calls go to others where that is safe, else their callers are told. */
	forgetWorker(worker: Worker): void {
		const { flushed } = worker.peer;
		for (const call of this.#calls) {
			if (call.worker !== worker) continue;
			call.worker = undefined;
			const hasLeft = call.ordinal <= flushed;
			if (call.isGivenUp) this.#answer(call, cancelled("unknown"));
			else if (call.request !== undefined && (call.isIdempotent || !hasLeft)) this.#redeliver(call, hasLeft);
			else this.#reportLost(call, hasLeft || call.isOpen);
		}
	}

	/** Gives calls in line back to the queues that they came from, since nobody is left here to wait for. */
	handBack(pool: Pool<QueuedCall>): void {
		for (const call of [...pool.line]) {
			if (call.isCounted && call.client !== undefined) this.#handBack(call, call.client);
		}
	}

	/** Answers every call in a line. */
	refuseLine(pool: Pool<QueuedCall>, error: RpcError): void {
		for (const call of [...pool.line]) {
			this.counters.refused++;
			this.#answer(call, error);
		}
	}

	stop(): void {
		this.#wheel.stop();
	}

	#record(
		client: LinkPeer,
		pool: Pool<QueuedCall>,
		message: IncomingMessage,
		delimiter: number,
		header: CallHeader | undefined,
		isCounted: boolean,
	): QueuedCall {
		const flags = header?.flags ?? 0;
		const hasDeadline = header !== undefined && header.budgetMs !== 0;
		return new QueuedCall({
			pool,
			client,
			envelope: keepEnvelope(message, 0, delimiter),
			deadlineAt: hasDeadline ? performance.now() + header.budgetMs : Number.POSITIVE_INFINITY,
			isIdempotent: (flags & Flag.IDEMPOTENT) !== 0,
			isOneWay: (flags & Flag.ONE_WAY) !== 0,
			isBare: header === undefined,
			isJson: isJsonRequest(message, delimiter + 1),
			isCounted,
			attempt: header?.attempt ?? 0,
			priority: header?.priority ?? normalPriority,
			age: this.#arrivals++,
		});
	}

	#refusal(pool: Pool<QueuedCall>, flags: number, size: number): RpcError | undefined {
		if (pool.size === 0 && (flags & Flag.FAIL_FAST) !== 0) {
			return notStarted("UNAVAILABLE", `no worker serves ${pool.service} now`);
		}
		if (this.#options.room.hasRoomFor(size)) return undefined;
		return notStarted("RESOURCE_EXHAUSTED", "the queue's waiting line is full");
	}

	#entrust(worker: Worker, call: QueuedCall): void {
		this.counters.dispatched++;
		call.worker = worker;
		call.lastWorker = worker.instance;
		call.ordinal = worker.peer.committed;
		worker.unfinished++;
		if (worker.isPlain) this.#wheel.add(call);
	}

	#redeliver(call: QueuedCall, hasLeft: boolean): void {
		if (hasLeft && ++call.attempt > maxRedeliveries) {
			this.counters.poisoned++;
			this.#answer(
				call,
				new RpcError("ABORTED", `lost ${call.attempt} workers one after another`, { outcome: "unknown" }),
			);
			return;
		}
		if (this.#requeue(call)) this.counters.redelivered++;
	}

	/** A queue gives a call back that nobody serves there any more. `attempt`: what the call has been through meanwhile. */
	#takeBack(worker: Worker, call: QueuedCall, attempt: number): boolean {
		worker.unfinished--;
		call.worker = undefined;
		call.attempt = Math.max(call.attempt, attempt);
		if (call.isGivenUp) {
			this.#answer(call, cancelled(call.attempt === 0 ? "not-started" : "unknown"));
		} else if (call.request === undefined) {
			this.#reportLost(call, true);
		} else {
			this.#requeue(call);
			this.dispatch(call.pool);
		}
		return true;
	}

	/** Back into the line, or, when nobody is left to wait for, to the queue that it came from. Returns whether it stays. */
	#requeue(call: QueuedCall): boolean {
		if (call.isCounted && call.client !== undefined && !call.pool.isStaffed) {
			this.#handBack(call, call.client);
			return false;
		}
		// A new slot: what the lost worker may still say of the old one must not be taken for an answer.
		this.#calls.remove(call);
		this.#calls.add(call);
		this.#wheel.remove(call);
		call.pool.line.add(call);
		this.#wheel.add(call);
		return true;
	}

	#handBack(call: QueuedCall, queue: LinkPeer): void {
		this.counters.returned++;
		returnCall(queue, call);
		this.#leave(call);
	}

	#reportLost(call: QueuedCall, hasLeft: boolean): void {
		this.counters.lost++;
		const outcome = hasLeft ? "unknown" : "not-started";
		// A plain worker is given up because of the deadline: that is what the caller should hear.
		const status = call.deadlineAt <= performance.now() ? "DEADLINE_EXCEEDED" : "UNAVAILABLE";
		this.#answer(call, new RpcError(status, "the worker that had the call was lost", { outcome }));
	}

	#expire(call: QueuedCall): void {
		if (call.worker !== undefined) {
			this.#options.onStuckWorker(call.worker);
			return;
		}
		this.counters.expired++;
		const outcome = call.attempt === 0 && call.key === undefined && call.forwards === 0 ? "not-started" : "unknown";
		const text =
			call.key === undefined ? "no worker took the call in the time it had" : "nobody answered the delegated call";
		this.#answer(call, new RpcError("DEADLINE_EXCEEDED", text, { outcome }));
	}

	/** Ends a call with an answer of the queue's own. */
	#answer(call: QueuedCall, error: RpcError): void {
		const { client, survey } = call;
		if (client !== undefined && (!call.isOneWay || call.isCounted)) {
			if (survey === undefined) answerError(client, call, error);
			else answerSurveyed(client, call, call.lastWorker, error);
		}
		this.#leave(call);
	}

	/** Nobody waits for the call any more. */
	#abandon(call: QueuedCall): void {
		call.giveUp();
		if (call.worker === undefined) this.#answer(call, cancelled(call.attempt === 0 ? "not-started" : "unknown"));
		else sendCancel(call.worker, call);
	}

	#leave(call: QueuedCall): void {
		this.#handOvers.forget(call);
		const { client, survey } = call;
		if (survey !== undefined && --survey.pending === 0 && client !== undefined) endSurvey(client, call);
		this.#calls.remove(call);
		this.#wheel.remove(call);
		if (call.worker !== undefined) call.worker.unfinished--;
		call.worker = undefined;
		call.pool.line.remove(call);
		this.#options.onLeft();
	}
}

/** Whether a call has to be kept while this worker has it: it may be repeated, or a queue may give it back. */
function mayComeBack(call: QueuedCall, worker: Worker): boolean {
	return call.isIdempotent || worker.isQueue;
}

function cancelled(outcome: Outcome): RpcError {
	return new RpcError("CANCELLED", "the caller cancelled", { outcome });
}

/** Whether nothing more will come: a result alone, an error, the end of a stream. */
function isLastReply(message: IncomingMessage, first: number): boolean {
	if (message.count - first === 1) return true;
	const kind = message.size(first) === 0 ? -1 : message.buffers[first]![message.starts[first]!]!;
	return kind === Reply.ERROR || kind === Reply.END;
}
