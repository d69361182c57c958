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
import { type Codec, framesBesideText, InvalidValue, surprises } from "../protocol/codec.js";
import { findDelimiter, isSameEnvelope, keepEnvelope } from "../protocol/envelope.js";
import { isDelivery } from "../protocol/hand-over.js";
import {
	type CallHeader,
	Flag,
	firstTextOctet,
	isJsonRequest,
	Kind,
	newCallHeader,
	normalPriority,
	readCallHeader,
} from "../protocol/header.js";

import { routeOffset } from "../protocol/route.js";
import { noSchemaHash, readSchemaHash, schemaMismatch, withoutSchemaHash } from "../protocol/schema-hash.js";
import { serviceOf } from "../service.js";
import { now } from "../timing/clock.js";
import { DeadlineWheel } from "../timing/deadline-wheel.js";
import { acknowledge, answerError, refuse } from "./answers.js";
import type { ServedChannel } from "./channel.js";
import { ServedCall } from "./context.js";
import { Endings } from "./endings.js";
import { type HandlerFailure, InvalidArguments, toRpcError } from "./failures.js";
import { HandOvers } from "./hand-overs.js";
import type { Intercepted } from "./intercept.js";
import { noFollowUps, OpenCalls } from "./open-calls.js";
import { callsOf } from "./peer-calls.js";
import type { Route, Routes } from "./routes.js";
import { WaitingCalls } from "./waiting-calls.js";

const noParameters: readonly unknown[] = [];
/** That of promises: one that a handler gives may have another of its own. */
const { then } = Promise.prototype;

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
	/** Runs a call through the interceptors to its handler; `undefined`: there is none. */
	readonly intercepted: Intercepted | undefined;
	/** A handler failed with something other than an RpcError; the caller was told the id only. */
	readonly onFailure: (failure: HandlerFailure) => void;
	/** A call has been answered with this error and never came to the interceptors. `method`: `undefined` when there is none of that name. */
	readonly onRefused: (peer: LinkPeer, method: string | undefined, error: RpcError) => void;
	/** Arguments, or what followed them up, were good, and other than the compiled codec expects them. */
	readonly onSurprise: (call: ServedCall) => void;
	/** A served call ended; `running` and `waiting` have changed. */
	readonly onSettled: () => void;
}

export class Dispatcher {
	readonly #routes: Routes;
	readonly #options: DispatcherOptions;
	/** Nothing stands around handlers. */
	readonly #isPlain: boolean;
	readonly #wheel = new DeadlineWheel<ServedCall>((call) => call.expire());
	/** Used again for each header: it is read before anything else happens. */
	readonly #header = newCallHeader();
	readonly #waiting: WaitingCalls;
	readonly #openCalls: OpenCalls;
	readonly #handOvers: HandOvers;
	readonly #endings: Endings;
	/** Follow-ups of calls that are over, or of somebody else's. */
	droppedFollowUps = 0;
	/** Calls whose handler has not settled. */
	running = 0;
	/** Messages that were no request of any kind. */
	malformed = 0;
	/** Calls refused before their arguments were looked at. */
	refused = 0;
	/** Set while draining: why a new call is refused. */
	refusal: RpcError | undefined;

	constructor(routes: Routes, options: DispatcherOptions) {
		this.#routes = routes;
		this.#options = options;
		this.#isPlain = !options.isAmbient && options.intercepted === undefined;
		this.#waiting = new WaitingCalls(options);
		this.#handOvers = new HandOvers({
			maxFrameBytes: options.maxFrameBytes,
			isQueue: options.isQueue,
			onEnded: (call) => {
				if (call.origin !== undefined) callsOf(call.origin).remove(call);
				this.#options.onSettled();
			},
		});
		this.#openCalls = new OpenCalls(options.maxFrameBytes, (call, route) => this.#tellSurprise(call, route));
		this.#endings = new Endings(options.maxFrameBytes, options.onFailure);
	}

	get waiting(): number {
		return this.#waiting.length;
	}

	get served(): number {
		let served = 0;
		for (const { counters } of this.#routes.all) served += counters.served;
		return served;
	}

	/** Callbacks called after their call had ended. */
	get droppedCallbacks(): number {
		return this.#openCalls.droppedCallbacks;
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
		if (kind === Kind.CALL && message.count - first >= 2) this.#receiveCall(peer, message, delimiter, isQueue);
		else this.#receiveOther(peer, message, delimiter, isQueue, kind);
	}

	#receiveOther(peer: LinkPeer, message: IncomingMessage, delimiter: number, isQueue: boolean, kind: number): void {
		const first = delimiter + 1;
		const isBare = kind >= firstTextOctet && message.count - first === 2;
		if (routeOffset(kind) !== -1) this.#follow(peer, message, delimiter, kind);
		else if (isDelivery(message, first)) this.#deliver(peer, message, delimiter);
		else if (isBare) this.#receiveBare(peer, message, delimiter, isQueue);
		else this.malformed++;
	}

	/** A peer is gone: what its calls find out goes nowhere. */
	forget(peer: LinkPeer): void {
		const reason = new RpcError("CANCELLED", "the connection to the caller was lost");
		const calls = callsOf(peer);
		for (const call of [...calls.awaited, ...calls.givenUp]) {
			calls.remove(call);
			call.origin = undefined;
			call.abort(reason);
		}
		this.#openCalls.wake(peer);
		peer.context = undefined;
		this.#waiting.takeOf(peer, () => true);
	}

	/** Aborts every call that these peers wait for. */
	abortAll(peers: Iterable<LinkPeer>, reason: RpcError): void {
		for (const peer of peers) for (const call of [...callsOf(peer).awaited]) call.abort(reason);
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
		const route = this.#routes.find(buffer, header.methodStart, header.methodEnd);
		if (route === undefined || !this.#isUsual(route, header)) {
			const error = this.#objection(route, peer, buffer, header);
			if (error !== undefined) {
				this.#refuse(peer, message, delimiter, route, error, (header.flags & Flag.ONE_WAY) !== 0, isQueue);
				return;
			}
		}
		const call = this.#make(peer, message, delimiter, route!, isQueue);
		this.#admit(call, route!, message, delimiter + 2, header.priority, isQueue);
	}

	/** Makes a call of the header that was read last. */
	#make(peer: LinkPeer, message: IncomingMessage, delimiter: number, route: Route, isQueue: boolean): ServedCall {
		const { flags, attempt, budgetMs, methodEnd, metadataEnd } = this.#header;
		const buffer = message.buffers[delimiter + 1]!;
		return new ServedCall(
			route.method.name,
			flags,
			attempt,
			budgetMs === 0 ? Number.POSITIVE_INFINITY : peer.receivedAt + budgetMs,
			peer,
			(flags & Flag.ONE_WAY) !== 0 && !isQueue ? undefined : keepEnvelope(message, 0, delimiter),
			metadataEnd > methodEnd ? takeMetadata(buffer, methodEnd, metadataEnd, flags) : undefined,
			this.#wheel,
			this.#handOvers,
		);
	}

	/** Whether there can be no objection. */
	#isUsual({ method }: Route, { flags, methodEnd, metadataEnd }: CallHeader): boolean {
		return (
			this.refusal === undefined &&
			(flags & unusualFlags) === 0 &&
			metadataEnd - methodEnd <= maxMetadataBytes &&
			method.channels.length === 0
		);
	}

	/** Why a call is not served, whatever its arguments are, if so. */
	#objection(route: Route | undefined, peer: LinkPeer, buffer: Uint8Array, header: CallHeader): RpcError | undefined {
		if (this.refusal !== undefined && route?.isReserved !== true) return this.refusal;
		if (route === undefined) return noMethod(buffer, header.methodStart, header.methodEnd);
		const error = objection(route, buffer, header);
		if (error !== undefined || route.method.channels.length === 0 || isHoming(peer)) return error;
		return noFollowUps(route.method.name);
	}

	/** A request without a header: method and arguments, from a peer that knows nothing of Homing. */
	#receiveBare(peer: LinkPeer, message: IncomingMessage, delimiter: number, isQueue: boolean): void {
		const index = delimiter + 1;
		const body = delimiter + 2;
		const route = this.#routes.find(message.buffers[index]!, message.starts[index]!, message.ends[index]!);
		const refusal = route?.isReserved === true ? undefined : this.refusal;
		if (route === undefined || refusal !== undefined) {
			const error = refusal ?? noMethod(message.buffers[index]!, message.starts[index]!, message.ends[index]!);
			this.#refuse(peer, message, delimiter, route, error);
			return;
		}
		if (route.isOpen) {
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
			this.#handOvers,
		);
		call.isBare = true;
		this.#admit(call, route, message, body, normalPriority, isQueue);
	}

	/** Somebody answers a call that was delegated. */
	#deliver(peer: LinkPeer, message: IncomingMessage, delimiter: number): void {
		const problem = this.#handOvers.deliver(message, delimiter + 1);
		if (problem === undefined) acknowledge(peer, message, delimiter);
		else refuse(peer, message, delimiter, problem, false);
	}

	/** Runs the call, or has it wait, or refuses it. */
	#admit(
		call: ServedCall,
		route: Route,
		message: IncomingMessage,
		body: number,
		priority: number,
		isQueue: boolean,
	): void {
		if (!isQueue) call.owner = call.origin;
		const isFree = this.running < this.#options.concurrency && this.#waiting.isFreeFor(call.owner);
		if (route.isReserved || isFree) {
			const frames = message.count === body + 1 ? undefined : takeFrames(message, body + 1);
			this.#run(call, route, message.buffers[body]!, message.starts[body]!, message.ends[body]!, frames);
		} else {
			this.#line(call, route, message, body, priority);
		}
	}

	/** Has a call wait, or refuses it. */
	#line(call: ServedCall, route: Route, message: IncomingMessage, body: number, priority: number): void {
		if (this.#waiting.push(call, route, priority, sizeOfBody(message, body), () => takeBody(message, body))) return;
		const text = `${call.method}: too many calls wait at the server, or too many of this client`;
		this.#turnAway(call, route, notStarted("RESOURCE_EXHAUSTED", text));
	}

	/** Refuses a request that has not become a call. Nobody but a queue waits for a one-way call's end. */
	#refuse(
		peer: LinkPeer,
		message: IncomingMessage,
		delimiter: number,
		route: Route | undefined,
		error: RpcError,
		isOneWay = false,
		isQueue = false,
	): void {
		this.refused++;
		if (route !== undefined) route.counters.refused++;
		if (!isOneWay || isQueue) refuse(peer, message, delimiter, error, isOneWay);
		this.#options.onRefused(peer, route?.method.name, error);
	}

	/** Refuses a call that has been waiting, or would have to. */
	#turnAway(call: ServedCall, { counters }: Route, error: RpcError): void {
		this.refused++;
		counters.refused++;
		this.#answerUnheard(call, error);
	}

	/** Ends a call whose handler, and whatever stands around it, has not heard of it. */
	#answerUnheard(call: ServedCall, error: RpcError): void {
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
			if (call.deadlineAt > now()) this.#run(call, route, body.octets, 0, body.octets.length, body.frames);
			else
				this.#turnAway(call, route, notStarted("DEADLINE_EXCEEDED", `${call.method}: waited too long at the server`));
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
		const before = surprises.count;
		try {
			args = decodeArguments(route.method.arguments, buffer, start, end, frames, call.isJson);
		} catch (error) {
			this.#refuseArguments(call, route, error);
			return;
		}
		if (surprises.count !== before) this.#tellSurprise(call, route);
		if (route.isOpen) this.#open(call, route, args);
		else this.#handle(call, undefined, route, args);
	}

	#open(call: ServedCall, route: Route, args: readonly unknown[]): void {
		let channel: ServedChannel;
		try {
			channel = this.#openCalls.open(call, route);
		} catch (error) {
			this.#refuseArguments(call, route, error);
			return;
		}
		this.#handle(call, channel, route, args);
	}

	#handle(call: ServedCall, channel: ServedChannel | undefined, route: Route, args: readonly unknown[]): void {
		let result: unknown;
		let isLater: boolean;
		try {
			result =
				this.#isPlain && channel === undefined ? route.handler(args, call) : this.#serve(call, channel, route, args);
			isLater = isThenable(result);
			// A promise stays what it is; any other thenable may settle twice, or throw.
			if (isLater) result = Promise.resolve(result);
		} catch (error) {
			this.#endings.fail(call, route, error);
			return;
		}
		if (isLater) this.#await(call, route, result as Promise<unknown>);
		else this.#endings.succeed(call, route, result);
	}

	#tellSurprise(call: ServedCall, { counters }: Route): void {
		counters.surprises++;
		this.#options.onSurprise(call);
	}

	#refuseArguments(call: ServedCall, { counters }: Route, error: unknown): void {
		call.hasStarted = false;
		call.settle();
		counters.served++;
		counters.failed++;
		this.#answerUnheard(call, toRpcError(call, error, this.#options.onFailure));
	}

	/** With all that stands around a handler. */
	#serve(call: ServedCall, channel: ServedChannel | undefined, route: Route, args: readonly unknown[]): unknown {
		const { isAmbient } = this.#options;
		if (channel === undefined) {
			const serve = () => this.#intercept(call, route, args, noParameters);
			return isAmbient ? runFor(call, serve) : serve();
		}
		const serve = () =>
			this.#openCalls.serve(channel, route, () => this.#intercept(call, route, args, channel.parameters));
		return isAmbient ? runFor(call, serve) : serve();
	}

	#intercept(call: ServedCall, route: Route, args: readonly unknown[], parameters: readonly unknown[]): unknown {
		const { intercepted } = this.#options;
		return intercepted === undefined
			? route.handler(args, call, ...parameters)
			: intercepted(call, route, args, parameters);
	}

	#follow(peer: LinkPeer, message: IncomingMessage, delimiter: number, kind: number): void {
		const followed = this.#openCalls.follow(peer, message, delimiter, kind);
		if (followed === "missing") this.droppedFollowUps++;
		else if (followed === "malformed") this.malformed++;
		else if (followed === "cancel") this.#cancel(peer, message, delimiter);
		else if (followed !== "done") this.#abandon(followed.call, followed.abandoned);
	}

	/** The peer reads again. */
	resumed(peer: LinkPeer): void {
		this.#openCalls.wake(peer);
	}

	#abandon(call: ServedCall, reason: RpcError): void {
		callsOf(call.origin!).giveUp(call);
		call.abort(reason);
	}

	#await(call: ServedCall, route: Route, result: Promise<unknown>): void {
		callsOf(call.origin!).add(call);
		this.running++;
		route.counters.running++;
		this.#waiting.take(call);
		then.call(
			result,
			(value) => {
				this.#leave(call, route);
				this.#endings.succeed(call, route, value);
				this.#proceed();
			},
			(error) => {
				this.#leave(call, route);
				this.#endings.fail(call, route, error);
				this.#proceed();
			},
		);
	}

	#leave(call: ServedCall, { counters }: Route): void {
		this.running--;
		counters.running--;
		this.#waiting.giveBack(call);
		if (call.origin !== undefined) callsOf(call.origin).remove(call);
	}

	#proceed(): void {
		if (this.#waiting.length > 0) this.#runWaiting();
		this.#options.onSettled();
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
		for (const { call, route } of this.#waiting.takeOf(peer, isMeant)) {
			this.#turnAway(call, route, notStarted("CANCELLED", `${call.method}: the caller cancelled`));
		}
	}
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
		return isJson ? decodeText(codec, buffer, start, end, frames) : codec.decode(buffer, start, end, frames);
	} catch (error) {
		throw error instanceof InvalidValue ? new InvalidArguments(error) : error;
	}
}

function decodeText(
	codec: Codec<readonly unknown[]>,
	buffer: Uint8Array,
	start: number,
	end: number,
	frames: readonly Uint8Array[] | undefined,
): readonly unknown[] {
	if (frames !== undefined && frames.length > 0) throw framesBesideText();
	return codec.decodeJson(Buffer.from(buffer.subarray(start, end)).toString());
}

/** Flags of a CALL that are looked into. */
const unusualFlags = Flag.CHUNKED | Flag.SCHEMA_HASH;

/** Why a call is not served, whatever its arguments are, if so. */
function objection(
	{ method, schemaHash, isReserved }: Route,
	buffer: Uint8Array,
	header: CallHeader,
): RpcError | undefined {
	if (header.metadataEnd - header.methodEnd > maxMetadataBytes) return tooMuchMetadata();
	if ((header.flags & unusualFlags) === 0) return undefined;
	if ((header.flags & Flag.CHUNKED) !== 0) return noChunks();
	const wanted = readSchemaHash(buffer, header.methodEnd, header.metadataEnd);
	if (wanted === undefined) return noSchemaHash();
	// What servers say of themselves belongs to the protocol.
	if (isReserved || wanted === schemaHash) return undefined;
	return schemaMismatch(serviceOf(method.name), wanted, [schemaHash]);
}

/** The handler's: what the caller's side has added for this one is not in it. */
function takeMetadata(buffer: Uint8Array, start: number, end: number, flags: number): Uint8Array | undefined {
	return (flags & Flag.SCHEMA_HASH) === 0 ? copyOf(buffer, start, end) : withoutSchemaHash(buffer, start, end);
}

/** A few octets by a loop: views cost more. */
function copyOf(buffer: Uint8Array, start: number, end: number): Uint8Array {
	if (end - start > 64) return new Uint8Array(buffer.subarray(start, end));
	const copy = new Uint8Array(end - start);
	for (let i = start; i < end; i++) copy[i - start] = buffer[i]!;
	return copy;
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

function noChunks(): RpcError {
	return notStarted("UNIMPLEMENTED", "bodies in chunks are not supported");
}
