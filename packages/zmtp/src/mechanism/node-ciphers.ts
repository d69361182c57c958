/**
 * Node's ciphers for CURVE. X25519 is its own. A secret key is a `KeyObject`: it lies in OpenSSL's memory, which is cleared
 * when the object is collected, and in no array or string of ours.
 */
import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from "node:crypto";
import { hsalsa, xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { boxOverheadBytes, type Ciphers, type KeyPair } from "./ciphers.js";
import { findSodium, NodeSecretBox } from "./node-secret-box.js";
import { readWord } from "./poly1305.js";

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
	createSecretBox(key, prefix) {
		void findSodium();
		const octets = Buffer.from(prefix);
		const derived = deriveKey(key, octets);
		const words = Uint32Array.from({ length: 8 }, (_, index) => readWord(derived, 4 * index));
		derived.fill(0);
		return new NodeSecretBox(Uint8Array.from(key), octets, words);
	},
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
		// X25519 ignores the last bit. No key has it set: a flipped one must not pass for the key that it was.
		if ((publicKey[31]! & 0x80) !== 0) throw new Error("a public key above 2^255");
		const x = Buffer.from(publicKey).toString("base64url");
		const key = createPublicKey({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" });
		const secret = diffieHellman({ privateKey: this.#secretKey, publicKey: key });
		// OpenSSL has refused this before; RFC 7748 leaves it to the implementation.
		if (secret.every((octet) => octet === 0)) throw new Error("a public key of low order");
		const shared = deriveKey(secret, noInput);
		secret.fill(0);
		return shared;
	}
}

const sigma = viewWords(Buffer.from("expand 32-byte k"));
const noInput = new Uint8Array(16);

/** HSalsa20. `input`: 16 octets. Owned by the caller. */
function deriveKey(key: Uint8Array, input: Uint8Array): Uint8Array {
	const words = viewWords(key);
	hsalsa(sigma, words, viewWords(input), words);
	return new Uint8Array(words.buffer);
}

/** A copy, as the host's words. */
function viewWords(octets: Uint8Array): Uint32Array {
	return new Uint32Array(Uint8Array.from(octets).buffer);
}

function exportKey(key: KeyObject, part: "x" | "d"): Uint8Array {
	return new Uint8Array(Buffer.from(key.export({ format: "jwk" })[part]!, "base64url"));
}
