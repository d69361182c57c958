/** What a request to a server begins with, token, delimiter and header, as one piece: made once for each method, and copied whole. */
import { frameHeadBytes, type MessageWriter, MORE } from "../link/link.js";
import { setBudget } from "./header.js";
import { encodeToken, tokenBytes } from "./token.js";

const maxShortBytes = 255;

const tokenOffset = frameHeadBytes;
const delimiterOffset = tokenOffset + tokenBytes;
const headerOffset = delimiterOffset + 2 * frameHeadBytes;

export interface RequestHead {
	readonly header: Uint8Array;
	/** All of it, as `MessageWriter.shortFrames` takes it; `undefined` where the header is too long for a short frame. */
	readonly frames: DataView | undefined;
}

/** `header`: owned from here on. */
export function requestHead(header: Uint8Array): RequestHead {
	return { header, frames: header.length > maxShortBytes ? undefined : encodeFrames(header) };
}

function encodeFrames(header: Uint8Array): DataView {
	const frames = new Uint8Array(headerOffset + header.length);
	frames[0] = MORE;
	frames[1] = tokenBytes;
	frames[delimiterOffset] = MORE;
	frames[headerOffset - 2] = MORE;
	frames[headerOffset - 1] = header.length;
	frames.set(header, headerOffset);
	return new DataView(frames.buffer);
}

/** Writes the frames of a head for one call. `budgetMs`: what is left; `Infinity`: no deadline. */
export function writeRequestHead(
	writer: MessageWriter,
	frames: DataView,
	slot: number,
	generation: number,
	budgetMs: number,
): void {
	const at = writer.shortFrames(frames, 0, frames.byteLength);
	encodeToken(writer.buffer, at + tokenOffset, slot, generation);
	setBudget(writer.buffer, at + headerOffset, budgetMs);
}
