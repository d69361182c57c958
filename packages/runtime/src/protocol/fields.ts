/**
 * An object type of which each property is optional takes whatever has none of them: instances of a program's own classes too, but
 * nothing that holds what it holds otherwise than in properties, which would arrive as `{}`.
 */
import type * as z from "zod";
import { type Flaw, within } from "./carried.js";
import { someDefinition } from "./schema-parts.js";
import { excerpt } from "./validation.js";

/** Whether an object without any of a type's properties may be one of that type. */
export function mayLackAll(value: object): boolean {
	return !(
		Array.isArray(value) ||
		ArrayBuffer.isView(value) ||
		[Map, Set, Date, Promise, RegExp, ArrayBuffer].some((one) => value instanceof one)
	);
}

/** Whether a schema takes objects that have none of their properties: only then it can make one of something else. */
export function takesEmptyObjects(schema: z.core.$ZodType): boolean {
	return someDefinition(schema, ({ type, shape }) => {
		if (type !== "object") return false;
		return Object.values(shape as z.core.$ZodShape).every(({ _zod }) => _zod.optin !== undefined);
	});
}

/** The first part of `given` of which a schema has `made` an empty object, and which is none. */
export function findMisfit(given: unknown, made: unknown): Flaw | undefined {
	// Scalars, and what a schema hands on as it is.
	if (given === made || typeof given !== "object" || given === null || typeof made !== "object" || made === null) {
		return undefined;
	}
	if (Array.isArray(made)) return amongElements(given as readonly unknown[], made);
	if (made instanceof Map) return amongPairs(given as ReadonlyMap<unknown, unknown>, made);
	if (made instanceof Set) return amongElements([...(given as ReadonlySet<unknown>)], [...made]);
	if (Object.getPrototypeOf(made) !== Object.prototype) return undefined;
	const names = Object.keys(made);
	if (names.length > 0) return amongProperties(given as Fields, made as Fields, names);
	return mayLackAll(given) ? undefined : { path: [], problem: `expected an object, got ${excerpt(given)}` };
}

type Fields = Readonly<Record<string, unknown>>;

function amongElements(given: readonly unknown[], made: readonly unknown[]): Flaw | undefined {
	for (let i = 0; i < made.length; i++) {
		const found = findMisfit(given[i], made[i]);
		if (found !== undefined) return within(i, found);
	}
	return undefined;
}

function amongPairs(given: ReadonlyMap<unknown, unknown>, made: ReadonlyMap<unknown, unknown>): Flaw | undefined {
	const pairs = [...given];
	let index = 0;
	for (const [key, value] of made) {
		const [givenKey, givenValue] = pairs[index]!;
		const found = findMisfit(givenKey, key) ?? findMisfit(givenValue, value);
		if (found !== undefined) return within(typeof key === "string" || typeof key === "number" ? key : index, found);
		index++;
	}
	return undefined;
}

function amongProperties(given: Fields, made: Fields, names: readonly string[]): Flaw | undefined {
	for (const name of names) {
		const found = findMisfit(given[name], made[name]);
		if (found !== undefined) return within(name, found);
	}
	return undefined;
}
