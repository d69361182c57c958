/**
 * The envelope: every frame before the first empty one. It is the way back, and belongs to whoever put it there: a
 * responder keeps it unread and puts it in front of what it answers.
 */
import { maxAddressBytes, maxEnvelopeFrames } from "../limits.js";
import { frameHeadBytes, type IncomingMessage, type MessageWriter, MORE } from "../link/link.js";
import { KeptBlock } from "./kept-block.js";
import { areSameFrames, copyFrames, leastCopied, startOfShortFrames } from "./short-frames.js";

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

/**
 * An envelope kept beyond its message: in `memory` from `start` to `end`, as short frames, its delimiter the last of them.
 * Immutable.
 */
export interface KeptEnvelope {
	readonly memory: DataView;
	readonly start: number;
	readonly end: number;
}

/** Unit: bytes. */
const blockBytes = 1024;
const block = new KeptBlock(blockBytes);

/** Copies frames `from` to `delimiter`, the delimiter included. */
export function keepEnvelope(message: IncomingMessage, from: number, delimiter: number): KeptEnvelope {
	const source = startOfShortFrames(message, from, delimiter);
	const size = message.ends[delimiter]! - source;
	if (source === -1 || size < leastCopied) return gatherEnvelope(message, from, delimiter);
	const start = block.allot(size);
	const { memory } = block;
	copyFrames(message.dataView(from), source, source + size, memory, start);
	return { memory, start, end: start + size };
}

/** Of frames that lie anyhow. */
function gatherEnvelope(message: IncomingMessage, from: number, delimiter: number): KeptEnvelope {
	let size = 0;
	for (let i = from; i <= delimiter; i++) size += frameHeadBytes + message.size(i);
	const start = block.allot(size);
	const { octets, memory } = block;
	let at = start;
	for (let i = from; i <= delimiter; i++) {
		const buffer = message.buffers[i]!;
		const frameEnd = message.ends[i]!;
		let frameAt = message.starts[i]!;
		octets[at++] = MORE;
		octets[at++] = frameEnd - frameAt;
		while (frameAt < frameEnd) octets[at++] = buffer[frameAt++]!;
	}
	return { memory, start, end: at };
}

/** What a kept envelope takes. Unit: bytes. */
export function envelopeBytes({ start, end }: KeptEnvelope): number {
	return end - start;
}

/** The frames of a kept envelope, without its delimiter: views. */
export function* framesOf({ memory, start }: KeptEnvelope): Generator<Uint8Array> {
	for (let at = start + frameHeadBytes, size = memory.getUint8(at - 1); size > 0; size = memory.getUint8(at - 1)) {
		yield new Uint8Array(memory.buffer, at, size);
		at += size + frameHeadBytes;
	}
}

/** Writes a kept envelope and its delimiter. */
export function writeEnvelope(writer: MessageWriter, { memory, start, end }: KeptEnvelope): void {
	writer.shortFrames(memory, start, end);
}

/** Whether a message's envelope, from frame `from` on, is the kept one. */
export function isSameEnvelope(
	{ memory, start, end }: KeptEnvelope,
	message: IncomingMessage,
	from: number,
	delimiter: number,
): boolean {
	let at = start;
	for (let i = from; i <= delimiter; i++) {
		const size = message.size(i);
		if (at + frameHeadBytes + size > end || memory.getUint8(at + 1) !== size) return false;
		at += frameHeadBytes;
		const buffer = message.buffers[i]!;
		const frameStart = message.starts[i]!;
		for (let k = 0; k < size; k++) if (memory.getUint8(at++) !== buffer[frameStart + k]) return false;
	}
	return at === end;
}

/**
 * Where the frames of a message from `from` on begin, heads included, if they are the kept envelope and one more, and may be copied as
 * they are. -1: they are not.
 */
export function startOfAnswer({ memory, start, end }: KeptEnvelope, message: IncomingMessage, from: number): number {
	const last = message.count - 1;
	const size = end - start;
	const at = startOfShortFrames(message, from, last);
	const isAlone = at !== -1 && message.starts[last] === at + size + frameHeadBytes && size >= leastCopied;
	return isAlone && areSameFrames(memory, start, end, message.dataView(from), at) ? at : -1;
}
