import type Sodium from "libsodium-wrappers";
import { boxOverheadBytes, type SecretBox } from "./ciphers.js";
import { FixedPrefixBox } from "./secret-box.js";

/** From this size on libsodium is faster, though it has to be handed a copy and hands back another. Unit: bytes. */
const sodiumBytes = 1024;

let sodium: typeof Sodium | undefined;
let search: Promise<void> | undefined;

/** Takes libsodium into service as soon as it is loaded, where the user has installed it. */
export function findSodium(): Promise<void> {
	search ??= import("libsodium-wrappers").then(
		async ({ default: found }) => {
			await found.ready;
			sodium = found;
		},
		() => {},
	);
	return search;
}

/** Small texts sealed and opened by ourselves, large ones by libsodium if it is there; what one seals the other opens. */
export class NodeSecretBox implements SecretBox {
	readonly #small: FixedPrefixBox;
	readonly #key: Uint8Array;
	readonly #nonce: Uint8Array;

	/** `derivedKey`: what HSalsa20 makes of key and prefix. All three are owned from here on. */
	constructor(key: Uint8Array, prefix: Uint8Array, derivedKey: Uint32Array) {
		this.#small = new FixedPrefixBox(derivedKey);
		this.#key = key;
		this.#nonce = new Uint8Array(prefix.length + 8);
		this.#nonce.set(prefix);
	}

	seal(buffer: Uint8Array, nonceAt: number, boxAt: number, end: number): void {
		if (sodium === undefined || end - boxAt < sodiumBytes) {
			this.#small.seal(buffer, nonceAt, boxAt, end);
			return;
		}
		const text = buffer.subarray(boxAt + boxOverheadBytes, end);
		buffer.set(sodium.crypto_secretbox_easy(text, this.#nonceAt(buffer, nonceAt), this.#key), boxAt);
	}

	open(buffer: Uint8Array, nonceAt: number, boxAt: number, end: number): boolean {
		if (sodium === undefined || end - boxAt < sodiumBytes) return this.#small.open(buffer, nonceAt, boxAt, end);
		const box = buffer.subarray(boxAt, end);
		let text: Uint8Array;
		try {
			text = sodium.crypto_secretbox_open_easy(box, this.#nonceAt(buffer, nonceAt), this.#key);
		} catch {
			return false;
		}
		buffer.set(text, boxAt + boxOverheadBytes);
		return true;
	}

	close(): void {
		this.#small.close();
		this.#key.fill(0);
	}

	#nonceAt(buffer: Uint8Array, nonceAt: number): Uint8Array {
		const nonce = this.#nonce;
		for (let i = 0; i < 8; i++) nonce[nonce.length - 8 + i] = buffer[nonceAt + i]!;
		return nonce;
	}
}
