import sodium from "libsodium-wrappers";
import { boxOverheadBytes } from "../../../packages/zmtp/src/mechanism/ciphers.js";
import { nodeCiphers } from "../../../packages/zmtp/src/mechanism/node-ciphers.js";
import { mutateOctets } from "../mutate.js";
import { must, type Target } from "../target.js";

await sodium.ready;

const prefix = "CurveZMQMESSAGEC";
const keyBytes = 32;
const nonceBytes = 8;
const headBytes = keyBytes + nonceBytes + 2;
/** Larger ones are libsodium's own work. Unit: bytes. */
const maxTextBytes = 1000;

/** A key, a nonce, what to change afterwards (a place, a bit), and a text: sealed as libsodium seals it, opened only if whole. */
export const boxes: Target = {
	name: "boxes",
	isStream: false,
	generate: (dice) => dice.octets(headBytes + dice.length(maxTextBytes)),
	mutate: mutateOctets,
	run(input) {
		if (input.length < headBytes) return "too short";
		const octets = Buffer.from(input);
		const key = octets.subarray(0, keyBytes);
		const nonce = octets.subarray(keyBytes, keyBytes + nonceBytes);
		const text = octets.subarray(headBytes, headBytes + maxTextBytes);
		const box = nodeCiphers.createSecretBox(key, prefix);
		const buffer = Buffer.concat([nonce, Buffer.alloc(boxOverheadBytes), text]);
		box.seal(buffer, 0, nonceBytes, buffer.length);
		const sealed = sodium.crypto_secretbox_easy(text, Buffer.concat([Buffer.from(prefix), nonce]), key);
		must(Buffer.compare(buffer.subarray(nonceBytes), sealed) === 0, "libsodium seals it otherwise");
		const forged = Buffer.from(buffer);
		forged[octets[headBytes - 2]! % forged.length]! ^= 1 << (octets[headBytes - 1]! & 7);
		must(!box.open(forged, 0, nonceBytes, forged.length), "a forged box opens");
		must(box.open(buffer, 0, nonceBytes, buffer.length), "its own box does not open");
		must(Buffer.compare(buffer.subarray(nonceBytes + boxOverheadBytes), text) === 0, "another text comes out");
		box.close();
		return "sealed";
	},
};
