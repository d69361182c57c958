import { encodeMetadata } from "../protocol/codec.js";

/** What is kept. Most metadata is a name or two. */
const mostKeys = 8;
/** Unit: bytes. */
const mostBytes = 1024;

/** Up to this many octets a loop beats a call of `TypedArray.prototype.set`. */
const loopBytes = 64;

/** What was written last, since callers tend to say the same again: of each call, if not with the same object. */
let names: readonly string[] = [];
let values: readonly unknown[] = [];
const octets = new Uint8Array(mostBytes);
let size = 0;

/**
 * Writes metadata into `buffer` from `offset` and returns where it ends, which may be beyond the buffer. Throws
 * `InvalidValue` for what cannot travel.
 */
export function writeMetadata(buffer: Uint8Array, offset: number, metadata: Readonly<Record<string, unknown>>): number {
	if (!isSaidAgain(metadata)) {
		const end = encodeMetadata(buffer, offset, metadata);
		keep(metadata, buffer, offset, end);
		return end;
	}
	if (size > loopBytes) buffer.set(octets.subarray(0, size), offset);
	else for (let i = 0; i < size; i++) buffer[offset + i] = octets[i]!;
	return offset + size;
}

/** Names and plain values are all that decides how it is written; anything else is not compared. */
function isSaidAgain(metadata: Readonly<Record<string, unknown>>): boolean {
	if (size === 0 || !isPlain(metadata)) return false;
	const found = Object.keys(metadata);
	if (found.length !== names.length) return false;
	for (let i = 0; i < found.length; i++) {
		const name = found[i]!;
		if (name !== names[i] || !Object.is(metadata[name], values[i])) return false;
	}
	return true;
}

function keep(metadata: Readonly<Record<string, unknown>>, buffer: Uint8Array, start: number, end: number): void {
	if (end > buffer.length || end - start > mostBytes || !isPlain(metadata)) return;
	const found = Object.keys(metadata);
	if (found.length > mostKeys) return;
	const held = found.map((name) => metadata[name]);
	if (held.some((value) => typeof value === "object" || typeof value === "function")) return;
	octets.set(buffer.subarray(start, end));
	names = found;
	values = held;
	size = end - start;
}

function isPlain(metadata: object): boolean {
	const prototype: unknown = Object.getPrototypeOf(metadata);
	return prototype === Object.prototype || prototype === null;
}
