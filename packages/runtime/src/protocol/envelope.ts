/**
 * The envelope: every frame before the first empty one. It is the way back, and belongs to whoever put it there: a
 * responder keeps it unread and puts it in front of what it answers.
 */
import { maxAddressBytes, maxEnvelopeFrames } from "../limits.js";
import type { IncomingMessage, MessageWriter } from "../link/link.js";

/** Index of the empty frame that ends the envelope, or -1 when the message has none where the protocol allows it. */
export function findDelimiter(message: IncomingMessage): number {
	const limit = Math.min(message.count, maxEnvelopeFrames + 1);
	for (let i = 0; i < limit; i++) {
		const size = message.ends[i]! - message.starts[i]!;
		if (size === 0) return i;
		if (size > maxAddressBytes) return -1;
	}
	return -1;
}

/** Writes frames `from` to `delimiter` of a received message, the delimiter included, in front of an answer. */
export function echoEnvelope(writer: MessageWriter, message: IncomingMessage, from: number, delimiter: number): void {
	for (let i = from; i < delimiter; i++) {
		writer.frameOf(message.buffers[i]!, message.starts[i]!, message.ends[i]!, true);
	}
	writer.emptyFrame(true);
}

/** An envelope kept beyond its message: each frame behind an octet of its length. Immutable. */
export type KeptEnvelope = Uint8Array;

/** Copies frames `from` to `delimiter`, without the delimiter. */
export function keepEnvelope(message: IncomingMessage, from: number, delimiter: number): KeptEnvelope {
	let size = 0;
	for (let i = from; i < delimiter; i++) size += 1 + message.size(i);
	const kept = new Uint8Array(size);
	let at = 0;
	for (let i = from; i < delimiter; i++) {
		const buffer = message.buffers[i]!;
		kept[at++] = message.size(i);
		for (let k = message.starts[i]!; k < message.ends[i]!; k++) kept[at++] = buffer[k]!;
	}
	return kept;
}

/** Writes a kept envelope and its delimiter. */
export function writeEnvelope(writer: MessageWriter, kept: KeptEnvelope): void {
	for (let at = 0; at < kept.length; ) {
		const end = at + 1 + kept[at]!;
		writer.frameOf(kept, at + 1, end, true);
		at = end;
	}
	writer.emptyFrame(true);
}

/** Whether a message's envelope, from frame `from` on, is the kept one. */
export function isSameEnvelope(kept: KeptEnvelope, message: IncomingMessage, from: number, delimiter: number): boolean {
	let at = 0;
	for (let i = from; i < delimiter; i++) {
		const size = message.size(i);
		if (kept[at++] !== size) return false;
		const buffer = message.buffers[i]!;
		const start = message.starts[i]!;
		for (let k = 0; k < size; k++) if (kept[at++] !== buffer[start + k]) return false;
	}
	return at === kept.length;
}
