/**
 * The few things done with octets that Node has a faster way for. Where there is a `Buffer` (Node, Bun, Deno) octets made
 * here are `Buffer`s, elsewhere plain `Uint8Array`s: no other file of wire, mechanism, connection, pattern and socket
 * knows the difference.
 */

/** A `Buffer` where the host has them. */
export type Octets = typeof globalThis extends { Buffer: { isBuffer(value: unknown): value is infer NodeBuffer } }
	? NodeBuffer
	: Uint8Array;

const host = (globalThis as { readonly Buffer?: typeof Buffer }).Buffer;

/** Octets of undefined content, in memory that is shared with nothing else. Owned by the caller. */
export const allocate: (size: number) => Octets = host
	? (size) => host.allocUnsafeSlow(size)
	: (size) => new Uint8Array(size) as Octets;

/** From here on glibc maps memory of its own for a block, at first. Unit: bytes. */
const mappedBytes = 128 * 1024;

/** A little below the largest block that makes it think again. Unit: bytes. */
const persuadingBytes = 30 * 1024 * 1024;

let isPersuaded = host === undefined;

/**
 * As `allocate`, for large blocks that come and go. Each would be mapped, get its pages one fault at a time, and be unmapped
 * again, which costs more than all that is done with it. But once glibc has freed a block that was mapped, it maps only
 * larger ones, and keeps twice as much free memory for the next (mallopt(3), M_MMAP_THRESHOLD). One that nobody writes to
 * costs nothing.
 */
export function allocateLarge(size: number): Octets {
	if (!isPersuaded && size >= mappedBytes) {
		isPersuaded = true;
		allocate(persuadingBytes);
	}
	return allocate(size);
}

/** `size` octets of `memory` from `start` on, in the same memory. */
export const over: (memory: ArrayBufferLike, start: number, size: number) => Octets = chooseOver();

/** Octets `start` to `end` of `source`, in the same memory. */
export const view = (source: Uint8Array, start: number, end: number): Octets =>
	over(source.buffer, source.byteOffset + start, end - start);

/** Up to this many octets a loop beats a call of `Buffer.prototype.copy`. */
const loopBytes = 24;

/** Nothing, which nobody can write to: one for all. */
const none = host?.alloc(0) as Octets;

/**
 * Most octets of a copy that shares memory with other small ones, which then cannot be transferred to another thread by
 * mistake. 0: none does. Unit: bytes.
 */
export const smallBytes = host === undefined ? 0 : (host.poolSize >>> 1) - 8;

/** A copy of octets `start` to `end`. Owned by the caller; small ones may share memory with other small ones. */
export const copy: (source: Uint8Array, start: number, end: number) => Octets = host
	? (source, start, end) => {
			if (start === end) return none;
			const octets = host.allocUnsafe(end - start);
			if (octets.length > loopBytes) host.prototype.copy.call(source, octets, 0, start, end);
			else for (let from = start, to = 0; from < end; ) octets[to++] = source[from++]!;
			return octets;
		}
	: (source, start, end) => source.slice(start, end) as Octets;

/** All parts in one piece. Owned by the caller. */
export const concat: (parts: readonly Uint8Array[]) => Octets = host ? (parts) => host.concat(parts) : concatPlain;

const encoder = new TextEncoder();

/** Text as UTF-8. Owned by the caller. */
export const utf8: (text: string) => Octets = host
	? (text) => host.from(text)
	: (text) => encoder.encode(text) as Octets;

/** Octets `start` to `end` as text, each a character of its own: a key for a map, or what is known to be ASCII. */
export const latin1: (source: Uint8Array, start: number, end: number) => string = host
	? (source, start, end) => view(source, start, end).toString("latin1")
	: latin1Plain;

/** Whether both are the same, in a time that does not tell where they differ. */
export function isSame(one: Uint8Array, other: Uint8Array): boolean {
	let difference = one.length ^ other.length;
	for (let i = 0; i < one.length; i++) difference |= one[i]! ^ (other[i] ?? 0);
	return difference === 0;
}

type MakeOver = new (memory: ArrayBufferLike, start: number, size: number) => Octets;

/**
 * The class that Node makes `Buffer`s of is half as slow as `Buffer.from`; `Buffer` names it where typed arrays look for
 * the class of what is derived from them. What it makes must be a `Buffer` elsewhere too.
 */
function chooseOver(): (memory: ArrayBufferLike, start: number, size: number) => Octets {
	if (host === undefined) return (memory, start, size) => new Uint8Array(memory, start, size) as Octets;
	const Species = (host as unknown as { readonly [Symbol.species]?: MakeOver })[Symbol.species];
	const isItsOwn = Species === undefined || (Species as unknown) === host;
	if (isItsOwn || !host.isBuffer(new Species(new ArrayBuffer(1), 0, 1))) {
		return (memory, start, size) => host.from(memory as ArrayBuffer, start, size);
	}
	return (memory, start, size) => new Species(memory, start, size);
}

function concatPlain(parts: readonly Uint8Array[]): Octets {
	const whole = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
	let at = 0;
	for (const part of parts) {
		whole.set(part, at);
		at += part.length;
	}
	return whole as Octets;
}

function latin1Plain(source: Uint8Array, start: number, end: number): string {
	let text = "";
	for (let i = start; i < end; i++) text += String.fromCharCode(source[i]!);
	return text;
}
