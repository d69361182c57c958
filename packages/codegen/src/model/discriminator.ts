/** Finds the property that tells the members of a union apart. */
import type { Definitions, Type } from "./model.js";
import { type Alternative, alternativesOf } from "./walk.js";

export type DiscriminatorValue = string | number | boolean | null;

export interface Discriminator {
	readonly property: string;
	/** The values of each alternative, in the order of the alternatives. */
	readonly values: readonly (readonly DiscriminatorValue[])[];
}

/**
 * A property that every alternative requires, of literal values that no two alternatives share: the first such one in
 * the order of the first alternative. `undefined` if there is none, or not all alternatives are objects.
 */
export function discriminatorOf(
	alternatives: readonly Alternative[],
	definitions: Definitions,
): Discriminator | undefined {
	const [first] = alternatives;
	if (alternatives.length < 2 || first === undefined || first.type.kind !== "object") return undefined;
	for (const { name: property } of first.type.properties) {
		const values = alternatives.map((alternative) => literalsOf(alternative, property, definitions));
		if (values.every((found) => found !== undefined) && areDisjoint(values)) return { property, values };
	}
	return undefined;
}

function literalsOf({ type }: Alternative, name: string, definitions: Definitions): DiscriminatorValue[] | undefined {
	if (type.kind !== "object") return undefined;
	const property = type.properties.find((candidate) => candidate.name === name);
	if (property === undefined || property.isOptional) return undefined;
	const values: DiscriminatorValue[] = [];
	for (const alternative of alternativesOf(property.type, definitions)) {
		const found = literalsOfResolved(alternative.type);
		if (found === undefined) return undefined;
		values.push(...found);
	}
	return values.length === 0 ? undefined : values;
}

function literalsOfResolved(type: Type): readonly DiscriminatorValue[] | undefined {
	switch (type.kind) {
		case "literal":
			return typeof type.value === "object" ? undefined : [type.value];
		case "enum":
			return type.values;
		case "null":
			return [null];
		default:
			return undefined;
	}
}

function areDisjoint(values: readonly (readonly DiscriminatorValue[])[]): boolean {
	const all = values.flat();
	return new Set(all).size === all.length;
}
