import type { IncomingMessage } from "../../../packages/runtime/src/link/link.js";
import { defaultLimits } from "../../../packages/zmtp/src/limits.js";
import { FrameReader } from "../../../packages/zmtp/src/wire/frame-reader.js";
import { FrameWriter } from "../../../packages/zmtp/src/wire/frame-writer.js";
import { Message } from "../../../packages/zmtp/src/wire/message.js";

export type FrameLike = Uint8Array | string;

/** A received message made of these frames, each at a place of its own in one chunk, as they are on the wire. */
export function incoming(...frames: readonly FrameLike[]): IncomingMessage {
	const parts = frames.map((frame) => Buffer.from(frame));
	const chunk = Buffer.concat(parts.flatMap((part) => [Buffer.of(0xee), part, Buffer.of(0xee)]));
	const message = new Message();
	let at = 1;
	for (const part of parts) {
		message.add(chunk, at, at + part.length);
		at += part.length + 2;
	}
	return message;
}

export function framesOf(message: IncomingMessage): Buffer[] {
	return Array.from({ length: message.count }, (_, index) => Buffer.from(message.frame(index)));
}

export function hexOf(frames: readonly Uint8Array[]): string[] {
	return frames.map((frame) => Buffer.from(frame).toString("hex"));
}

/** Has `use` look at a message as it lies in what a peer sent, cut where `cuts` say. */
export function receive(
	frames: readonly FrameLike[],
	use: (message: IncomingMessage) => void,
	cuts: readonly number[] = [],
): void {
	const writer = new FrameWriter();
	writer.begin();
	frames.forEach((frame, i) => {
		writer.frame(Buffer.from(frame), i < frames.length - 1);
	});
	writer.commit();
	const octets = Buffer.concat(writer.pending());
	const reader = new FrameReader({ onMessage: use, onCommand: () => {} }, defaultLimits);
	reader.acceptsMessages = true;
	let from = 0;
	for (const to of [...new Set(cuts.map((cut) => cut % octets.length))].sort((one, other) => one - other)) {
		if (to > from) reader.push(octets.subarray(from, to));
		from = Math.max(from, to);
	}
	reader.push(octets.subarray(from));
}
