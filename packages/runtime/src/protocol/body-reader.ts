import type { IncomingMessage } from "../link/link.js";
import { type Body, wholeBody } from "./body.js";
import type { Codec } from "./codec.js";

/**
 * Reads the value whose body is frame `body` of a message, and what lies behind it beside it. Octets in the body are views of
 * what was received, those beside it the caller's. Throws `InvalidValue`.
 */
export function readBody<T>(codec: Codec<T>, message: IncomingMessage, body: number): T {
	const buffer = message.buffers[body]!;
	const start = message.starts[body]!;
	const end = message.ends[body]!;
	return message.count === body + 1
		? codec.decode(buffer, start, end)
		: codec.decode(buffer, start, end, takeFrames(message, body + 1));
}

/** Frame `body` of a message and those behind it, for keeps. */
export function takeBody(message: IncomingMessage, body: number): Body {
	const octets = message.take(body);
	return message.count === body + 1 ? wholeBody(octets) : { octets, frames: takeFrames(message, body + 1) };
}

/** What frame `body` and those behind it hold. Unit: bytes. */
export function sizeOfBody(message: IncomingMessage, body: number): number {
	let size = 0;
	for (let i = body; i < message.count; i++) size += message.size(i);
	return size;
}

/** Frames of a message from `from` on, for keeps. */
export function takeFrames(message: IncomingMessage, from: number): readonly Uint8Array[] {
	const frames: Uint8Array[] = [];
	for (let i = from; i < message.count; i++) frames.push(message.take(i));
	return frames;
}
