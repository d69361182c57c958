import type { FrameWriter } from "../wire/frame-writer.js";
import type { ShortNonce } from "./curve-nonce.js";

/** The ciphers that CURVE is made of, NaCl's box (X25519, XSalsa20, Poly1305), as a host of sockets offers them. */
export interface Ciphers {
	createKeyPair(): KeyPair;
	/** The pair of a secret key of 32 octets, borrowed. */
	keyPairOf(secretKey: Uint8Array): KeyPair;
	/** NaCl's crypto_secretbox, and crypto_box_afternm, which is the same. `nonce`: 24 octets. Owned by the caller. */
	seal(key: Uint8Array, nonce: Uint8Array, text: Uint8Array): Uint8Array;
	/** What is in the box, owned by the caller; `undefined` when it was not sealed with this key and nonce. */
	open(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Uint8Array | undefined;
	/**
	 * HSalsa20: the key for boxes of the traffic, whose nonces all begin with `prefix`, 16 characters. `key` is borrowed; owned
	 * by the caller, who wipes it.
	 */
	deriveKey(key: Uint8Array, prefix: string): Uint8Array;
	/** What seals and opens the traffic. Throws `ENOTSUP` where the host cannot. */
	frameBoxes(): FrameBoxes;
}

export interface KeyPair {
	/** 32 octets. */
	readonly publicKey: Uint8Array;
	/** 32 octets for who is to keep them. Owned by the caller. */
	exportSecretKey(): Uint8Array;
	/**
	 * The key that this side and the one with `publicKey` can compute, NaCl's crypto_box_beforenm. Owned by the caller, who
	 * wipes it. Throws on a public key of low order: whatever our secret is, everybody knows the result.
	 */
	sharedKey(publicKey: Uint8Array): Uint8Array;
}

/**
 * Seals and opens whole frames, each in a MESSAGE (RFC 26) of its own, many at a time. Keys are those of `deriveKey`, borrowed.
 * Nonces are counted on.
 */
export interface FrameBoxes {
	/**
	 * Seals the whole frames that `plain` has from `start` on, behind what `sealed` has. Returns where it stopped: at a frame
	 * that is cut, or when it had done enough for once. None taken: the frame there is cut, or larger than it has room for.
	 * Throws when the nonces are used up.
	 */
	sealFrames(key: Uint8Array, nonce: ShortNonce, plain: Uint8Array, start: number, sealed: FrameWriter): number;
	/**
	 * Opens the whole frames that `chunk` has from `start` on, with bodies up to `most`, and puts the plain ones in their
	 * place, up to `openedEnd`. Returns where it stopped, as `sealFrames` does, or at a frame of which `fault` tells.
	 */
	openFrames(key: Uint8Array, nonce: ShortNonce, chunk: Uint8Array, start: number, most: number): number;
	/** Of the last `openFrames`. */
	readonly openedEnd: number;
	/** A value of `boxFault`, or 0. */
	readonly fault: number;
	/** Seals a text of any size in place, under the nonce counted last, and puts its tag into `tag`. */
	sealText(key: Uint8Array, nonce: ShortNonce, text: Uint8Array, tag: Uint8Array): void;
	/** Opens a text of any size in place. False: it was not sealed so, and what is there now is nothing. */
	openText(key: Uint8Array, nonce: ShortNonce, text: Uint8Array, tag: Uint8Array): boolean;
	/** Leaves nothing of any key behind, nor of texts; `length`: of none longer than this. */
	wipe(length?: number): void;
}

/** What is wrong with a sealed frame. */
export const boxFault = { notSealed: 1, nonceSpent: 2, forged: 3, flagsUnknown: 4, tooShort: 5 } as const;

/** How much longer a box is than what it holds. */
export const boxOverheadBytes = 16;
