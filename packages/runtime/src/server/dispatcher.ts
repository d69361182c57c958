/**
 * From a message to its handler and back. Knows nothing of endpoints, queues or drains: it serves whatever its peers send.
 *
 * Rules of this file: every CALL that is understood gets exactly one answer, or, one-way, one END towards a queue; what is
 * not understood is counted. Nothing that a peer sends makes anything here throw.
 */
import { randomUUID } from "node:crypto";
import { notStarted, RpcError } from "../errors.js";
import type { IncomingMessage, LinkPeer, MessageWriter } from "../link/link.js";
import { type Codec, InvalidValue } from "../protocol/codec.js";
import {
	echoEnvelope,
	findDelimiter,
	isSameEnvelope,
	type KeptEnvelope,
	keepEnvelope,
	writeEnvelope,
} from "../protocol/envelope.js";
import { writeError } from "../protocol/error-body.js";
import { Flag, firstTextOctet, Kind, newCallHeader, readCallHeader } from "../protocol/header.js";
import { DeadlineWheel } from "../timing/deadline-wheel.js";
import { ServedCall } from "./context.js";
import { writeEnd, writeResult } from "./reply-writer.js";
import type { Route, Routes } from "./routes.js";

/** A peer that leaves this much unread is given up; what it had in flight goes on adding after it is held back. Unit: bytes. */
const maxUnreadBytes = 64 * 1024 * 1024;

/** A call that waits for others to finish: all of its message. */
interface WaitingCall {
	readonly call: ServedCall;
	readonly route: Route;
	readonly body: Uint8Array;
}

export interface DispatcherOptions {
	/** Calls served at a time. */
	readonly concurrency: number;
	/** Calls that wait beyond those. */
	readonly maxWaitingCalls: number;
	/** Octets of their arguments. */
	readonly maxWaitingBytes: number;
	readonly maxFrameBytes: number;
	/** A handler failed with something other than an RpcError; the caller was told the id only. */
	readonly onFailure: (failure: HandlerFailure) => void;
	/** A served call ended; `running` and `waiting` have changed. */
	readonly onSettled: () => void;
}

/** What the server's log should say of a handler's failure. */
export interface HandlerFailure {
	/** Also in the caller's error message. */
	readonly errorId: string;
	readonly method: string;
	readonly error: unknown;
}

/** What a peer's calls need at this end. */
interface PeerCalls {
	readonly running: Set<ServedCall>;
}

export class Dispatcher {
	readonly #options: DispatcherOptions;
	readonly #routes: Routes;
	readonly #wheel = new DeadlineWheel<ServedCall>((call) => call.expire());
	readonly #header = newCallHeader();
	#waiting: WaitingCall[] = [];
	#waitingBytes = 0;
	/** Calls whose handler has not settled. */
	running = 0;
	/** Messages that were no request of any kind. */
	malformed = 0;
	served = 0;
	/** Set while draining: why a new call is refused. */
	refusal: RpcError | undefined;

	constructor(routes: Routes, options: DispatcherOptions) {
		this.#routes = routes;
		this.#options = options;
	}

	get waiting(): number {
		return this.#waiting.length;
	}

	/** Takes a message whose delimiter is at `delimiter`, and whose first data frame is a request's. */
	receive(peer: LinkPeer, message: IncomingMessage, isOneWayAcknowledged: boolean): void {
		const delimiter = findDelimiter(message);
		const first = delimiter + 1;
		if (delimiter === -1 || first >= message.count || message.size(first) === 0) {
			this.malformed++;
			return;
		}
		const kind = message.buffers[first]![message.starts[first]!]!;
		const dataFrames = message.count - first;
		if (kind === Kind.CALL && dataFrames === 2) this.#receiveCall(peer, message, delimiter, isOneWayAcknowledged);
		else if (kind === Kind.CANCEL) this.#cancel(peer, message, delimiter);
		else if (kind >= firstTextOctet && dataFrames === 2) this.#receiveBare(peer, message, delimiter);
		else this.malformed++;
	}

	/** A peer is gone: what its calls find out goes nowhere. */
	forget(peer: LinkPeer): void {
		const reason = new RpcError("CANCELLED", "the connection to the caller was lost");
		for (const call of callsOf(peer).running) {
			call.origin = undefined;
			call.abort(reason);
		}
		callsOf(peer).running.clear();
		this.#waiting = this.#waiting.filter(({ call, body }) => {
			if (call.origin !== peer) return true;
			this.#waitingBytes -= body.length;
			return false;
		});
	}

	/** Aborts every call being served. */
	abortAll(peers: Iterable<LinkPeer>, reason: RpcError): void {
		for (const peer of peers) for (const call of callsOf(peer).running) call.abort(reason);
	}

	stop(): void {
		this.#wheel.stop();
	}

	#receiveCall(peer: LinkPeer, message: IncomingMessage, delimiter: number, isOneWayAcknowledged: boolean): void {
		const header = this.#header;
		const index = delimiter + 1;
		const buffer = message.buffers[index]!;
		if (!readCallHeader(buffer, message.starts[index]!, message.ends[index]!, header)) {
			this.malformed++;
			return;
		}
		const isSilent = (header.flags & Flag.ONE_WAY) !== 0;
		const route = this.#routes.find(buffer, header.methodStart, header.methodEnd);
		if (route === undefined || this.refusal !== undefined || (header.flags & Flag.CHUNKED) !== 0) {
			const name = () => JSON.stringify(Buffer.from(buffer.subarray(header.methodStart, header.methodEnd)).toString());
			const error =
				route === undefined
					? notStarted("UNIMPLEMENTED", `there is no method ${name()} here`)
					: (this.refusal ?? notStarted("UNIMPLEMENTED", "chunked bodies are not supported"));
			this.#refuse(peer, message, delimiter, error, isSilent, isOneWayAcknowledged);
			return;
		}
		const { methodEnd, metadataEnd } = header;
		const call = new ServedCall({
			method: route.method.name,
			attempt: header.attempt,
			deadlineAt: header.budgetMs === 0 ? Number.POSITIVE_INFINITY : performance.now() + header.budgetMs,
			origin: peer,
			isOneWay: isSilent,
			isJson: (header.flags & Flag.JSON) !== 0,
			metadata: metadataEnd > methodEnd ? Buffer.from(buffer.subarray(methodEnd, metadataEnd)) : undefined,
			wheel: this.#wheel,
		});
		this.#admit(call, route, message, delimiter, isOneWayAcknowledged);
	}

	/** A request without a header: method and arguments, from a peer that knows nothing of Homing. */
	#receiveBare(peer: LinkPeer, message: IncomingMessage, delimiter: number): void {
		const index = delimiter + 1;
		const route = this.#routes.find(message.buffers[index]!, message.starts[index]!, message.ends[index]!);
		if (route === undefined || this.refusal !== undefined) {
			const error =
				this.refusal ?? notStarted("UNIMPLEMENTED", `there is no method ${printable(message.frame(index))} here`);
			this.#refuse(peer, message, delimiter, error, false, false);
			return;
		}
		const body = index + 1;
		const call = new ServedCall({
			method: route.method.name,
			attempt: 0,
			deadlineAt: Number.POSITIVE_INFINITY,
			origin: peer,
			isOneWay: false,
			// A list in JSON starts with its bracket; the same octet is no array in msgpack.
			isJson: message.buffers[body]![message.starts[body]!] === 0x5b,
			metadata: undefined,
			wheel: this.#wheel,
		});
		this.#admit(call, route, message, delimiter, false);
	}

	#admit(call: ServedCall, route: Route, message: IncomingMessage, delimiter: number, isAcknowledged: boolean): void {
		const body = delimiter + 2;
		// A one-way call's envelope is kept only where a queue waits for its END.
		const isAnswered = !call.isOneWay || isAcknowledged;
		if (this.running < this.#options.concurrency && this.#waiting.length === 0) {
			this.#run(
				call,
				route,
				message.buffers[body]!,
				message.starts[body]!,
				message.ends[body]!,
				message,
				delimiter,
				isAnswered,
			);
			return;
		}
		const size = message.size(body);
		if (
			this.#waiting.length >= this.#options.maxWaitingCalls ||
			this.#waitingBytes + size > this.#options.maxWaitingBytes
		) {
			const error = notStarted("RESOURCE_EXHAUSTED", `${call.method}: the server has too many calls waiting`);
			this.#refuse(call.origin!, message, delimiter, error, call.isOneWay, isAcknowledged);
			return;
		}
		if (isAnswered) call.envelope = keepEnvelope(message, 0, delimiter);
		this.#waitingBytes += size;
		this.#waiting.push({ call, route, body: message.take(body) });
	}

	/** Starts calls that waited, as far as the limit allows. */
	#runWaiting(): void {
		while (this.running < this.#options.concurrency) {
			const next = this.#waiting.shift();
			if (next === undefined) return;
			this.#waitingBytes -= next.body.length;
			const { call, route, body } = next;
			// Work whose deadline has passed is never started; the caller knows already.
			if (call.deadlineAt <= performance.now()) {
				this.#answer(call, (writer) =>
					writeError(writer, notStarted("DEADLINE_EXCEEDED", `${call.method}: waited too long`)),
				);
				continue;
			}
			this.#run(call, route, body, 0, body.length, undefined, 0, call.envelope !== undefined);
		}
	}

	/** Runs the handler. The envelope is `message`'s, while there is one, else the call's own. */
	#run(
		call: ServedCall,
		route: Route,
		buffer: Uint8Array,
		start: number,
		end: number,
		message: IncomingMessage | undefined,
		delimiter: number,
		isAnswered: boolean,
	): void {
		let result: unknown;
		try {
			const args = decodeArguments(route.method.arguments, buffer, start, end, call.isJson);
			result = route.handler(args, call);
		} catch (error) {
			if (message !== undefined && isAnswered) call.envelope = keepEnvelope(message, 0, delimiter);
			this.#fail(call, error);
			return;
		}
		if (isThenable(result)) {
			if (message !== undefined && isAnswered) call.envelope = keepEnvelope(message, 0, delimiter);
			this.#await(call, route, result);
		} else if (message !== undefined && isAnswered) {
			this.#succeedAtOnce(call, route, result, message, delimiter);
		} else {
			this.#succeed(call, route, result);
		}
	}

	#await(call: ServedCall, route: Route, result: PromiseLike<unknown>): void {
		this.running++;
		const { running } = callsOf(call.origin!);
		running.add(call);
		const leave = () => {
			this.running--;
			running.delete(call);
		};
		result.then(
			(value) => {
				leave();
				this.#succeed(call, route, value);
				this.#afterSettled();
			},
			(error) => {
				leave();
				this.#fail(call, error);
				this.#afterSettled();
			},
		);
	}

	#afterSettled(): void {
		if (this.#waiting.length > 0) this.#runWaiting();
		this.#options.onSettled();
	}

	/** The answer to a message that is still here: its envelope is echoed from where it lies. */
	#succeedAtOnce(call: ServedCall, route: Route, value: unknown, message: IncomingMessage, delimiter: number): void {
		if (call.isOneWay) {
			call.envelope = keepEnvelope(message, 0, delimiter);
			this.#succeed(call, route, value);
			return;
		}
		call.settle();
		this.served++;
		const peer = call.origin!;
		const writer = peer.begin();
		try {
			echoEnvelope(writer, message, 0, delimiter);
			writeResult(writer, route.method.result, value, call.isJson, this.#options.maxFrameBytes);
		} catch (error) {
			peer.rollback();
			call.envelope = keepEnvelope(message, 0, delimiter);
			this.#answer(call, (failed) => writeError(failed, this.#resultError(call, error)));
			return;
		}
		peer.commit();
		holdBack(peer);
	}

	#succeed(call: ServedCall, route: Route, value: unknown): void {
		call.settle();
		this.served++;
		if (call.isOneWay) {
			this.#answer(call, writeEnd);
			return;
		}
		try {
			this.#answer(call, (writer) =>
				writeResult(writer, route.method.result, value, call.isJson, this.#options.maxFrameBytes),
			);
		} catch (error) {
			this.#answer(call, (writer) => writeError(writer, this.#resultError(call, error)));
		}
	}

	#fail(call: ServedCall, error: unknown): void {
		call.settle();
		this.served++;
		const answer = this.#toRpcError(call, error);
		this.#answer(call, call.isOneWay ? writeEnd : (writer) => writeError(writer, answer));
	}

	/** Writes one answer behind the kept envelope; nothing when nobody is there to hear it. Throws what `write` throws, undone. */
	#answer(call: ServedCall, write: (writer: MessageWriter) => void): void {
		const { origin, envelope } = call;
		if (origin === undefined || envelope === undefined) return;
		const writer = origin.begin();
		try {
			writeEnvelope(writer, envelope);
			write(writer);
		} catch (error) {
			origin.rollback();
			throw error;
		}
		origin.commit();
		holdBack(origin);
	}

	#refuse(
		peer: LinkPeer,
		message: IncomingMessage,
		delimiter: number,
		error: RpcError,
		isOneWay: boolean,
		isOneWayAcknowledged: boolean,
	): void {
		if (isOneWay && !isOneWayAcknowledged) return;
		const writer = peer.begin();
		echoEnvelope(writer, message, 0, delimiter);
		if (isOneWay) writeEnd(writer);
		else writeError(writer, error);
		peer.commit();
		holdBack(peer);
	}

	/** Finds the call by its envelope: one that is not a stream has been told no other address. */
	#cancel(peer: LinkPeer, message: IncomingMessage, delimiter: number): void {
		const isMeant = (envelope: KeptEnvelope | undefined) =>
			envelope !== undefined && isSameEnvelope(envelope, message, 0, delimiter);
		const reason = new RpcError("CANCELLED", "the caller cancelled");
		for (const call of callsOf(peer).running) if (isMeant(call.envelope)) call.abort(reason);
		const index = this.#waiting.findIndex(({ call }) => call.origin === peer && isMeant(call.envelope));
		if (index === -1) return;
		const [{ call, body }] = this.#waiting.splice(index, 1) as [WaitingCall];
		this.#waitingBytes -= body.length;
		this.#answer(call, (writer) => writeError(writer, notStarted("CANCELLED", `${call.method}: the caller cancelled`)));
	}

	#resultError(call: ServedCall, error: unknown): RpcError {
		if (!(error instanceof InvalidValue)) return this.#toRpcError(call, error);
		return this.#toRpcError(call, new Error(`the handler's result is not what the interface says: ${error.message}`));
	}

	/** What the caller may know. A handler's own message and stack stay here unless it threw an RpcError. */
	#toRpcError(call: ServedCall, error: unknown): RpcError {
		if (error instanceof RpcError) return error;
		if (error instanceof InvalidArguments) {
			const { message, violations } = error.reason;
			return notStarted("INVALID_ARGUMENT", `${call.method}: ${message}`, { details: { violations } });
		}
		// A handler that obeys its signal ends with whatever error its own calls gave it; the abort is the reason.
		if (call.abortReason !== undefined) return call.abortReason;
		const errorId = randomUUID();
		this.#options.onFailure({ errorId, method: call.method, error });
		return new RpcError("INTERNAL", `${call.method} failed; the server's log has it as ${errorId}`, {
			details: { errorId },
		});
	}
}

/** Keeps a caller's bad arguments apart from an `InvalidValue` that a handler throws, of a call it made itself. */
class InvalidArguments extends Error {
	readonly reason: InvalidValue;

	constructor(reason: InvalidValue) {
		super(reason.message);
		this.reason = reason;
	}
}

function decodeArguments(
	codec: Codec<readonly unknown[]>,
	buffer: Uint8Array,
	start: number,
	end: number,
	isJson: boolean,
): readonly unknown[] {
	try {
		return isJson
			? codec.decodeJson(Buffer.from(buffer.subarray(start, end)).toString())
			: codec.decode(buffer, start, end);
	} catch (error) {
		throw error instanceof InvalidValue ? new InvalidArguments(error) : error;
	}
}

/** A caller that does not read its answers is not read from either, until it has caught up. */
function holdBack(peer: LinkPeer): void {
	if (peer.isWritable) return;
	if (peer.queuedBytes > maxUnreadBytes) peer.close(undefined);
	else peer.pause();
}

function callsOf(peer: LinkPeer): PeerCalls {
	peer.context ??= { running: new Set<ServedCall>() } satisfies PeerCalls;
	return peer.context as PeerCalls;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
	return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

function printable(name: Uint8Array): string {
	return JSON.stringify(Buffer.from(name).toString().slice(0, 64));
}
