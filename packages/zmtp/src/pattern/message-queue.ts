import type { Frames } from "./frames.js";
import { Ring } from "./ring.js";

/** Messages in the order they came, counted in messages and bytes. */
export class MessageQueue {
	readonly #messages = new Ring<Frames>();
	bytes = 0;

	get length(): number {
		return this.#messages.length;
	}

	push(frames: Frames): void {
		this.#messages.push(frames);
		this.bytes += sizeOf(frames);
	}

	shift(): Frames | undefined {
		const frames = this.#messages.shift();
		if (frames !== undefined) this.bytes -= sizeOf(frames);
		return frames;
	}

	filter(keeps: (frames: Frames) => boolean): void {
		for (let left = this.length; left > 0; left--) {
			const frames = this.shift()!;
			if (keeps(frames)) this.push(frames);
		}
	}

	clear(): void {
		this.#messages.clear();
		this.bytes = 0;
	}
}

function sizeOf(frames: Frames): number {
	let bytes = 0;
	for (const frame of frames) bytes += frame.length;
	return bytes;
}
