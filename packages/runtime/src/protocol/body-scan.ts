/**
 * One pass over a msgpack body before anything is built from it: a declared length may not exceed what is there, nesting
 * and number of values are bounded, and no extensions are let through but the timestamp and, where frames came with the body, the
 * references to them. So what the decoder behind allocates is a small multiple of what the peer has really sent.
 *
 * msgpackr alone would allocate by declared lengths (msgpackr#199, #200), and decodes extensions of its own whatever its
 * options say: regular expressions, error classes by name, record definitions.
 */
import { maxBodyDepth, maxBodyValues } from "../limits.js";

/** A reference to a frame beside the body: fixext 1 of this type, the octet of its data being the frame's index. */
export const referenceType = 0x01;
/** Its octets. */
export const referenceBytes = 3;

/** Octets behind the first one, for each first octet from 0xc0 to 0xdf; `VARIES` where a length must be read. */
const VARIES = -1;
const fixedSizes = [
	0, -2, 0, 0, -1, -1, -1, -1, -1, -1, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
];

/** Children still due at each level. Used by one scan at a time: a scan calls nobody. */
const due = new Float64Array(maxBodyDepth + 1);
/** 1 where the level is a map: its keys and values take turns. */
const isMap = new Uint8Array(maxBodyDepth + 1);

/**
 * Says what is wrong with the body from `start` to `end`: `undefined` when it is exactly one harmless value. `references`: takes
 * the places of those to frames beside the body, which count up from 0; without it there may be none. `maxDepth`: of a part of a body.
 */
export function scanBody(
	buffer: Uint8Array,
	start: number,
	end: number,
	references?: number[],
	maxDepth = maxBodyDepth,
): string | undefined {
	let at = start;
	let depth = 0;
	let values = 0;
	due[0] = 1;
	while (true) {
		while (due[depth] === 0) {
			if (depth === 0) return at === end ? undefined : "octets follow the value";
			depth--;
		}
		if (at >= end) return "the value is cut off";
		if (++values > maxBodyValues) return `it holds more than ${maxBodyValues} values`;
		const octet = buffer[at++]!;
		if (isMap[depth] === 1 && due[depth]! % 2 === 0 && !isKey(octet))
			return "it holds a map with a key that is no name";
		due[depth]!--;
		let children = 0;
		if (octet < 0x80 || octet >= 0xe0) continue;
		if (octet < 0x90) children = (octet & 0x0f) * 2;
		else if (octet < 0xa0) children = octet & 0x0f;
		else if (octet < 0xc0) at += octet & 0x1f;
		else {
			const size = fixedSizes[octet - 0xc0]!;
			if (size >= 0) at += size;
			else if (size !== VARIES) return "it holds an octet that is no msgpack";
			else if (octet >= 0xdc) {
				const wide = (octet & 1) !== 0;
				if (at + (wide ? 4 : 2) > end) return "the value is cut off";
				children = readLength(buffer, at, wide ? 4 : 2) * (octet >= 0xde ? 2 : 1);
				at += wide ? 4 : 2;
			} else if (octet >= 0xd9 || octet <= 0xc6) {
				// str 8 to 32 are d9 to db, bin 8 to 32 are c4 to c6.
				const width = 1 << (octet >= 0xd9 ? octet - 0xd9 : octet - 0xc4);
				if (at + width > end) return "the value is cut off";
				at += width + readLength(buffer, at, width);
			} else {
				let behind = timestampEnd(buffer, at, octet);
				if (behind === -1 && references !== undefined && octet === 0xd4 && buffer[at] === referenceType) {
					if (buffer[at + 1] !== references.length) return "its references to frames do not count up from 0";
					references.push(at - 1);
					behind = at + 2;
				}
				if (behind === -1) return "it holds an extension other than a timestamp";
				if (octet === 0xc7 && behind <= end && !isDate(buffer, at + 2)) return "it holds a time that is no Date";
				at = behind;
			}
		}
		if (at > end) return "the value is cut off";
		if (children > 0) {
			// Each child has at least one octet: a greater number is a lie, found out before the decoder believes it.
			if (children > end - at) return "the value is cut off";
			if (depth >= maxDepth) return `it is nested deeper than ${maxDepth}`;
			due[++depth] = children;
			isMap[depth] = octet < 0x90 || octet >= 0xde ? 1 : 0;
		}
	}
}

/** Strings and numbers can be the name of a property; the decoder throws at most others. */
function isKey(octet: number): boolean {
	if (octet < 0x80 || octet >= 0xe0) return true;
	return (octet >= 0xa0 && octet < 0xc0) || (octet >= 0xca && octet <= 0xd3) || (octet >= 0xd9 && octet <= 0xdb);
}

/** Where a timestamp that starts behind `octet` ends, or -1 when the extension is none: fixext 4 and 8, ext 8 of 12. */
function timestampEnd(buffer: Uint8Array, at: number, octet: number): number {
	if (octet === 0xd6 && buffer[at] === 0xff) return at + 5;
	if (octet === 0xd7 && buffer[at] === 0xff) return at + 9;
	if (octet === 0xc7 && buffer[at] === 12 && buffer[at + 1] === 0xff) return at + 14;
	return -1;
}

/** Whether a timestamp 96, whose nanoseconds begin at `at`, is one that a `Date` can be. */
function isDate(buffer: Uint8Array, at: number): boolean {
	const nanoseconds = readLength(buffer, at, 4);
	const high = buffer[at + 4]! >= 0x80 ? readLength(buffer, at + 4, 4) - 0x1_0000_0000 : readLength(buffer, at + 4, 4);
	const seconds = high * 0x1_0000_0000 + readLength(buffer, at + 8, 4);
	return !Number.isNaN(new Date(seconds * 1000 + nanoseconds / 1_000_000).getTime());
}

function readLength(buffer: Uint8Array, at: number, width: number): number {
	let length = 0;
	for (let i = 0; i < width; i++) length = length * 256 + buffer[at + i]!;
	return length;
}
