import type { Message } from "../wire/message.js";
import type { Frames } from "./frames.js";
import type { Pipe } from "./pipe.js";

/** Bounds of what may wait in one pipe. */
export interface HighWaterMark {
	readonly messages: number;
	readonly bytes: number;
}

/**
 * RFC 28, fair queuing: one message from each peer that has any, in turn. A peer whose queue is at the high water mark is
 * not read from until half of it is gone, so that the pressure reaches the sender and reading does not stutter.
 */
export class FairQueue {
	readonly #limit: HighWaterMark;
	/** Pipes with messages, the next one first. */
	readonly #ready: Pipe[] = [];
	readonly #paused = new Set<Pipe>();

	constructor(limit: HighWaterMark) {
		this.#limit = limit;
	}

	get isEmpty(): boolean {
		return this.#ready.length === 0;
	}

	/** Keeps a copy of the message's frames, from frame `from` on, behind `prefix`. */
	add(pipe: Pipe, prefix: Frames, message: Message, from = 0): void {
		const frames: Uint8Array[] = [...prefix];
		for (let i = from; i < message.count; i++) frames.push(message.take(i));
		this.push(pipe, frames);
	}

	/** Takes a message that is owned already. */
	push(pipe: Pipe, frames: Frames): void {
		const { inbox } = pipe;
		if (inbox.length === 0) this.#ready.push(pipe);
		inbox.push(frames);
		if ((inbox.length >= this.#limit.messages || inbox.bytes >= this.#limit.bytes) && !this.#paused.has(pipe)) {
			this.#paused.add(pipe);
			pipe.pause();
		}
	}

	/** The next message and where it came from. A peer that left is served until its queue is empty. */
	take(): { readonly pipe: Pipe; readonly frames: Frames } | undefined {
		const pipe = this.#ready.shift();
		if (pipe === undefined) return undefined;
		const { inbox } = pipe;
		const frames = inbox.shift()!;
		if (inbox.length > 0) this.#ready.push(pipe);
		if (inbox.length * 2 <= this.#limit.messages && inbox.bytes * 2 <= this.#limit.bytes && this.#paused.delete(pipe)) {
			pipe.resume();
		}
		return { pipe, frames };
	}
}
