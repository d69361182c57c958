/** Frames of CURVE's traffic, many at a time. */
import { ShortNonce } from "../../../packages/zmtp/src/mechanism/curve-nonce.js";
import { CurveTraffic } from "../../../packages/zmtp/src/mechanism/curve-traffic.js";
import type { TrafficCipher } from "../../../packages/zmtp/src/mechanism/mechanism.js";
import { nodeCiphers } from "../../../packages/zmtp/src/mechanism/node-ciphers.js";
import { FrameWriter } from "../../../packages/zmtp/src/wire/frame-writer.js";
import { encodeFrame, type RawFrame } from "./frames.js";
import { RawTraffic } from "./raw-curve.js";

export function trafficOf(side: "client" | "server", key: Uint8Array, sent?: ShortNonce, received?: ShortNonce) {
	return new CurveTraffic(nodeCiphers, side, key, sent ?? new ShortNonce(), received ?? new ShortNonce());
}

/** Plain frames as they are on the wire; and sealed by libsodium, as a client with `key` sends them, one by one. */
export const plainly = (frames: readonly RawFrame[]) => frames.map(encodeFrame);
export function sealedBySodium(key: Uint8Array, frames: readonly RawFrame[], count = 1n): Buffer[] {
	const raw = new RawTraffic(key, "client");
	raw.nextNonce = count;
	return frames.map((frame) => encodeFrame(raw.seal(frame)));
}

/** Seals as many of the frames that lie whole in `plain` as it takes, in as many calls. */
export function sealAll(cipher: TrafficCipher, plain: Uint8Array): { readonly sealed: Buffer; readonly taken: number } {
	const writer = new FrameWriter();
	let taken = 0;
	for (let last = -1; taken > last; ) {
		last = taken;
		taken = cipher.sealFrames(plain, taken, writer);
	}
	const sealed = Buffer.concat(writer.pending() as Uint8Array[]);
	writer.sent();
	return { sealed, taken };
}

/** Opens a copy of `chunk` likewise; `opened` ends where a fault is, or a frame that is cut. */
export function openAll(cipher: TrafficCipher, chunk: Uint8Array, most = Number.POSITIVE_INFINITY) {
	const octets = Buffer.from(chunk);
	const opened: Buffer[] = [];
	let taken = 0;
	for (let last = -1; taken > last; ) {
		last = taken;
		taken = cipher.openFrames(octets, taken, most);
		opened.push(Buffer.from(octets.subarray(last, cipher.openedEnd)));
		if (cipher.fault !== undefined) break;
	}
	return { opened: Buffer.concat(opened), taken, code: cipher.fault?.code };
}
