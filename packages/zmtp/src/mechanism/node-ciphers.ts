/**
 * Node's ciphers for CURVE. X25519 is its own. A secret key is a `KeyObject`: it lies in OpenSSL's memory, which is cleared
 * when the object is collected, and in no array or string of ours.
 */
import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from "node:crypto";
import { boxOverheadBytes, type Ciphers, type FrameBoxes, type KeyPair } from "./ciphers.js";
import { curveKernel } from "./curve-kernel.js";
import { ShortNonce } from "./curve-nonce.js";

/** PKCS #8's wrapping of an X25519 key (RFC 8410), without the key. */
const secretKeyHead = Buffer.from("302e020100300506032b656e04220420", "hex");

/** X25519's base point (RFC 7748): what a secret key has in common with it is its public key. */
const basePoint = importPublicKey(Uint8Array.of(9, ...new Uint8Array(31)));

export const nodeCiphers: Ciphers = {
	createKeyPair: () => new NodeKeyPair(generateKeyPairSync("x25519").privateKey),
	keyPairOf(secretKey) {
		const wrapped = Buffer.concat([secretKeyHead, secretKey]);
		const key = createPrivateKey({ key: wrapped, format: "der", type: "pkcs8" });
		wrapped.fill(0);
		return new NodeKeyPair(key);
	},
	seal(key, nonce, text) {
		const box = new Uint8Array(boxOverheadBytes + text.length);
		box.set(text, boxOverheadBytes);
		handle(key, nonce, box, (kernel, ...rest) => kernel.sealText(...rest));
		return box;
	},
	open(key, nonce, sealed) {
		if (sealed.length < boxOverheadBytes) return undefined;
		const box = Uint8Array.from(sealed);
		return handle(key, nonce, box, (kernel, ...rest) => kernel.openText(...rest))
			? box.subarray(boxOverheadBytes)
			: undefined;
	},
	deriveKey: (key, prefix) => curveKernel().deriveKey(key, Buffer.from(prefix)),
	frameBoxes: curveKernel,
};

/**
 * Nothing here exports a key as JWK, though that is the fastest: Node holds a lock meanwhile that the collector wants too,
 * for a key that was generated, and the process stands still for ever (docs/decisions/0019).
 */
class NodeKeyPair implements KeyPair {
	readonly publicKey: Uint8Array;
	readonly #secretKey: KeyObject;

	constructor(secretKey: KeyObject) {
		this.#secretKey = secretKey;
		this.publicKey = new Uint8Array(diffieHellman({ privateKey: secretKey, publicKey: basePoint }));
	}

	exportSecretKey(): Uint8Array {
		const wrapped = this.#secretKey.export({ format: "der", type: "pkcs8" });
		const secretKey = Uint8Array.from(wrapped.subarray(secretKeyHead.length));
		wrapped.fill(0);
		return secretKey;
	}

	sharedKey(publicKey: Uint8Array): Uint8Array {
		// X25519 ignores the last bit. No key has it set: a flipped one must not pass for the key that it was.
		if ((publicKey[31]! & 0x80) !== 0) throw new Error("a public key above 2^255");
		const secret = diffieHellman({ privateKey: this.#secretKey, publicKey: importPublicKey(publicKey) });
		// OpenSSL has refused this before; RFC 7748 leaves it to the implementation.
		if (secret.every((octet) => octet === 0)) throw new Error("a public key of low order");
		const shared = curveKernel().deriveKey(secret, noInput);
		secret.fill(0);
		return shared;
	}
}

const noInput = new Uint8Array(16);

type Handling<T> = (kernel: FrameBoxes, key: Uint8Array, nonce: ShortNonce, text: Uint8Array, tag: Uint8Array) => T;

/** XSalsa20: the first 16 octets of a nonce make a key of their own, the last 8 are Salsa20's nonce. */
function handle<T>(key: Uint8Array, nonce: Uint8Array, box: Uint8Array, handling: Handling<T>): T {
	const kernel = curveKernel();
	const derived = kernel.deriveKey(key, nonce.subarray(0, 16));
	const words = new DataView(nonce.buffer, nonce.byteOffset + 16, 8);
	const short = new ShortNonce(words.getUint32(0), words.getUint32(4));
	const result = handling(kernel, derived, short, box.subarray(boxOverheadBytes), box.subarray(0, boxOverheadBytes));
	derived.fill(0);
	kernel.wipe(box.length);
	return result;
}

function importPublicKey(publicKey: Uint8Array): KeyObject {
	const x = Buffer.from(publicKey).toString("base64url");
	return createPublicKey({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" });
}
