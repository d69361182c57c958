/**
 * What msgpack carries, where no schema says: `unknown` and `any`. msgpackr turns much into something else without a word
 * (functions into nil, a Set into an array), and of a Float64Array it writes what happened to lie in its buffer.
 */
import type * as z from "zod";
import { maxBodyDepth } from "../limits.js";
import { someDefinition } from "./schema-parts.js";

/** Whether values of the schema have parts that it says nothing about. */
export function hasUncheckedParts(schema: z.core.$ZodType): boolean {
	return hasParts(schema, (type) => type === "unknown" || type === "any");
}

/** Whether values of the schema may have octets in them: zod knows those as instances of a class, or not at all. */
export function mayHoldOctets(schema: z.core.$ZodType): boolean {
	return hasParts(schema, (type) => type === "unknown" || type === "any" || type === "custom");
}

/** Whether a part of the schema is of a type that `isMeant`. */
function hasParts(schema: z.core.$ZodType, isMeant: (type: unknown) => boolean): boolean {
	return someDefinition(schema, (definition) => isMeant(definition["type"]));
}

/** What cannot be carried, and where it lies. */
export interface Flaw {
	/** From the outermost key or index inwards. */
	readonly path: (string | number)[];
	readonly problem: string;
	/** It has no end, or none that a body may have: no walk over it comes to one. */
	readonly isTooDeep?: boolean;
}

const leastInteger = -(2n ** 63n);
const greatestInteger = 2n ** 64n - 1n;

/** The first flaw of a value, if it has one. `around`: the values that it lies in, the outermost first; as it was where there is none. */
export function findFlaw(value: unknown, around: object[] = []): Flaw | undefined {
	switch (typeof value) {
		case "function":
		case "symbol":
			return flaw(`msgpack has no form for a ${typeof value}`);
		case "bigint":
			if (value >= leastInteger && value <= greatestInteger) return undefined;
			return flaw(`expected a bigint from -2^63 to 2^64 - 1, got ${shortened(value)}`);
		case "object":
			return value === null || value instanceof Uint8Array ? undefined : flawOf(value, around);
		default:
			return undefined;
	}
}

function flawOf(value: object, around: object[]): Flaw | undefined {
	if (value instanceof Date) {
		return Number.isNaN(value.getTime()) ? flaw("msgpack has no form for an invalid date") : undefined;
	}
	if (around.includes(value)) return { ...flaw("it contains itself"), isTooDeep: true };
	if (around.length >= maxBodyDepth) {
		return { ...flaw(`it is nested deeper than ${maxBodyDepth} levels`), isTooDeep: true };
	}
	if (!Array.isArray(value) && isForeign(value)) {
		return flaw(`msgpack has no form for a ${nameOf(value)} where no type says so`);
	}
	around.push(value);
	const found = Array.isArray(value) ? flawOfElements(value, around) : flawOfProperties(value, around);
	around.pop();
	return found;
}

function flawOfElements(list: readonly unknown[], around: object[]): Flaw | undefined {
	for (let i = 0; i < list.length; i++) {
		const found = findFlaw(list[i], around);
		if (found !== undefined) return within(i, found);
	}
	return undefined;
}

function flawOfProperties(value: object, around: object[]): Flaw | undefined {
	for (const key of Object.keys(value)) {
		const found = findFlaw((value as Readonly<Record<string, unknown>>)[key], around);
		if (found !== undefined) return within(key, found);
	}
	return undefined;
}

function flaw(problem: string): Flaw {
	return { path: [], problem };
}

/** The same, seen from one level further out. */
export function within(key: string | number, found: Flaw): Flaw {
	found.path.unshift(key);
	return found;
}

/** A class with methods or getters, the platform's included: it would arrive as bare data, or as nothing. */
function isForeign(value: object): boolean {
	let prototype: object | null = Object.getPrototypeOf(value);
	if (prototype === Object.prototype || prototype === null) return false;
	for (;;) {
		const next: object | null = Object.getPrototypeOf(prototype);
		// The last is what every object has, of whatever realm.
		if (next === null) return false;
		if (Object.getOwnPropertyNames(prototype).some((name) => name !== "constructor")) return true;
		prototype = next;
	}
}

function nameOf(value: object): string {
	const { constructor } = value;
	return typeof constructor === "function" && constructor.name !== "" ? constructor.name : "object with a prototype";
}

/** Enough to know it by. */
function shortened(value: bigint): string {
	const text = `${value}n`;
	return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
