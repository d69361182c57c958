import { ShortNonce } from "../../../packages/zmtp/src/mechanism/curve-nonce.js";
import { FrameWriter } from "../../../packages/zmtp/src/wire/frame-writer.js";
import { openAll, plainly, sealAll, sealedBySodium, trafficOf } from "../../support/zmtp/curve-frames.js";
import { COMMAND, frameOf, MORE, type RawFrame } from "../../support/zmtp/frames.js";
import { mutateOctets } from "../mutate.js";
import { must, type Target } from "../target.js";

const keyBytes = 32;
const nonceBytes = 8;
const headBytes = keyBytes + nonceBytes + 2;
const maxTextBytes = 1000;

/** Each octet that is reached is the length of a frame, and says its flags as well. */
function framesIn(text: Buffer): RawFrame[] {
	const frames: RawFrame[] = [];
	for (let at = 0; at < text.length; ) {
		const length = text[at]!;
		const body = text.subarray(at + 1, at + 1 + length);
		frames.push(frameOf([0, MORE, COMMAND][length % 3]!, body));
		at += 1 + length;
	}
	return frames;
}

/**
 * A key, the nonce before the first one, what to change afterwards (a place and a bit, in 16), and frames: sealed together
 * as libsodium seals each, and by itself; opened together only up to the one that was changed.
 */
export const boxes: Target = {
	name: "boxes",
	isStream: false,
	generate: (dice) => dice.octets(headBytes + dice.length(maxTextBytes)),
	mutate: mutateOctets,
	run(input) {
		if (input.length < headBytes) return "too short";
		const octets = Buffer.from(input);
		const key = octets.subarray(0, keyBytes);
		const count = octets.readBigUInt64BE(keyBytes);
		const frames = framesIn(octets.subarray(headBytes, headBytes + maxTextBytes));
		if (frames.length === 0) return "nothing to seal";
		if (count + BigInt(frames.length) >= 2n ** 64n) return "no nonces left";
		const nonce = () => new ShortNonce(octets.readUInt32BE(keyBytes), octets.readUInt32BE(keyBytes + 4));
		const plain = plainly(frames);
		const expected = sealedBySodium(key, frames, count + 1n);
		const { sealed, taken } = sealAll(trafficOf("client", key, nonce()), Buffer.concat(plain));
		must(taken === Buffer.concat(plain).length, "not all is sealed");
		must(sealed.equals(Buffer.concat(expected)), "libsodium seals it otherwise");
		const writer = new FrameWriter();
		trafficOf("client", key, nonce()).sealFrame(frames[0]!.flags, frames[0]!.body, writer);
		must(Buffer.concat(writer.pending() as Uint8Array[]).equals(expected[0]!), "by itself it is sealed otherwise");
		const whole = openAll(trafficOf("server", key, undefined, nonce()), sealed);
		must(whole.opened.equals(Buffer.concat(plain)), "another text comes out");
		const [place, bit] = [octets.readUInt16BE(headBytes - 2) >> 3, octets[headBytes - 1]! & 7];
		let at = place % sealed.length;
		sealed[at]! ^= 1 << bit;
		let index = 0;
		for (; at >= expected[index]!.length; index++) at -= expected[index]!.length;
		const forged = openAll(trafficOf("server", key, undefined, nonce()), sealed);
		// Whether a sealed frame is a command is not sealed with it.
		const good = at === 0 && 1 << bit === COMMAND ? plain : plain.slice(0, index);
		must(forged.opened.equals(Buffer.concat(good)), "something of a forged box comes out");
		return "sealed";
	},
};
