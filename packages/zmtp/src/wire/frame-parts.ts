import { COMMAND, headerBytes, LONG, longHeaderBytes, MORE, readSize } from "./frame-header.js";
import { greetingBytes } from "./greeting.js";
import { allocate } from "./octets.js";

/** Frames as they go by, for what turns ZMTP's framing into another or back: the head, then the body in pieces. */
export interface FrameParts {
	/** `flags`: `MORE`, `COMMAND` or none of both. A frame without a body ends here, without a call of `body`. */
	begin(flags: number, size: number): void;
	/** The next octets of the body: `chunk` from `start` to `end`. Borrowed until return. */
	body(chunk: Uint8Array, start: number, end: number): void;
}

/** Takes ZMTP's octets, as this side writes them, apart. The greeting in front is left out. */
export class FrameSplitter {
	readonly #to: FrameParts;
	/** What is still to come of the greeting. */
	#greetingLeft = greetingBytes;
	readonly #header = new Uint8Array(longHeaderBytes);
	#headerLength = 0;
	/** What is still to come of the frame's body. */
	#left = 0;

	constructor(to: FrameParts) {
		this.#to = to;
	}

	/** Takes octets cut anywhere. Borrowed until return. */
	push(chunk: Uint8Array): void {
		const header = this.#header;
		let position = Math.min(this.#greetingLeft, chunk.length);
		this.#greetingLeft -= position;
		while (position < chunk.length) {
			if (this.#left > 0) {
				const end = Math.min(chunk.length, position + this.#left);
				this.#left -= end - position;
				this.#to.body(chunk, position, end);
				position = end;
				continue;
			}
			header[this.#headerLength++] = chunk[position++]!;
			if (this.#headerLength < headerBytes(header, this.#headerLength)) continue;
			this.#headerLength = 0;
			const flags = header[0]!;
			this.#left = (flags & LONG) === 0 ? header[1]! : readSize(header, 1);
			this.#to.begin(flags & (MORE | COMMAND), this.#left);
		}
	}
}

const nothing = new Uint8Array(0);

/** Puts frames together to ZMTP's octets. */
export class FrameAssembler implements FrameParts {
	#buffer: Uint8Array = nothing;
	#end = 0;
	/** A chunk that is a piece of a body from end to end: it needs no copy. */
	#whole: Uint8Array | undefined;

	/** How many octets will come until `take`, about: the first memory that is needed will hold so many. */
	expectedBytes = 0;

	begin(flags: number, size: number): void {
		const isLong = size > 255;
		this.#reserve(longHeaderBytes);
		this.#buffer[this.#end++] = isLong ? flags | LONG : flags;
		if (isLong) this.#writeSize(size);
		else this.#buffer[this.#end++] = size;
	}

	/** As in `FrameParts`, but a chunk that is given whole is owned from here on. */
	body(chunk: Uint8Array, start: number, end: number): void {
		if (this.#end === 0 && start === 0 && end === chunk.length) this.#whole = chunk;
		else this.append(chunk, start, end);
	}

	/** Adds octets as they are. */
	append(octets: Uint8Array, start = 0, end = octets.length): void {
		this.#reserve(end - start);
		this.#buffer.set(octets.subarray(start, end), this.#end);
		this.#end += end - start;
	}

	/** All that came since the last time. Owned by the caller. */
	take(): Uint8Array {
		const taken = this.#whole ?? this.#buffer.subarray(0, this.#end);
		this.#whole = undefined;
		this.#buffer = nothing;
		this.#end = 0;
		return taken;
	}

	/** RFC 37, Framing: eight octets in network order. */
	#writeSize(size: number): void {
		const { buffer, byteOffset } = this.#buffer;
		new DataView(buffer, byteOffset + this.#end).setBigUint64(0, BigInt(size));
		this.#end += 8;
	}

	#reserve(size: number): void {
		const needed = this.#end + size;
		if (needed <= this.#buffer.length) return;
		const larger = allocate(Math.max(needed, this.expectedBytes, 2 * this.#buffer.length));
		larger.set(this.#buffer.subarray(0, this.#end));
		this.#buffer = larger;
	}
}
