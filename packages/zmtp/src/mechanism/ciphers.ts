/** The ciphers that CURVE is made of, NaCl's box (X25519, XSalsa20, Poly1305), as a host of sockets offers them. */
export interface Ciphers {
	createKeyPair(): KeyPair;
	/** The pair of a secret key of 32 octets, borrowed. */
	keyPairOf(secretKey: Uint8Array): KeyPair;
	/** NaCl's crypto_secretbox, and crypto_box_afternm, which is the same. `nonce`: 24 octets. Owned by the caller. */
	seal(key: Uint8Array, nonce: Uint8Array, text: Uint8Array): Uint8Array;
	/** What is in the box, owned by the caller; `undefined` when it was not sealed with this key and nonce. */
	open(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Uint8Array | undefined;
	/** Boxes for the traffic. `key`: copied. `prefix`: the 16 characters that all nonces begin with. */
	createSecretBox(key: Uint8Array, prefix: string): SecretBox;
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

/** Seals and opens where the octets lie: 8 octets of nonce at `nonceAt`, at `boxAt` 16 for Poly1305's tag, the text up to `end`. */
export interface SecretBox {
	seal(buffer: Uint8Array, nonceAt: number, boxAt: number, end: number): void;
	/** False: it was not sealed so. */
	open(buffer: Uint8Array, nonceAt: number, boxAt: number, end: number): boolean;
	/** Wipes the key. */
	close(): void;
}

/** How much longer a box is than what it holds. */
export const boxOverheadBytes = 16;
