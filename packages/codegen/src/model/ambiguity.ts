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
	// A property that is undefined is left out, so null beside it stays null.
	const visit = (type: Type, isProperty: boolean): void => {
		if (seen.has(type)) return;
		seen.add(type);
		if (type.kind === "union") found.push(...judge(type, isProperty, planner, definitions));
		if (type.kind === "reference") {
			const definition = definitions.get(type.name);
			if (definition !== undefined) visit(definition.type, isProperty);
		} else if (type.kind === "object") {
			for (const property of type.properties) visit(property.type, true);
			if (type.additional !== undefined) visit(type.additional, true);
		} else {
			for (const child of childrenOf(type))
				visit(child, type.kind === "record" || (isProperty && type.kind === "union"));
		}
	};
	for (const service of services) {
		for (const { type, isOptional } of service.methods.flatMap(partsOf)) visit(type, isOptional);
	}
	return found;
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
