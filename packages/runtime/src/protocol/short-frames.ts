/**
 * Frames as they lie in the chunk they came in. Most of a small message are short, one behind the other: then they are copied as they
 * are, heads included, and no frame is looked at by itself.
 */
import { frameHeadBytes, type IncomingMessage, MORE } from "../link/link.js";

/**
 * Where frames `from` to `last` of a message begin, their heads included, if they lie as they would be written: short, one behind the
 * other. -1: they do not, or there are none. Their heads are looked at, so it does not matter whose memory that is.
 */
export function startOfShortFrames(
	{ count, buffers, starts, ends }: IncomingMessage,
	from: number,
	last: number,
): number {
	// Entries behind the last are of other messages.
	if (from > last) return -1;
	const buffer = buffers[from]!;
	const start = starts[from]! - frameHeadBytes;
	if (start < 0) return -1;
	let at = start;
	for (let i = from; i <= last; i++) {
		const bodyStart = at + frameHeadBytes;
		const end = ends[i]!;
		if (starts[i] !== bodyStart || buffers[i] !== buffer) return -1;
		if (buffer[at] !== (i === count - 1 ? 0 : MORE) || buffer[at + 1] !== end - bodyStart) return -1;
		at = end;
	}
	return start;
}

/** What the following two take at least. Unit: bytes. */
export const leastCopied = 4;

/** Copies octets `start` to `end` of `source` to `at`: four at a time, the last of them perhaps twice. */
export function copyFrames(source: DataView, start: number, end: number, target: DataView, at: number): void {
	const shift = at - start;
	const last = end - 4;
	for (let from = start; from < last; from += 4) target.setInt32(from + shift, source.getInt32(from, true), true);
	target.setInt32(last + shift, source.getInt32(last, true), true);
}

/** Whether octets `start` to `end` of `one` are those of `other` from `at` on. */
export function areSameFrames(one: DataView, start: number, end: number, other: DataView, at: number): boolean {
	const shift = at - start;
	const last = end - 4;
	if (end + shift > other.byteLength) return false;
	for (let from = start; from < last; from += 4) {
		if (one.getInt32(from, true) !== other.getInt32(from + shift, true)) return false;
	}
	return one.getInt32(last, true) === other.getInt32(last + shift, true);
}
