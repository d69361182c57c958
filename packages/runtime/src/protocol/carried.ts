/**
 * What msgpack carries, where no schema says: `unknown` and `any`. msgpackr turns much into something else without a word
 * (functions into nil, a Set into an array), and of a Float64Array it writes what happened to lie in its buffer.
 */
import type * as z from "zod";

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
	const seen = new Set<unknown>();
	const visit = (part: unknown): boolean => {
		if (typeof part !== "object" || part === null || seen.has(part)) return false;
		seen.add(part);
		if (Array.isArray(part)) return part.some(visit);
		const def = (part as Partial<z.core.$ZodType>)._zod?.def as Readonly<Record<string, unknown>> | undefined;
		if (def === undefined) return isPlain(part) && Object.values(part).some(visit);
		if (isMeant(def["type"])) return true;
		const { getter } = def;
		return Object.values(def).some(visit) || (typeof getter === "function" && visit(getter()));
	};
	return visit(schema);
}

/** What cannot be carried, and where it lies. */
export interface Flaw {
	/** From the outermost key or index inwards. */
	readonly path: (string | number)[];
	readonly problem: string;
}

/** The first flaw of a value, if it has one. Runs out of stack on a cycle, as the packing would. */
export function findFlaw(value: unknown): Flaw | undefined {
	if (typeof value === "function" || typeof value === "symbol")
		return flaw(`msgpack has no form for a ${typeof value}`);
	if (typeof value !== "object" || value === null || value instanceof Uint8Array) return undefined;
	if (Array.isArray(value)) {
		for (let i = 0; i < value.length; i++) {
			const found = findFlaw(value[i]);
			if (found !== undefined) return within(i, found);
		}
		return undefined;
	}
	if (value instanceof Date) {
		return Number.isNaN(value.getTime()) ? flaw("msgpack has no form for an invalid date") : undefined;
	}
	if (isForeign(value)) return flaw(`msgpack has no form for a ${value.constructor.name} where no type says so`);
	for (const key of Object.keys(value)) {
		const found = findFlaw((value as Readonly<Record<string, unknown>>)[key]);
		if (found !== undefined) return within(key, found);
	}
	return undefined;
}

function flaw(problem: string): Flaw {
	return { path: [], problem };
}

function within(key: string | number, found: Flaw): Flaw {
	found.path.unshift(key);
	return found;
}

function isForeign(value: object): boolean {
	return (
		ArrayBuffer.isView(value) ||
		value instanceof ArrayBuffer ||
		value instanceof Map ||
		value instanceof Set ||
		value instanceof RegExp ||
		value instanceof Error ||
		value instanceof Promise
	);
}

function isPlain(value: object): boolean {
	const prototype: unknown = Object.getPrototypeOf(value);
	return prototype === Object.prototype || prototype === null;
}
