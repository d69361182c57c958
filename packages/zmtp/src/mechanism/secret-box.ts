import { boxOverheadBytes, type SecretBox } from "./ciphers.js";
import { makeTag, readWord, tag } from "./poly1305.js";
import { block, makeBlock } from "./salsa20.js";

/**
 * XSalsa20-Poly1305, NaCl's crypto_secretbox, where the first two thirds of the nonce never change: what depends on them,
 * half of the work on a small text, has been done once, and left a key of its own (HSalsa20).
 */
export class FixedPrefixBox implements SecretBox {
	/** HSalsa20 of key and prefix. */
	readonly #key: Uint32Array;
	/** Poly1305's key for the box at hand: the first half of Salsa20's first block. */
	readonly #tagKey = new Uint32Array(8);

	/** `key`: eight words, owned from here on. */
	constructor(key: Uint32Array) {
		this.#key = key;
	}

	seal(buffer: Uint8Array, nonceAt: number, boxAt: number, end: number): void {
		const start = boxAt + boxOverheadBytes;
		this.#begin(buffer, nonceAt);
		this.#cross(buffer, nonceAt, start, end);
		makeTag(this.#tagKey, buffer, start, end);
		for (let i = 0; i < 4; i++) writeWord(buffer, boxAt + 4 * i, tag[i]!);
	}

	open(buffer: Uint8Array, nonceAt: number, boxAt: number, end: number): boolean {
		const start = boxAt + boxOverheadBytes;
		this.#begin(buffer, nonceAt);
		makeTag(this.#tagKey, buffer, start, end);
		// All of it is compared, whatever differs: how long it takes must not tell how far a guess was right.
		let difference = 0;
		for (let i = 0; i < 4; i++) difference |= readWord(buffer, boxAt + 4 * i) ^ tag[i]!;
		if (difference !== 0) return false;
		this.#cross(buffer, nonceAt, start, end);
		return true;
	}

	close(): void {
		this.#key.fill(0);
		this.#tagKey.fill(0);
		block.fill(0);
	}

	/** Makes the first block: half a key for the tag, half a stream for the first 32 octets. */
	#begin(buffer: Uint8Array, nonceAt: number): void {
		makeBlock(this.#key, readWord(buffer, nonceAt), readWord(buffer, nonceAt + 4), 0);
		const tagKey = this.#tagKey;
		for (let i = 0; i < 8; i++) tagKey[i] = block[i]!;
	}

	/** Adds the stream to the text, from the half of the first block that is left. The same seals and opens. */
	#cross(buffer: Uint8Array, nonceAt: number, start: number, end: number): void {
		const nonce0 = readWord(buffer, nonceAt);
		const nonce1 = readWord(buffer, nonceAt + 4);
		let at = start;
		let word = 8;
		for (let counter = 1; ; counter++) {
			for (; word < 16 && end - at >= 4; word++, at += 4) {
				const stream = block[word]!;
				buffer[at] = buffer[at]! ^ stream;
				buffer[at + 1] = buffer[at + 1]! ^ (stream >>> 8);
				buffer[at + 2] = buffer[at + 2]! ^ (stream >>> 16);
				buffer[at + 3] = buffer[at + 3]! ^ (stream >>> 24);
			}
			if (word < 16) {
				for (let stream = block[word]!; at < end; stream >>>= 8, at++) buffer[at] = buffer[at]! ^ stream;
				return;
			}
			if (at === end) return;
			makeBlock(this.#key, nonce0, nonce1, counter);
			word = 0;
		}
	}
}

function writeWord(octets: Uint8Array, at: number, word: number): void {
	octets[at] = word;
	octets[at + 1] = word >>> 8;
	octets[at + 2] = word >>> 16;
	octets[at + 3] = word >>> 24;
}
