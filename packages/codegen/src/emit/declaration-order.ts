/** Brings definitions that mention one another into an order in which they can be declared. */
import { componentsOf, isRecursive } from "../model/components.js";
import type { Definition, Definitions, Property } from "../model/model.js";
import { referencesIn } from "../model/walk.js";

/**
 * Theory of operation. A constant can only use constants declared before it. Where types contain themselves something must
 * wait: the property of an object waits in a getter, which zod reads when it is first needed; anything else waits in
 * `z.lazy`. Both stop TypeScript's inference from going round in circles only if a type is written there: a getter's is that
 * of the property (`Tree["children"]`), for a lazy reference the constant that it names is declared with its type.
 */
export interface DeclarationOrder {
	readonly names: readonly string[];
	/** Properties that are getters, for each definition that is an object. */
	readonly getters: ReadonlyMap<string, ReadonlySet<Property>>;
	/** Definitions that are mentioned before they are declared, outside getters: their constants have their type written. */
	readonly awaited: ReadonlySet<string>;
}

export function declarationOrder(names: ReadonlySet<string>, definitions: Definitions): DeclarationOrder {
	const components = componentsOf(names, definitions);
	const groups = new Map(components.flatMap((component) => component.map((name) => [name, component] as const)));
	const recursive = new Set(components.filter((component) => isRecursive(component, definitions)));
	const isTogether = (a: string, b: string) => groups.get(a) === groups.get(b) && recursive.has(groups.get(a)!);
	const getters = new Map<string, ReadonlySet<Property>>();
	const direct = new Map<string, ReadonlySet<string>>();
	for (const name of names) {
		const waiting = gettersOf(name, definitions.get(name), isTogether);
		getters.set(name, waiting);
		direct.set(name, directMentions(definitions.get(name), waiting));
	}
	return { ...declare(names, direct), getters };
}

/** The properties through which the definition comes back to itself. None if it has another way, which no getter covers. */
function gettersOf(
	name: string,
	definition: Definition | undefined,
	isTogether: (a: string, b: string) => boolean,
): ReadonlySet<Property> {
	const type = definition?.type;
	if (type?.kind !== "object" || definition?.text === undefined) return new Set();
	const comesBack = (names: ReadonlySet<string>) => [...names].some((other) => isTogether(name, other));
	if (type.additional !== undefined && comesBack(referencesIn(type.additional))) return new Set();
	return new Set(type.properties.filter((property) => comesBack(referencesIn(property.type))));
}

function directMentions(definition: Definition | undefined, getters: ReadonlySet<Property>): ReadonlySet<string> {
	const type = definition?.type;
	if (type === undefined) return new Set();
	if (type.kind !== "object") return referencesIn(type);
	const properties = type.properties.filter((property) => !getters.has(property));
	return referencesIn({ ...type, properties });
}

function declare(
	names: ReadonlySet<string>,
	direct: ReadonlyMap<string, ReadonlySet<string>>,
): Pick<DeclarationOrder, "names" | "awaited"> {
	const declared = new Set<string>();
	const open = new Set<string>();
	const awaited = new Set<string>();
	const visit = (name: string): void => {
		if (declared.has(name)) return;
		if (open.has(name)) {
			awaited.add(name);
			return;
		}
		open.add(name);
		for (const mentioned of direct.get(name) ?? []) visit(mentioned);
		declared.add(name);
	};
	for (const name of names) visit(name);
	return { names: [...declared], awaited };
}
