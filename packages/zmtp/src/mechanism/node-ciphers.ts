/**
 * Node's ciphers for CURVE. X25519 is its own. A secret key is a `KeyObject`: it lies in OpenSSL's memory, which is cleared
 * when the object is collected, and in no array or string of ours.
 */
import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from "node:crypto";
import { hsalsa, xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { boxOverheadBytes, type Ciphers, type KeyPair, type SecretBox } from "./ciphers.js";

/** PKCS #8's wrapping of an X25519 key (RFC 8410), without the key. */
const secretKeyHead = Buffer.from("302e020100300506032b656e04220420", "hex");

export const nodeCiphers: Ciphers = {
	createKeyPair: () => new NodeKeyPair(generateKeyPairSync("x25519").privateKey),
	keyPairOf(secretKey) {
		const wrapped = Buffer.concat([secretKeyHead, secretKey]);
		const key = createPrivateKey({ key: wrapped, format: "der", type: "pkcs8" });
		wrapped.fill(0);
		return new NodeKeyPair(key);
	},
	seal: (key, nonce, text) => xsalsa20poly1305(key, nonce).encrypt(text),
	open(key, nonce, box) {
		if (box.length < boxOverheadBytes) return undefined;
		try {
			return xsalsa20poly1305(key, nonce).decrypt(box);
		} catch {
			return undefined;
		}
	},
	createSecretBox: (key, prefix) => new NobleSecretBox(key, prefix),
};

class NodeKeyPair implements KeyPair {
	readonly publicKey: Uint8Array;
	readonly #secretKey: KeyObject;

	constructor(secretKey: KeyObject) {
		this.#secretKey = secretKey;
		this.publicKey = exportKey(createPublicKey(secretKey), "x");
	}

	exportSecretKey(): Uint8Array {
		return exportKey(this.#secretKey, "d");
	}

	sharedKey(publicKey: Uint8Array): Uint8Array {
		const x = Buffer.from(publicKey).toString("base64url");
		const key = createPublicKey({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" });
		const secret = diffieHellman({ privateKey: this.#secretKey, publicKey: key });
		// OpenSSL has refused this before; RFC 7748 leaves it to the implementation.
		if (secret.every((octet) => octet === 0)) throw new Error("a public key of low order");
		const words = new Uint32Array(secret.length / 4);
		const shared = new Uint8Array(words.buffer);
		shared.set(secret);
		secret.fill(0);
		hsalsa(sigma, words, noInput, words);
		return shared;
	}
}

/** "expand 32-byte k" as the four words that Salsa20 takes. */
const sigma = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);
const noInput = new Uint32Array(4);

function exportKey(key: KeyObject, part: "x" | "d"): Uint8Array {
	return new Uint8Array(Buffer.from(key.export({ format: "jwk" })[part]!, "base64url"));
}

class NobleSecretBox implements SecretBox {
	readonly #key: Uint8Array;
	readonly #nonce = new Uint8Array(24);

	constructor(key: Uint8Array, prefix: string) {
		this.#key = Uint8Array.from(key);
		this.#nonce.set(Buffer.from(prefix));
	}

	seal(buffer: Uint8Array, nonceAt: number, boxAt: number, end: number): void {
		this.#nonce.set(buffer.subarray(nonceAt, nonceAt + 8), 16);
		const text = buffer.subarray(boxAt + boxOverheadBytes, end);
		buffer.set(nodeCiphers.seal(this.#key, this.#nonce, text), boxAt);
	}

	open(buffer: Uint8Array, nonceAt: number, boxAt: number, end: number): boolean {
		this.#nonce.set(buffer.subarray(nonceAt, nonceAt + 8), 16);
		const text = nodeCiphers.open(this.#key, this.#nonce, buffer.subarray(boxAt, end));
		if (text === undefined) return false;
		buffer.set(text, boxAt + boxOverheadBytes);
		return true;
	}

	close(): void {
		this.#key.fill(0);
	}
}
