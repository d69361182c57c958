/** How deep the flattest value of a type is, counted in definitions: how a generator of values comes to an end. */
import { componentsOf, isRecursive } from "./components.js";
import type { Constraint, Definitions, Type } from "./model.js";

/** By definition; `Infinity`: it has no finite value. */
export type Heights = ReadonlyMap<string, number>;

export function heightsOf(definitions: Definitions): Heights {
	const heights = new Map([...definitions.keys()].map((name) => [name, Number.POSITIVE_INFINITY]));
	for (let hasChanged = true; hasChanged; ) {
		hasChanged = false;
		for (const [name, { type }] of definitions) {
			const height = heightOf(type, heights);
			if (height >= heights.get(name)!) continue;
			heights.set(name, height);
			hasChanged = true;
		}
	}
	return heights;
}

export function heightOf(type: Type, heights: Heights): number {
	switch (type.kind) {
		case "never":
			return Number.POSITIVE_INFINITY;
		case "reference":
			return 1 + (heights.get(type.name) ?? Number.POSITIVE_INFINITY);
		case "array":
		case "set":
			return leastItems(type.constraints) === 0 ? 0 : heightOf(type.element, heights);
		case "map":
			if (leastItems(type.constraints) === 0) return 0;
			return Math.max(heightOf(type.key, heights), heightOf(type.value, heights));
		case "tuple":
			return highest(type.elements.filter(({ isOptional }) => !isOptional));
		case "object":
			return highest(type.properties.filter(({ isOptional }) => !isOptional));
		case "union":
			return Math.min(...type.members.map((member) => heightOf(member, heights)));
		default:
			return 0;
	}
	function highest(parts: readonly { readonly type: Type }[]): number {
		return Math.max(0, ...parts.map((part) => heightOf(part.type, heights)));
	}
}

/** The definitions that contain themselves. */
export function recursiveNames(definitions: Definitions): ReadonlySet<string> {
	const components = componentsOf(definitions.keys(), definitions);
	return new Set(components.filter((component) => isRecursive(component, definitions)).flat());
}

export function leastItems(constraints: readonly Constraint[]): number {
	return Math.max(0, ...constraints.flatMap(({ keyword, value }) => (keyword === "minItems" ? [Number(value)] : [])));
}
