import { BackPressure, type HighWaterMark } from "./back-pressure.js";
import type { Frames } from "./frames.js";
import type { Pipe } from "./pipe.js";
import { Ring } from "./ring.js";

/**
 * Messages of all peers in the order of their arrival, for an XPUB: that nobody wants a topic any more must not be heard
 * after somebody new wants it. No peer gets further ahead of the others than its high water mark.
 */
export class ArrivalQueue {
	readonly #pressure: BackPressure;
	/** Whose message is next, one entry for each message. */
	readonly #order = new Ring<Pipe>();
	/** Where the message came from that was taken last. */
	from: Pipe | undefined;

	constructor(limit: HighWaterMark) {
		this.#pressure = new BackPressure(limit);
	}

	get isEmpty(): boolean {
		return this.#order.length === 0;
	}

	push(pipe: Pipe, frames: Frames): void {
		this.#order.push(pipe);
		pipe.inbox.push(frames);
		this.#pressure.onAdded(pipe);
	}

	take(): Frames | undefined {
		const pipe = this.#order.shift();
		if (pipe === undefined) return undefined;
		const frames = pipe.inbox.shift();
		this.#pressure.onTaken(pipe);
		this.from = pipe;
		return frames;
	}
}
