import type { Pipe } from "./pipe.js";

/** Bounds of what may wait in one pipe. */
export interface HighWaterMark {
	readonly messages: number;
	readonly bytes: number;
	/** Keep the last message only, and never stop. */
	readonly conflates?: boolean;
}

/**
 * A peer whose inbox is at the high water mark is not read from until half of it is gone, so that the pressure reaches
 * the sender and reading does not stutter.
 */
export class BackPressure {
	readonly #limit: HighWaterMark;
	readonly #paused = new Set<Pipe>();

	constructor(limit: HighWaterMark) {
		this.#limit = limit;
	}

	/** Something was put into the pipe's inbox. */
	onAdded(pipe: Pipe): void {
		const { inbox } = pipe;
		if (inbox.length < this.#limit.messages && inbox.bytes < this.#limit.bytes) return;
		if (this.#paused.has(pipe)) return;
		this.#paused.add(pipe);
		pipe.pause();
	}

	/** Something was taken out of it. */
	onTaken(pipe: Pipe): void {
		if (this.#paused.size === 0) return;
		const { inbox } = pipe;
		if (inbox.length * 2 > this.#limit.messages || inbox.bytes * 2 > this.#limit.bytes) return;
		if (this.#paused.delete(pipe)) pipe.resume();
	}
}
