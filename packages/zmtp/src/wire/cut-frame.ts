import { headerBytes, LONG, longHeaderBytes, readSize } from "./frame-header.js";
import { allocateLarge } from "./octets.js";

/** A cut frame up to this size gets its memory at once, a larger one as its octets arrive. Unit: bytes. */
const trustedFrameBytes = 1 << 20;

/**
 * What has arrived of a larger one vouches for so many times as much: its octets move once or twice, not with every doubling, and memory
 * that nothing has been written to yet is none in most hosts.
 */
const trustedGrowth = 16;

/** For fewer octets nobody need make room: they are as soon copied. Unit: bytes. */
const leastRoomBytes = 16 * 1024;

const nothing = new Uint8Array(0);

/**
 * A frame that came in pieces, put together in memory of its own. First its header, whose size the caller must find
 * acceptable before it goes on to the body.
 */
export class CutFrame {
	readonly #header = new Uint8Array(longHeaderBytes);
	#headerLength = 0;
	#body: Uint8Array | undefined;
	#bodyLength = 0;
	#size = 0;

	/** Whether there is nothing of it yet. */
	get isEmpty(): boolean {
		return this.#headerLength === 0;
	}

	get flags(): number {
		return this.#header[0]!;
	}

	/** The body's, once the header is whole. Unit: bytes. */
	get size(): number {
		return this.#size;
	}

	/** Whether the header is whole and has been accepted. */
	get hasBody(): boolean {
		return this.#body !== undefined;
	}

	get isWhole(): boolean {
		return this.#body !== undefined && this.#bodyLength === this.#size;
	}

	/** Whether the header is whole. */
	get hasHeader(): boolean {
		return this.#headerLength === headerBytes(this.#header, this.#headerLength);
	}

	/** Takes what a chunk has of the header from `from` on. Returns where that ends. */
	addHeader(chunk: Uint8Array, from: number): number {
		let position = from;
		while (position < chunk.length && !this.hasHeader) this.#header[this.#headerLength++] = chunk[position++]!;
		if (this.hasHeader) this.#size = (this.flags & LONG) === 0 ? this.#header[1]! : readSize(this.#header, 1);
		return position;
	}

	/** Makes room for the body, whose size has been accepted. */
	accept(): void {
		this.#bodyLength = 0;
		this.#body = this.#size === 0 ? nothing : allocateLarge(Math.min(this.#size, trustedFrameBytes));
	}

	/** Takes what a chunk has of the body from `from` on. Returns where that ends. */
	addBody(chunk: Uint8Array, from: number): number {
		const take = Math.min(chunk.length - from, this.#size - this.#bodyLength);
		this.#append(chunk, from, take);
		return from + take;
	}

	/**
	 * Where the octets that come next belong, when they are many: they may be put there before `addBody`, which then has
	 * nothing to copy.
	 */
	room(): Uint8Array | undefined {
		if (this.#body === undefined || this.#size - this.#bodyLength < leastRoomBytes) return undefined;
		return this.#withRoomFor(1).subarray(this.#bodyLength);
	}

	/** The body of a whole frame, owned by the caller. The next frame may begin. */
	take(): Uint8Array {
		const body = this.#body!;
		this.clear();
		return body;
	}

	clear(): void {
		this.#body = undefined;
		this.#headerLength = 0;
	}

	#append(chunk: Uint8Array, start: number, length: number): void {
		const body = this.#withRoomFor(length);
		// Else it came where there was room for it.
		if (chunk.buffer !== body.buffer) {
			body.set(
				start === 0 && length === chunk.length ? chunk : chunk.subarray(start, start + length),
				this.#bodyLength,
			);
		}
		this.#bodyLength += length;
	}

	/** The body's memory with room for `length` octets more. It follows what has arrived, not what was announced. */
	#withRoomFor(length: number): Uint8Array {
		const body = this.#body!;
		const needed = this.#bodyLength + length;
		if (needed <= body.length) return body;
		const larger = allocateLarge(Math.min(this.#size, Math.max(needed, body.length * trustedGrowth)));
		larger.set(body.subarray(0, this.#bodyLength));
		this.#body = larger;
		return larger;
	}
}
