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
	const begin = (name: string): Visit => {
		indexes.set(name, indexes.size);
		lowest.set(name, indexes.get(name)!);
		stack.push(name);
		open.add(name);
		const definition = definitions.get(name);
		if (definition === undefined) throw new Error(`the model mentions ${name} and does not define it`);
		return { name, mentioned: [...referencesIn(definition.type)], next: 0 };
	};
	const end = ({ name, mentioned }: Visit): void => {
		for (const one of mentioned) {
			if (open.has(one)) lowest.set(name, Math.min(lowest.get(name)!, lowest.get(one)!));
		}
		if (lowest.get(name) !== indexes.get(name)) return;
		const component = stack.splice(stack.lastIndexOf(name));
		for (const one of component) open.delete(one);
		components.push(component);
	};
	// By a list instead of calls: chains of types are as long as somebody has made them.
	for (const name of names) {
		const visits = indexes.has(name) ? [] : [begin(name)];
		for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
			const mentioned = visit.mentioned[visit.next++];
			if (mentioned === undefined) end(visits.pop()!);
			else if (!indexes.has(mentioned)) visits.push(begin(mentioned));
		}
	}
	return components;
}

/** A definition that is being looked into, and how far. */
interface Visit {
	readonly name: string;
	readonly mentioned: readonly string[];
	next: number;
}

/** Whether the definitions of a component contain themselves. */
export function isRecursive(component: readonly string[], definitions: Definitions): boolean {
	const [first] = component;
	if (component.length !== 1 || first === undefined) return component.length > 1;
	return referencesIn(definitions.get(first)!.type).has(first);
}
