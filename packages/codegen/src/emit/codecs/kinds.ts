/** What a type's values can be, by the kinds that both JavaScript and msgpack tell apart: what a compiled codec branches by. */
import { type Discriminator, discriminatorOf } from "../../model/discriminator.js";
import type { Constraint, Definitions, Property, Type } from "../../model/model.js";
import { type Alternative, alternativesOf } from "../../model/walk.js";
import { isArrayLike, isBigint, isNumeric, isObjectLike, isOfClass } from "../../model/wire.js";

export type Composite = Extract<Type, { kind: "array" | "tuple" | "set" | "map" | "object" | "record" | "reference" }>;

/** What is checked of a scalar: nothing, that it is one of some values, comparisons, or what a schema says. */
export type Scalar =
	| { readonly check: "none" }
	| { readonly check: "values"; readonly values: readonly (string | number | boolean | bigint)[] }
	| { readonly check: "bounds"; readonly constraints: readonly Constraint[] }
	| { readonly check: "schema"; readonly type: Type };

export interface Kinds {
	readonly isNull: boolean;
	readonly isUndefined: boolean;
	readonly boolean?: Scalar;
	readonly number?: Scalar;
	readonly bigint?: Scalar;
	readonly string?: Scalar;
	readonly isBytes: boolean;
	readonly isDate: boolean;
	readonly array?: Composite;
	readonly object?: Composite | Variants | Choices;
}

/** Objects that a property tells apart. */
export interface Variants {
	readonly kind: "variants";
	readonly discriminator: Discriminator;
	readonly members: readonly Composite[];
}

/** Objects that none but the properties that they have tell apart. */
export interface Choices {
	readonly kind: "choices";
	readonly members: readonly Composite[];
	/** What each but the last requires: where it is missing it is none of that member's, and where it is there it is none of a later one's. */
	readonly marks: readonly string[];
}

/** Why nothing is compiled for a type: `undefined` values cannot tell it apart, or nobody knows what it is. */
export class Odd {
	readonly reason: string;

	constructor(reason: string) {
		this.reason = reason;
	}
}

export function isAnything(type: Type): boolean {
	return type.kind === "unknown";
}

/** Whether it is numbers, whichever, and nothing else. */
export function isAnyNumber(kinds: Kinds | Odd): boolean {
	if (kinds instanceof Odd || kinds.number?.check !== "none") return false;
	const { number: _, isNull, isUndefined, isBytes, isDate, ...others } = kinds;
	return !(isNull || isUndefined || isBytes || isDate) && Object.keys(others).length === 0;
}

const anything: Scalar = { check: "none" };

export function kindsOf(type: Type, definitions: Definitions): Kinds | Odd {
	const alternatives = alternativesOf(type, definitions);
	const odd = alternatives.map((one) => reasonOf(one.type)).find((reason) => reason !== undefined);
	if (odd !== undefined) return new Odd(odd);
	const has = (kind: Type["kind"]) => alternatives.some((one) => one.type.kind === kind);
	const number = scalarOf(alternatives, isNumeric, "number");
	const bigint = scalarOf(alternatives, isBigint, "bigint");
	if (number !== undefined && bigint !== undefined) return new Odd("numbers and bigints are alternatives in it");
	const array = arrayOf(alternatives.filter(isArrayLike));
	const object = objectOf(alternatives.filter(isObjectLike), definitions);
	if (array instanceof Odd) return array;
	if (object instanceof Odd) return object;
	const boolean = scalarOf(alternatives, (type) => isOfClass(type, "boolean"), "boolean");
	const string = scalarOf(alternatives, (type) => isOfClass(type, "string"), "string");
	return {
		isNull: has("null"),
		isUndefined: has("undefined"),
		...(boolean !== undefined && { boolean }),
		...(number !== undefined && { number }),
		...(bigint !== undefined && { bigint }),
		...(string !== undefined && { string }),
		isBytes: has("bytes"),
		isDate: has("date"),
		...(array !== undefined && { array }),
		...(object !== undefined && { object }),
	};
}

function reasonOf(type: Type): string | undefined {
	switch (type.kind) {
		case "unknown":
			return "it can be anything";
		case "never":
			return "it has no values";
		case "enum":
			return type.enum.type === undefined ? "its enum is not exported" : undefined;
		case "object":
			return type.properties.some(({ name }) => isHarmfulName(name))
				? "it has a property whose name JavaScript treats in a way of its own"
				: undefined;
		case "record":
			return type.key.kind === "string" || type.key.kind === "reference" ? undefined : "its keys are not just any text";
		case "tuple":
			return type.rest !== undefined && type.elements.some(({ isOptional }) => isOptional)
				? "it has both optional elements and a rest"
				: undefined;
		default:
			return undefined;
	}
}

/** Numbers go before other names whatever their order was, and this name sets the prototype. */
function isHarmfulName(name: string): boolean {
	return name === "__proto__" || /^\d+$/.test(name);
}

function scalarOf(
	alternatives: readonly Alternative[],
	isMeant: (type: Alternative["type"]) => boolean,
	kind: "boolean" | "number" | "bigint" | "string",
): Scalar | undefined {
	const types = alternatives.map(({ type }) => type).filter(isMeant);
	const [first] = types;
	if (first === undefined) return undefined;
	if (types.some((type) => type.kind === kind && constraintsOf(type).length === 0)) return anything;
	const values = types.flatMap((type) => valuesOf(type, kind));
	if (types.every((type) => type.kind === "literal" || type.kind === "enum")) {
		if (kind === "boolean" && new Set(values).size === 2) return anything;
		return { check: "values", values: [...new Set(values)] };
	}
	if (types.length === 1 && constraintsOf(first).every(isComparison))
		return { check: "bounds", constraints: constraintsOf(first) };
	return { check: "schema", type: types.length === 1 ? first : { kind: "union", members: types } };
}

function constraintsOf(type: Type): readonly Constraint[] {
	if (type.kind === "template") return [{ keyword: "pattern", value: true }];
	return type.kind === "string" || type.kind === "number" || type.kind === "bigint" ? type.constraints : [];
}

/** What a line of code compares as well as the schema does. */
function isComparison({ keyword }: Constraint): boolean {
	return keyword !== "pattern" && keyword !== "format" && keyword !== "multipleOf";
}

function valuesOf(type: Type, kind: string): (string | number | boolean | bigint)[] {
	if (type.kind === "enum") return type.values.filter((value) => typeof value === kind);
	if (type.kind !== "literal") return [];
	return [typeof type.value === "object" ? BigInt(type.value.bigint) : type.value];
}

function arrayOf(alternatives: readonly Alternative[]): Composite | Odd | undefined {
	const [first, second] = alternatives;
	if (second !== undefined) return new Odd("several kinds of lists are alternatives in it");
	return first === undefined ? undefined : compositeOf(first);
}

function objectOf(
	alternatives: readonly Alternative[],
	definitions: Definitions,
): Composite | Variants | Choices | Odd | undefined {
	const [first, second] = alternatives;
	if (first === undefined || second === undefined) return first === undefined ? undefined : compositeOf(first);
	const members = alternatives.map(compositeOf);
	const discriminator = discriminatorOf(alternatives, definitions);
	if (discriminator !== undefined) return { kind: "variants", discriminator, members };
	const marks = marksOf(alternatives, definitions);
	return marks === undefined
		? new Odd("no property tells its alternatives apart")
		: { kind: "choices", members, marks };
}

function marksOf(alternatives: readonly Alternative[], definitions: Definitions): string[] | undefined {
	const marks: string[] = [];
	for (const [index, { type }] of alternatives.slice(0, -1).entries()) {
		const later = alternatives.slice(index + 1);
		const mark =
			type.kind === "object"
				? type.properties.find(
						(property) => isRequired(property, definitions) && !later.some((one) => canHave(one, property.name)),
					)
				: undefined;
		if (mark === undefined) return undefined;
		marks.push(mark.name);
	}
	return marks;
}

/** Whether no value lacks it, nor has it with `undefined`. */
function isRequired({ isOptional, type }: Property, definitions: Definitions): boolean {
	const kinds = alternativesOf(type, definitions).map((one) => one.type.kind);
	return !isOptional && !kinds.includes("undefined") && !kinds.includes("unknown");
}

function canHave({ type }: Alternative, name: string): boolean {
	return type.kind !== "object" || type.additional !== undefined || type.properties.some((one) => one.name === name);
}

function compositeOf({ type, name }: Alternative): Composite {
	return name === undefined ? (type as Composite) : { kind: "reference", name };
}
