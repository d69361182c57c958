/** Reads types that come with the language or the platform. */
import type { ts } from "ts-morph";
import type { Type } from "../model/model.js";
import type { Site } from "./context.js";
import { carried, refused } from "./platform.js";
import { type Binding, type Reading, unreadable } from "./reading.js";

/**
 * `elements` are the type arguments where the source spells them. `undefined` for a type that is none of its own: a utility
 * type, or plain data.
 */
export function readLibraryType(
	reading: Reading,
	symbol: ts.Symbol,
	type: ts.Type,
	elements: readonly (Binding | undefined)[],
	site: Site,
): Type | undefined {
	const { checker } = reading.context;
	const name = symbol.name;
	if (refuseByName(reading, name, site)) return unreadable;
	const read = (index: number, trail: string): Type => {
		const element = elements[index];
		const inner = { ...site, trail: `${site.trail}${trail}` };
		const given = checker.getTypeArguments(type as ts.TypeReference)[index];
		if (given === undefined) return unreadable;
		return reading.read(given, element?.hint, inner);
	};
	// `Readonly<T[]>` is one too, and what it is made of is no element.
	const isList = name === "Array" || name === "ReadonlyArray";
	if (isList && checker.isArrayType(type)) return { kind: "array", element: read(0, "[]"), constraints: [] };
	if (name === "Record") return readRecord(reading, type, elements, site);
	switch (Object.hasOwn(carried, name) ? carried[name] : undefined) {
		case "date":
			return { kind: "date" };
		case "bytes":
			return { kind: "bytes" };
		case "set":
			return { kind: "set", element: read(0, "[]"), constraints: [] };
		case "map":
			return { kind: "map", key: read(0, " (key)"), value: read(1, "[]"), constraints: [] };
		default:
			return undefined;
	}
}

/** Reports a type of the platform that cannot be sent, also where the compiler does not know that platform. */
export function refuseByName({ context }: Reading, name: string, site: Site): boolean {
	const refusal = Object.hasOwn(refused, name) ? refused[name] : undefined;
	if (refusal === undefined) return false;
	context.report(refusal.code, site, `${site.trail} is of type \`${name}\`, which ${refusal.reason}.`, refusal.remedy);
	return true;
}

/** The spelling of the value is worth keeping, and that of keys that are open. `undefined` for one with literal keys, which is an object. */
function readRecord(
	reading: Reading,
	type: ts.Type,
	elements: readonly (Binding | undefined)[],
	site: Site,
): Type | undefined {
	const { checker } = reading.context;
	const [index, ...others] = checker.getIndexInfosOfType(type);
	const [key, value] = elements;
	if (index === undefined) return undefined;
	if (others.length > 0 || checker.getPropertiesOfType(type).length > 0) return undefined;
	// What the compiler makes of the keys may be another type than is spelt: the spelling is of use if it means the same.
	const keyType = key?.type;
	const isSame =
		keyType !== undefined &&
		checker.isTypeAssignableTo(keyType, index.keyType) &&
		checker.isTypeAssignableTo(index.keyType, keyType);
	const keyHint = isSame ? key?.hint : undefined;
	return {
		kind: "record",
		key: reading.read(isSame ? keyType : index.keyType, keyHint, { ...site, trail: `${site.trail} (key)` }),
		value: reading.read(index.type, value?.hint, { ...site, trail: `${site.trail}[]` }),
	};
}
