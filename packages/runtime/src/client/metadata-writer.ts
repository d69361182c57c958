import { encodeMetadata } from "../protocol/codec.js";

/** What is kept. Most metadata is a name or two. */
const mostKeys = 8;
/** Unit: bytes. */
const mostBytes = 1024;

interface Said {
	readonly names: readonly string[];
	readonly values: readonly unknown[];
	readonly octets: Uint8Array;
}

/** What was written last, since callers tend to say the same again: of each call, if not with the same object. */
let last: Said | undefined;

/**
 * What metadata was written as, when it is what was written last; always the same object then. Whoever has it again
 * may know more that goes with it.
 */
export function saidAgain(metadata: Readonly<Record<string, unknown>>): Uint8Array | undefined {
	// Of the metadata's own may run what says other metadata in the meantime: then it is compared with this all the same.
	const said = last;
	return said !== undefined && isSame(metadata, said) ? said.octets : undefined;
}

/**
 * Writes metadata into `buffer` from `offset` and returns where it ends, which may be beyond the buffer. Throws
 * `InvalidValue` for what cannot travel.
 */
export function writeMetadata(buffer: Uint8Array, offset: number, metadata: Readonly<Record<string, unknown>>): number {
	const octets = saidAgain(metadata);
	if (octets !== undefined) {
		buffer.set(octets, offset);
		return offset + octets.length;
	}
	const end = encodeMetadata(buffer, offset, metadata);
	keep(metadata, buffer, offset, end);
	return end;
}

/** Names and plain values are all that decides how it is written; anything else is not compared. */
function isSame(metadata: Readonly<Record<string, unknown>>, { names, values }: Said): boolean {
	if (!isPlain(metadata)) return false;
	let count = 0;
	// Where prototypes have been given names of their own these are told apart by being too many.
	for (const name in metadata) {
		if (name !== names[count] || !Object.is(metadata[name], values[count])) return false;
		count++;
	}
	return count === names.length;
}

function keep(metadata: Readonly<Record<string, unknown>>, buffer: Uint8Array, start: number, end: number): void {
	if (end > buffer.length || end - start > mostBytes || !isPlain(metadata)) return;
	const names = Object.keys(metadata);
	if (names.length > mostKeys) return;
	const values = names.map((name) => metadata[name]);
	if (values.some((value) => typeof value === "object" || typeof value === "function")) return;
	last = { names, values, octets: buffer.slice(start, end) };
}

function isPlain(metadata: object): boolean {
	const prototype: unknown = Object.getPrototypeOf(metadata);
	return prototype === Object.prototype || prototype === null;
}
