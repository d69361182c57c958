/** Emits the conversions between TypeScript's form of values and the wire's. */
import type { Default, Definitions } from "../model/model.js";
import type { Plan, Planner, ShapePlan } from "../model/wire.js";
import { type Code, code, jsonText, list, propertyName } from "./code.js";
import { runtime } from "./runtime.js";

export interface ConversionOptions {
	readonly definitions: Definitions;
	readonly planner: Planner;
	/** The constants of the conversions of definitions. */
	readonly constants: ReadonlyMap<string, string>;
}

type Declared = ReadonlySet<string> | "all";

export class ConversionEmitter {
	readonly #options: ConversionOptions;

	constructor(options: ConversionOptions) {
		this.#options = options;
	}

	/** Constants for the definitions that need one, in an order in which each is declared before it is used, or waits. */
	declarations(names: Iterable<string>): Code[] {
		const found: Code[] = [];
		const declared = new Set<string>();
		const open = new Set<string>();
		const awaited = new Set<string>();
		const visit = (name: string): void => {
			if (declared.has(name)) return;
			if (open.has(name)) {
				awaited.add(name);
				return;
			}
			const definition = this.#options.definitions.get(name);
			const plan = definition === undefined ? undefined : this.#options.planner.planOf(definition.type);
			if (plan === undefined) return;
			open.add(name);
			for (const mentioned of referencesIn(plan)) visit(mentioned);
			const expression = this.expression(plan, declared);
			// TypeScript does not infer the type of a constant that its own value mentions.
			const annotation = awaited.has(name) ? code`: ${runtime.Conversion}` : [];
			found.push(code`const ${this.#options.constants.get(name)!}${annotation} = ${expression};`);
			declared.add(name);
		};
		for (const name of names) visit(name);
		return found;
	}

	expression(plan: Plan, declared: Declared = "all"): Code {
		const { convert } = runtime;
		switch (plan.kind) {
			case "bigint":
			case "undefined":
				return code`${convert}.${plan.kind}`;
			case "reference": {
				const constant = this.#options.constants.get(plan.name)!;
				return declared === "all" || declared.has(plan.name) ? [constant] : code`${convert}.lazy(() => ${constant})`;
			}
			case "array":
				return code`${convert}.array(${this.expression(plan.element, declared)})`;
			case "set":
				return code`${convert}.set(${this.#trailing([plan.element], declared)})`;
			case "map":
				return code`${convert}.map(${this.#trailing([plan.key, plan.value], declared)})`;
			case "tuple":
				return this.#tuple(plan, declared);
			case "object":
				return this.#object(plan, declared);
			case "each":
				return code`${convert}.each(${list(
					"",
					plan.plans.map((step) => this.expression(step, declared)),
					"",
				)})`;
			case "variants": {
				const cases = plan.cases.map(([value, one]) =>
					list("[", [[JSON.stringify(value)], this.expression(one, declared)], "]"),
				);
				return code`${convert}.variants(${JSON.stringify(plan.property)}, ${list("[", cases, "]")})`;
			}
			case "shapes":
				return code`${convert}.shapes(${list(
					"[",
					plan.shapes.map((shape) => this.#shape(shape, declared)),
					"]",
				)})`;
		}
	}

	#tuple(plan: Extract<Plan, { kind: "tuple" }>, declared: Declared): Code {
		const elements = plan.elements.map(
			(element): Code => (element === undefined ? ["undefined"] : this.expression(element, declared)),
		);
		const options: Code[] = [];
		if (plan.required < plan.elements.length) options.push([`required: ${plan.required}`]);
		if (plan.rest !== undefined) options.push(code`rest: ${this.expression(plan.rest, declared)}`);
		const last = plan.defaults.findLastIndex((value) => value !== undefined);
		const defaults = plan.defaults.slice(0, last + 1);
		if (defaults.length > 0)
			options.push(
				code`defaults: ${list(
					"[",
					defaults.map((value): Code => (value === undefined ? ["undefined"] : maker(value))),
					"]",
				)}`,
			);
		return call("tuple", list("[", elements, "]"), options);
	}

	#object(plan: Extract<Plan, { kind: "object" }>, declared: Declared): Code {
		if (plan.fields.length + plan.present.length + plan.defaults.length === 0 && plan.rest !== undefined) {
			return code`${runtime.convert}.record(${this.expression(plan.rest, declared)})`;
		}
		const fields = plan.fields.map(([name, field]) => code`${propertyName(name)}: ${this.expression(field, declared)}`);
		const options: Code[] = [];
		if (plan.present.length > 0) options.push([`present: ${JSON.stringify(plan.present).replaceAll('","', '", "')}`]);
		if (plan.rest !== undefined) options.push(code`rest: ${this.expression(plan.rest, declared)}`);
		if (plan.defaults.length > 0) {
			const makers = plan.defaults.map(([name, value]) => code`${propertyName(name)}: ${maker(value)}`);
			options.push(code`defaults: ${list("{", makers, "}", { isPadded: true })}`);
		}
		return call("object", list("{", fields, "}", { isPadded: true }), options);
	}

	#shape({ has, plan }: ShapePlan, declared: Declared): Code {
		const properties = Object.entries(has).map(([name, classes]): Code => {
			return [`${propertyName(name)}: ${JSON.stringify(classes).replaceAll('","', '", "')}`];
		});
		const items = [code`has: ${list("{", properties, "}", { isPadded: true })}`];
		if (plan !== undefined) items.push(code`conversion: ${this.expression(plan, declared)}`);
		return list("{", items, "}", { isPadded: true });
	}

	/** Arguments of which the last may be left out. */
	#trailing(plans: readonly (Plan | undefined)[], declared: Declared): Code {
		const given = [...plans];
		while (given.length > 0 && given.at(-1) === undefined) given.pop();
		return list(
			"",
			given.map((plan): Code => (plan === undefined ? ["undefined"] : this.expression(plan, declared))),
			"",
		);
	}
}

/** A new one each time: whoever is given it may change it. */
function maker(value: Default): Code {
	return [value.startsWith("{") ? `() => (${jsonText(value)})` : `() => ${jsonText(value)}`];
}

function call(name: string, parts: Code, options: readonly Code[]): Code {
	if (options.length === 0) return code`${runtime.convert}.${name}(${parts})`;
	return code`${runtime.convert}.${name}${list("(", [parts, list("{", options, "}", { isPadded: true })], ")")}`;
}

function referencesIn(plan: Plan | undefined): string[] {
	if (plan === undefined) return [];
	switch (plan.kind) {
		case "reference":
			return [plan.name];
		case "array":
		case "set":
			return referencesIn(plan.element);
		case "map":
			return [...referencesIn(plan.key), ...referencesIn(plan.value)];
		case "tuple":
			return [...plan.elements, plan.rest].flatMap(referencesIn);
		case "object":
			return [...plan.fields.map(([, field]) => field), plan.rest].flatMap(referencesIn);
		case "each":
			return plan.plans.flatMap(referencesIn);
		case "variants":
			return plan.cases.flatMap(([, one]) => referencesIn(one));
		case "shapes":
			return plan.shapes.flatMap((shape) => referencesIn(shape.plan));
		default:
			return [];
	}
}
