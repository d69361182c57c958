/**
 * What compiled encoders are made of. Each writes one value's msgpack into `to` at `at`, the same octets as msgpackr under
 * Homing's profile, and returns the offset behind it. Where there may be too little room it is crowded, and throws: no octet is ever
 * written beyond the end. An engine lets that happen, but code in which it happened once compares offsets as doubles from then on.
 *
 * What takes `unknown` looks at it first, and answers it as what it is, or is surprised.
 */

import type * as z from "zod";
import { platform } from "#platform";
import { attachedFrameBytes } from "../limits.js";
import { type Key, keyOfOctets } from "./compiled-keys.js";
import { mayLackAll } from "./fields.js";
import type { SchemaOf } from "./schema-of.js";
import { crowded, surprised } from "./surprise.js";

const scratch = new DataView(new ArrayBuffer(8));
const scratchOctets = new Uint8Array(scratch.buffer);

/** From this many units on the host writes a text faster than a loop; msgpackr's bound, for what is no Unicode depends on it. */
const nativeTextUnits = 0x40;
/** Of a text, list or map; and of octets. */
const mostHeadBytes = 5;
/** A timestamp's of 96 bits. */
const mostDateBytes = 15;
/** What a unit of a text takes at most. */
const mostUnitBytes = 3;
/** For a text of fewer units than those, with its head. */
const shortTextRoom = 0x100;
/** Making a view of the octets takes as long as so many doubles without one. */
const fewNumbers = 8;
/** A double's, with what says that it is one. */
const mostNumberBytes = 9;

export function textOf(value: unknown): string {
	return typeof value === "string" ? value : surprised();
}

/** A finite one. */
export function numberOf(value: unknown): number {
	return typeof value === "number" && Number.isFinite(value) ? value : surprised();
}

/** A safe one. */
export function integerOf(value: unknown): number {
	return Number.isSafeInteger(value) ? (value as number) : surprised();
}

export function booleanOf(value: unknown): boolean {
	return typeof value === "boolean" ? value : surprised();
}

/** One that has 64 bits. */
export function bigintOf(value: unknown): bigint {
	return typeof value === "bigint" && value >= -0x8000_0000_0000_0000n && value <= 0xffff_ffff_ffff_ffffn
		? value
		: surprised();
}

/** Of a time. */
export function dateOf(value: unknown): Date {
	return value instanceof Date && !Number.isNaN(value.getTime()) ? value : surprised();
}

/** Octets that travel in the body. */
export function bytesOf(value: unknown): Uint8Array {
	return value instanceof Uint8Array && value.length < attachedFrameBytes ? value : surprised();
}

/** Whatever has properties, but for lists. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value)
		? (value as Record<string, unknown>)
		: surprised();
}

export function itemsOf(value: unknown): readonly unknown[] {
	return Array.isArray(value) ? value : surprised();
}

export function setOf(value: unknown): ReadonlySet<unknown> {
	return value instanceof Set ? value : surprised();
}

export function mapOf(value: unknown): ReadonlyMap<unknown, unknown> {
	return value instanceof Map ? value : surprised();
}

/** What a schema says of values that msgpack carries as they are. Compiled when it is first asked. */
export function checkOf(schema: SchemaOf<unknown>): (value: unknown) => boolean {
	let compiled: z.ZodType | undefined;
	return (value) => {
		compiled ??= platform.compileSchema(schema as z.ZodType);
		return compiled.safeParse(value).success;
	};
}

/**
 * The names of an object's properties but for the `known` ones. `mayBeUndefined`: those that are have no place in msgpack; where
 * they may not be, it is a surprise.
 */
export function otherNames(
	value: Readonly<Record<string, unknown>>,
	known: ReadonlySet<unknown> | undefined,
	mayBeUndefined = false,
): string[] {
	const prototype: unknown = Object.getPrototypeOf(value);
	if (prototype !== Object.prototype && prototype !== null) surprised();
	const names: string[] = [];
	for (const name of Reflect.ownKeys(value)) {
		if (typeof name !== "string" || name === "__proto__") surprised();
		if (known?.has(name)) continue;
		if (value[name] !== undefined) names.push(name);
		else if (!mayBeUndefined) surprised();
	}
	return names;
}

export function writeNil(to: Uint8Array, at: number): number {
	if (at >= to.length) crowded();
	to[at] = 0xc0;
	return at + 1;
}

export function writeBoolean(to: Uint8Array, at: number, value: boolean): number {
	if (at >= to.length) crowded();
	to[at] = value ? 0xc3 : 0xc2;
	return at + 1;
}

/** An integer in its shortest form, as far as it has 32 bits; else a double. */
export function writeNumber(to: Uint8Array, at: number, value: number): number {
	if (at + mostNumberBytes > to.length) return writeLastNumber(to, at, value);
	if (value >>> 0 === value) {
		if (value < 0x80) {
			to[at] = value;
			return at + 1;
		}
		if (value < 0x1_0000) return value < 0x100 ? writeOctet(to, at, 0xcc, value) : writeShort(to, at, 0xcd, value);
		return writeWord(to, at, 0xce, value);
	}
	if (value >> 0 === value) {
		if (value >= -0x20) {
			to[at] = value;
			return at + 1;
		}
		if (value >= -0x8000) return value >= -0x80 ? writeOctet(to, at, 0xd0, value) : writeShort(to, at, 0xd1, value);
		return writeWord(to, at, 0xd2, value);
	}
	scratch.setFloat64(0, value);
	return writeScratch(to, at, 0xcb);
}

const lastNumber = platform.allocate(mostNumberBytes);

/** Where the end is near, and it may still fit. */
function writeLastNumber(to: Uint8Array, at: number, value: number): number {
	const size = writeNumber(lastNumber, 0, value);
	if (at + size > to.length) crowded();
	for (let i = 0; i < size; i++) to[at + i] = lastNumber[i]!;
	return at + size;
}

/** Numbers one behind the other. */
export function writeNumbers(to: Uint8Array, at: number, list: readonly unknown[]): number {
	const view = list.length > fewNumbers ? new DataView(to.buffer, to.byteOffset, to.byteLength) : undefined;
	for (let i = 0; i < list.length; i++) {
		const value = numberOf(list[i]);
		const isWhole = value >> 0 === value || value >>> 0 === value;
		if (isWhole || view === undefined || at + mostNumberBytes > to.length) at = writeNumber(to, at, value);
		else {
			to[at] = 0xcb;
			view.setFloat64(at + 1, value);
			at += mostNumberBytes;
		}
	}
	return at;
}

/** Always in eight octets, as msgpackr has it. */
export function writeBigint(to: Uint8Array, at: number, value: bigint): number {
	if (at + mostNumberBytes > to.length) crowded();
	const isSigned = value < 0x8000_0000_0000_0000n;
	if (isSigned) scratch.setBigInt64(0, value);
	else scratch.setBigUint64(0, value);
	return writeScratch(to, at, isSigned ? 0xd3 : 0xcf);
}

/**
 * V8 has strings of many kinds: of one octet a unit or of two, flat, put together, cut out, known by name. What has met more than four
 * of them looks each property up anew, which takes four times as long; it knows without looking what a sum and these functions are about.
 */
const { charCodeAt, codePointAt } = String.prototype;

export function writeString(to: Uint8Array, at: number, given: string): number {
	// biome-ignore lint/style/useTemplate: a template is a call.
	const value = "" + given;
	const { length } = value;
	if (length >= nativeTextUnits) return writeNative(to, at, value, length);
	const body = at + (length < 0x20 ? 1 : 2);
	const end = body + length;
	if (end > to.length) crowded();
	for (let i = 0; i < length; i++) {
		const unit = charCodeAt.call(value, i);
		if (unit >= 0x80) return writeBeyondAscii(to, at, value, length, i);
		to[body + i] = unit;
	}
	writeTextHead(to, at, length);
	return end;
}

/** Where there is room for whatever it could be, the host is asked once: how much it was decides the head, which is mostly as guessed. */
function writeNative(to: Uint8Array, at: number, value: string, length: number): number {
	const guessed = at + textHeadBytes(length);
	const most = mostUnitBytes * length;
	if (at + textHeadBytes(most) + most > to.length) return writeMeasured(to, at, value);
	const size = platform.writeText(to, guessed, guessed + most, value);
	const body = at + textHeadBytes(size);
	if (body !== guessed) to.copyWithin(body, guessed, guessed + size);
	writeTextHead(to, at, size);
	return body + size;
}

function writeMeasured(to: Uint8Array, at: number, value: string): number {
	const size = platform.textBytes(value);
	const end = at + textHeadBytes(size) + size;
	if (end > to.length) crowded();
	platform.writeText(to, writeTextHead(to, at, size), end, value);
	return end;
}

function textHeadBytes(size: number): number {
	if (size < 0x20) return 1;
	return size < 0x100 ? 2 : size < 0x1_0000 ? 3 : 5;
}

function writeTextHead(to: Uint8Array, at: number, size: number): number {
	return writeHead(to, at, size, size < 0x20 ? 0 : size < 0x100 ? 1 : size < 0x1_0000 ? 2 : 4, 0xa0, 0xd9);
}

/**
 * A short text whose first `known` units are ASCII and written already, behind a head of the size that it would have if all were.
 * Half a pair is written as if it were a character: msgpackr does so in short texts.
 */
function writeBeyondAscii(to: Uint8Array, start: number, value: string, length: number, known: number): number {
	const guessed = start + textHeadBytes(length);
	let at = guessed + known;
	// One more than it can be, for the head may turn out to be longer.
	if (at + mostUnitBytes * (length - known) >= to.length) return writeShortMeasured(to, start, value);
	for (let i = known; i < length; i++) {
		const unit = charCodeAt.call(value, i);
		if (unit < 0x80) to[at++] = unit;
		else if (unit < 0x800) {
			to[at] = 0xc0 | (unit >> 6);
			to[at + 1] = 0x80 | (unit & 0x3f);
			at += 2;
		} else if (isPair(value, i, unit)) {
			const point = codePointAt.call(value, i)!;
			i++;
			to[at] = 0xf0 | (point >> 18);
			to[at + 1] = 0x80 | ((point >> 12) & 0x3f);
			to[at + 2] = 0x80 | ((point >> 6) & 0x3f);
			to[at + 3] = 0x80 | (point & 0x3f);
			at += 4;
		} else {
			to[at] = 0xe0 | (unit >> 12);
			to[at + 1] = 0x80 | ((unit >> 6) & 0x3f);
			to[at + 2] = 0x80 | (unit & 0x3f);
			at += 3;
		}
	}
	const size = at - guessed;
	const body = start + textHeadBytes(size);
	if (body !== guessed) to.copyWithin(body, guessed, at);
	writeTextHead(to, start, size);
	return body + size;
}

/** Where the end is near, and it may still fit. */
function writeShortMeasured(to: Uint8Array, at: number, value: string): number {
	const apart = platform.allocate(shortTextRoom);
	const size = writeString(apart, 0, value);
	if (at + size > to.length) crowded();
	for (let i = 0; i < size; i++) to[at + i] = apart[i]!;
	return at + size;
}

function isPair(value: string, index: number, unit: number): boolean {
	return (unit & 0xfc00) === 0xd800 && (charCodeAt.call(value, index + 1) & 0xfc00) === 0xdc00;
}

export function writeBytes(to: Uint8Array, at: number, value: Uint8Array): number {
	const size = value.length;
	if (at + mostHeadBytes + size > to.length) crowded();
	const body = writeHead(to, at, size, size < 0x100 ? 1 : size < 0x1_0000 ? 2 : 4, 0, 0xc4);
	to.set(value, body);
	return body + size;
}

/** A timestamp: of 32 bits for whole seconds, else of 64, or of 96 before 1970 and from 2106 on. */
export function writeDate(to: Uint8Array, at: number, value: Date): number {
	if (at + mostDateBytes > to.length) crowded();
	const time = value.getTime();
	const seconds = Math.floor(time / 1000);
	const ms = time - seconds * 1000;
	to[at + 1] = 0xff;
	if (seconds < 0 || seconds >= 0x1_0000_0000) {
		to[at] = 0xc7;
		to[at + 1] = 12;
		to[at + 2] = 0xff;
		scratch.setUint32(0, ms * 1_000_000);
		copyScratch(to, at + 3, 0, 4);
		scratch.setBigInt64(0, BigInt(seconds));
		return copyScratch(to, at + 7, 0, 8);
	}
	scratch.setUint32(0, ms * 4_000_000);
	scratch.setUint32(4, seconds);
	to[at] = ms === 0 ? 0xd6 : 0xd7;
	return ms === 0 ? copyScratch(to, at + 2, 4, 8) : copyScratch(to, at + 2, 0, 8);
}

export function writeArrayHead(to: Uint8Array, at: number, size: number): number {
	if (at + mostHeadBytes > to.length) crowded();
	return writeHead(to, at, size, size < 0x10 ? 0 : size < 0x1_0000 ? 2 : 4, 0x90, 0xdb);
}

export function writeMapHead(to: Uint8Array, at: number, size: number): number {
	if (at + mostHeadBytes > to.length) crowded();
	return writeHead(to, at, size, size < 0x10 ? 0 : size < 0x1_0000 ? 2 : 4, 0x80, 0xdd);
}

/** Of an object that may have none of its properties. */
export function writeOptionalHead(to: Uint8Array, at: number, size: number, value: object): number {
	if (size === 0 && !mayLackAll(value)) surprised();
	return writeMapHead(to, at, size);
}

/** A text as it travels, made once. */
export function keyOf(name: string): Key {
	return keyOfOctets(octetsOf(name, (to) => writeString(to, 0, name)));
}

/** An object of so many properties up to the value of its first, which has this name. */
export function startOf(size: number, name: string): Key {
	return keyOfOctets(octetsOf(name, (to) => writeString(to, writeMapHead(to, 0, size), name)));
}

/** Where keys are written; room for all but the longest. */
const keyRoom = platform.allocate(0x200);

function octetsOf(name: string, write: (to: Uint8Array) => number): Uint8Array {
	const most = 2 * mostHeadBytes + mostUnitBytes * name.length + 1;
	const room = most > keyRoom.length ? platform.allocate(most) : keyRoom;
	return new Uint8Array(room.subarray(0, write(room)));
}

/** The general codec of a part. */
export interface PartEncoder {
	encode(buffer: Uint8Array, offset: number, value: unknown): number;
}

/** A part of any type: what is not made of others is written here. */
export function writeAny(codec: PartEncoder, to: Uint8Array, at: number, value: unknown): number {
	if (typeof value === "string") return writeString(to, at, value);
	if (typeof value === "number" && Number.isFinite(value)) return writeNumber(to, at, value);
	if (typeof value === "boolean") return writeBoolean(to, at, value);
	return value === null ? writeNil(to, at) : writeWith(codec, to, at, value);
}

/** What has no compiled form of its own. */
export function writeWith(codec: PartEncoder, to: Uint8Array, at: number, value: unknown): number {
	const end = codec.encode(to, at, value);
	if (end > to.length) crowded();
	// Large octets may be in there, which travel beside the body.
	return end - at < attachedFrameBytes ? end : surprised();
}

/** `width` octets hold the size; with none it is part of the first octet. */
function writeHead(to: Uint8Array, at: number, size: number, width: number, short: number, wide: number): number {
	if (width === 0) {
		to[at] = short | size;
		return at + 1;
	}
	if (width === 1) return writeOctet(to, at, wide, size);
	if (width === 2) return writeShort(to, at, wide + 1, size);
	return writeWord(to, at, wide + 2, size);
}

function writeOctet(to: Uint8Array, at: number, form: number, value: number): number {
	to[at] = form;
	to[at + 1] = value;
	return at + 2;
}

function writeShort(to: Uint8Array, at: number, form: number, value: number): number {
	to[at] = form;
	to[at + 1] = value >> 8;
	to[at + 2] = value;
	return at + 3;
}

function writeWord(to: Uint8Array, at: number, form: number, value: number): number {
	to[at] = form;
	to[at + 1] = value >> 24;
	to[at + 2] = value >> 16;
	to[at + 3] = value >> 8;
	to[at + 4] = value;
	return at + 5;
}

/** Two words: eight octets one by one take longer. */
function writeScratch(to: Uint8Array, at: number, form: number): number {
	const high = scratch.getInt32(0);
	const low = scratch.getInt32(4);
	to[at] = form;
	to[at + 1] = high >> 24;
	to[at + 2] = high >> 16;
	to[at + 3] = high >> 8;
	to[at + 4] = high;
	to[at + 5] = low >> 24;
	to[at + 6] = low >> 16;
	to[at + 7] = low >> 8;
	to[at + 8] = low;
	return at + 9;
}

function copyScratch(to: Uint8Array, at: number, start: number, end: number): number {
	for (let i = start; i < end; i++) to[at + i - start] = scratchOctets[i]!;
	return at + end - start;
}
