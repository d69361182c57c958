import type { ZmtpError } from "../errors.js";
import type { FrameWriter } from "../wire/frame-writer.js";
import type { Message } from "../wire/message.js";
import type { Frames } from "./frames.js";
import type { MessageQueue } from "./message-queue.js";

/** What a pattern sees of one peer: a queue towards it and a queue of what came from it. */
export interface Pipe {
	/** The Identity that the peer sent; empty when it has none. */
	readonly peerRoutingId: Uint8Array;
	/** The routing id that `connect()` was given for the peer, whatever the peer calls itself; empty when none was. */
	readonly givenRoutingId: Uint8Array;
	/** Whether the peer repeats SUBSCRIBE for each of equal subscriptions, but sends CANCEL only at the last one's end. */
	readonly cancelsOnce: boolean;
	/** The address a ROUTER knows the peer by; a copy of the peer's, or minted. Set by the pattern. */
	routingId: Uint8Array;
	/** Messages received and not yet taken by the application. */
	readonly inbox: MessageQueue;
	/** Whether the queue towards the peer is below its high water marks. */
	readonly isWritable: boolean;

	/** Starts a message. Write its frames, then `commit()`, or undo them with `rollback()`; nothing may come in between. */
	begin(): FrameWriter;
	commit(): void;
	rollback(): void;
	/**
	 * Tells the peer of a subscription, or of its end, in the form that its version knows. It waits in the queue without
	 * counting there: a full queue must not lose subscriptions. Without effect while no connection stands. `topic` is
	 * copied.
	 */
	sendSubscription(isSubscription: boolean, topic: Uint8Array): void;
	/** Stops reading from the peer, down to the kernel's socket. */
	pause(): void;
	resume(): void;
	/** Ends the connection: the pattern does not want the peer any more. */
	close(reason: ZmtpError): void;
}

/** The behaviour of one socket type: where messages go, and which message comes next. RFC 28 and its sisters. */
export interface Pattern {
	/**
	 * Whether a pipe is of use only once its peer is known. Else `connect()` attaches one at once and messages wait in
	 * it for the connection.
	 */
	readonly needsPeer: boolean;
	/**
	 * Whether it passes on to some peers what comes from others: then what it sends leaves once all have been read that can be, not after
	 * each of them. Default: not.
	 */
	readonly isRelay?: boolean;
	/**
	 * Why no further peer would be taken now, whoever it is. Asked before the handshake: who believes that it is a peer
	 * sends what it has, and loses it.
	 */
	refuse?(): ZmtpError | undefined;
	/** A peer is there. Returns an error to refuse it. */
	attach(pipe: Pipe): ZmtpError | undefined;
	/** The peer is gone and, with it, what its pipe still held for it. `reason`: why, unless it left in order. */
	detach(pipe: Pipe, reason: ZmtpError | undefined): void;
	/** A connection to an attached peer stands: the first one, or another after the one before it was lost. */
	onReady?(pipe: Pipe): void;
	/** The peer sent SUBSCRIBE or CANCEL. `topic` is borrowed until return. */
	onSubscription?(pipe: Pipe, isSubscription: boolean, topic: Uint8Array): void;
	/** A message came. Borrowed until return. */
	deliver(pipe: Pipe, message: Message): void;
	/** The pipe was full and is below its high water marks again. */
	onWritable(pipe: Pipe): void;
}

/** A pattern as the sockets with `send()` and `receive()` use it. */
export interface ApplicationPattern extends Pattern {
	/** Whether `send` would take a message now; where that depends on the message, whether it might. */
	readonly canSend: boolean;
	/** Whether `receive` would return a message now. */
	readonly canReceive: boolean;
	/** Queues a message for a peer. False: none can take it now. Throws a `ZmtpError` when the state or the address is wrong. */
	send(frames: Frames): boolean;
	/** The next message, owned by the caller; `undefined` when there is none. */
	receive(): Frames | undefined;
}

/** Writes one message into a pipe, below its high water mark or not: `frames` from frame `from` on. */
export function sendFrames(pipe: Pipe, frames: Frames, from = 0): void {
	writeFrames(pipe.begin(), frames, from);
	pipe.commit();
}

/** As `sendFrames`, with an envelope in front. */
export function sendEnveloped(pipe: Pipe, envelope: Frames, frames: Frames): void {
	const writer = pipe.begin();
	for (const frame of envelope) writer.frame(frame, true);
	writeFrames(writer, frames, 0);
	pipe.commit();
}

function writeFrames(writer: FrameWriter, frames: Frames, from: number): void {
	const last = frames.length - 1;
	for (let i = from; i < last; i++) writer.frame(frames[i]!, true);
	writer.frame(frames[last]!, false);
}
