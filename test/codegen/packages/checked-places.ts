/** Finds the places in a value whose kind its type settles. */
import type { Definition, Type } from "@homing/codegen";
import { isObject } from "../support/values.js";

export type Path = readonly (string | number)[];

export interface CheckedPlace {
	readonly path: Path;
	/** Of a kind that cannot stand there. */
	readonly wrong: unknown;
}

type Definitions = ReadonlyMap<string, Definition["type"]>;

type Plain = Exclude<Type, { kind: "reference" | "union" }>;

/** In the order in which they are met. Where several alternatives of a union might be meant, there is none inside. */
export function checkedPlaces(type: Type, value: unknown, definitions: Definitions): CheckedPlace[] {
	const found: CheckedPlace[] = [];
	const visit = (at: Type, one: unknown, path: Path): void => {
		const alternatives = alternativesOf(at, definitions);
		const kinds = new Set(alternatives.flatMap(kindsOf));
		if (kinds.has("anything")) return;
		const wrong = strangers.find((stranger) => !kinds.has(kindOf(stranger)));
		if (wrong !== undefined) found.push({ path, wrong });
		const meant = theOneMeant(alternatives, one, definitions);
		for (const [step, inner] of meant === undefined ? [] : parts(meant, one)) {
			visit(inner, (one as Record<string | number, unknown>)[step], [...path, step]);
		}
	};
	visit(type, value, []);
	return found;
}

/** The value with something else at a place. */
export function withWrong(value: unknown, { path, wrong }: CheckedPlace): unknown {
	const [step, ...rest] = path;
	if (step === undefined) return wrong;
	const inner = withWrong((value as Record<string | number, unknown>)[step], { path: rest, wrong });
	if (Array.isArray(value)) return value.map((item, index) => (index === step ? inner : item));
	return { ...(value as object), [step]: inner };
}

const strangers: readonly unknown[] = [7, "seven", true, ["seven"], { seven: 7 }, new Date(7)];

type Kind = "string" | "number" | "boolean" | "array" | "object" | "date" | "anything" | "other";

function kindOf(value: unknown): Kind {
	if (Array.isArray(value)) return "array";
	if (isObject(value)) return "object";
	if (value instanceof Date) return "date";
	const name = typeof value;
	return name === "string" || name === "number" || name === "boolean" ? name : "other";
}

function kindsOf(type: Plain): Kind[] {
	switch (type.kind) {
		case "string":
		case "number":
		case "boolean":
		case "date":
			return [type.kind];
		case "template":
			return ["string"];
		case "literal":
			return [kindOf(type.value)];
		case "enum":
			return type.values.map(kindOf);
		case "array":
		case "tuple":
			return ["array"];
		case "object":
		case "record":
			return ["object"];
		case "unknown":
			return ["anything"];
		default:
			return ["other"];
	}
}

function alternativesOf(type: Type, definitions: Definitions): Plain[] {
	if (type.kind === "union") return type.members.flatMap((member) => alternativesOf(member, definitions));
	return type.kind === "reference" ? alternativesOf(definitions.get(type.name)!, definitions) : [type];
}

/** The only alternative of the value's kind, or of objects the one that a literal property tells from all others. */
function theOneMeant(alternatives: readonly Plain[], value: unknown, definitions: Definitions): Plain | undefined {
	const possible = alternatives.filter((one) => kindsOf(one).includes(kindOf(value)));
	if (possible.length < 2) return possible[0];
	const [first] = possible;
	if (first?.kind !== "object") return undefined;
	for (const { name } of first.properties) {
		const literals = possible.map((one) => literalsOf(one, name, definitions));
		const all = literals.flatMap((own) => own ?? []);
		if (literals.includes(undefined) || new Set(all).size < all.length) continue;
		return possible[literals.findIndex((own) => own!.includes((value as Record<string, unknown>)[name]))];
	}
	return undefined;
}

function literalsOf(type: Plain, name: string, definitions: Definitions): unknown[] | undefined {
	const property = type.kind === "object" ? type.properties.find((one) => one.name === name) : undefined;
	if (property === undefined || property.isOptional) return undefined;
	const values = alternativesOf(property.type, definitions).map((one) =>
		one.kind === "literal" ? [one.value] : one.kind === "enum" ? [...one.values] : undefined,
	);
	return values.includes(undefined) ? undefined : values.flatMap((own) => own!);
}

function parts(type: Plain, value: unknown): (readonly [step: string | number, type: Type])[] {
	if (Array.isArray(value)) {
		if (type.kind === "array") return value.map((_, index) => [index, type.element] as const);
		if (type.kind !== "tuple") return [];
		return value.map((_, index) => [index, type.elements[index]?.type ?? type.rest!] as const);
	}
	if (!isObject(value)) return [];
	const names = Object.keys(value);
	if (type.kind === "record") return names.map((name) => [name, type.value] as const);
	if (type.kind !== "object") return [];
	return names.map((name) => [name, type.properties.find((one) => one.name === name)?.type ?? type.additional!]);
}
