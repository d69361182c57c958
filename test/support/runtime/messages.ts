import type { IncomingMessage } from "../../../packages/runtime/src/link/link.js";
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
