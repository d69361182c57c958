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

function exportKey(key: KeyObject, part: "x" | "d"): Uint8Array {
	return new Uint8Array(Buffer.from(key.export({ format: "jwk" })[part]!, "base64url"));
}
