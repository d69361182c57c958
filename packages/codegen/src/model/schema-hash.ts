/** A digest of what a service's messages can be: equal digests, equal messages. */
import { createHash } from "node:crypto";
import { argumentsOf, channelsOf } from "./arguments.js";
import { compare } from "./diagnostics.js";
import type { Constraint, Definitions, MethodModel, ServiceModel, Type } from "./model.js";

/** 128 bits: nobody meets a collision by accident, and nobody gains by making one. Unit: hexadecimal digits. */
const digits = 32;

/**
 * Takes in the service's and methods' names, forms, channels and declared errors, and types with their constraints. Leaves
 * out documentation, the names of types and parameters, the order of methods, errors, properties and alternatives, and how
 * a type is put together from named ones: none of it changes a message.
 */
export function schemaHashOf(service: ServiceModel, definitions: Definitions): string {
	const canonical = new Canonical(definitions);
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

type Elements = readonly { readonly type: Type; readonly isOptional: boolean }[];

function listForm(elements: Elements, canonical: Canonical): unknown[] {
	return elements.map(({ type, isOptional }) => [isOptional, canonical.of(type)]);
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
	return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, digits);
}

/** Gives equal types equal digests. A type is digested from the digests of its parts, so the work is linear. */
class Canonical {
	readonly #definitions: Definitions;
	/** Definitions being gone through, outermost first: a reference back to one is its distance from the innermost. */
	readonly #path: string[] = [];
	/** The outermost place on the path that has been referred back to; infinite for none. */
	#outermost = Number.POSITIVE_INFINITY;
	/** Of definitions that refer back to nothing outside themselves: theirs is the same wherever they are mentioned. */
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
					.map((property) => [property.name, property.isOptional, this.of(property.type)]);
				return ["object", properties, type.additional === undefined ? null : this.of(type.additional)];
			}
			default:
				return [type.kind];
		}
	}

	/** Unions inside unions, named or not, and enums count by their alternatives. */
	#alternatives(type: Type): string[] {
		if (type.kind === "union") return type.members.flatMap((member) => this.#alternatives(member));
		if (type.kind === "enum") return type.values.map((value) => digest(["literal", value]));
		if (type.kind === "reference" && !this.#path.includes(type.name)) {
			const definition = this.#definitions.get(type.name);
			if (definition?.type.kind === "union" || definition?.type.kind === "enum") {
				return this.#within(type.name, () => this.#alternatives(definition.type));
			}
		}
		return [this.of(type)];
	}

	#ofReference(name: string): string {
		const known = this.#digests.get(name);
		if (known !== undefined) return known;
		const place = this.#path.indexOf(name);
		if (place !== -1) {
			this.#outermost = Math.min(this.#outermost, place);
			return digest(["recursion", this.#path.length - place]);
		}
		const definition = this.#definitions.get(name);
		if (definition === undefined) throw new Error(`the model mentions ${name} and does not define it`);
		const before = this.#outermost;
		this.#outermost = Number.POSITIVE_INFINITY;
		const form = this.#within(name, () => this.of(definition.type));
		const isClosed = this.#outermost >= this.#path.length;
		if (isClosed) this.#digests.set(name, form);
		this.#outermost = Math.min(before, isClosed ? Number.POSITIVE_INFINITY : this.#outermost);
		return form;
	}

	#within<T>(name: string, work: () => T): T {
		this.#path.push(name);
		try {
			return work();
		} finally {
			this.#path.pop();
		}
	}
}

function constraintsOf(constraints: readonly Constraint[]): unknown[] {
	return constraints
		.map(({ keyword, value }) => [keyword, value])
		.sort((a, b) => compare(JSON.stringify(a), JSON.stringify(b)));
}
