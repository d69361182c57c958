/**
 * Calls as they come in and their answers as they go back: what a call is given to, what is passed on, and when it is done. The
 * calls themselves are in `Care`'s hands; what is out of the ordinary has a file of its own.
 */
import { notStarted, RpcError } from "../errors.js";
import { type IncomingMessage, type LinkPeer, takesOctets } from "../link/link.js";
import { sizeOfBody } from "../protocol/body-reader.js";
import { findDelimiter, isSameEnvelope, keepEnvelope, startOfAnswer } from "../protocol/envelope.js";
import { foldMessage } from "../protocol/fold.js";
import { type CallHeader, Flag, isJsonRequest, newCallHeader, normalPriority, Reply } from "../protocol/header.js";
import { refuseCall, relayCall, relayFrames, relayOpen, relayReply, relaySurveyed } from "./answers.js";
import { Care, type CareOptions, mayComeBack, type QueueCounters, unreadable } from "./care.js";
import { FollowUps } from "./follow-ups.js";
import { goesUp, type HandOverOptions, HandOvers } from "./hand-overs.js";
import { Losses } from "./losses.js";
import type { Pool } from "./pool.js";
import { QueuedCall, type Survey } from "./queued-call.js";
import { keepCall, takeRequest } from "./request.js";
import type { Worker } from "./worker.js";

export interface CallBookOptions extends CareOptions, HandOverOptions {
	/** Whether what callers stream may come as ITEMS: frames here may be as large. */
	readonly takesRuns: boolean;
}

/** What holds for a bare request. */
const noHeader: CallHeader = { ...newCallHeader(), priority: normalPriority };

export class CallBook {
	readonly followUps: FollowUps;
	readonly losses: Losses;
	readonly handOvers: HandOvers;
	readonly #care: Care;
	readonly #options: CallBookOptions;
	#arrivals = 0;

	constructor(options: CallBookOptions) {
		this.#options = options;
		this.#care = new Care(options);
		this.followUps = new FollowUps(this.#care);
		this.losses = new Losses(this.#care);
		this.handOvers = new HandOvers(this.#care, options);
	}

	get counters(): Readonly<QueueCounters> {
		return this.#care.counters;
	}

	/** Calls that wait for whoever shows their key. */
	get delegated(): number {
		return this.#care.delegated.size;
	}

	/** Answers that wait for the word that their calls are delegated. */
	get earlyAnswers(): number {
		return this.#care.early.size;
	}

	/** Calls with workers and in lines, and delegated ones. */
	get size(): number {
		return this.#care.calls.size;
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
		const worker = pool.line.isFreeFor(isCounted ? undefined : client) ? pool.choose() : undefined;
		if (worker === undefined) {
			this.#line(client, pool, message, delimiter, header, isCounted);
			return;
		}
		const isKept = mayComeBack(header !== undefined && (header.flags & Flag.IDEMPOTENT) !== 0, worker);
		const call = this.#record(client, pool, message, delimiter, header, isCounted, isKept);
		if (this.#care.calls.add(call)) this.#give(worker, call, message, delimiter);
		else this.#refuseForWantOfSlots(call, client, message, delimiter);
	}

	/** Has a call wait, or refuses it. */
	#line(
		client: LinkPeer,
		pool: Pool<QueuedCall>,
		message: IncomingMessage,
		delimiter: number,
		header: CallHeader | undefined,
		isCounted: boolean,
	): void {
		const flags = header?.flags ?? 0;
		if (isCounted && !pool.isStaffed) {
			this.losses.handBack(this.#record(client, pool, message, delimiter, header, isCounted, false), client);
			return;
		}
		const size = message.size(delimiter + 1) + sizeOfBody(message, delimiter + 2);
		const refusal = this.#refusal(pool, flags, isCounted ? undefined : client, size);
		if (refusal !== undefined) {
			this.refuse(client, message, delimiter, refusal, (flags & Flag.ONE_WAY) !== 0, isCounted);
			return;
		}
		const call = this.#record(client, pool, message, delimiter, header, isCounted, true);
		if (this.#care.calls.add(call)) this.#care.enqueue(call);
		else this.#refuseForWantOfSlots(call, client, message, delimiter);
	}

	#refuseForWantOfSlots(call: QueuedCall, client: LinkPeer, message: IncomingMessage, delimiter: number): void {
		const error = notStarted("RESOURCE_EXHAUSTED", "the queue is full");
		this.refuse(client, message, delimiter, error, call.isOneWay, call.isCounted);
	}

	#give(worker: Worker, call: QueuedCall, message: IncomingMessage, delimiter: number): void {
		let request: IncomingMessage;
		try {
			const isWhole = message.count === delimiter + 3 || takesOctets(worker.peer);
			request = isWhole ? message : foldMessage(message, delimiter + 1);
		} catch (error) {
			this.#care.counters.refused++;
			this.#care.answer(call, unreadable(error));
			return;
		}
		relayCall(worker, call, request);
		this.#care.entrust(worker, call);
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
		// Surveys ask for no credit; a client that makes one after the other would hold all workers all the same.
		const isOver = !isCounted && pool.line.isOver(client);
		if (workers.length === 0 || isOver || (header.flags & Flag.ONE_WAY) !== 0) {
			const error = isOver
				? notStarted("RESOURCE_EXHAUSTED", `this client has its part of the workers of ${pool.service} already`)
				: workers.length === 0
					? notStarted("UNAVAILABLE", `no worker serves ${pool.service} now`)
					: notStarted("INVALID_ARGUMENT", "nobody would hear the answers to a one-way survey");
			this.refuse(client, message, delimiter, error, (header.flags & Flag.ONE_WAY) !== 0, isCounted);
			return;
		}
		const survey: Survey = { pending: workers.length };
		for (const worker of workers) {
			const call = this.#record(client, pool, message, delimiter, header, isCounted, false);
			call.survey = survey;
			if (this.#care.calls.add(call)) {
				this.#give(worker, call, message, delimiter);
			} else {
				survey.pending--;
			}
		}
	}

	/** Gives a call back to the queue that it came from. */
	handBack(
		queue: LinkPeer,
		pool: Pool<QueuedCall>,
		message: IncomingMessage,
		delimiter: number,
		header: CallHeader,
	): void {
		this.losses.handBack(this.#record(queue, pool, message, delimiter, header, true, false), queue);
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
		this.#care.counters.refused++;
		if (!isOneWay || isCounted) refuseCall(client, message, delimiter, error, isOneWay);
	}

	/** Gives waiting calls to workers while both are there. */
	dispatch(pool: Pool<QueuedCall>): void {
		this.#care.dispatch(pool);
	}

	/** Whether any call waits for a worker. */
	get hasWaiting(): boolean {
		return this.#options.room.calls > 0;
	}

	/** Gives a worker what waits for it, in the pools that it is in. */
	employ(worker: Worker, pools: readonly Pool<QueuedCall>[]): void {
		this.#care.employ(worker, pools);
	}

	/**
	 * Passes a worker's answer to its client. Returns whether the call is done. The envelope must be the call's own: a worker knows the tokens of calls it was given, and could address another of the same client.
	 */
	settle(worker: Worker, message: IncomingMessage): boolean {
		const call = this.#care.calls.find(message.buffers[0]!, message.starts[0]!, message.ends[0]!);
		if (call === undefined || call.worker !== worker) {
			this.#care.counters.droppedReplies++;
			return false;
		}
		const start = call.survey === undefined ? startOfAnswer(call.envelope, message, 1) : -1;
		if (start === -1) return this.#settleOther(worker, call, message);
		worker.served++;
		const { client } = call;
		if (client !== undefined && (!call.isOneWay || call.isCounted)) {
			this.#care.answered(call, false);
			relayFrames(client, message.dataView(1), start, message.ends[message.count - 1]!);
			this.#care.sentTo(client);
		}
		this.#care.leave(call);
		return true;
	}

	/** What is no result alone, or of frames that have to be copied one by one. */
	#settleOther(worker: Worker, call: QueuedCall, message: IncomingMessage): boolean {
		const first = findDelimiter(message) + 1;
		if (first >= message.count || !isSameEnvelope(call.envelope, message, 1, first - 1)) {
			this.#care.counters.droppedReplies++;
			return false;
		}
		const kind =
			message.count - first < 2 || message.size(first) === 0 ? -1 : message.buffers[first]![message.starts[first]!]!;
		if (kind === Reply.RETURN && worker.isQueue && message.size(first) > 2) {
			return this.losses.takeBack(call, message.buffers[first]![message.starts[first]! + 2]!);
		}
		const isHandedUp = goesUp(call) && (kind === Reply.DELEGATE || kind === Reply.FORWARD);
		if (!worker.isPlain && !call.isOneWay && !isHandedUp) {
			if (kind === Reply.DELEGATE) return this.handOvers.delegate(worker, call, message, first + 1);
			if (kind === Reply.FORWARD) return this.handOvers.forward(worker, call, message, first + 1);
		}
		const isLast = worker.isPlain || call.isOneWay || isHandedUp || isLastReply(message, first);
		const answer = worker.isPlain ? message : forClient(call, message, first);
		if (!isLast) {
			this.#passOn(call, answer, first);
			return false;
		}
		worker.served++;
		if (kind === Reply.ERROR) worker.failed++;
		if (answer === undefined) {
			this.#care.answer(call, brokenAnswer());
			return true;
		}
		const { client } = call;
		if (client !== undefined && (!call.isOneWay || call.isCounted)) {
			this.#care.answered(call, kind === Reply.ERROR);
			if (call.survey === undefined) relayReply(client, answer);
			// A queue among the workers has told of its own one by one, and says only that it is done.
			else if (kind !== Reply.END) relaySurveyed(client, call, worker, answer, first);
			this.#care.sentTo(client);
		}
		this.#care.leave(call);
		return true;
	}

	/** Answers every call in a line. */
	refuseLine(pool: Pool<QueuedCall>, error: RpcError): void {
		for (const call of [...pool.line]) {
			this.#care.counters.refused++;
			this.#care.answer(call, error);
		}
	}

	stop(): void {
		this.#care.stop();
	}

	/** Passes on what is not the last that a call's worker says. */
	#passOn(call: QueuedCall, message: IncomingMessage | undefined, first: number): void {
		// What its caller has seen of it cannot be taken back: nobody else may begin anew.
		call.isOpen = true;
		call.request = undefined;
		const { client } = call;
		if (client === undefined || call.isGivenUp) return;
		if (message === undefined) this.#care.counters.droppedReplies++;
		else if (message.buffers[first]![message.starts[first]!] === Reply.OPEN)
			relayOpen(client, call, message, first, this.#options.takesRuns);
		else relayReply(client, message);
		this.#care.sentTo(client);
	}

	/** `isKept`: it may have to be sent later, or again. */
	#record(
		client: LinkPeer,
		pool: Pool<QueuedCall>,
		message: IncomingMessage,
		delimiter: number,
		header: CallHeader | undefined,
		isCounted: boolean,
		isKept: boolean,
	): QueuedCall {
		const { flags, budgetMs, attempt, priority } = header ?? noHeader;
		const kept = isKept ? keepCall(message, delimiter) : undefined;
		return new QueuedCall(
			pool,
			client,
			kept ?? keepEnvelope(message, 0, delimiter),
			isKept ? (kept ?? takeRequest(message, delimiter + 1)) : undefined,
			budgetMs === 0 ? Number.POSITIVE_INFINITY : client.receivedAt + budgetMs,
			flags,
			header === undefined,
			header === undefined ? isJsonRequest(message, delimiter + 1) : (flags & Flag.JSON) !== 0,
			isCounted,
			attempt,
			priority,
			this.#arrivals++,
		);
	}

	#refusal(pool: Pool<QueuedCall>, flags: number, owner: LinkPeer | undefined, size: number): RpcError | undefined {
		if (pool.size === 0 && (flags & Flag.FAIL_FAST) !== 0) {
			return notStarted("UNAVAILABLE", `no worker serves ${pool.service} now`);
		}
		if (this.#options.room.hasRoomFor(size, owner)) return undefined;
		return notStarted("RESOURCE_EXHAUSTED", "the queue's waiting line is full, or this client's part of it");
	}
}

/** Whether nothing more will come: a result alone, an error, the end of a stream. */
function isLastReply(message: IncomingMessage, first: number): boolean {
	if (message.count - first === 1) return true;
	const kind = message.size(first) === 0 ? -1 : message.buffers[first]![message.starts[first]!]!;
	return kind === Reply.ERROR || kind === Reply.END || kind === Reply.RESULT;
}

/** A worker's answer as the call's client takes it; `undefined` when that cannot be made of it. */
function forClient(call: QueuedCall, message: IncomingMessage, first: number): IncomingMessage | undefined {
	if (message.count - first === 1 || call.client === undefined || call.takesOctets) return message;
	try {
		return foldMessage(message, first);
	} catch {
		return undefined;
	}
}

function brokenAnswer(): RpcError {
	return new RpcError("INTERNAL", "the worker's answer does not refer to the frames that came with it");
}
