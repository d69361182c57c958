/**
 * From a message to its handler and back. Knows nothing of endpoints, queues or drains: it serves whatever its peers send.
 *
 * Rules of this file: every CALL that is understood gets exactly one answer, or, one-way, one END towards a queue; what is
 * not understood is counted. Nothing that a peer sends makes anything here throw.
 */
import { runFor } from "../ambient.js";
import { notStarted, RpcError } from "../errors.js";
import { maxMetadataBytes } from "../limits.js";
import { type IncomingMessage, isHoming, type LinkPeer } from "../link/link.js";
import { sizeOfBody, takeBody, takeFrames } from "../protocol/body-reader.js";
import type { Codec } from "../protocol/codec.js";
import { framesBesideText, InvalidValue } from "../protocol/codec.js";
import { encodeDeclared } from "../protocol/declared-error.js";
import { findDelimiter, isSameEnvelope, keepEnvelope } from "../protocol/envelope.js";
import { isDelivery } from "../protocol/hand-over.js";
import {
	Flag,
	firstTextOctet,
	isJsonRequest,
	Kind,
	newCallHeader,
	normalPriority,
	readCallHeader,
} from "../protocol/header.js";
import { endOfFirstAddress, routeOffset } from "../protocol/route.js";
import { SlotTable } from "../reply-channel/slots.js";
import type { AnyMethod } from "../service.js";
import { pump } from "../stream/pump.js";
import { WritablePeers } from "../stream/writable-peers.js";
import { DeadlineWheel } from "../timing/deadline-wheel.js";
import { acknowledge, answerEnd, answerEndOfStream, answerError, answerOpen, answerResult, refuse } from "./answers.js";
import { type ChannelHost, ServedChannel } from "./channel.js";
import { ServedCall } from "./context.js";
import { type HandlerFailure, InvalidArguments, resultError, toRpcError, undeclaredData } from "./failures.js";
import { HandOvers } from "./hand-overs.js";
import { assertIterable, intercept } from "./intercept.js";
import type { Route, Routes } from "./routes.js";
import type { ServerInterceptor } from "./server-call.js";
import { WaitingCalls } from "./waiting-calls.js";

export interface DispatcherOptions {
	/** Calls served at a time. */
	readonly concurrency: number;
	/** Calls that wait beyond those. */
	readonly maxWaitingCalls: number;
	/** Octets of their arguments. */
	readonly maxWaitingBytes: number;
	/** The part of those, and of the concurrency, that one client may take. */
	readonly clientShare: number;
	readonly maxFrameBytes: number;
	/** Whether a peer is a queue, which has calls in its care. */
	readonly isQueue: (peer: LinkPeer) => boolean;
	/** Calls made while a call is served are made for it, without being told. */
	readonly isAmbient: boolean;
	/** What stands around each call, the outermost first. */
	readonly interceptors: readonly ServerInterceptor[];
	/** A handler failed with something other than an RpcError; the caller was told the id only. */
	readonly onFailure: (failure: HandlerFailure) => void;
	/** A call has been answered with this error and never came to the interceptors. `method`: `undefined` when there is none of that name. */
	readonly onRefused: (peer: LinkPeer, method: string | undefined, error: RpcError) => void;
	/** A served call ended; `running` and `waiting` have changed. */
	readonly onSettled: () => void;
}

export class Dispatcher {
	readonly #routes: Routes;
	readonly #options: DispatcherOptions;
	readonly #wheel = new DeadlineWheel<ServedCall>((call) => call.expire());
	/** Used again for each header: it is read before anything else happens. */
	readonly #header = newCallHeader();
	readonly #waiting: WaitingCalls;
	readonly #channels = new SlotTable<ServedChannel>();
	readonly #writable = new WritablePeers();
	readonly #channelHost: ChannelHost;
	readonly #handOvers: HandOvers;
	/** Follow-ups of calls that are over, or of somebody else's. */
	droppedFollowUps = 0;
	/** Callbacks called after their call had ended. */
	droppedCallbacks = 0;
	/** Calls whose handler has not settled. */
	running = 0;
	served = 0;
	/** Messages that were no request of any kind. */
	malformed = 0;
	/** Set while draining: why a new call is refused. */
	refusal: RpcError | undefined;

	constructor(routes: Routes, options: DispatcherOptions) {
		this.#routes = routes;
		this.#options = options;
		this.#waiting = new WaitingCalls(options);
		this.#handOvers = new HandOvers({
			maxFrameBytes: options.maxFrameBytes,
			isQueue: options.isQueue,
			onEnded: (call) => {
				if (call.origin !== undefined) forgetCall(callsOf(call.origin), call);
				this.#options.onSettled();
			},
		});
		this.#channelHost = {
			maxFrameBytes: options.maxFrameBytes,
			hold: ({ origin }) => (origin === undefined ? undefined : this.#writable.hold(origin)),
			onDroppedCallback: () => void this.droppedCallbacks++,
		};
	}

	get waiting(): number {
		return this.#waiting.length;
	}

	/** Calls whose handler is done, and that wait for somebody else's answer. */
	get delegated(): number {
		return this.#handOvers.size;
	}

	/** Takes a message. `isQueue`: the peer keeps count of its calls, so one-way calls are answered with END. */
	receive(peer: LinkPeer, message: IncomingMessage, isQueue: boolean): void {
		const delimiter = findDelimiter(message);
		const first = delimiter + 1;
		if (delimiter === -1 || first >= message.count || message.size(first) === 0) {
			this.malformed++;
			return;
		}
		const kind = message.buffers[first]![message.starts[first]!]!;
		const dataFrames = message.count - first;
		if (kind === Kind.CALL && dataFrames >= 2) this.#receiveCall(peer, message, delimiter, isQueue);
		else if (routeOffset(kind) !== -1) this.#follow(peer, message, delimiter, kind);
		else if (isDelivery(message, first)) this.#deliver(peer, message, delimiter);
		else if (kind >= firstTextOctet && dataFrames === 2) this.#receiveBare(peer, message, delimiter);
		else this.malformed++;
	}

	/** A peer is gone: what its calls find out goes nowhere. */
	forget(peer: LinkPeer): void {
		const calls = callsOf(peer);
		const reason = new RpcError("CANCELLED", "the connection to the caller was lost");
		for (const call of [...calls.awaited, ...calls.cancelled]) {
			call.origin = undefined;
			call.abort(reason);
		}
		this.#writable.wake(peer);
		peer.context = undefined;
		this.#waiting.takeOf(peer, () => true);
	}

	/** Aborts every call that these peers wait for. */
	abortAll(peers: Iterable<LinkPeer>, reason: RpcError): void {
		for (const peer of peers) for (const call of callsOf(peer).awaited) call.abort(reason);
	}

	stop(): void {
		this.#wheel.stop();
	}

	#receiveCall(peer: LinkPeer, message: IncomingMessage, delimiter: number, isQueue: boolean): void {
		const header = this.#header;
		const index = delimiter + 1;
		const buffer = message.buffers[index]!;
		if (!readCallHeader(buffer, message.starts[index]!, message.ends[index]!, header)) {
			this.malformed++;
			return;
		}
		const { flags, methodStart, methodEnd, metadataEnd, budgetMs } = header;
		const isOneWay = (flags & Flag.ONE_WAY) !== 0;
		const route = this.#routes.find(buffer, methodStart, methodEnd);
		const isTooLarge = metadataEnd - methodEnd > maxMetadataBytes;
		const refusal = route?.isReserved === true ? undefined : this.refusal;
		if (route === undefined || refusal !== undefined || (flags & Flag.CHUNKED) !== 0 || isTooLarge) {
			const error =
				refusal ??
				(route === undefined ? noMethod(buffer, methodStart, methodEnd) : isTooLarge ? tooMuchMetadata() : noChunks());
			if (!isOneWay || isQueue) refuse(peer, message, delimiter, error, isOneWay);
			this.#options.onRefused(peer, route?.method.name, error);
			return;
		}
		if (route.method.channels.length > 0 && !isHoming(peer)) {
			this.#refuse(peer, message, delimiter, route, noFollowUps(route.method.name));
			return;
		}
		const call = new ServedCall(
			route.method.name,
			flags,
			header.attempt,
			budgetMs === 0 ? Number.POSITIVE_INFINITY : performance.now() + budgetMs,
			peer,
			isOneWay && !isQueue ? undefined : keepEnvelope(message, 0, delimiter),
			metadataEnd > methodEnd ? Buffer.from(buffer.subarray(methodEnd, metadataEnd)) : undefined,
			this.#wheel,
		);
		this.#admit(call, route, message, delimiter + 2, header.priority);
	}

	/** A request without a header: method and arguments, from a peer that knows nothing of Homing. */
	#receiveBare(peer: LinkPeer, message: IncomingMessage, delimiter: number): void {
		const index = delimiter + 1;
		const body = delimiter + 2;
		const route = this.#routes.find(message.buffers[index]!, message.starts[index]!, message.ends[index]!);
		const refusal = route?.isReserved === true ? undefined : this.refusal;
		if (route === undefined || refusal !== undefined) {
			const error = refusal ?? noMethod(message.buffers[index]!, message.starts[index]!, message.ends[index]!);
			this.#refuse(peer, message, delimiter, route, error);
			return;
		}
		if (isOpen(route.method)) {
			this.#refuse(peer, message, delimiter, route, noFollowUps(route.method.name));
			return;
		}
		const call = new ServedCall(
			route.method.name,
			// Never ONE_WAY: a REQ socket waits for an answer, whatever the method says.
			isJsonRequest(message, index) ? Flag.JSON : 0,
			0,
			Number.POSITIVE_INFINITY,
			peer,
			keepEnvelope(message, 0, delimiter),
			undefined,
			this.#wheel,
		);
		call.isBare = true;
		this.#admit(call, route, message, body, normalPriority);
	}

	/** Somebody answers a call that was delegated. */
	#deliver(peer: LinkPeer, message: IncomingMessage, delimiter: number): void {
		const problem = this.#handOvers.deliver(message, delimiter + 1);
		if (problem === undefined) acknowledge(peer, message, delimiter);
		else refuse(peer, message, delimiter, problem, false);
	}

	/** Runs the call, or has it wait, or refuses it. */
	#admit(call: ServedCall, route: Route, message: IncomingMessage, body: number, priority: number): void {
		call.handOvers = this.#handOvers;
		if (call.origin !== undefined && !this.#options.isQueue(call.origin)) call.owner = call.origin;
		const isFree = this.running < this.#options.concurrency && this.#waiting.isFreeFor(call.owner);
		if (route.isReserved || isFree) {
			const frames = message.count === body + 1 ? undefined : takeFrames(message, body + 1);
			this.#run(call, route, message.buffers[body]!, message.starts[body]!, message.ends[body]!, frames);
		} else if (!this.#waiting.push(call, route, priority, sizeOfBody(message, body), () => takeBody(message, body))) {
			const text = `${call.method}: too many calls wait at the server, or too many of this client`;
			this.#turnAway(call, notStarted("RESOURCE_EXHAUSTED", text));
		}
	}

	/** Refuses a request that has not become a call. */
	#refuse(
		peer: LinkPeer,
		message: IncomingMessage,
		delimiter: number,
		route: Route | undefined,
		error: RpcError,
	): void {
		refuse(peer, message, delimiter, error, false);
		this.#options.onRefused(peer, route?.method.name, error);
	}

	/** Ends a call whose handler, and whatever stands around it, has not heard of it. */
	#turnAway(call: ServedCall, error: RpcError): void {
		const { origin } = call;
		answerError(call, error);
		if (origin !== undefined) this.#options.onRefused(origin, call.method, error);
	}

	/** Starts calls that waited, as far as the limit allows. */
	#runWaiting(): void {
		while (this.running < this.#options.concurrency) {
			const next = this.#waiting.shift();
			if (next === undefined) return;
			const { call, route, body } = next;
			// Work whose deadline has passed is never started.
			if (call.deadlineAt > performance.now()) this.#run(call, route, body.octets, 0, body.octets.length, body.frames);
			else this.#turnAway(call, notStarted("DEADLINE_EXCEEDED", `${call.method}: waited too long at the server`));
		}
	}

	#run(
		call: ServedCall,
		route: Route,
		buffer: Uint8Array,
		start: number,
		end: number,
		frames: readonly Uint8Array[] | undefined,
	): void {
		let args: readonly unknown[];
		let channel: ServedChannel | undefined;
		try {
			args = decodeArguments(route.method.arguments, buffer, start, end, frames, call.isJson);
			channel = isOpen(route.method) ? this.#open(call, route) : undefined;
		} catch (error) {
			call.hasStarted = false;
			call.settle();
			this.served++;
			this.#turnAway(call, toRpcError(call, error, this.#options.onFailure));
			return;
		}
		let result: unknown;
		try {
			result = this.#options.isAmbient
				? runFor(call, () => this.#begin(call, channel, route, args))
				: this.#begin(call, channel, route, args);
			// A promise stays what it is; any other thenable may settle twice, or throw.
			if (isThenable(result)) result = Promise.resolve(result);
		} catch (error) {
			this.#fail(call, route, error);
			return;
		}
		if (result instanceof Promise) this.#await(call, route, result);
		else this.#succeed(call, route, result);
	}

	#begin(call: ServedCall, channel: ServedChannel | undefined, route: Route, args: readonly unknown[]): unknown {
		return channel === undefined ? this.#serve(call, route, args) : this.#serveOpen(channel, route, args);
	}

	/** Gives a call that stays open a channel, and tells the caller how to reach it. */
	#open(call: ServedCall, { method }: Route): ServedChannel {
		const canFollow = call.origin !== undefined && isHoming(call.origin);
		const refusal = canFollow ? undefined : noFollowUps(method.name);
		const channel = new ServedChannel(this.#channelHost, call, method, refusal);
		if (!this.#channels.add(channel)) throw notStarted("RESOURCE_EXHAUSTED", `${method.name}: too many calls are open`);
		call.channel = channel;
		call.watch();
		if (canFollow) answerOpen(call, channel);
		return channel;
	}

	#serve(call: ServedCall, route: Route, args: readonly unknown[]): unknown {
		const { interceptors } = this.#options;
		return interceptors.length === 0 ? route.handler(args, call) : intercept(interceptors, call, route, args, []);
	}

	async #serveOpen(channel: ServedChannel, route: Route, args: readonly unknown[]): Promise<unknown> {
		const { method, handler } = route;
		const { call, parameters } = channel;
		const { interceptors } = this.#options;
		try {
			const result = await (interceptors.length === 0
				? handler(args, call, ...parameters)
				: intercept(interceptors, call, route, args, parameters));
			if (method.form !== "stream") return result;
			await pump(assertIterable(method.name, result), channel);
			return undefined;
		} finally {
			this.#channels.remove(channel);
		}
	}

	/** What follows up a call that is open, or cancels any. */
	#follow(peer: LinkPeer, message: IncomingMessage, delimiter: number, kind: number): void {
		const index = delimiter + 1;
		const buffer = message.buffers[index]!;
		const end = message.ends[index]!;
		const start = message.starts[index]! + routeOffset(kind);
		const addressEnd = endOfFirstAddress(buffer, start, end);
		if (addressEnd === -1) {
			if (kind === Kind.CANCEL) this.#cancel(peer, message, delimiter);
			else this.malformed++;
			return;
		}
		const channel = this.#channels.find(buffer, start + 1, addressEnd);
		const call = channel?.call;
		// The route is for the caller's peer alone, and for this call: it is no secret among the callers of one queue.
		if (
			channel === undefined ||
			call?.origin !== peer ||
			call.envelope === undefined ||
			!isSameEnvelope(call.envelope, message, 0, delimiter)
		) {
			this.droppedFollowUps++;
			return;
		}
		if (kind === Kind.CANCEL) {
			this.#abandon(call, new RpcError("CANCELLED", "the caller cancelled"));
			return;
		}
		const reason = channel.receive(kind, message, index);
		if (reason !== undefined) this.#abandon(call, reason);
	}

	/** The peer reads again. */
	resumed(peer: LinkPeer): void {
		this.#writable.wake(peer);
	}

	#abandon(call: ServedCall, reason: RpcError): void {
		const { awaited, cancelled } = callsOf(call.origin!);
		if (awaited.delete(call)) cancelled.add(call);
		call.abort(reason);
	}

	#await(call: ServedCall, route: Route, result: Promise<unknown>): void {
		callsOf(call.origin!).awaited.add(call);
		this.running++;
		this.#waiting.take(call);
		result.then(
			(value) => {
				this.#leave(call);
				this.#succeed(call, route, value);
				this.#proceed();
			},
			(error) => {
				this.#leave(call);
				this.#fail(call, route, error);
				this.#proceed();
			},
		);
	}

	#leave(call: ServedCall): void {
		this.running--;
		this.#waiting.giveBack(call);
		if (call.origin !== undefined) forgetCall(callsOf(call.origin), call);
	}

	#proceed(): void {
		if (this.#waiting.length > 0) this.#runWaiting();
		this.#options.onSettled();
	}

	#succeed(call: ServedCall, route: Route, value: unknown): void {
		if (call.isHandedOver) {
			this.#keep(call);
			return;
		}
		const { abortReason } = call;
		call.settle();
		this.served++;
		if (call.isOneWay) {
			answerEnd(call);
			return;
		}
		if (route.method.form === "stream") {
			if (abortReason === undefined) answerEndOfStream(call);
			else answerError(call, abortReason);
			return;
		}
		try {
			answerResult(call, route.method.result, value, this.#options.maxFrameBytes);
		} catch (error) {
			answerError(call, toRpcError(call, resultError(error), this.#options.onFailure));
		}
	}

	/** The handler is done with a call that somebody else answers. One that is kept here can still be cancelled. */
	#keep(call: ServedCall): void {
		this.served++;
		if (call.channel === undefined || call.origin === undefined) call.settle();
		else callsOf(call.origin).awaited.add(call);
	}

	#fail(call: ServedCall, { method }: Route, error: unknown): void {
		if (call.isHandedOver) {
			// It may be answered all the same; what went wrong here is for the log.
			toRpcError(call, error, this.#options.onFailure);
			this.#keep(call);
			return;
		}
		call.settle();
		this.served++;
		let failure = error;
		try {
			const declared = call.isOneWay ? undefined : encodeDeclared(error, method.errors, call.isJson);
			if (declared !== undefined) {
				answerError(call, error as RpcError, declared);
				return;
			}
		} catch (reason) {
			failure = undeclaredData(error as RpcError, reason);
		}
		answerError(call, toRpcError(call, failure, this.#options.onFailure));
	}

	/** Finds the call by its envelope: one that is not a stream has been told no other address. */
	#cancel(peer: LinkPeer, message: IncomingMessage, delimiter: number): void {
		const isMeant = ({ envelope }: ServedCall) =>
			envelope !== undefined && isSameEnvelope(envelope, message, 0, delimiter);
		for (const call of callsOf(peer).awaited) {
			if (!isMeant(call)) continue;
			// Out of the way: whoever cancels many calls does so in their order, and finds each at the front.
			this.#abandon(call, new RpcError("CANCELLED", "the caller cancelled"));
			return;
		}
		for (const { call } of this.#waiting.takeOf(peer, isMeant)) {
			this.#turnAway(call, notStarted("CANCELLED", `${call.method}: the caller cancelled`));
		}
	}
}

/** Calls of a peer whose handler has not settled. */
interface PeerCalls {
	readonly awaited: Set<ServedCall>;
	/** Their caller has given them up. */
	readonly cancelled: Set<ServedCall>;
}

function forgetCall(calls: PeerCalls, call: ServedCall): void {
	if (!calls.awaited.delete(call)) calls.cancelled.delete(call);
}

function callsOf(peer: LinkPeer): PeerCalls {
	peer.context ??= { awaited: new Set(), cancelled: new Set() } satisfies PeerCalls;
	return peer.context as PeerCalls;
}

/** Throws `InvalidArguments` when the caller is to blame. */
function decodeArguments(
	codec: Codec<readonly unknown[]>,
	buffer: Uint8Array,
	start: number,
	end: number,
	frames: readonly Uint8Array[] | undefined,
	isJson: boolean,
): readonly unknown[] {
	try {
		if (!isJson) return codec.decode(buffer, start, end, frames);
		if (frames !== undefined && frames.length > 0) throw framesBesideText();
		return codec.decodeJson(Buffer.from(buffer.subarray(start, end)).toString());
	} catch (error) {
		throw error instanceof InvalidValue ? new InvalidArguments(error) : error;
	}
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
	return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

function noMethod(buffer: Uint8Array, start: number, end: number): RpcError {
	const name = Buffer.from(buffer.subarray(start, Math.min(end, start + 255))).toString();
	return notStarted("UNIMPLEMENTED", `there is no method ${JSON.stringify(name)} here`);
}

function tooMuchMetadata(): RpcError {
	return notStarted("INVALID_ARGUMENT", `metadata may have ${maxMetadataBytes} bytes at most`);
}

/** More than a request and one answer. */
function isOpen({ form, channels }: AnyMethod): boolean {
	return form === "stream" || channels.length > 0;
}

function noFollowUps(name: string): RpcError {
	return notStarted("FAILED_PRECONDITION", `${name}: this route cannot carry follow-ups`);
}

function noChunks(): RpcError {
	return notStarted("UNIMPLEMENTED", "bodies in chunks are not supported");
}
