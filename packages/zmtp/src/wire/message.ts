import { KeptFrames } from "./kept-frames.js";
import { type Octets, view } from "./octets.js";

const nothing: Uint8Array = new Uint8Array(0);
const noView: DataView = new DataView(nothing.buffer);

/**
 * One received message: frames as ranges of the chunks they arrived in, so that nothing is copied and no view is made
 * for a frame that is only looked at.
 *
 * Borrowed: the object is used again for the next message. The chunks are not; a view made by `frame()` stays valid, at
 * the price of keeping its whole chunk in memory.
 */
export class Message {
	/** Number of frames. */
	count = 0;
	/** Frame i is `buffers[i]`, octets `starts[i]` to `ends[i]`. Entries beyond `count` are leftovers. */
	readonly buffers: Uint8Array[] = [];
	readonly starts: number[] = [];
	readonly ends: number[] = [];
	readonly #kept = new KeptFrames();
	/** The memory of `#viewed`. */
	#view = noView;
	#viewed = nothing;

	add(buffer: Uint8Array, start: number, end: number): void {
		const index = this.count++;
		// Most come out of the chunk of those before them, and storing what may be young costs more than looking.
		if (this.buffers[index] !== buffer) this.buffers[index] = buffer;
		this.starts[index] = start;
		this.ends[index] = end;
	}

	size(index: number): number {
		return this.ends[index]! - this.starts[index]!;
	}

	/** All frames' octets together. */
	get bytes(): number {
		let total = 0;
		for (let i = 0; i < this.count; i++) total += this.size(i);
		return total;
	}

	/** Whether frame `index` is just these octets. */
	equals(index: number, octets: Uint8Array): boolean {
		const buffer = this.buffers[index]!;
		const start = this.starts[index]!;
		return this.size(index) === octets.length && octets.every((octet, i) => buffer[start + i] === octet);
	}

	/** All frames from `from` on, for keeps; as `take`, behind `before`, if that is given. */
	takeAll(from = 0, before?: Uint8Array): Uint8Array[] {
		// As long as it will be: growing would make room for sixteen more.
		const shift = before === undefined ? from : from - 1;
		const frames = new Array<Uint8Array>(this.count - shift);
		if (before !== undefined) frames[0] = before;
		for (let i = from; i < this.count; i++) frames[i - shift] = this.take(i);
		return frames;
	}

	/** A view of frame `index`, sharing the chunk's memory. */
	frame(index: number): Uint8Array {
		return this.buffers[index]!.subarray(this.starts[index]!, this.ends[index]!);
	}

	/** The memory of `buffers[index]`, for who reads several octets at a time. Made once for each chunk. */
	dataView(index: number): DataView {
		const buffer = this.buffers[index]!;
		if (this.#viewed !== buffer) this.#renewView(buffer);
		return this.#view;
	}

	/**
	 * Frame `index` for keeps. Owned by the caller. Small frames are copied, so that one of them does not pin the chunk
	 * it came in; a frame that fills at least half of its chunk is handed over as a view. Taken once: who takes it again
	 * may get the same memory.
	 */
	take(index: number): Octets {
		const buffer = this.buffers[index]!;
		const start = this.starts[index]!;
		const end = this.ends[index]!;
		const size = end - start;
		// The chunk may itself be a part of more memory, which is slower to ask for.
		const isMostOfIt = size * 2 >= buffer.length && size * 2 >= buffer.buffer.byteLength;
		return isMostOfIt ? view(buffer, start, end) : this.#kept.take(buffer, start, end);
	}

	/** Lets go of the chunks. */
	clear(): void {
		this.count = 0;
		this.buffers.length = 0;
		this.#kept.clear();
		this.#view = noView;
		this.#viewed = nothing;
	}

	#renewView(buffer: Uint8Array): void {
		this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
		this.#viewed = buffer;
	}
}
