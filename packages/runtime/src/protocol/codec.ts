/** Bodies: a port with two verbs, and its implementation by msgpack and zod. */

import type * as z from "zod";
import { platform } from "#platform";
import { maxBodyValues } from "../limits.js";
import { packBeside, unpackBeside } from "./attached.js";
import { scanBody } from "./body-scan.js";
import { type Flaw, findFlaw, hasUncheckedParts, mayHoldOctets } from "./carried.js";
import { BodyReader } from "./compiled-reading.js";
import type { ValueDocs } from "./docs.js";
import { findMisfit, takesEmptyObjects } from "./fields.js";
import { parseJson } from "./json.js";
import { jsonSchemaOf } from "./json-schema.js";
import { packCarried, packInto, unpack } from "./msgpack.js";
import type { SchemaOf } from "./schema-of.js";
import { stopAtFailedChecks } from "./schema-parts.js";
import { crowding } from "./surprise.js";
import { describeIssues, formatPath, joinViolations, type Violation } from "./validation.js";

/**
 * Writes and reads the bodies of one shape. Shaped for codecs that are compiled from the type: they write straight into
 * the socket's buffer and read straight from the received chunk.
 */
export interface Codec<T> {
	/**
	 * Writes `value` into `buffer` from `offset`; returns the offset behind it. A result beyond `buffer.length` says how
	 * much room it takes: nothing of use was written, make room and call again. Throws `InvalidValue`.
	 *
	 * `frames`: takes, by reference, octets that are to travel beside the body, which then refers to them; it starts anew with
	 * each call. A codec may leave it alone, and write all octets into the body.
	 */
	encode(buffer: Uint8Array, offset: number, value: T, frames?: Uint8Array[]): number;
	/**
	 * Reads the octets of `chunk` from `start` to `end`. Binary parts are views of the chunk, or, where the body refers to them, the
	 * `frames` that came beside it. Throws `InvalidValue`, also when one of those is not referred to, or is twice.
	 */
	decode(chunk: Uint8Array, start: number, end: number, frames?: readonly Uint8Array[]): T;
	/** The same value as JSON, for peers without msgpack. Throws `InvalidValue`. */
	encodeJson(value: T): string;
	decodeJson(text: string): T;
	/**
	 * JSON Schema of the values, where it is known, described by `docs`. Elements of an argument list are titled with their
	 * parameters' names.
	 */
	jsonSchema?(docs?: ValueDocs): Readonly<Record<string, unknown>>;
}

const brand = Symbol.for("@homing/runtime InvalidValue");

/** A value that is not what the interface says; for people and, as `violations`, for programs. */
export class InvalidValue extends Error {
	/** As of `RpcError`: codecs may come from another copy of this package than the connection. */
	static override [Symbol.hasInstance](value: unknown): boolean {
		return typeof value === "object" && value !== null && brand in value;
	}

	override readonly name = "InvalidValue";
	readonly violations: readonly Violation[];

	constructor(violations: readonly Violation[]) {
		super(joinViolations(violations));
		this.violations = violations;
	}

	get [brand](): true {
		return true;
	}
}

/** Between the TypeScript form of a value and the form that msgpack carries, for shapes where the two differ. */
export interface Conversion {
	toWire(value: unknown): unknown;
	/** Leaves alone what it does not recognise: validation then says where it is wrong. */
	fromWire(value: unknown): unknown;
}

export interface MessageCodecOptions {
	/** For an argument list: the parameters' names, which start the paths in error messages. */
	readonly parameters?: readonly string[];
	readonly conversion?: Conversion;
	/** Where the shape has been compiled. */
	readonly compiled?: CompiledCodec;
}

/**
 * What generated code does for one shape. It says yes, and never no: whatever it does not expect it throws out, and the schema then
 * accepts it, in the same way, or explains what is wrong.
 */
export interface CompiledCodec {
	/** Writes the same octets as without it. Throws `crowding` where there may be too little room. */
	write(to: Uint8Array, at: number, value: unknown): number;
	read(from: BodyReader): unknown;
}

/** The codec of a shape that a zod schema describes. Validates in both directions; unknown properties are left out. */
export function messageCodec<T>(schema: SchemaOf<T>, options: MessageCodecOptions = {}): Codec<T> {
	return new MessageCodec(schema as z.ZodType<T>, options);
}

class MessageCodec<T> implements Codec<T> {
	readonly #schema: z.ZodType<T>;
	readonly #parameters: readonly string[] | undefined;
	readonly #conversion: Conversion | undefined;
	readonly #fast: CompiledCodec | undefined;
	/** Compiled at the first use: a client of a thousand methods does not pay for those it never calls. */
	#compiled: z.ZodType<T> | undefined;
	#hasUncheckedParts: boolean | undefined;
	#mayHoldOctets: boolean | undefined;
	#takesEmptyObjects: boolean | undefined;

	constructor(schema: z.ZodType<T>, options: MessageCodecOptions) {
		this.#schema = schema;
		this.#parameters = options.parameters;
		this.#conversion = options.conversion;
		this.#fast = options.compiled;
	}

	encode(buffer: Uint8Array, offset: number, value: T, frames?: Uint8Array[]): number {
		if (this.#fast !== undefined) {
			try {
				return this.#fast.write(buffer, offset, value);
			} catch (reason) {
				if (reason === crowding) return this.#packApart(this.#fast, buffer, offset, value, frames);
				// A surprise, a getter that threw, or no stack left: then it is found out which.
			}
		}
		return this.#pack(buffer, offset, value, frames);
	}

	#packApart(fast: CompiledCodec, buffer: Uint8Array, offset: number, value: T, frames?: Uint8Array[]): number {
		return writeApart(fast, buffer, offset, value) ?? this.#pack(buffer, offset, value, frames);
	}

	#pack(buffer: Uint8Array, offset: number, value: T, frames?: Uint8Array[]): number {
		const valid = this.#validate(value);
		const wire = this.#conversion === undefined ? valid : this.#conversion.toWire(valid);
		this.#hasUncheckedParts ??= hasUncheckedParts(this.#schema);
		if (this.#hasUncheckedParts) assertCarried(wire, this.#parameters);
		this.#mayHoldOctets ??= mayHoldOctets(this.#schema);
		return packValid(buffer, offset, wire, this.#mayHoldOctets ? frames : undefined, this.#parameters);
	}

	decode(chunk: Uint8Array, start: number, end: number, frames?: readonly Uint8Array[]): T {
		if (this.#fast !== undefined && (frames === undefined || frames.length === 0)) {
			const value = readCompiled(this.#fast, chunk, start, end);
			if (value !== unread) return value as T;
			surprises.count++;
		}
		return this.#unpack(chunk, start, end, frames);
	}

	#unpack(chunk: Uint8Array, start: number, end: number, frames: readonly Uint8Array[] | undefined): T {
		const wire = anyCodec.decode(chunk, start, end, frames);
		return this.#validate(this.#conversion === undefined ? wire : this.#conversion.fromWire(wire), end - start);
	}

	encodeJson(value: T): string {
		const valid = this.#validate(value);
		return anyCodec.encodeJson(this.#conversion === undefined ? valid : this.#conversion.toWire(valid));
	}

	decodeJson(text: string): T {
		const wire = anyCodec.decodeJson(text);
		return this.#validate(this.#conversion === undefined ? wire : this.#conversion.fromWire(wire), text.length);
	}

	jsonSchema(docs?: ValueDocs): Readonly<Record<string, unknown>> {
		return jsonSchemaOf(this.#schema, this.#parameters, docs);
	}

	#compileSchema(): z.ZodType<T> {
		stopAtFailedChecks(this.#schema);
		return platform.compileSchema(this.#schema);
	}

	/** `size`: what a peer sent, in octets or characters. */
	#validate(value: unknown, size = 0): T {
		this.#compiled ??= this.#compileSchema();
		let result: z.ZodSafeParseResult<T>;
		let misfit: Flaw | undefined;
		try {
			result = this.#compiled.safeParse(value, size > fullyExplainedSize ? untilMistaken : undefined);
			this.#takesEmptyObjects ??= takesEmptyObjects(this.#schema);
			if (result.success && this.#takesEmptyObjects) misfit = findMisfit(value, result.data);
		} catch (error) {
			// A million mistakes in one array, or a recursive type nested too deep: zod runs out of stack.
			if (!(error instanceof RangeError)) throw error;
			const flaw = flawIn(value);
			if (flaw?.isTooDeep) throw atFlaw(flaw, this.#parameters);
			throw invalid("too many mistakes to name, or nested too deep");
		}
		if (misfit !== undefined) throw atFlaw(misfit, this.#parameters);
		if (result.success) return result.data;
		throw new InvalidValue(describeIssues(result.error.issues, this.#schema, value, this.#parameters));
	}
}

/** Of a larger body that is wrong the first mistake is told and no more are looked for: each octet could be one, and takes zod some 250. */
const fullyExplainedSize = 16 * 1024;
/** zod's own way for `validate()`, which does not say what is wrong. */
const untilMistaken: z.core.ParseContextInternal<z.core.$ZodIssue> = { abortEarly: true };

/** Bodies that surprised a compiled codec, in this process. Whoever has one read can tell whether it did. */
export const surprises = { count: 0 };

/** Where a value that found too little room is written to, to see how much it takes. Unit: bytes. */
const firstApart = 0x1_0000;
/** What takes more is rare, and left to the general codec. Unit: bytes. */
const mostApart = 0x100_0000;
/** Nobody's while a value is written there: its getters may call whom they like. */
let idleApart: Uint8Array | undefined;

/** As `Codec.encode`. `undefined`: the general codec is to do it. */
function writeApart(fast: CompiledCodec, buffer: Uint8Array, offset: number, value: unknown): number | undefined {
	const first = idleApart ?? platform.allocate(firstApart);
	idleApart = undefined;
	let end = writeBy(first, fast, buffer, offset, value);
	idleApart = first;
	for (let room = 4 * firstApart; end === crowding && room <= mostApart; room *= 4) {
		end = writeBy(platform.allocate(room), fast, buffer, offset, value);
	}
	return typeof end === "number" ? end : undefined;
}

/** By way of other memory. Answers what it threw, where it did. */
function writeBy(
	apart: Uint8Array,
	{ write }: CompiledCodec,
	buffer: Uint8Array,
	offset: number,
	value: unknown,
): unknown {
	try {
		const size = write(apart, 0, value);
		if (offset + size <= buffer.length) buffer.set(apart.subarray(0, size), offset);
		return offset + size;
	} catch (reason) {
		// Getters may throw what they like, numbers too.
		return reason === crowding ? crowding : undefined;
	}
}

const unread = Symbol("unread");
/** For one body at a time: what is compiled calls nobody. */
const reader = new BodyReader();

/** Answers `unread` where only the general way can tell. */
function readCompiled(codec: CompiledCodec, chunk: Uint8Array, start: number, end: number): unknown {
	// A smaller one cannot hold more values than a body may, and the reader looks after how deep they are.
	if (end - start > maxBodyValues && scanBody(chunk, start, end) !== undefined) return unread;
	let value: unknown = unread;
	try {
		const read = codec.read(reader.start(chunk, start, end));
		reader.end();
		value = read;
	} catch {
		// A surprise.
	}
	// A chunk can be large, and the next body a long time off.
	reader.release();
	return value;
}

/** No value: nil on the wire. Whatever a peer sends instead is ignored. */
export const voidCodec: Codec<void> = {
	encode(buffer, offset) {
		buffer[offset] = 0xc0;
		return offset + 1;
	},
	decode() {},
	encodeJson: () => "null",
	decodeJson() {},
	jsonSchema: () => ({ type: "null" }),
};

/** Any value that msgpack carries, unchecked: for callers who have no generated code. */
export const anyCodec: Codec<unknown> = {
	encode(buffer, offset, value, frames) {
		assertCarried(value, undefined);
		return packValid(buffer, offset, value, frames);
	},
	decode(chunk, start, end, frames) {
		try {
			return frames === undefined || frames.length === 0
				? unpack(chunk, start, end)
				: unpackBeside(chunk, start, end, frames);
		} catch (error) {
			throw invalid((error as Error).message);
		}
	},
	encodeJson(value) {
		try {
			return JSON.stringify(value) ?? "null";
		} catch (error) {
			throw invalid((error as Error).message);
		}
	},
	decodeJson(text) {
		try {
			return parseJson(text);
		} catch (error) {
			throw invalid((error as Error).message);
		}
	},
};

/** Throws `InvalidValue` when no schema has looked at a part that msgpack cannot carry. */
function assertCarried(value: unknown, parameters: readonly string[] | undefined): void {
	let flaw: Flaw | undefined;
	try {
		flaw = findFlaw(value);
	} catch (error) {
		throw invalid((error as Error).message);
	}
	if (flaw !== undefined) throw atFlaw(flaw, parameters);
}

function packValid(
	buffer: Uint8Array,
	offset: number,
	value: unknown,
	frames: Uint8Array[] | undefined,
	parameters?: readonly string[],
): number {
	try {
		return frames === undefined ? packInto(buffer, offset, value) : packBeside(buffer, offset, value, frames);
	} catch (error) {
		throw unpackable(error, value, parameters);
	}
}

/** The packing does not say where it failed. */
function unpackable(error: unknown, value: unknown, parameters?: readonly string[]): InvalidValue {
	const flaw = flawIn(value);
	return flaw === undefined ? invalid((error as Error).message) : atFlaw(flaw, parameters);
}

/** `undefined` also where looking for one fails, as a getter may. */
function flawIn(value: unknown): Flaw | undefined {
	try {
		return findFlaw(value);
	} catch {
		return undefined;
	}
}

function atFlaw({ path, problem }: Flaw, parameters?: readonly string[]): InvalidValue {
	return new InvalidValue([{ path: formatPath(path, parameters), problem }]);
}

function invalid(problem: string): InvalidValue {
	return new InvalidValue([{ path: "", problem }]);
}

/** Nothing in JSON refers to a frame. */
export function framesBesideText(): InvalidValue {
	return invalid("JSON has no frames beside it");
}

/** Writes metadata as it travels in a CALL's header. Arguments and result as of `Codec.encode`. Throws `InvalidValue`. */
export function encodeMetadata(
	buffer: Uint8Array,
	offset: number,
	metadata: Readonly<Record<string, unknown>>,
): number {
	try {
		return packCarried(buffer, offset, metadata);
	} catch (error) {
		const flaw = flawIn(metadata);
		if (flaw !== undefined) throw atFlaw({ ...flaw, path: ["metadata", ...flaw.path] });
		throw new InvalidValue([{ path: "metadata", problem: (error as Error).message }]);
	}
}

/** Throws when it is no map. */
export function decodeMetadata(buffer: Uint8Array, start: number, end: number): Readonly<Record<string, unknown>> {
	const value = unpack(buffer, start, end);
	if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("metadata is no map");
	return value as Readonly<Record<string, unknown>>;
}
