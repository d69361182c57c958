import type { ZmtpError } from "../../../packages/zmtp/src/errors.js";
import { defaultLimits } from "../../../packages/zmtp/src/limits.js";
import { MessageQueue } from "../../../packages/zmtp/src/pattern/message-queue.js";
import type { Pattern, Pipe } from "../../../packages/zmtp/src/pattern/pipe.js";
import { FrameReader } from "../../../packages/zmtp/src/wire/frame-reader.js";
import { FrameWriter } from "../../../packages/zmtp/src/wire/frame-writer.js";
import { message, textOf } from "./frames.js";

/** A peer as a pattern sees it, with all that was sent to it as texts: `a|b`. */
export class FakePipe implements Pipe {
	peerRoutingId: Uint8Array = new Uint8Array(0);
	routingId: Uint8Array = new Uint8Array(0);
	givenRoutingId: Uint8Array = new Uint8Array(0);
	cancelsOnce = false;
	readonly inbox = new MessageQueue();
	isWritable = true;
	isPaused = false;
	closedWith: ZmtpError | undefined;
	/** What the peer was told: `+topic`, `-topic`. */
	readonly subscriptions: string[] = [];
	readonly #writer = new FrameWriter();

	constructor(peerRoutingId: Uint8Array | string = "") {
		this.peerRoutingId = Buffer.from(peerRoutingId);
	}

	/** Everything sent since the last look. */
	get sent(): string[] {
		return this.sentFrames.map((frames) => textOf(frames).join("|"));
	}

	/** As `sent`, in octets. */
	get sentFrames(): Buffer[][] {
		const octets = Buffer.concat(this.#writer.pending());
		this.#writer.sent();
		const messages: Buffer[][] = [];
		read(octets, (frames) => messages.push(frames.map((frame) => Buffer.from(frame))));
		return messages;
	}

	begin(): FrameWriter {
		this.#writer.begin();
		return this.#writer;
	}

	commit(): void {
		this.#writer.commit();
	}

	rollback(): void {
		this.#writer.rollback();
	}

	sendSubscription(isSubscription: boolean, topic: Uint8Array): void {
		this.subscriptions.push(`${isSubscription ? "+" : "-"}${Buffer.from(topic)}`);
	}

	pause(): void {
		this.isPaused = true;
	}

	resume(): void {
		this.isPaused = false;
	}

	close(reason: ZmtpError): void {
		this.closedWith = reason;
	}
}

/** As many peers of a pattern, their connections standing. */
export function withPipes<P extends Pattern>(pattern: P, count: number): [P, FakePipe[]] {
	const pipes = Array.from({ length: count }, () => new FakePipe());
	for (const pipe of pipes) {
		pattern.attach(pipe);
		pattern.onReady?.(pipe);
	}
	return [pattern, pipes];
}

/** Brings a message from a peer to a pattern. */
export function bring(pattern: Pattern, pipe: FakePipe, ...frames: (string | Uint8Array)[]): void {
	const reader = createReader((received) => pattern.deliver(pipe, received));
	reader.push(message(...frames));
}

function createReader(onMessage: (received: Parameters<Pattern["deliver"]>[1]) => void): FrameReader {
	const reader = new FrameReader({ onMessage, onCommand: () => {} }, defaultLimits);
	reader.acceptsMessages = true;
	return reader;
}

function read(octets: Uint8Array, onFrames: (frames: Uint8Array[]) => void): void {
	createReader((received) => {
		onFrames(Array.from({ length: received.count }, (_, index) => received.frame(index)));
	}).push(octets);
}

/** Octets of a message to send. */
export function framesOf(...parts: string[]): Uint8Array[] {
	return parts.map((part) => Buffer.from(part));
}

/** What `receive()` gives next, as text: `a|b`. */
export function next(pattern: { receive(): readonly Uint8Array[] | undefined }): string | undefined {
	const frames = pattern.receive();
	return frames && textOf(frames).join("|");
}
