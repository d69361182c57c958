/** Finds unions whose alternatives the wire cannot keep apart. */
import { partsOf } from "./arguments.js";
import type { DiagnosticCode } from "./diagnostics.js";
import { discriminatorOf } from "./discriminator.js";
import type { Definitions, ServiceModel, Type, UnionType } from "./model.js";
import { type Alternative, alternativesOf, childrenOf } from "./walk.js";
import { isArrayLike, isBigint, isNumeric, isObjectLike, Planner } from "./wire.js";

export interface Ambiguity {
	readonly code: Extract<DiagnosticCode, "HC027" | "HC028">;
	readonly type: UnionType;
	readonly message: string;
	readonly remedy?: string;
}

/** All ambiguities in what the services can reach; each union is judged once. */
export function findAmbiguities(services: readonly ServiceModel[], definitions: Definitions): Ambiguity[] {
	const planner = new Planner(definitions);
	const found: Ambiguity[] = [];
	const seen = new Set<Type>();
	const parts = services.flatMap(({ methods }) => methods.flatMap(partsOf));
	// In the order of the source, by a list instead of calls: chains of types are as long as somebody has made them.
	const pending = parts.map(({ type, isOptional }): Place => ({ type, isProperty: isOptional })).reverse();
	for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
		const { type, isProperty } = next;
		if (seen.has(type)) continue;
		seen.add(type);
		if (type.kind === "union") found.push(...judge(type, isProperty, planner, definitions));
		pending.push(...placesIn(next, definitions).reverse());
	}
	return found;
}

interface Place {
	readonly type: Type;
	/** Where a value that is undefined is left out, so that null beside it stays null. */
	readonly isProperty: boolean;
}

function placesIn({ type, isProperty }: Place, definitions: Definitions): Place[] {
	if (type.kind === "reference") {
		const definition = definitions.get(type.name);
		return definition === undefined ? [] : [{ type: definition.type, isProperty }];
	}
	const areProperties = type.kind === "object" || type.kind === "record" || (isProperty && type.kind === "union");
	return childrenOf(type).map((child) => ({ type: child, isProperty: areProperties }));
}

function judge(type: UnionType, isProperty: boolean, planner: Planner, definitions: Definitions): Ambiguity[] {
	const alternatives = alternativesOf(type, definitions);
	const found: Ambiguity[] = [];
	const has = (test: (type: Type) => boolean) => alternatives.some((alternative) => test(alternative.type));
	if (has(isBigint) && has(isNumeric)) {
		const message = "`bigint` and `number` are alternatives here, and a small bigint is a number on the wire.";
		found.push({ code: "HC027", type, message, remedy: "Use one of the two." });
	}
	const arrays = alternatives.filter(isArrayLike);
	if (planner.distinctPlans(arrays).length > 1) {
		const message = `${names(arrays)} are alternatives here, and all of them are arrays on the wire.`;
		found.push({ code: "HC027", type, message });
	}
	const objects = alternatives.filter(isObjectLike);
	if (planner.distinctPlans(objects).length > 1 && discriminatorOf(objects, definitions) === undefined) {
		if (planner.shapesOf(objects) === undefined) {
			const message = `${names(objects)} are alternatives here that travel in different ways, and nothing on the wire says which it is.`;
			found.push({
				code: "HC027",
				type,
				message,
				remedy: 'Give each a literal property that tells it apart, such as `kind: "a"`.',
			});
		}
	}
	if (!isProperty && has(({ kind }) => kind === "null") && has(({ kind }) => kind === "undefined")) {
		found.push({
			code: "HC028",
			type,
			message: "`null` and `undefined` are both nil on the wire: what is sent as `undefined` arrives as `null`.",
		});
	}
	return found;
}

function names(alternatives: readonly Alternative[]): string {
	const labels = [
		...new Set(alternatives.map(({ type, name }) => (name === undefined ? labelOf(type) : `\`${name}\``))),
	];
	return labels.length === 1 ? `several ${labels[0]}` : `${labels.slice(0, -1).join(", ")} and ${labels.at(-1)}`;
}

function labelOf(type: Type): string {
	switch (type.kind) {
		case "array":
			return "arrays";
		case "tuple":
			return "tuples";
		case "set":
			return "`Set`s";
		case "map":
			return "`Map`s";
		default:
			return "objects";
	}
}
