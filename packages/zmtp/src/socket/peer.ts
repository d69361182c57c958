/**
 * One peer: the pipe that a pattern sees, kept on the wire by a connection over a stream. A peer that was connected to
 * outlives its streams: what waits in its queue goes out over the next one.
 */
import type { Connection, ConnectionHost, PeerDescription } from "../connection/connection.js";
import type { Sealer } from "../connection/sealed.js";
import { ZmtpError } from "../errors.js";
import type { Credentials, Decision } from "../mechanism/authentication.js";
import type { HighWaterMark } from "../pattern/back-pressure.js";
import { MessageQueue } from "../pattern/message-queue.js";
import type { Pipe } from "../pattern/pipe.js";
import type { ByteStream } from "../transport/transport.js";
import { encodeCommand, encodeLegacySubscription } from "../wire/command.js";
import { type Batch, FrameWriter } from "../wire/frame-writer.js";
import type { Message } from "../wire/message.js";
import { releaseSlab } from "../wire/slab.js";
import { type Flushable, flushAfterReading, flushThisTurn } from "./flush-turn.js";
import type { Settings } from "./options.js";
import type { Security } from "./security.js";
import type { Tickable } from "./ticker.js";

/**
 * From so much on a write is made without waiting for the end of the turn: the peer starts on the first messages while this
 * side still makes the others. With everything in one write a full window travels as one wave, and each side idles while
 * the other works. Octets alone would make a write of every few messages of a kibibyte. Measured: docs/decisions/0009.
 */
const eager = { bytes: 12 * 1024, messages: 32 } as const;
/** From this many waiting octets on a write is made however few messages they are. */
const eagerBytes = 64 * 1024;

/** No PONG is added to so much that already waits for a peer. Unit: bytes. */
const pongBacklogBytes = 64 * 1024;

/**
 * So much of subscriptions may wait for a publisher that does not read: they do not count as messages, so no mark bounds
 * them. Beyond it the connection is closed; all that stand are told on the next. Unit: bytes.
 */
const subscriptionBacklogBytes = 16 * 1024 * 1024;
/** About what one takes beside its topic. Unit: bytes. */
const subscriptionHeaderBytes = 16;

const noRoutingId = new Uint8Array(0);

/** How things stood when a peer's endpoint was bound or connected; later changes of options are not for it. */
export interface Terms {
	readonly settings: Settings;
	readonly security: Security;
}

/** Who owns peers: it makes their connections and hears what becomes of them. */
export interface PeerOwner {
	createConnection(peer: Peer): Connection;
	readonly sendLimit: HighWaterMark;
	/** Whether what peers are sent waits until all that have sent something have been read. */
	readonly isRelay: boolean;
	/** Judges a peer; `decide` is to be called once, in a later turn. */
	authenticate(peer: Peer, credentials: Credentials, decide: (decision: Decision) => void): void;
	/** Returns an error to refuse the peer. */
	onPeerReady(peer: Peer): ZmtpError | undefined;
	/** The stream is gone; called once for each `attach`, after which the peer can be attached to another. */
	onPeerLost(peer: Peer, error: ZmtpError | undefined): void;
	/** A stream was given up; `gone` resolves when it is closed. */
	onEnding(gone: Promise<void>): void;
	/** All that waited for a peer has been taken by the kernel. */
	onFlushed(): void;
	onMessage(peer: Peer, message: Message): void;
	onSubscription(peer: Peer, isSubscription: boolean, topic: Uint8Array): void;
	/** `isWritable` was found false and is true again. */
	onWritable(peer: Peer): void;
	onTickChanged(peer: Peer): void;
}

export class Peer implements Pipe, ConnectionHost, Flushable, Tickable {
	readonly terms: Terms;
	readonly inbox = new MessageQueue();
	routingId: Uint8Array = noRoutingId;
	readonly givenRoutingId: Uint8Array;
	/** What the handshake told; `undefined` before it. */
	description: PeerDescription | undefined;
	/** Where the peer is, or was last, for people. */
	address = "";
	/** Messages committed so far, over all streams. */
	committed = 0;
	/** Of those, how many have been handed to a stream: whatever is not among them never left this process. */
	flushed = 0;
	/** When the octets came that are being delivered, or came last: by `performance.now()`. Unit: ms. */
	receivedAt = 0;
	/** For the user of a port: whatever it wants to find again with the peer. */
	context: unknown;

	readonly #owner: PeerOwner;
	readonly #writer = new FrameWriter();
	/** With `conflate`: where the one message that waits is written, until it goes out with what is in the queue proper. */
	readonly #latest: FrameWriter | undefined;
	#stream: ByteStream | undefined;
	#connection: Connection | undefined;
	/** Of a connection whose mechanism hides its traffic. */
	#sealer: Sealer | undefined;
	#isReady = false;
	#isFlushDue = false;
	/** The stream has not taken its last write yet. */
	#isBlocked = false;
	/** What it is still reading, when that came from the queue. */
	#draining: Batch | undefined;
	/** Octets of the handshake that came while blocked. */
	#urgent: Uint8Array[] = [];
	/** Octets of subscriptions in the queue. */
	#subscriptionBytes = 0;
	#wasFull = false;
	#isPaused = false;

	/** `givenRoutingId`: what the peer is to be called, whatever it says itself; empty: nothing. */
	constructor(owner: PeerOwner, terms: Terms, givenRoutingId: Uint8Array = noRoutingId) {
		this.#owner = owner;
		this.terms = terms;
		this.givenRoutingId = givenRoutingId;
		this.#latest = owner.sendLimit.conflates ? new FrameWriter() : undefined;
	}

	get peerRoutingId(): Uint8Array {
		return this.description?.routingId ?? noRoutingId;
	}

	get cancelsOnce(): boolean {
		return this.description?.cancelsOnce ?? false;
	}

	/** Whether nothing committed waits in this process any more. */
	get isFlushed(): boolean {
		return this.#writer.isEmpty && !this.#isBlocked && (this.#latest === undefined || this.#latest.isEmpty);
	}

	/** Octets committed that the kernel has not taken. */
	get queuedBytes(): number {
		return this.#writer.bytes + (this.#draining?.bytes ?? 0);
	}

	get isWritable(): boolean {
		if (this.#isBelowMark()) return true;
		// A burst within one turn fills the queue while the kernel still has room.
		this.#write();
		if (this.#isBelowMark()) return true;
		this.#wasFull = true;
		return false;
	}

	begin(): FrameWriter {
		this.#latest?.sent();
		const writer = this.#latest ?? this.#writer;
		writer.begin();
		return writer;
	}

	commit(): void {
		(this.#latest ?? this.#writer).commit();
		this.committed++;
		if (this.#writer.bytes >= eager.bytes && this.#isEager()) this.flush();
		else if (!this.#isFlushDue) this.#flushSoon();
	}

	#isEager(): boolean {
		const { bytes, messages } = this.#writer;
		return messages >= eager.messages || bytes >= eagerBytes;
	}

	rollback(): void {
		(this.#latest ?? this.#writer).rollback();
	}

	sendSubscription(isSubscription: boolean, topic: Uint8Array): void {
		if (!this.#isReady) return;
		if (this.#isBlocked && this.#subscriptionBytes >= subscriptionBacklogBytes) {
			this.close(new ZmtpError("ZMTP_SUBSCRIPTIONS_UNREAD", "the publisher does not read what it is subscribed to"));
			return;
		}
		this.#subscriptionBytes += topic.length + subscriptionHeaderBytes;
		if (this.description?.version === "3.0") this.#writer.control(encodeLegacySubscription(isSubscription, topic));
		else this.#writer.command(encodeCommand(isSubscription ? "SUBSCRIBE" : "CANCEL", topic));
		this.#flushSoon();
	}

	/** A handshake is never paused: it takes effect once that is done. */
	pause(): void {
		this.#isPaused = true;
		if (!this.#isReady) return;
		this.#connection?.halt();
		this.#stream?.pause();
	}

	resume(): void {
		this.#isPaused = false;
		this.#stream?.resume();
		this.#connection?.resume();
	}

	/** Ends the connection in order: what the kernel has still leaves, what waits here stays here. */
	close(reason: ZmtpError | undefined): void {
		const stream = this.#stream;
		if (stream === undefined) return;
		this.#detach();
		this.#owner.onEnding(stream.end(reason));
		this.#owner.onPeerLost(this, reason);
	}

	/** As `close`, but what the stream has not taken yet, for the peer does not read, is given up at once. */
	release(): void {
		if (this.#isBlocked) this.#stream?.destroy();
		this.close(undefined);
	}

	/** Drops everything that waits for the peer. */
	discard(): void {
		this.#latest?.sent();
		if (this.#draining === undefined) this.#writer.sent();
		else this.#writer.detach();
	}

	/** Puts the peer on a new stream and starts the handshake. */
	attach(stream: ByteStream): void {
		this.#stream = stream;
		this.address = stream.remoteAddress;
		const connection = this.#owner.createConnection(this);
		this.#connection = connection;
		stream.onData = (chunk) => {
			const now = performance.now();
			this.receivedAt = now;
			connection.receive(chunk, now);
		};
		stream.onRoom = () => connection.room();
		stream.onDrain = () => this.#drained();
		stream.onClose = (error) => {
			connection.drain();
			// A fault in what was left may have ended it already.
			if (this.#stream !== stream) return;
			this.#detach();
			this.#owner.onPeerLost(this, error ?? new ZmtpError("ZMTP_CONNECTION_LOST", "the peer closed the connection"));
		};
		connection.start();
	}

	flush(): number {
		const { messages } = this.#writer;
		this.#isFlushDue = false;
		this.#write();
		if (this.#wasFull && this.#isBelowMark()) {
			this.#wasFull = false;
			this.#owner.onWritable(this);
		}
		return messages;
	}

	/** Hands everything committed to the stream, unless that is still busy with what it got before. */
	#write(): void {
		if (!this.#isReady || this.#isBlocked) return;
		if (this.#latest !== undefined && !this.#latest.isEmpty) this.#writer.adopt(this.#latest.detach());
		if (this.#writer.isEmpty) return;
		const writer = this.#sealer === undefined ? this.#writer : this.#seal(this.#sealer);
		if (writer === undefined) return;
		this.flushed = this.committed;
		this.#subscriptionBytes = 0;
		if (this.#stream!.write(writer.pending())) {
			writer.sent();
			this.#owner.onFlushed();
		} else {
			this.#isBlocked = true;
			this.#draining = writer.detach();
		}
	}

	#seal(sealer: Sealer): FrameWriter | undefined {
		try {
			return sealer.seal(this.#writer);
		} catch (error) {
			if (!(error instanceof ZmtpError)) throw error;
			this.close(error);
			return undefined;
		}
	}

	get tickMs(): number {
		return this.#connection?.tickMs ?? Number.POSITIVE_INFINITY;
	}

	tick(now: number): void {
		this.#connection?.tick(now);
	}

	transmit(octets: Uint8Array): void {
		if (this.#isBlocked) this.#urgent.push(octets);
		else this.#isBlocked = !this.#stream!.write([octets]);
	}

	get pingsByItself(): boolean {
		return this.#stream?.ping !== undefined;
	}

	/** At once: if thousands of peers had theirs written at the end of the turn, each would need a slab of its own till then. */
	transmitPing(body: Uint8Array): void {
		if (this.#stream?.ping !== undefined) {
			this.#stream.ping();
			return;
		}
		this.#writer.command(body);
		this.flush();
	}

	/** A peer that asks and does not read gets no more PONGs; what waits for it is sign of life enough. */
	transmitPong(body: Uint8Array): void {
		if (this.#isBlocked && this.#writer.bytes >= pongBacklogBytes) return;
		this.#writer.command(body);
		this.#flushSoon();
	}

	authenticate(credentials: Credentials): void {
		const connection = this.#connection!;
		this.#owner.authenticate(this, credentials, (decision) => {
			if (this.#connection === connection) connection.authenticated(decision, performance.now());
		});
	}

	onReady(peer: PeerDescription): ZmtpError | undefined {
		this.description = peer;
		this.#sealer = this.#connection!.sealer;
		this.#isReady = true;
		const refusal = this.#owner.onPeerReady(this);
		if (refusal !== undefined) {
			this.description = undefined;
			this.#isReady = false;
			return refusal;
		}
		this.#stream?.trust?.();
		// Kept from a connection before this one; a handshake is never paused.
		if (this.#isPaused) this.pause();
		this.#flushSoon();
		return undefined;
	}

	onMessage(message: Message): void {
		this.#owner.onMessage(this, message);
	}

	onSubscription(isSubscription: boolean, topic: Uint8Array): void {
		this.#owner.onSubscription(this, isSubscription, topic);
	}

	onFailed(error: ZmtpError): void {
		this.close(error);
	}

	onTickChanged(): void {
		this.#owner.onTickChanged(this);
	}

	#isBelowMark(): boolean {
		if (this.#latest !== undefined) return true;
		const draining = this.#draining;
		const limit = this.#owner.sendLimit;
		if (draining !== undefined) return this.#isAllBelow(draining, limit);
		return this.#writer.messages < limit.messages && this.#writer.bytes < limit.bytes;
	}

	#isAllBelow(draining: Batch, limit: HighWaterMark): boolean {
		return (
			this.#writer.messages + draining.messages < limit.messages && this.#writer.bytes + draining.bytes < limit.bytes
		);
	}

	#flushSoon(): void {
		if (this.#isFlushDue || !this.#isReady) return;
		this.#isFlushDue = true;
		if (this.#owner.isRelay) flushAfterReading(this);
		else flushThisTurn(this);
	}

	#drained(): void {
		this.#isBlocked = false;
		this.#release();
		const urgent = this.#urgent;
		if (urgent.length > 0) {
			this.#urgent = [];
			this.#isBlocked = !this.#stream!.write(urgent);
		}
		this.flush();
		if (this.isFlushed) this.#owner.onFlushed();
	}

	#release(): void {
		if (this.#draining === undefined) return;
		for (const slab of this.#draining.slabs) releaseSlab(slab);
		this.#draining = undefined;
	}

	/** Lets go of stream and connection. A batch that was being written is lost with them, as it is in libzmq. */
	#detach(): void {
		const stream = this.#stream!;
		stream.onData = ignore;
		stream.onRoom = ignore;
		stream.onDrain = ignore;
		stream.onClose = ignore;
		this.#connection!.close();
		this.#stream = undefined;
		this.#connection = undefined;
		this.#sealer = undefined;
		this.#isReady = false;
		this.#isBlocked = false;
		this.#subscriptionBytes = 0;
		// The stream may still be reading these slabs: they are left to the garbage collector, never used again.
		this.#draining = undefined;
		this.#urgent = [];
	}
}

function ignore(): undefined {}
