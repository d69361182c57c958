/** Walks over the model's types. */
import { partsOf } from "./arguments.js";
import type { Definitions, ServiceModel, Type } from "./model.js";

/** The types directly inside a type, in the order of the source. */
export function childrenOf(type: Type): readonly Type[] {
	switch (type.kind) {
		case "array":
		case "set":
			return [type.element];
		case "tuple":
			return [...type.elements.map((element) => element.type), ...(type.rest === undefined ? [] : [type.rest])];
		case "object":
			return [
				...type.properties.map((property) => property.type),
				...(type.additional === undefined ? [] : [type.additional]),
			];
		case "record":
		case "map":
			return [type.key, type.value];
		case "union":
			return type.members;
		case "template":
			return type.parts.filter((part) => typeof part !== "string");
		default:
			return [];
	}
}

/** The names of the definitions that a type mentions itself. */
export function referencesIn(type: Type): Set<string> {
	const found = new Set<string>();
	const pending = [type];
	for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
		if (next.kind === "reference") found.add(next.name);
		else pending.push(...childrenOf(next));
	}
	return found;
}

/** The type behind references. `undefined` for one that leads to itself and nowhere else. */
export function resolve(type: Type, definitions: Definitions): Exclude<Type, { kind: "reference" }> | undefined {
	const seen = new Set<string>();
	let found: Type | undefined = type;
	while (found !== undefined && found.kind === "reference") {
		if (seen.has(found.name)) return undefined;
		seen.add(found.name);
		found = definitions.get(found.name)?.type;
	}
	return found;
}

/** One alternative of a union: no reference and no union itself. */
export interface Alternative {
	readonly type: Exclude<Type, { kind: "reference" | "union" }>;
	/** The definition it stands in, if that holds nothing else. */
	readonly name: string | undefined;
}

/** The alternatives of a type with nested unions and references to unions laid flat; of a type that is none, itself. */
export function alternativesOf(type: Type, definitions: Definitions): Alternative[] {
	const found: Alternative[] = [];
	const seen = new Set<Type>();
	const visit = (next: Type, name: string | undefined): void => {
		if (seen.has(next)) return;
		seen.add(next);
		if (next.kind === "reference") {
			const definition = definitions.get(next.name);
			if (definition !== undefined) visit(definition.type, next.name);
		} else if (next.kind === "union") {
			for (const member of next.members) visit(member, undefined);
		} else {
			found.push({ type: next, name });
		}
	};
	visit(type, undefined);
	return found;
}

/** All types in the signatures of a service's methods. */
export function typesOf(service: ServiceModel): Type[] {
	return service.methods.flatMap((method) => partsOf(method).map(({ type }) => type));
}

/** The names of all definitions that can be reached from the types, in the order of the first mention. */
export function reachableFrom(types: readonly Type[], definitions: Definitions): Set<string> {
	const found = new Set<string>();
	const pending = types.flatMap((type) => [...referencesIn(type)]).reverse();
	for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
		if (found.has(name)) continue;
		found.add(name);
		const definition = definitions.get(name);
		if (definition !== undefined) pending.push(...[...referencesIn(definition.type)].reverse());
	}
	return found;
}
