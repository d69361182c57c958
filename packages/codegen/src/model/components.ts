/** Finds out which definitions contain one another. */
import type { Definitions } from "./model.js";
import { referencesIn } from "./walk.js";

/**
 * The definitions that can be reached, those that contain one another together: a definition that does not contain itself is
 * alone. Each group comes behind those that it mentions (Tarjan's strongly connected components).
 */
export function componentsOf(names: Iterable<string>, definitions: Definitions): string[][] {
	const components: string[][] = [];
	const indexes = new Map<string, number>();
	const lowest = new Map<string, number>();
	const stack: string[] = [];
	const open = new Set<string>();
	const visit = (name: string): void => {
		const index = indexes.size;
		indexes.set(name, index);
		lowest.set(name, index);
		stack.push(name);
		open.add(name);
		const definition = definitions.get(name);
		if (definition === undefined) throw new Error(`the model mentions ${name} and does not define it`);
		for (const mentioned of referencesIn(definition.type)) {
			if (!indexes.has(mentioned)) visit(mentioned);
			if (open.has(mentioned)) lowest.set(name, Math.min(lowest.get(name)!, lowest.get(mentioned)!));
		}
		if (lowest.get(name) !== index) return;
		const component = stack.splice(stack.lastIndexOf(name));
		for (const one of component) open.delete(one);
		components.push(component);
	};
	for (const name of names) if (!indexes.has(name)) visit(name);
	return components;
}

/** Whether the definitions of a component contain themselves. */
export function isRecursive(component: readonly string[], definitions: Definitions): boolean {
	const [first] = component;
	if (component.length !== 1 || first === undefined) return component.length > 1;
	return referencesIn(definitions.get(first)!.type).has(first);
}
