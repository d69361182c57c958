/**
 * Octets beside a body. A large `Uint8Array` is not copied into its message's body: it is a frame of its own behind it, and a
 * reference stands in its place. References count up from 0 in the order of the body, so each frame is used exactly once, or the
 * message is refused. A peer that does not know of this gets the octets in the body, where they would have been.
 */
import { attachedFrameBytes, maxAttachedFrames } from "../limits.js";
import { referenceBytes, referenceType, scanBody } from "./body-scan.js";
import { packInto, unpackScanned } from "./msgpack.js";

/** First octets of what is written here. */
const FIXEXT1 = 0xd4;
const BIN8 = 0xc4;
/** With the number of its items, up to 15. */
const SHORT_ARRAY = 0x90;

/**
 * Writes as `packInto`, and puts the large octets of `value`, by reference, into `frames`, which starts anew. Throws as it does, and
 * a RangeError on a cycle.
 */
export function packBeside(buffer: Uint8Array, offset: number, value: unknown, frames: Uint8Array[]): number {
	frames.length = 0;
	if (!holdsLarge(value, undefined)) return packInto(buffer, offset, value);
	const holders = new Set<object>();
	holdsLarge(value, holders);
	return packHolder(buffer, offset, value, holders, frames);
}

/** Whether large octets lie in `value`. `holders`, where it is given, takes all arrays and objects on the way to them. */
function holdsLarge(value: unknown, holders: Set<object> | undefined): boolean {
	if (typeof value !== "object" || value === null) return false;
	if (value instanceof Uint8Array) return value.length >= attachedFrameBytes;
	// Whatever says itself how it is written is one piece.
	if (typeof (value as { readonly toJSON?: unknown }).toJSON === "function") return false;
	let isHolder = false;
	if (Array.isArray(value)) {
		for (let i = 0; i < value.length; i++) {
			if (!holdsLarge(value[i], holders)) continue;
			if (holders === undefined) return true;
			isHolder = true;
		}
	} else {
		for (const key of Object.keys(value)) {
			if (!holdsLarge((value as Readonly<Record<string, unknown>>)[key], holders)) continue;
			if (holders === undefined) return true;
			isHolder = true;
		}
	}
	if (isHolder) holders?.add(value);
	return isHolder;
}

/** Offsets run on beyond the buffer's end, where nothing is written. */
function packHolder(
	buffer: Uint8Array,
	offset: number,
	value: unknown,
	holders: ReadonlySet<object>,
	frames: Uint8Array[],
): number {
	if (value instanceof Uint8Array && value.length >= attachedFrameBytes && frames.length < maxAttachedFrames) {
		buffer[offset] = FIXEXT1;
		buffer[offset + 1] = referenceType;
		buffer[offset + 2] = frames.push(value) - 1;
		return offset + referenceBytes;
	}
	if (!holders.has(value as object)) return packInto(buffer, offset, value);
	if (Array.isArray(value)) {
		let at = writeSize(buffer, offset, value.length, SHORT_ARRAY, 0xdc);
		for (let i = 0; i < value.length; i++) at = packHolder(buffer, at, value[i], holders, frames);
		return at;
	}
	const entries = Object.entries(value as object).filter(([, property]) => property !== undefined);
	let at = writeSize(buffer, offset, entries.length, 0x80, 0xde);
	for (const [name, property] of entries) {
		at = packHolder(buffer, packInto(buffer, at, name), property, holders, frames);
	}
	return at;
}

/** The head of an array or map: in its first octet up to 15, else in 2 octets or 4 behind `wide` or the one after. */
function writeSize(buffer: Uint8Array, offset: number, size: number, short: number, wide: number): number {
	if (size < 16) {
		buffer[offset] = short | size;
		return offset + 1;
	}
	const width = size < 0x1_0000 ? 2 : 4;
	buffer[offset] = width === 2 ? wide : wide + 1;
	writeNumber(buffer, offset + 1, size, width);
	return offset + 1 + width;
}

function writeNumber(buffer: Uint8Array, at: number, value: number, width: number): void {
	for (let i = 0; i < width; i++) buffer[at + i] = value >>> (8 * (width - 1 - i));
}

/**
 * Reads the value of a body that has `frames` beside it; those are part of the value from then on. Throws an Error that says what
 * is wrong, before anything is allocated for it.
 */
export function unpackBeside(chunk: Uint8Array, start: number, end: number, frames: readonly Uint8Array[]): unknown {
	const references = findReferences(chunk, start, end, frames);
	// Methods that take, or give, octets and nothing else.
	const besides = end - start - references.length * referenceBytes;
	if (besides === 0) return frames[0];
	if (besides === 1 && (chunk[start]! & 0xf0) === SHORT_ARRAY) return [...frames];
	// Each reference becomes a binary value as long as it is, which the decoder answers as a view of just that place.
	const body = new Uint8Array(end - start);
	body.set(chunk.subarray(start, end));
	const at = new Map<number, Uint8Array>();
	for (const [index, place] of references.entries()) {
		body[place - start] = BIN8;
		at.set(place - start + 2, frames[index]!);
	}
	return restore(unpackScanned(body, 0, body.length), body.buffer, at);
}

/** Puts frames in their places, in the value itself. As deep as a body may be. */
function restore(value: unknown, body: ArrayBufferLike, frames: ReadonlyMap<number, Uint8Array>): unknown {
	if (typeof value !== "object" || value === null) return value;
	if (value instanceof Uint8Array) {
		return value.buffer === body && value.length === 1 ? (frames.get(value.byteOffset) ?? value) : value;
	}
	if (Array.isArray(value)) {
		for (let i = 0; i < value.length; i++) value[i] = restore(value[i], body, frames);
		return value;
	}
	const properties = value as Record<string, unknown>;
	for (const key of Object.keys(properties)) properties[key] = restore(properties[key], body, frames);
	return value;
}

/**
 * The same body for who does not know of frames beside it: in memory of its own, each reference replaced by the octets it stands
 * for. Throws as `unpackBeside`.
 */
export function putInside(chunk: Uint8Array, start: number, end: number, frames: readonly Uint8Array[]): Uint8Array {
	const references = findReferences(chunk, start, end, frames);
	let size = end - start;
	for (const { length } of frames) size += binHeadBytes(length) + length - referenceBytes;
	const body = new Uint8Array(size);
	let from = start;
	let to = 0;
	for (const [index, place] of references.entries()) {
		body.set(chunk.subarray(from, place), to);
		to = writeBinHead(body, to + place - from, frames[index]!.length);
		body.set(frames[index]!, to);
		to += frames[index]!.length;
		from = place + referenceBytes;
	}
	body.set(chunk.subarray(from, end), to);
	return body;
}

function binHeadBytes(length: number): number {
	return length < 0x100 ? 2 : length < 0x1_0000 ? 3 : 5;
}

function writeBinHead(buffer: Uint8Array, at: number, length: number): number {
	const size = binHeadBytes(length);
	buffer[at] = size === 2 ? BIN8 : size === 3 ? BIN8 + 1 : BIN8 + 2;
	writeNumber(buffer, at + 1, length, size - 1);
	return at + size;
}

function findReferences(
	chunk: Uint8Array,
	start: number,
	end: number,
	frames: readonly Uint8Array[],
): readonly number[] {
	const references: number[] = [];
	const flaw = scanBody(chunk, start, end, references);
	if (flaw !== undefined) throw new Error(`the body is no msgpack of ours: ${flaw}`);
	if (references.length !== frames.length) {
		throw new Error(`the body refers to ${references.length} frames, and ${frames.length} came with it`);
	}
	return references;
}
