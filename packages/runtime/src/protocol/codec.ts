/** Bodies: a port with two verbs, and its implementation by msgpack and zod. */
import * as z from "zod";
import { pack, packInto, unpack } from "./msgpack.js";
import { describeIssues, joinViolations, type Violation } from "./validation.js";

/**
 * Writes and reads the bodies of one shape. Shaped for codecs that are compiled from the type: they write straight into
 * the socket's buffer and read straight from the received chunk.
 */
export interface Codec<T> {
	/**
	 * Writes `value` into `buffer` from `offset`; returns the offset behind it. A result beyond `buffer.length` says how
	 * much room it takes: nothing of use was written, make room and call again. Throws `InvalidValue`.
	 */
	encode(buffer: Uint8Array, offset: number, value: T): number;
	/** Reads the octets of `chunk` from `start` to `end`. Binary parts are views of the chunk. Throws `InvalidValue`. */
	decode(chunk: Uint8Array, start: number, end: number): T;
	/** The same value as JSON, for peers without msgpack. Throws `InvalidValue`. */
	encodeJson(value: T): string;
	decodeJson(text: string): T;
}

/** A value that is not what the interface says; for people and, as `violations`, for programs. */
export class InvalidValue extends Error {
	override readonly name = "InvalidValue";
	readonly violations: readonly Violation[];

	constructor(violations: readonly Violation[]) {
		super(joinViolations(violations));
		this.violations = violations;
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
}

/** The codec of a shape that a zod schema describes. Validates in both directions; unknown properties are left out. */
export function messageCodec<T>(schema: z.ZodType<T>, options: MessageCodecOptions = {}): Codec<T> {
	return new MessageCodec(schema, options);
}

class MessageCodec<T> implements Codec<T> {
	readonly #schema: z.ZodType<T>;
	readonly #parameters: readonly string[] | undefined;
	readonly #conversion: Conversion | undefined;
	/** Compiled at the first use: a client of a thousand methods does not pay for those it never calls. */
	#compiled: z.ZodType<T> | undefined;

	constructor(schema: z.ZodType<T>, options: MessageCodecOptions) {
		this.#schema = schema;
		this.#parameters = options.parameters;
		this.#conversion = options.conversion;
	}

	encode(buffer: Uint8Array, offset: number, value: T): number {
		const valid = this.#validate(value);
		const wire = this.#conversion === undefined ? valid : this.#conversion.toWire(valid);
		try {
			return packInto(buffer, offset, wire);
		} catch (error) {
			throw new InvalidValue([{ path: "", problem: (error as Error).message }]);
		}
	}

	decode(chunk: Uint8Array, start: number, end: number): T {
		let wire: unknown;
		try {
			wire = unpack(chunk, start, end);
		} catch (error) {
			throw new InvalidValue([{ path: "", problem: (error as Error).message }]);
		}
		return this.#validate(this.#conversion === undefined ? wire : this.#conversion.fromWire(wire));
	}

	encodeJson(value: T): string {
		const valid = this.#validate(value);
		return JSON.stringify(this.#conversion === undefined ? valid : this.#conversion.toWire(valid)) ?? "null";
	}

	decodeJson(text: string): T {
		let wire: unknown;
		try {
			wire = JSON.parse(text);
		} catch {
			throw new InvalidValue([{ path: "", problem: "the body is no JSON" }]);
		}
		return this.#validate(this.#conversion === undefined ? wire : this.#conversion.fromWire(wire));
	}

	#validate(value: unknown): T {
		this.#compiled ??= compile(this.#schema);
		const result = this.#compiled.safeParse(value);
		if (result.success) return result.data;
		throw new InvalidValue(describeIssues(result.error.issues, this.#schema, value, this.#parameters));
	}
}

/** Where the host forbids code from strings zod's interpreter does the same, slower. */
function compile<T>(schema: z.ZodType<T>): z.ZodType<T> {
	return z.compile(schema);
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
};

/** Any value that msgpack carries, unchecked: for callers who have no generated code. */
export const anyCodec: Codec<unknown> = {
	encode: packInto,
	decode: unpack,
	encodeJson: (value) => JSON.stringify(value) ?? "null",
	decodeJson: (text) => JSON.parse(text) as unknown,
};

/** Metadata as it travels in a CALL's header. */
export function encodeMetadata(metadata: Readonly<Record<string, unknown>>): Uint8Array {
	return pack(metadata);
}

/** Throws when it is no map. */
export function decodeMetadata(buffer: Uint8Array, start: number, end: number): Readonly<Record<string, unknown>> {
	const value = unpack(buffer, start, end);
	if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("metadata is no map");
	return value as Readonly<Record<string, unknown>>;
}
