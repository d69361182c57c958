/**
 * What msgpack carries, where no schema says: `unknown` and `any`. msgpackr turns much into something else without a word
 * (functions into nil, a Set into an array), and of a Float64Array it writes what happened to lie in its buffer.
 */
import type * as z from "zod";

/** Whether values of the schema have parts that it says nothing about. */
export function hasUncheckedParts(schema: z.core.$ZodType): boolean {
	const seen = new Set<unknown>();
	const visit = (part: unknown): boolean => {
		if (typeof part !== "object" || part === null || seen.has(part)) return false;
		seen.add(part);
		if (Array.isArray(part)) return part.some(visit);
		const def = (part as Partial<z.core.$ZodType>)._zod?.def as Readonly<Record<string, unknown>> | undefined;
		if (def === undefined) return isPlain(part) && Object.values(part).some(visit);
		if (def["type"] === "unknown" || def["type"] === "any") return true;
		const { getter } = def;
		return Object.values(def).some(visit) || (typeof getter === "function" && visit(getter()));
	};
	return visit(schema);
}

/** Throws an Error that names what cannot be carried. Runs out of stack on a cycle, as the packing would. */
export function assertCarried(value: unknown): void {
	if (typeof value === "function" || typeof value === "symbol")
		throw new Error(`msgpack has no form for a ${typeof value}`);
	if (typeof value !== "object" || value === null || value instanceof Uint8Array) return;
	if (Array.isArray(value)) {
		for (const element of value) assertCarried(element);
		return;
	}
	if (value instanceof Date) {
		if (Number.isNaN(value.getTime())) throw new Error("msgpack has no form for an invalid date");
		return;
	}
	if (isForeign(value)) throw new Error(`msgpack has no form for a ${value.constructor.name} where no type says so`);
	for (const key of Object.keys(value)) assertCarried((value as Readonly<Record<string, unknown>>)[key]);
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
