/**
 * The address of a record that a hop keeps: a call at its client, a call in flight at a queue. It travels as a frame of the
 * envelope and comes back in front of the answer. Opaque to all but the hop that minted it.
 *
 * Eight octets: 01, three of slot index, four of generation.
 */
import { frameHeadBytes, type MessageWriter } from "../link/link.js";

export const tokenBytes = 8;
const tag = 0x01;

/** Slots that a token can name; the index of all ones means none. */
export const maxSlots = 0xff_ffff;

/** In place of a slot, with generation 0: nobody waits for an answer. */
export const noSlot = maxSlots;

/** Writes the token as one frame of the envelope. */
export function writeToken(writer: MessageWriter, index: number, generation: number): void {
	writer.reserve(frameHeadBytes + tokenBytes);
	const at = writer.openFrame();
	encodeToken(writer.buffer, at, index, generation);
	writer.closeFrame(at + tokenBytes, true);
}

/** Writes the token's octets into a buffer. */
export function encodeToken(buffer: Uint8Array, at: number, index: number, generation: number): void {
	buffer[at] = tag;
	buffer[at + 1] = index >>> 16;
	buffer[at + 2] = index >>> 8;
	buffer[at + 3] = index;
	buffer[at + 4] = generation >>> 24;
	buffer[at + 5] = generation >>> 16;
	buffer[at + 6] = generation >>> 8;
	buffer[at + 7] = generation;
}

/** The slot index in a frame, or -1 when it is none of our tokens. */
export function readTokenIndex(buffer: Uint8Array, start: number, end: number): number {
	if (end - start !== tokenBytes || buffer[start] !== tag) return -1;
	return (buffer[start + 1]! << 16) | (buffer[start + 2]! << 8) | buffer[start + 3]!;
}

/** The generation in a frame that holds a token. Unsigned. */
export function readTokenGeneration(buffer: Uint8Array, start: number): number {
	return (
		((buffer[start + 4]! << 24) | (buffer[start + 5]! << 16) | (buffer[start + 6]! << 8) | buffer[start + 7]!) >>> 0
	);
}
