/**
 * What the wire makes of a type, and how a value finds back from there.
 *
 * msgpack tells nil, booleans, numbers, strings, octets, timestamps, arrays and maps apart; anything finer (a `Set` among
 * arrays, a `bigint` among numbers) needs the type. A `Plan` says what has to be done; most types need nothing.
 */
import { type DiscriminatorValue, discriminatorOf } from "./discriminator.js";
import type { Default, Definitions, ObjectType, Type, UnionType } from "./model.js";
import { type Alternative, alternativesOf } from "./walk.js";

export type WireClass = "nil" | "boolean" | "number" | "string" | "bytes" | "date" | "array" | "object";

const everyClass: readonly WireClass[] = ["nil", "boolean", "number", "string", "bytes", "date", "array", "object"];

/** How values of a type are converted; `undefined` for those that travel as they are. */
export type Plan =
	| { readonly kind: "bigint" | "undefined" }
	| { readonly kind: "set"; readonly element: Plan | undefined }
	| { readonly kind: "map"; readonly key: Plan | undefined; readonly value: Plan | undefined }
	| { readonly kind: "array"; readonly element: Plan }
	| {
			readonly kind: "tuple";
			readonly elements: readonly (Plan | undefined)[];
			readonly required: number;
			readonly rest: Plan | undefined;
			/** As many as there are elements, or none. */
			readonly defaults: readonly (Default | undefined)[];
	  }
	| {
			readonly kind: "object";
			readonly fields: readonly (readonly [name: string, plan: Plan])[];
			/** Required properties that may be `undefined`. */
			readonly present: readonly string[];
			readonly rest: Plan | undefined;
			readonly defaults: readonly (readonly [name: string, value: Default])[];
	  }
	/** Kinds of values that the wire tells apart. */
	| { readonly kind: "each"; readonly plans: readonly Plan[] }
	| {
			readonly kind: "variants";
			readonly property: string;
			readonly cases: readonly (readonly [value: DiscriminatorValue, plan: Plan])[];
	  }
	| { readonly kind: "shapes"; readonly shapes: readonly ShapePlan[] }
	/** That of a definition. */
	| { readonly kind: "reference"; readonly name: string };

export interface ShapePlan {
	readonly has: Readonly<Record<string, readonly WireClass[]>>;
	readonly plan: Plan | undefined;
}

/** Makes plans against one set of definitions. */
export class Planner {
	readonly #definitions: Definitions;
	/** Definitions that have a plan. */
	readonly #planned = new Set<string>();

	constructor(definitions: Definitions) {
		this.#definitions = definitions;
		// Whether a recursive definition has a plan depends on itself: start from none and add until nothing changes.
		for (let before = -1; before !== this.#planned.size; ) {
			before = this.#planned.size;
			for (const { name, type } of definitions.values()) if (this.planOf(type) !== undefined) this.#planned.add(name);
		}
	}

	planOf(type: Type): Plan | undefined {
		switch (type.kind) {
			case "reference":
				return this.#planned.has(type.name) ? { kind: "reference", name: type.name } : undefined;
			case "bigint":
			case "undefined":
				return { kind: type.kind };
			case "literal":
				return typeof type.value === "object" ? { kind: "bigint" } : undefined;
			case "set":
				return { kind: "set", element: this.planOf(type.element) };
			case "map":
				return { kind: "map", key: this.planOf(type.key), value: this.planOf(type.value) };
			case "array": {
				const element = this.planOf(type.element);
				return element === undefined ? undefined : { kind: "array", element };
			}
			case "tuple":
				return this.planOfTuple(type.elements, type.rest);
			case "object":
				return this.#planOfObject(type);
			case "record": {
				const rest = this.planOf(type.value);
				return rest === undefined ? undefined : { kind: "object", fields: [], present: [], rest, defaults: [] };
			}
			case "union":
				return this.#planOfUnion(type);
			default:
				return undefined;
		}
	}

	/** Also that of an argument list. */
	planOfTuple(
		elements: readonly { readonly type: Type; readonly isOptional: boolean; readonly default?: Default | undefined }[],
		rest: Type | undefined,
	): Plan | undefined {
		const plans = elements.map(({ type, isOptional }) => {
			const plan = this.planOf(type);
			// nil stands for an optional element that was left out before one that was given.
			if (!isOptional || this.#includes(type, "null")) return plan;
			return each([{ kind: "undefined" }, ...(plan === undefined ? [] : [plan])]);
		});
		const restPlan = rest === undefined ? undefined : this.planOf(rest);
		if (restPlan === undefined && plans.every((plan) => plan === undefined)) {
			if (!elements.some(({ isOptional }) => isOptional)) return undefined;
		}
		const required = elements.filter(({ isOptional }) => !isOptional).length;
		const defaults = elements.map((element) => element.default);
		const hasDefaults = defaults.some((value) => value !== undefined);
		return { kind: "tuple", elements: plans, required, rest: restPlan, defaults: hasDefaults ? defaults : [] };
	}

	#planOfObject(type: ObjectType): Plan | undefined {
		const fields: (readonly [string, Plan])[] = [];
		const present: string[] = [];
		const defaults: (readonly [string, Default])[] = [];
		for (const property of type.properties) {
			if (property.default !== undefined) defaults.push([property.name, property.default]);
			const plan = this.planOf(property.type);
			if (plan !== undefined) fields.push([property.name, plan]);
			if (!property.isOptional && this.#includes(property.type, "undefined")) present.push(property.name);
		}
		const rest = type.additional === undefined ? undefined : this.planOf(type.additional);
		if (fields.length + present.length + defaults.length === 0 && rest === undefined) return undefined;
		return { kind: "object", fields, present, rest, defaults };
	}

	#planOfUnion(type: UnionType): Plan | undefined {
		const single = this.#planOfSingle(type);
		if (single !== undefined) return single;
		const alternatives = alternativesOf(type, this.#definitions);
		const plans: Plan[] = [];
		if (alternatives.some((one) => isBigint(one.type))) plans.push({ kind: "bigint" });
		const isNull = alternatives.some((one) => one.type.kind === "null");
		if (!isNull && alternatives.some((one) => one.type.kind === "undefined")) plans.push({ kind: "undefined" });
		const [array] = this.distinctPlans(alternatives.filter(isArrayLike)).filter((plan) => plan !== undefined);
		if (array !== undefined) plans.push(array);
		const object = this.#planOfObjects(alternatives.filter(isObjectLike));
		if (object !== undefined) plans.push(object);
		return each(plans);
	}

	/** Where one member alone needs a plan, and the wire tells it from the others, its own will do: it may have a name. */
	#planOfSingle({ members }: UnionType): Plan | undefined {
		const planned = members.filter((member) => this.planOf(member) !== undefined);
		const [only] = planned;
		if (only === undefined || planned.length > 1) return undefined;
		const others = members.filter((member) => member !== only).flatMap((member) => this.classesOf(member));
		return this.classesOf(only).some((one) => others.includes(one)) ? undefined : this.planOf(only);
	}

	#planOfObjects(alternatives: readonly Alternative[]): Plan | undefined {
		const distinct = this.distinctPlans(alternatives);
		if (distinct.length <= 1) return distinct[0];
		const discriminator = discriminatorOf(alternatives, this.#definitions);
		if (discriminator !== undefined) {
			const cases = alternatives.flatMap((alternative, index) => {
				const plan = this.#planOfAlternative(alternative);
				if (plan === undefined) return [];
				return discriminator.values[index]!.map((value) => [value, plan] as const);
			});
			return { kind: "variants", property: discriminator.property, cases };
		}
		const shapes = this.shapesOf(alternatives);
		return shapes === undefined ? distinct.find((plan) => plan !== undefined) : { kind: "shapes", shapes };
	}

	/** The different plans among alternatives; `undefined` is one of them if some need none. */
	distinctPlans(alternatives: readonly Alternative[]): (Plan | undefined)[] {
		const distinct = new Map<string, Plan | undefined>();
		for (const alternative of alternatives) {
			const plan = this.#planOfAlternative(alternative);
			distinct.set(JSON.stringify(plan) ?? "", plan);
		}
		return [...distinct.values()];
	}

	/**
	 * Objects in an order in which the first that fits is the right one; `undefined` if there is none, because two of
	 * them may look alike on the wire and are to be converted differently.
	 */
	shapesOf(alternatives: readonly Alternative[]): ShapePlan[] | undefined {
		const pending = [...alternatives];
		const ordered: Alternative[] = [];
		while (pending.length > 0) {
			// Next is one whose shape no other that is left could have.
			const next = pending.findIndex((one) => pending.every((other) => one === other || this.#excludes(one, other)));
			if (next === -1) return undefined;
			ordered.push(...pending.splice(next, 1));
		}
		return ordered.map((alternative) => ({
			has: this.#shapeOf(alternative.type),
			plan: this.#planOfAlternative(alternative),
		}));
	}

	/** Whether a value of `other` never passes for one of `shape`, or it does not matter. */
	#excludes(shape: Alternative, other: Alternative): boolean {
		if (this.distinctPlans([shape, other]).length === 1) return true;
		const has = this.#shapeOf(shape.type);
		return Object.entries(has).some(([name, classes]) => {
			if (other.type.kind !== "object") return false;
			const property = other.type.properties.find((candidate) => candidate.name === name);
			if (property === undefined) return other.type.additional === undefined && !classes.includes("nil");
			const possible = new Set([...this.classesOf(property.type), ...(property.isOptional ? ["nil" as const] : [])]);
			return !classes.some((one) => possible.has(one));
		});
	}

	#shapeOf(type: Type): Record<string, readonly WireClass[]> {
		if (type.kind !== "object") return {};
		const required = type.properties.filter(({ isOptional }) => !isOptional);
		return Object.fromEntries(required.map((property) => [property.name, this.classesOf(property.type)]));
	}

	/** What the wire can make of a type. */
	classesOf(type: Type): readonly WireClass[] {
		const found = new Set<WireClass>();
		for (const alternative of alternativesOf(type, this.#definitions)) {
			for (const one of classesOfResolved(alternative.type)) found.add(one);
		}
		return everyClass.filter((one) => found.has(one));
	}

	#planOfAlternative({ type, name }: Alternative): Plan | undefined {
		return this.planOf(name === undefined ? type : { kind: "reference", name });
	}

	#includes(type: Type, kind: "null" | "undefined"): boolean {
		return alternativesOf(type, this.#definitions).some((alternative) => alternative.type.kind === kind);
	}
}

export function isBigint(type: Type): boolean {
	return type.kind === "bigint" || (type.kind === "literal" && typeof type.value === "object");
}

export function isNumeric(type: Type): boolean {
	if (type.kind === "enum") return type.values.some((value) => typeof value === "number");
	return type.kind === "number" || (type.kind === "literal" && typeof type.value === "number");
}

/** Whether the wire can make this of some values of a type. */
export function isOfClass(type: Alternative["type"], one: WireClass): boolean {
	return classesOfResolved(type).includes(one);
}

export function isArrayLike({ type }: Alternative): boolean {
	return type.kind === "array" || type.kind === "tuple" || type.kind === "set" || type.kind === "map";
}

export function isObjectLike({ type }: Alternative): boolean {
	return type.kind === "object" || type.kind === "record";
}

function each(plans: readonly Plan[]): Plan | undefined {
	return plans.length <= 1 ? plans[0] : { kind: "each", plans };
}

function classesOfResolved(type: Alternative["type"]): readonly WireClass[] {
	switch (type.kind) {
		case "null":
		case "undefined":
			return ["nil"];
		case "boolean":
		case "number":
		case "string":
		case "bytes":
		case "date":
			return [type.kind];
		case "bigint":
			return ["number"];
		case "template":
			return ["string"];
		case "literal":
			return [typeof type.value === "object" ? "number" : (typeof type.value as "string" | "number" | "boolean")];
		case "enum":
			return [...new Set(type.values.map((value) => typeof value as "string" | "number"))];
		case "array":
		case "tuple":
		case "set":
		case "map":
			return ["array"];
		case "object":
		case "record":
			return ["object"];
		case "unknown":
			return everyClass;
		case "never":
			return [];
	}
}
