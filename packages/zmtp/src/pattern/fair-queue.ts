import type { Message } from "../wire/message.js";
import { BackPressure, type HighWaterMark } from "./back-pressure.js";
import type { Frames } from "./frames.js";
import type { Pipe } from "./pipe.js";
import { Ring } from "./ring.js";

/** RFC 28, fair queuing: one message from each peer that has any, in turn. */
export class FairQueue {
	readonly #limit: HighWaterMark;
	readonly #pressure: BackPressure;
	/** Pipes with messages, the next one first. */
	readonly #ready = new Ring<Pipe>();
	/** Where the message came from that was taken last. */
	from: Pipe | undefined;

	constructor(limit: HighWaterMark) {
		this.#limit = limit;
		this.#pressure = new BackPressure(limit);
	}

	get isEmpty(): boolean {
		return this.#ready.length === 0;
	}

	attach(pipe: Pipe): void {
		this.#pressure.onAttached(pipe);
	}

	/** What came from the peer stays. */
	detach(pipe: Pipe): void {
		this.#pressure.onDetached(pipe);
	}

	/** Keeps a copy of the message's frames, from frame `from` on. */
	add(pipe: Pipe, message: Message, from = 0): void {
		this.push(pipe, message.takeAll(from));
	}

	/** Takes a message that is owned already. */
	push(pipe: Pipe, frames: Frames): void {
		const { inbox } = pipe;
		if (inbox.length === 0) this.#ready.push(pipe);
		if (this.#limit.conflates) {
			inbox.clear();
			inbox.push(frames);
		} else {
			inbox.push(frames);
			this.#pressure.onAdded(pipe);
		}
	}

	/** The next message. A peer that left is served until its queue is empty. */
	take(): Frames | undefined {
		const pipe = this.#ready.shift();
		if (pipe === undefined) return undefined;
		const frames = pipe.inbox.shift();
		if (pipe.inbox.length > 0) this.#ready.push(pipe);
		this.#pressure.onTaken(pipe);
		this.from = pipe;
		return frames;
	}

	/** Drops the messages that are not to be kept any more. */
	filter(keeps: (frames: Frames) => boolean): void {
		for (let left = this.#ready.length; left > 0; left--) {
			const pipe = this.#ready.shift()!;
			pipe.inbox.filter(keeps);
			if (pipe.inbox.length > 0) this.#ready.push(pipe);
			this.#pressure.onTaken(pipe);
		}
	}
}
