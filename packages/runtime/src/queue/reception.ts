import { notStarted, RpcError } from "../errors.js";
import { maxEnvelopeFrames } from "../limits.js";
import type { IncomingMessage, LinkPeer } from "../link/link.js";
import { ChangedMessage } from "../protocol/changed-message.js";
import { findDelimiter } from "../protocol/envelope.js";
import { isDelivery } from "../protocol/hand-over.js";
import { type CallHeader, Flag, firstTextOctet, Kind, newCallHeader, readCallHeader } from "../protocol/header.js";
import { routeOffset } from "../protocol/route.js";
import { noSchemaHash, readSchemaHash } from "../protocol/schema-hash.js";
import { isReserved } from "../reserved/homing.js";
import { endOneWay } from "./answers.js";
import type { CallBook } from "./call-book.js";
import type { Pool } from "./pool.js";
import type { Pools } from "./pools.js";
import type { QueuedCall } from "./queued-call.js";
import type { ReservedDesk } from "./reserved.js";

export interface ReceptionOptions {
	readonly pools: Pools;
	readonly book: CallBook;
	/** Where the queue answers of itself. */
	readonly desk: ReservedDesk;
	/** Whether what servers stream may come as ITEMS: frames here may be as large. */
	readonly takesRuns: boolean;
	/** A caller has sent its last call. */
	readonly onStopped: (caller: LinkPeer) => void;
	/** Somebody offers services who should do so elsewhere. */
	readonly onWorker: (caller: LinkPeer) => void;
}

/** Flags of a CALL that decide who gets it. */
const unusualFlags = Flag.SURVEY | Flag.SCHEMA_HASH;

/** Where callers are heard, clients and queues above alike: what they say is told apart, and taken or refused. */
export class Reception {
	readonly #options: ReceptionOptions;
	readonly #header: CallHeader = newCallHeader();
	/** Services that nobody has offered yet may still be. */
	isDiscovering = true;
	/** New calls are refused. */
	isDraining = false;
	/** Messages that were none that a caller sends. */
	malformed = 0;

	constructor(options: ReceptionOptions) {
		this.#options = options;
	}

	/** `isQueue`: the caller is a queue, and keeps count of its calls. */
	receive(caller: LinkPeer, received: IncomingMessage, isQueue: boolean): void {
		const delimiter = findDelimiter(received);
		const first = delimiter + 1;
		const dataFrames = received.count - first;
		if (delimiter === -1 || dataFrames < 1 || received.size(first) === 0) {
			this.malformed++;
			return;
		}
		const message = this.#options.takesRuns ? received : withoutRuns(received, first);
		const buffer = message.buffers[first]!;
		const start = message.starts[first]!;
		const header = this.#header;
		if (buffer[start] === Kind.CALL && dataFrames >= 2 && readCallHeader(buffer, start, message.ends[first]!, header)) {
			this.#route(caller, message, delimiter, header.methodStart, header.methodEnd, header, isQueue);
		} else {
			this.#receiveOther(caller, message, delimiter, isQueue);
		}
	}

	/** What is no CALL. */
	#receiveOther(caller: LinkPeer, message: IncomingMessage, delimiter: number, isQueue: boolean): void {
		const { book } = this.#options;
		const first = delimiter + 1;
		const start = message.starts[first]!;
		const kind = message.buffers[first]![start]!;
		if (kind === Kind.CANCEL && message.size(first) <= routeOffset(kind)) {
			book.followUps.cancel(caller, message, delimiter);
		} else if (routeOffset(kind) !== -1 && message.size(first) > routeOffset(kind)) {
			book.followUps.follow(caller, message, delimiter, kind);
		} else if (isDelivery(message, first)) {
			book.handOvers.deliver(caller, message, delimiter);
		} else if (kind === Kind.DRAIN && delimiter === 0) {
			this.#options.onStopped(caller);
		} else if (kind === Kind.READY && delimiter === 0 && !isQueue) {
			this.malformed++;
			this.#options.onWorker(caller);
		} else if (kind >= firstTextOctet && message.count - first === 2) {
			this.#route(caller, message, delimiter, start, message.ends[first]!, undefined, isQueue);
		} else {
			this.malformed++;
		}
	}

	/** To the pool that serves the method, or to the queue itself. */
	#route(
		caller: LinkPeer,
		message: IncomingMessage,
		delimiter: number,
		methodStart: number,
		methodEnd: number,
		header: CallHeader | undefined,
		isQueue: boolean,
	): void {
		const buffer = message.buffers[delimiter + 1]!;
		if (isReserved(buffer, methodStart, methodEnd)) {
			this.#receiveReserved(caller, message, delimiter, methodStart, methodEnd, header, isQueue);
		} else {
			const pool = this.#options.pools.find(buffer, methodStart, methodEnd);
			this.#receiveCall(caller, message, delimiter, pool, header, isQueue);
		}
	}

	/** A question to the queue itself, or one that a worker answers all the same. */
	#receiveReserved(
		caller: LinkPeer,
		message: IncomingMessage,
		delimiter: number,
		methodStart: number,
		methodEnd: number,
		header: CallHeader | undefined,
		isQueue: boolean,
	): void {
		const isOneWay = header !== undefined && (header.flags & Flag.ONE_WAY) !== 0;
		const pool = this.#options.desk.receive(caller, message, delimiter, methodStart, methodEnd, isOneWay);
		if (!caller.isWritable) caller.pause();
		if (pool !== undefined) this.#receiveCall(caller, message, delimiter, pool, header, isQueue);
		else if (isOneWay && isQueue) endOneWay(caller, message, delimiter);
	}

	#receiveCall(
		caller: LinkPeer,
		message: IncomingMessage,
		delimiter: number,
		pool: Pool<QueuedCall> | undefined,
		header: CallHeader | undefined,
		isQueue: boolean,
	): void {
		const isServed = pool !== undefined && (pool.isKnown || this.isDiscovering);
		// The queue's own address goes in front: what a worker gets must still be an envelope.
		const isTooFar = delimiter === maxEnvelopeFrames;
		if (isServed && !this.isDraining && !isTooFar) {
			if (header !== undefined && (header.flags & unusualFlags) !== 0) {
				this.#receiveUnusual(caller, message, delimiter, pool, header, isQueue);
			} else {
				this.#options.book.accept(caller, pool, message, delimiter, header, isQueue);
			}
		} else {
			this.#refuse(caller, message, delimiter, pool, header, isQueue);
		}
	}

	/** Refuses a call that no pool may take. */
	#refuse(
		caller: LinkPeer,
		message: IncomingMessage,
		delimiter: number,
		pool: Pool<QueuedCall> | undefined,
		header: CallHeader | undefined,
		isQueue: boolean,
	): void {
		const { book, pools } = this.#options;
		const isTooFar = delimiter === maxEnvelopeFrames;
		const isOneWay = header !== undefined && (header.flags & Flag.ONE_WAY) !== 0;
		const error = isTooFar
			? notStarted("FAILED_PRECONDITION", `the call has come through ${maxEnvelopeFrames} hops, and may go no further`)
			: this.isDraining
				? notStarted("UNAVAILABLE", "the queue is draining")
				: notStarted(
						"UNIMPLEMENTED",
						`no worker has ever offered ${pool === undefined ? "this service" : JSON.stringify(pool.service)}`,
					);
		book.refuse(caller, message, delimiter, error, isOneWay, isQueue);
		if (pool !== undefined) pools.prune(pool);
	}

	/** A survey, or a call for one version of the service. */
	#receiveUnusual(
		caller: LinkPeer,
		message: IncomingMessage,
		delimiter: number,
		whole: Pool<QueuedCall>,
		header: CallHeader,
		isQueue: boolean,
	): void {
		const { book } = this.#options;
		const isSurvey = (header.flags & Flag.SURVEY) !== 0;
		const pool = this.#poolFor(whole, message.buffers[delimiter + 1]!, header);
		if (pool instanceof RpcError) {
			// The queue above may know somebody: what was offered to it is being taken back.
			if (isQueue && !isSurvey && pool.status === "FAILED_PRECONDITION") {
				book.handBack(caller, whole, message, delimiter, header);
			} else {
				book.refuse(caller, message, delimiter, pool, (header.flags & Flag.ONE_WAY) !== 0, isQueue);
			}
		} else if (isSurvey) {
			book.survey(caller, pool, message, delimiter, header, isQueue);
		} else {
			book.accept(caller, pool, message, delimiter, header, isQueue);
		}
	}

	/** The pool of the version that the call is for, if it says one; or why nobody gets it. */
	#poolFor(whole: Pool<QueuedCall>, buffer: Uint8Array, header: CallHeader): Pool<QueuedCall> | RpcError {
		if ((header.flags & Flag.SCHEMA_HASH) === 0) return whole;
		const schemaHash = readSchemaHash(buffer, header.methodEnd, header.metadataEnd);
		if (schemaHash === undefined) return noSchemaHash();
		return this.#options.pools.findVersion(whole, schemaHash, this.isDiscovering);
	}
}

/** A CALL whose answers are to come item by item, whatever its caller takes: the message as it came, if it is none or does not ask. */
function withoutRuns(message: IncomingMessage, header: number): IncomingMessage {
	const buffer = message.buffers[header]!;
	const start = message.starts[header]!;
	const isAsking = message.size(header) > 1 && (buffer[start + 1]! & Flag.TAKES_ITEMS) !== 0;
	if (buffer[start] !== Kind.CALL || !isAsking) return message;
	const octets = message.take(header);
	octets[1]! &= ~Flag.TAKES_ITEMS;
	return new ChangedMessage(message, header, octets);
}
