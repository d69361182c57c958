import type { Pipe } from "./pipe.js";

/** Bounds of what may wait in one pipe. */
export interface HighWaterMark {
	readonly messages: number;
	readonly bytes: number;
	/** Keep the last message only, and never stop. */
	readonly conflates?: boolean;
}

/**
 * Who is not read from, so that the pressure reaches the sender. A peer whose inbox is at the high water mark, until half
 * of it is gone, for reading should not stutter. And newcomers, while those who left have left more behind than one peer
 * may: whoever comes, sends and goes again and again could fill the memory otherwise.
 */
export class BackPressure {
	readonly #limit: HighWaterMark;
	readonly #full = new Set<Pipe>();
	readonly #held = new Set<Pipe>();
	/** Peers that have left, and what of theirs waits still. */
	readonly #left = new Map<Pipe, { messages: number; bytes: number }>();
	#leftMessages = 0;
	#leftBytes = 0;

	constructor(limit: HighWaterMark) {
		this.#limit = limit;
	}

	onAttached(pipe: Pipe): void {
		if (this.#left.has(pipe)) this.#count(pipe, 0, 0);
		if (this.#leftMessages < this.#limit.messages && this.#leftBytes < this.#limit.bytes) return;
		this.#held.add(pipe);
		pipe.pause();
	}

	onDetached(pipe: Pipe): void {
		const { inbox } = pipe;
		this.#held.delete(pipe);
		if (inbox.length > 0) this.#count(pipe, inbox.length, inbox.bytes);
	}

	/** Something was put into the pipe's inbox. */
	onAdded(pipe: Pipe): void {
		const { inbox } = pipe;
		if (inbox.length < this.#limit.messages && inbox.bytes < this.#limit.bytes) return;
		if (this.#full.has(pipe)) return;
		this.#full.add(pipe);
		pipe.pause();
	}

	/** Something was taken out of it. */
	onTaken(pipe: Pipe): void {
		const { inbox } = pipe;
		if (this.#left.size > 0 && this.#left.has(pipe)) this.#count(pipe, inbox.length, inbox.bytes);
		if (this.#full.size === 0) return;
		if (inbox.length * 2 > this.#limit.messages || inbox.bytes * 2 > this.#limit.bytes) return;
		if (this.#full.delete(pipe) && !this.#held.has(pipe)) pipe.resume();
	}

	/** Notes what a peer that has left has in its inbox now; nothing: there is none such, or it is back. */
	#count(pipe: Pipe, messages: number, bytes: number): void {
		const before = this.#left.get(pipe) ?? { messages: 0, bytes: 0 };
		this.#leftMessages += messages - before.messages;
		this.#leftBytes += bytes - before.bytes;
		if (messages > 0) this.#left.set(pipe, { messages, bytes });
		else this.#left.delete(pipe);
		if (this.#leftMessages * 2 > this.#limit.messages || this.#leftBytes * 2 > this.#limit.bytes) return;
		const held = [...this.#held];
		this.#held.clear();
		for (const newcomer of held) if (!this.#full.has(newcomer)) newcomer.resume();
	}
}
