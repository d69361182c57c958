/** What compiled decoders are made of. */

import { maxBodyDepth } from "../limits.js";
import { scanBody } from "./body-scan.js";
import { type Cursor, isKeyNext, type Key } from "./compiled-keys.js";
import { LongTexts } from "./long-texts.js";
import { mostShortBytes, shortText } from "./short-text.js";
import { surprised } from "./surprise.js";

const scratch = new DataView(new ArrayBuffer(8));
const scratchOctets = new Uint8Array(scratch.buffer);
const nothing = new Uint8Array(0);

export type Kind = "nil" | "boolean" | "number" | "string" | "bytes" | "date" | "array" | "map" | "other";

/** By the first octet. */
const kinds: readonly Kind[] = Array.from({ length: 256 }, (_, octet) => kindOf(octet));

function isNested(octet: number): boolean {
	return kinds[octet] === "array" || kinds[octet] === "map";
}

function kindOf(octet: number): Kind {
	if (octet < 0x80 || octet >= 0xe0 || (octet >= 0xca && octet <= 0xd3)) return "number";
	if (octet < 0x90 || octet >= 0xde) return "map";
	if (octet < 0xa0 || octet >= 0xdc) return "array";
	if (octet < 0xc0 || octet >= 0xd9) return "string";
	if (octet === 0xc0) return "nil";
	if (octet === 0xc2 || octet === 0xc3) return "boolean";
	if (octet >= 0xc4 && octet <= 0xc6) return "bytes";
	return octet === 0xd6 || octet === 0xd7 || octet === 0xc7 ? "date" : "other";
}

/** What the last bit of a double is worth, by its exponent: the fraction times that is the number, exactly. */
const lastBits = Float64Array.from({ length: 0x7ff }, (_, exponent) => 2 ** (Math.max(exponent, 1) - 1075));

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
	return new DataView(buffer, byteOffset, byteLength);
}

/** The general codec of a part. */
export interface PartDecoder {
	decode(chunk: Uint8Array, start: number, end: number): unknown;
}

/** How often a body may be gone through while looking for properties. */
const mostPasses = 8;
/** Below the functions that count how deep they are there are no more levels than these, but for parts of general codecs. */
const uncountedLevels = 16;
/** Those of 64 bits, which can be more than a number holds, and what has half the precision. */
const generalNumbers: ReadonlySet<number> = new Set([0xca, 0xcf, 0xd3]);
/** Making a view of the octets takes as long as so many doubles without one. */
const loneDoubles = 8;

/**
 * Reads one body from its front to its end. Whatever it does not expect is a surprise, and so is what the general codec would
 * answer in another way than here: a text that is no UTF-8, a number that is not finite.
 *
 * A length is compared with what is left of the body before anything is made of it. What has a fixed size may be read beyond the
 * body's end, out of the same chunk: `end()` finds out, and nothing that was read is used.
 */
export class BodyReader implements Cursor {
	/** Keys read on their own. */
	octets: Uint8Array = nothing;
	at = 0;
	#end = 0;
	/** Elements of lists that may still follow. */
	#items = 0;
	/** Octets that may still be passed over while looking for a property. */
	#patience = 0;
	/** Of the values that are being read, as far as their functions count. */
	#depth = 0;
	/** Doubles that have been read octet by octet. */
	#doubles = 0;
	readonly #longTexts = new LongTexts();
	/** Of all of `octets`, from the moment on that it pays. */
	#view: DataView | undefined;

	/** Borrows the octets until `release`. */
	start(from: Uint8Array, start: number, end: number): this {
		this.octets = from;
		this.at = start;
		this.#end = end;
		this.#items = end - start;
		this.#patience = mostPasses * (end - start);
		this.#depth = 0;
		this.#doubles = 0;
		return this;
	}

	/** The value must have been the body. */
	end(): void {
		if (this.at !== this.#end) surprised();
	}

	release(): void {
		this.octets = nothing;
		this.#view = undefined;
		this.#longTexts.release();
	}

	/** What the next value is. */
	kind(): Kind {
		return this.at < this.#end ? kinds[this.octets[this.at]!]! : surprised();
	}

	/** Whether nil is next, which is then read. */
	nil(): boolean {
		if (this.octets[this.at] !== 0xc0) return false;
		this.at++;
		return true;
	}

	boolean(): boolean {
		const octet = this.octets[this.at++];
		if (octet !== 0xc2 && octet !== 0xc3) surprised();
		return octet === 0xc3;
	}

	/** A finite one. */
	number(): number {
		const octet = this.octets[this.at]!;
		if (octet < 0x80) {
			this.at++;
			return octet;
		}
		return octet === 0xcb ? this.#double() : this.#integer(octet);
	}

	/** A safe one. */
	integer(): number {
		const octet = this.octets[this.at]!;
		if (octet < 0x80) {
			this.at++;
			return octet;
		}
		if (octet !== 0xcb) return this.#integer(octet);
		const value = this.#double();
		return Number.isSafeInteger(value) ? value : surprised();
	}

	#double(): number {
		const at = this.at;
		this.at = at + 9;
		const value = this.#view === undefined ? this.#loneDouble(at + 1) : this.#view.getFloat64(at + 1);
		return Number.isFinite(value) ? value : surprised();
	}

	/** From its two words by what they mean: octets written to memory one by one are long in coming back as eight. */
	#loneDouble(at: number): number {
		if (++this.#doubles === loneDoubles) this.#view = viewOf(this.octets);
		const high = this.#word(at);
		const exponent = (high >>> 20) & 0x7ff;
		const fraction = (high & 0xf_ffff) | (exponent === 0 ? 0 : 0x10_0000);
		if (exponent === 0x7ff) surprised();
		const value = (fraction * 0x1_0000_0000 + (this.#word(at + 4) >>> 0)) * lastBits[exponent]!;
		return high < 0 ? -value : value;
	}

	/** Not those of 64 bits: they can be more than a number holds. */
	#integer(octet: number): number {
		const from = this.octets;
		const at = this.at + 1;
		if (octet >= 0xe0) {
			this.at = at;
			return octet - 0x100;
		}
		switch (octet) {
			case 0xcc:
				this.at = at + 1;
				return from[at]!;
			case 0xcd:
				this.at = at + 2;
				return (from[at]! << 8) | from[at + 1]!;
			case 0xce:
				this.at = at + 4;
				return this.#word(at) >>> 0;
			case 0xd0:
				this.at = at + 1;
				return (from[at]! << 24) >> 24;
			case 0xd1:
				this.at = at + 2;
				return ((from[at]! << 24) | (from[at + 1]! << 16)) >> 16;
			case 0xd2:
				this.at = at + 4;
				return this.#word(at);
			default:
				return surprised();
		}
	}

	#word(at: number): number {
		const from = this.octets;
		return (from[at]! << 24) | (from[at + 1]! << 16) | (from[at + 2]! << 8) | from[at + 3]!;
	}

	/** Any integer. */
	bigint(): bigint {
		const octet = this.octets[this.at]!;
		if (octet < 0x80) {
			this.at++;
			return BigInt(octet);
		}
		if (octet !== 0xd3 && octet !== 0xcf) return BigInt(this.#integer(octet));
		for (let i = 0; i < 8; i++) scratchOctets[i] = this.octets[this.at + 1 + i]!;
		this.at += 9;
		return octet === 0xd3 ? scratch.getBigInt64(0) : scratch.getBigUint64(0);
	}

	text(): string {
		const octet = this.octets[this.at]!;
		if (octet < 0xa0 || octet >= 0xc0) return this.#longText(octet);
		const length = octet & 0x1f;
		const start = this.at + 1;
		const end = start + length;
		if (end > this.#end) surprised();
		this.at = end;
		return length <= mostShortBytes
			? shortText(this.octets, start, length)
			: this.#longTexts.read(this.octets, start, end, this.#end);
	}

	#longText(octet: number): string {
		const length = this.#length(octet, 0xd9);
		const start = this.at;
		const end = start + length;
		if (end > this.#end) surprised();
		this.at = end;
		return this.#longTexts.read(this.octets, start, end, this.#end);
	}

	/** A view of the chunk. */
	bytes(): Uint8Array {
		const length = this.#length(this.octets[this.at]!, 0xc4);
		const start = this.at;
		if (start + length > this.#end) surprised();
		this.at = start + length;
		return this.octets.subarray(start, this.at);
	}

	/** A timestamp of 32 bits, 64 or 96. */
	date(): Date {
		const from = this.octets;
		const at = this.at + 2;
		const octet = from[at - 2];
		if (octet === 0xc7) return this.#longDate(at);
		if (from[at - 1] !== 0xff) surprised();
		if (octet === 0xd6) {
			this.at = at + 4;
			return new Date((this.#word(at) >>> 0) * 1000);
		}
		if (octet !== 0xd7) surprised();
		this.at = at + 8;
		const ms = (this.#word(at) >>> 2) / 1_000_000;
		const seconds = (from[at + 3]! & 0x03) * 0x1_0000_0000 + (this.#word(at + 4) >>> 0);
		return new Date(ms + seconds * 1000);
	}

	#longDate(at: number): Date {
		const from = this.octets;
		if (from[at - 1] !== 12 || from[at] !== 0xff) surprised();
		const nanoseconds = this.#word(at + 1);
		for (let i = 0; i < 8; i++) scratchOctets[i] = from[at + 5 + i]!;
		const high = scratch.getInt32(0);
		// The general codec makes something of others too.
		if (nanoseconds < 0 || high < -0x8000 || high >= 0x8000) surprised();
		this.at = at + 13;
		const date = new Date(nanoseconds / 1_000_000 + (high * 0x1_0000_0000 + scratch.getUint32(4)) * 1000);
		return Number.isNaN(date.getTime()) ? surprised() : date;
	}

	/** How many elements follow: no more than there are octets left. */
	array(): number {
		const octet = this.octets[this.at]!;
		const length = octet >= 0x90 && octet < 0xa0 ? this.#fixed(octet & 0x0f) : this.#size(octet, 0xdc);
		return length <= this.#end - this.at ? length : surprised();
	}

	/** As `array`, for who makes room for all of them at once. No more elements than it has octets are in all lists of a body. */
	items(): number {
		const length = this.array();
		this.#items -= length;
		return this.#items >= 0 ? length : surprised();
	}

	/** A list of finite ones. */
	numbers(): number[] {
		const list = new Array<number>(this.items());
		const { octets } = this;
		if (list.length >= loneDoubles) this.#view ??= viewOf(octets);
		const view = this.#view;
		for (let i = 0; i < list.length; i++) {
			const { at } = this;
			if (octets[at] !== 0xcb || view === undefined) list[i] = this.number();
			else {
				const value = view.getFloat64(at + 1);
				this.at = at + 9;
				list[i] = Number.isFinite(value) ? value : surprised();
			}
		}
		return list;
	}

	/** How many properties follow: no more than there are pairs of octets left. */
	map(): number {
		const octet = this.octets[this.at]!;
		const length = octet >= 0x80 && octet < 0x90 ? this.#fixed(octet & 0x0f) : this.#size(octet, 0xde);
		return 2 * length <= this.#end - this.at ? length : surprised();
	}

	/** An array of so many elements. */
	arrayOf(length: number): void {
		if (this.array() !== length) surprised();
	}

	/** A map of so many properties. */
	mapOf(length: number): void {
		if (this.map() !== length) surprised();
	}

	/** The name of a property that may be any. */
	name(): string {
		const name = this.text();
		return name === "__proto__" ? surprised() : name;
	}

	/** Whether the object that is next has this property. Nothing is read. */
	has(key: Key): boolean {
		const start = this.at;
		const isThere = this.#find(key);
		this.at = start;
		return isThere;
	}

	/** The value that a property of the object that is next has, where it is a text, number, boolean or nil. Nothing is read. */
	tag(key: Key): string | number | boolean | null {
		const start = this.at;
		if (!this.#find(key)) surprised();
		const value = this.#scalar();
		this.at = start;
		return value;
	}

	/** Goes to the value of a property of the object that is next, where there is one of this name. */
	#find(key: Key): boolean {
		for (let left = this.map(); left > 0; left--) {
			if (isKeyNext(key.octets, this)) return true;
			this.#skip();
			this.#skip();
		}
		return false;
	}

	#scalar(): string | number | boolean | null {
		switch (this.kind()) {
			case "string":
				return this.text();
			case "number":
				return this.number();
			case "boolean":
				return this.boolean();
			case "nil":
				this.at++;
				return null;
			default:
				return surprised();
		}
	}

	/** A part of any type: what is not made of others is read here. */
	any(codec: PartDecoder): unknown {
		const octet = this.octets[this.at]!;
		const kind = kinds[octet]!;
		const isMore = kind === "bytes" || kind === "date" || kind === "array" || kind === "map" || kind === "other";
		return isMore || generalNumbers.has(octet) ? this.with(codec) : this.#scalar();
	}

	/** What has no compiled form of its own. */
	with(codec: PartDecoder): unknown {
		const start = this.at;
		this.#skip();
		const { octets, at } = this;
		const mostLevels = maxBodyDepth - uncountedLevels - this.#depth;
		if (isNested(octets[start]!) && scanBody(octets, start, at, undefined, mostLevels) !== undefined) surprised();
		return codec.decode(octets, start, at);
	}

	/** From here on values are nested so many levels deeper. */
	enter(levels: number): void {
		this.#depth += levels;
		if (this.#depth > maxBodyDepth - uncountedLevels) surprised();
	}

	leave(levels: number): void {
		this.#depth -= levels;
	}

	/** Goes behind the next value. Values in values in front of a property are looked through again and again: there is a limit to that. */
	#skip(): void {
		const start = this.at;
		for (let left = 1; left > 0; left--) {
			if (this.at >= this.#end) surprised();
			const octet = this.octets[this.at]!;
			switch (kinds[octet]!) {
				case "nil":
				case "boolean":
					this.at++;
					break;
				case "number":
					this.at += octet < 0x80 || octet >= 0xe0 ? 1 : 1 + numberBytes[octet - 0xca]!;
					break;
				case "string":
					this.#pass(octet >= 0xa0 && octet < 0xc0 ? this.#fixed(octet & 0x1f) : this.#length(octet, 0xd9));
					break;
				case "bytes":
					this.#pass(this.#length(octet, 0xc4));
					break;
				case "date":
					this.at += octet === 0xd6 ? 6 : octet === 0xd7 ? 10 : 15;
					break;
				case "array":
					left += this.array();
					break;
				case "map":
					left += 2 * this.map();
					break;
				default:
					surprised();
			}
		}
		this.#patience -= this.at - start;
		if (this.at > this.#end || this.#patience < 0) surprised();
	}

	#fixed(length: number): number {
		this.at++;
		return length;
	}

	#pass(length: number): void {
		if (length > this.#end - this.at) surprised();
		this.at += length;
	}

	/** Of an array or map, in 2 or 4 octets. */
	#size(octet: number, first: number): number {
		return octet === first || octet === first + 1 ? this.#length(octet, first - 1) : surprised();
	}

	/** A length of 1, 2 or 4 octets, after `octet`, which is `first` or one of the two behind it. */
	#length(octet: number, first: number): number {
		const from = this.octets;
		const at = this.at + 1;
		switch (octet - first) {
			case 0:
				this.at = at + 1;
				return at < this.#end ? from[at]! : surprised();
			case 1:
				this.at = at + 2;
				return at + 1 < this.#end ? (from[at]! << 8) | from[at + 1]! : surprised();
			case 2:
				this.at = at + 4;
				return at + 3 < this.#end ? this.#word(at) >>> 0 : surprised();
			default:
				return surprised();
		}
	}
}

/** Behind the first octet, from 0xca to 0xd3. */
const numberBytes = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8];
