import type { Frames } from "./frames.js";

/** Messages in the order they came, counted in messages and bytes. */
export class MessageQueue {
	#messages: Frames[] = [];
	#head = 0;
	bytes = 0;

	get length(): number {
		return this.#messages.length - this.#head;
	}

	push(frames: Frames): void {
		this.#messages.push(frames);
		this.bytes += sizeOf(frames);
	}

	shift(): Frames | undefined {
		const frames = this.#messages[this.#head];
		if (frames === undefined) return undefined;
		this.#head++;
		// Moving what is left once half is gone costs each message at most one move.
		if (this.#head * 2 >= this.#messages.length) {
			this.#messages = this.#messages.slice(this.#head);
			this.#head = 0;
		}
		this.bytes -= sizeOf(frames);
		return frames;
	}

	clear(): void {
		this.#messages = [];
		this.#head = 0;
		this.bytes = 0;
	}
}

function sizeOf(frames: Frames): number {
	let bytes = 0;
	for (const frame of frames) bytes += frame.length;
	return bytes;
}
