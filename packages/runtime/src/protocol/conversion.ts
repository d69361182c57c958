/**
 * Conversions between the TypeScript form of a value and the form that msgpack carries, put together by generated code
 * for the shapes where the two differ: sets and maps travel as arrays, bigints as integers that may come back as numbers,
 * `undefined` as nil.
 *
 * Rules of this file:
 * - A conversion touches only what it recognises and hands on the rest as it is: validation, which follows `fromWire`,
 *   then says what is wrong and where. So conversions of different kinds can also be applied one after the other (`each`).
 * - No conversion changes its argument.
 * - Values come from peers: own properties only, and nothing is assigned by a name that a peer chose. Work is linear in the
 *   value: an alternative of a union is chosen by looking at the value's own properties, never by trying one after the other.
 *   Depth is the value's own, which the scan of the body has bounded.
 */
import type { Conversion } from "./codec.js";

type Convert = (value: unknown) => unknown;
type Fields = Readonly<Record<string, Conversion>>;
type Literal = string | number | boolean | null;

/** What the wire tells apart without knowing the type. */
export type WireClass = "nil" | "boolean" | "number" | "string" | "bytes" | "date" | "array" | "object";

export interface ObjectConversionOptions {
	/** Properties that are required and may be `undefined`. The wire leaves them out; here they come back. */
	readonly present?: readonly string[];
	/** For the properties that have no conversion of their own. */
	readonly rest?: Conversion;
	/** What is found in the place of properties that were left out. */
	readonly defaults?: Readonly<Record<string, () => unknown>>;
}

export interface TupleConversionOptions {
	/** How many elements there always are. The optional ones behind them end with the last that is not `undefined`. */
	readonly required?: number;
	/** For the elements behind those that are listed. */
	readonly rest?: Conversion;
	/** What is found in the place of elements that were left out; `undefined` in the list for those of which nothing is. */
	readonly defaults?: readonly ((() => unknown) | undefined)[];
}

/** One of several object shapes that no single property tells apart. */
export interface Shape {
	/** Properties that it always has, and what the wire can make of each. */
	readonly has: Readonly<Record<string, readonly WireClass[]>>;
	readonly conversion?: Conversion;
}

/** The building blocks. Generated code puts them together. */
export const convert = {
	/** Integers up to 2^53, which a double holds exactly, come back as numbers. */
	bigint: conversion(
		(value) => value,
		(value) => (Number.isInteger(value) && Math.abs(value as number) <= 2 ** 53 ? BigInt(value as number) : value),
	),

	/** nil where only `undefined` can be meant. msgpack writes nil for it without help. */
	undefined: conversion(
		(value) => value,
		(value) => (value === null ? undefined : value),
	),

	/** A `Set` as the array of its elements. */
	set(element?: Conversion): Conversion {
		return conversion(
			(value) => (value instanceof Set ? listToWire([...value], element) : value),
			(value) => (Array.isArray(value) ? new Set(listFromWire(value, element)) : value),
		);
	},

	/** A `Map` as an array of `[key, value]` in its order. */
	map(key?: Conversion, value?: Conversion): Conversion {
		return conversion(
			(map) => (map instanceof Map ? Array.from(map, ([k, v]) => [toWire(key, k), toWire(value, v)]) : map),
			(list) => {
				if (!Array.isArray(list) || !list.every(isPair)) return list;
				return new Map(list.map(([k, v]) => [fromWire(key, k), fromWire(value, v)]));
			},
		);
	},

	array(element: Conversion): Conversion {
		return conversion(
			(value) => (Array.isArray(value) ? listToWire(value, element) : value),
			(value) => (Array.isArray(value) ? listFromWire(value, element) : value),
		);
	},

	/** An array whose elements differ: `undefined` in the list stands for an element that needs no conversion. */
	tuple(elements: readonly (Conversion | undefined)[], options: TupleConversionOptions = {}): Conversion {
		const required = options.required ?? elements.length;
		const { rest, defaults = [] } = options;
		const all = (value: unknown, one: (step: Conversion | undefined, element: unknown) => unknown) => {
			if (!Array.isArray(value)) return value;
			const list = value.map((element, index) => one(index < elements.length ? elements[index] : rest, element));
			while (list.length > required && list.length <= elements.length && list.at(-1) === undefined) list.pop();
			return list;
		};
		const filled = (list: unknown) => {
			if (!Array.isArray(list) || list.length < required) return list;
			for (const [index, make] of defaults.entries()) if (list[index] === undefined) list[index] = make?.();
			return list;
		};
		return conversion(
			(value) => all(value, toWire),
			(value) => filled(all(value, fromWire)),
		);
	},

	/** An object whose named properties differ. */
	object(fields: Fields, options: ObjectConversionOptions = {}): Conversion {
		const steps = new Map(Object.entries(fields));
		const { present = [], rest } = options;
		const defaults = Object.entries(options.defaults ?? {});
		return conversion(
			(value) => (isPlain(value) ? mapProperties(value, (name, one) => toWire(steps.get(name) ?? rest, one)) : value),
			(value) => {
				if (!isPlain(value)) return value;
				const object = mapProperties(value, (name, one) => fromWire(steps.get(name) ?? rest, one));
				for (const name of present) if (!Object.hasOwn(object, name)) object[name] = undefined;
				for (const [name, make] of defaults) if (!Object.hasOwn(object, name)) object[name] = make();
				return object;
			},
		);
	},

	/** An object of any keys. */
	record(value: Conversion): Conversion {
		return convert.object({}, { rest: value });
	},

	/** Conversions for kinds of values that even the wire tells apart, each of which leaves alone what is another's. */
	each(...steps: readonly Conversion[]): Conversion {
		return conversion(
			(value) => steps.reduce((converted, step) => step.toWire(converted), value),
			(value) => steps.reduce((converted, step) => step.fromWire(converted), value),
		);
	},

	/** Objects that one property tells apart. */
	variants(property: string, cases: readonly (readonly [value: Literal, conversion: Conversion])[]): Conversion {
		const byValue = new Map<unknown, Conversion>(cases);
		return chosen((object) => (Object.hasOwn(object, property) ? byValue.get(object[property]) : undefined));
	},

	/** Objects told apart by the properties they always have: the first shape that fits is taken. */
	shapes(shapes: readonly Shape[]): Conversion {
		const known = shapes.map(({ has, conversion }) => ({ has: Object.entries(has), conversion }));
		return chosen((object) => known.find(({ has }) => has.every((entry) => hasProperty(object, entry)))?.conversion);
	},

	/** A conversion that is declared later, or contains itself. */
	lazy(get: () => Conversion): Conversion {
		return conversion(
			(value) => get().toWire(value),
			(value) => get().fromWire(value),
		);
	},
};

function conversion(toWire: Convert, fromWire: Convert): Conversion {
	return { toWire, fromWire };
}

function toWire(step: Conversion | undefined, value: unknown): unknown {
	return step === undefined ? value : step.toWire(value);
}

function fromWire(step: Conversion | undefined, value: unknown): unknown {
	return step === undefined ? value : step.fromWire(value);
}

function listToWire(list: readonly unknown[], element: Conversion | undefined): readonly unknown[] {
	return element === undefined ? list : list.map((one) => element.toWire(one));
}

function listFromWire(list: readonly unknown[], element: Conversion | undefined): readonly unknown[] {
	return element === undefined ? list : list.map((one) => element.fromWire(one));
}

function chosen(choose: (object: Readonly<Record<string, unknown>>) => Conversion | undefined): Conversion {
	return conversion(
		(value) => (isPlain(value) ? toWire(choose(value), value) : value),
		(value) => (isPlain(value) ? fromWire(choose(value), value) : value),
	);
}

function isPair(value: unknown): value is [unknown, unknown] {
	return Array.isArray(value) && value.length === 2;
}

/** What travels as a map of msgpack: instances of the user's classes too, whose properties are their data. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
	return wireClassOf(value) === "object";
}

/** `Object.fromEntries` defines properties: a peer's `__proto__` becomes one like any other instead of a prototype. */
function mapProperties(
	object: Readonly<Record<string, unknown>>,
	one: (name: string, value: unknown) => unknown,
): Record<string, unknown> {
	return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, one(name, value)]));
}

function hasProperty(
	object: Readonly<Record<string, unknown>>,
	[name, classes]: readonly [string, readonly WireClass[]],
): boolean {
	if (!Object.hasOwn(object, name)) return classes.includes("nil");
	const found = wireClassOf(object[name]);
	return found !== undefined && classes.includes(found);
}

/** The same for a value and for what becomes of it on the wire. */
function wireClassOf(value: unknown): WireClass | undefined {
	switch (typeof value) {
		case "undefined":
			return "nil";
		case "boolean":
		case "string":
		case "number":
			return typeof value as WireClass;
		case "bigint":
			return "number";
		case "object":
			if (value === null) return "nil";
			if (Array.isArray(value) || value instanceof Set || value instanceof Map) return "array";
			if (value instanceof Date) return "date";
			return value instanceof Uint8Array ? "bytes" : "object";
		default:
			return undefined;
	}
}
