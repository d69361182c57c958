import { copy, type Octets, over, smallBytes } from "./octets.js";

/**
 * So many times what was taken out of the last block the next one has: headers lie between small frames. More would let a
 * peer have a small message keep a large block. Unit: bytes for each byte.
 */
const blockGrowth = 4;

/**
 * Copies frames out of the chunks they arrived in, for keeps. A copy of its own for each small frame costs more than all
 * else that is done with it, so those that lie side by side get views of one copy, a block. It is no larger than what was
 * taken out of the one before lets expect, nor than the memory that small `Buffer`s share anyway.
 */
export class KeptFrames {
	/** What the block is a copy of: octets `from` to `to` of `source`. */
	#source: Uint8Array | undefined;
	#from = 0;
	#to = 0;
	/** The block's memory; octet i of the source lies at `shift + i`. */
	#memory: ArrayBufferLike | undefined;
	#shift = 0;
	/** Out of the block. Unit: bytes. */
	#taken = 0;

	/** Octets `start` to `end` of `source`, whose memory does not change. Owned by the caller. */
	take(source: Uint8Array, start: number, end: number): Octets {
		const size = end - start;
		if (size * 2 > smallBytes) return copy(source, start, end);
		if (source !== this.#source || start < this.#from || end > this.#to) {
			const length = Math.min(source.length - start, Math.max(size, Math.min(smallBytes, this.#taken * blockGrowth)));
			this.#taken = size;
			const block = copy(source, start, start + length);
			if (length === size) return block;
			this.#source = source;
			this.#from = start;
			this.#to = start + length;
			this.#memory = block.buffer;
			this.#shift = block.byteOffset - start;
		} else {
			this.#taken += size;
		}
		return over(this.#memory!, this.#shift + start, size);
	}

	/** Lets go of chunk and block. */
	clear(): void {
		this.#source = undefined;
		this.#memory = undefined;
	}
}
