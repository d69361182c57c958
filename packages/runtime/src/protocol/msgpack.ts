/**
 * msgpack under Homing's one profile: no records, no structured clones, dates as timestamps, 64-bit integers as numbers
 * where they are safe, `undefined` left out of objects and nil elsewhere, maps with the shortest header.
 */

import { platform } from "#platform";
import { scanBody } from "./body-scan.js";
import { findFlaw } from "./carried.js";
import { Packr, RESET_BUFFER_MODE, REUSE_BUFFER_MODE } from "./generated/msgpackr.js";

/**
 * One long-lived instance. msgpackr's native string extractor is left out: for small bodies crossing into it costs more than
 * it saves (measured: 260 ns against 180 for a body of 38 octets), and a dependency on msgpackr would bring its install script,
 * which package managers refuse. The packing half keeps its buffer and starts at its front again each time.
 */
const packr = new Packr({
	useRecords: false,
	structuredClone: false,
	moreTypes: false,
	// A number where it is safe, else a bigint.
	int64AsType: "auto",
	encodeUndefinedAsNil: true,
	// Properties with these values are left out.
	skipValues: [undefined],
});

/** msgpackr keeps the largest buffer it ever needed; above this it is replaced by a small one. Unit: bytes. */
const keptBufferBytes = 1 << 20;
const freshBufferBytes = 8192;

/** With `REUSE_BUFFER_MODE` msgpackr answers its own buffer and where in it the value lies. */
interface PackedRange extends Uint8Array {
	readonly start: number;
	readonly end: number;
}

/** Up to this many octets a loop beats a call of `TypedArray.prototype.set`. */
const loopBytes = 64;

/**
 * Writes `value` into `buffer` from `offset` and returns the offset behind it. When that is beyond the buffer's length
 * nothing has been written: make room and call again. Throws on what msgpack cannot hold (a bigint beyond 64 bits).
 */
export function packInto(buffer: Uint8Array, offset: number, value: unknown): number {
	const packed = packr.pack(value, REUSE_BUFFER_MODE | RESET_BUFFER_MODE) as unknown as PackedRange;
	const { start, end } = packed;
	const size = end - start;
	const behind = offset + size;
	if (behind <= buffer.length) {
		if (size <= loopBytes) for (let i = 0; i < size; i++) buffer[offset + i] = packed[start + i]!;
		else buffer.set(packed.subarray(start, end), offset);
	}
	if (packed.length > keptBufferBytes) packr.useBuffer(platform.allocate(freshBufferBytes));
	return behind;
}

/** As `packInto`, of a value that nobody has looked at. Throws when it holds what msgpack does not carry. */
export function packCarried(buffer: Uint8Array, offset: number, value: unknown): number {
	const flaw = findFlaw(value);
	if (flaw !== undefined) throw new Error(flaw.problem);
	return packInto(buffer, offset, value);
}

/** `value` as msgpack, in memory of its own. Throws when it holds what msgpack does not carry. */
export function pack(value: unknown): Uint8Array {
	const flaw = findFlaw(value);
	if (flaw !== undefined) throw new Error(flaw.problem);
	return Uint8Array.from(packr.pack(value));
}

const range = { start: 0, end: 0 };

/**
 * Reads the one value that the octets from `start` to `end` hold. Binary values are views of the chunk.
 * Throws an Error that says what is wrong, before anything is allocated for it.
 */
export function unpack(chunk: Uint8Array, start: number, end: number): unknown {
	const flaw = scanBody(chunk, start, end);
	if (flaw !== undefined) throw new Error(`the body is no msgpack of ours: ${flaw}`);
	return unpackScanned(chunk, start, end);
}

/** As `unpack`, of a body that `scanBody` has found harmless. */
export function unpackScanned(chunk: Uint8Array, start: number, end: number): unknown {
	range.start = start;
	range.end = end;
	return packr.unpack(chunk, range);
}
