/**
 * Memory for octets that are kept, one after the other: an array of its own for each would cost more than all else that is done with
 * them. What is kept for long keeps a block, so those are small.
 */
export class KeptBlock {
	readonly #bytes: number;
	octets: Uint8Array;
	memory: DataView;
	#used = 0;

	/** `bytes`: of a block. */
	constructor(bytes: number) {
		this.#bytes = bytes;
		this.octets = new Uint8Array(bytes);
		this.memory = new DataView(this.octets.buffer);
	}

	/** Room for `size` octets: returns where it begins in `octets` and `memory`, which are others whenever a block is full. */
	allot(size: number): number {
		if (this.#used + size > this.octets.length) this.#renew(size);
		const at = this.#used;
		this.#used = at + size;
		return at;
	}

	#renew(size: number): void {
		this.octets = new Uint8Array(Math.max(size, this.#bytes));
		this.memory = new DataView(this.octets.buffer);
		this.#used = 0;
	}
}
