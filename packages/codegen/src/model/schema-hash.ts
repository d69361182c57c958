/** A digest of what a service's messages can be: equal digests, equal messages. */
import { hash } from "node:crypto";
import { argumentsOf, channelsOf } from "./arguments.js";
import { componentsOf, isRecursive } from "./components.js";
import { compare } from "./diagnostics.js";
import type { Constraint, Default, Definitions, MethodModel, ServiceModel, Type } from "./model.js";

/** 128 bits: nobody meets a collision by accident, and nobody gains by making one. Unit: hexadecimal digits. */
const digits = 32;

/**
 * Takes in the service's and methods' names, forms, channels and declared errors, and types with their constraints and defaults. Leaves
 * out documentation, the names of types and parameters, the order of methods, errors, properties and alternatives, and how
 * a type is put together from named ones: none of it changes a message.
 */
export function schemaHashOf(service: ServiceModel, definitions: Definitions): string {
	const canonical = canonicals.get(definitions) ?? new Canonical(definitions);
	canonicals.set(definitions, canonical);
	const methods = [...service.methods]
		.sort((a, b) => compare(a.name, b.name))
		.map((method) => [
			method.name,
			method.form,
			listForm(argumentsOf(method), canonical),
			valueForm(method.result, canonical),
			...extrasForm(method, canonical),
		]);
	return digest(["homing/1", service.name, methods]);
}

/** The services of a source share its definitions, and what was found out about them. */
const canonicals = new WeakMap<Definitions, Canonical>();

interface Element {
	readonly type: Type;
	readonly isOptional: boolean;
	readonly default: Default | undefined;
}

function listForm(elements: readonly Element[], canonical: Canonical): unknown[] {
	return elements.map((element) => [element.isOptional, canonical.of(element.type), ...defaultForm(element)]);
}

/** Nothing where there is none: such types are what they were before there were any. */
function defaultForm({ default: value }: Pick<Element, "default">): unknown[] {
	return value === undefined ? [] : [value];
}

function valueForm(type: Type | undefined, canonical: Canonical): unknown {
	return type === undefined ? null : canonical.of(type);
}

/** Nothing for a method that has neither: its messages are those that they were before there were any. */
function extrasForm(method: MethodModel, canonical: Canonical): unknown[] {
	const channels = channelsOf(method).map((channel) =>
		channel.kind === "input"
			? ["input", canonical.of(channel.item)]
			: ["callback", listForm(channel.arguments, canonical), channel.isAwaited, valueForm(channel.result, canonical)],
	);
	const errors = [...method.errors]
		.sort((a, b) => compare(a.name, b.name))
		.map(({ name, data }) => [name, valueForm(data, canonical)]);
	return channels.length === 0 && errors.length === 0 ? [] : [channels, errors];
}

function digest(value: unknown): string {
	return hash("sha256", JSON.stringify(value)).slice(0, digits);
}

/**
 * Gives equal types equal digests. A type is digested from the digests of its parts; definitions that contain one another are
 * told apart step by step, in each from what was known of the others before, until no step tells more of them apart.
 */
class Canonical {
	readonly #definitions: Definitions;
	readonly #digests = new Map<string, string>();

	constructor(definitions: Definitions) {
		this.#definitions = definitions;
	}

	of(type: Type): string {
		return type.kind === "reference" ? this.#ofReference(type.name) : digest(this.#formOf(type));
	}

	#formOf(type: Exclude<Type, { kind: "reference" }>): unknown {
		switch (type.kind) {
			case "string":
			case "number":
			case "bigint":
				return [type.kind, constraintsOf(type.constraints)];
			case "literal":
				return ["literal", type.value];
			case "enum":
			case "union":
				return ["union", [...new Set(this.#alternatives(type))].sort(compare)];
			case "template":
				return ["template", type.parts.map((part) => (typeof part === "string" ? [part] : this.of(part)))];
			case "array":
			case "set":
				return [type.kind, this.of(type.element), constraintsOf(type.constraints)];
			case "map":
				return ["map", this.of(type.key), this.of(type.value), constraintsOf(type.constraints)];
			case "record":
				return ["record", this.of(type.key), this.of(type.value)];
			case "tuple": {
				const elements = type.elements.map((element) => [element.isOptional, this.of(element.type)]);
				return ["tuple", elements, type.rest === undefined ? null : this.of(type.rest)];
			}
			case "object": {
				const properties = [...type.properties]
					.sort((a, b) => compare(a.name, b.name))
					.map((property) => [property.name, property.isOptional, this.of(property.type), ...defaultForm(property)]);
				return ["object", properties, type.additional === undefined ? null : this.of(type.additional)];
			}
			default:
				return [type.kind];
		}
	}

	/** Unions inside unions, named or not, and enums count by their alternatives. */
	#alternatives(type: Type, open: readonly string[] = []): string[] {
		if (type.kind === "union") return type.members.flatMap((member) => this.#alternatives(member, open));
		if (type.kind === "enum") return type.values.map((value) => digest(["literal", value]));
		if (type.kind === "reference" && !open.includes(type.name)) {
			const definition = this.#definitions.get(type.name);
			if (definition?.type.kind === "union" || definition?.type.kind === "enum") {
				return this.#alternatives(definition.type, [...open, type.name]);
			}
		}
		return [this.of(type)];
	}

	#ofReference(name: string): string {
		const known = this.#digests.get(name);
		if (known !== undefined) return known;
		// All at once: looking for components again for each name that is asked for would take the square of their number.
		for (const component of componentsOf(this.#definitions.keys(), this.#definitions)) {
			if (isRecursive(component, this.#definitions)) this.#digestTogether(component);
			else for (const one of component) this.#digests.set(one, this.of(this.#typeOf(one)));
		}
		return this.#digests.get(name)!;
	}

	/** At the end the classes and what each is made of say all there is to say of the group, and the class which one is meant. */
	#digestTogether(names: readonly string[]): void {
		const start = digest(["recursion"]);
		let classes = new Map(names.map((name) => [name, start]));
		for (let count = 0; ; ) {
			for (const [name, one] of classes) this.#digests.set(name, one);
			const next = new Map(names.map((name) => [name, this.of(this.#typeOf(name))]));
			const found = new Set(next.values()).size;
			if (found === count) {
				const pairs = new Set(names.map((name) => `${classes.get(name)} ${next.get(name)}`));
				const group = [...pairs].sort(compare);
				for (const [name, one] of classes) this.#digests.set(name, digest(["recursive", one, digest(group)]));
				return;
			}
			count = found;
			classes = next;
		}
	}

	#typeOf(name: string): Type {
		return this.#definitions.get(name)!.type;
	}
}

function constraintsOf(constraints: readonly Constraint[]): unknown[] {
	return constraints
		.map(({ keyword, value }) => [keyword, value])
		.sort((a, b) => compare(JSON.stringify(a), JSON.stringify(b)));
}
