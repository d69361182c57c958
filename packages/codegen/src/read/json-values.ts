/** Checks a value in JSON against a type of the model, by a schema like the one that is emitted. */
import * as z from "zod";
import type { Format } from "../model/formats.js";
import type { Constraint, ObjectType, TupleType, Type } from "../model/model.js";

export type Lookup = (name: string) => Type | undefined;

/** The value as its receiver finds it, with the defaults inside it filled in; or what is wrong with it. */
export type Fitted = { readonly value: unknown } | { readonly problem: string };

export function fit(value: unknown, type: Type, definition: Lookup): Fitted {
	const { success, data, error } = new Schemas(definition).of(type).safeParse(value);
	if (success) return { value: data };
	const { path, message } = error.issues[0]!;
	const problem = message.replace(/^Invalid input: /, "").replace(/^[A-Z]/, (first) => first.toLowerCase());
	return { problem: path.length === 0 ? problem : `${z.core.toDotPath(path)}: ${problem}` };
}

class Schemas {
	readonly #definition: Lookup;

	constructor(definition: Lookup) {
		this.#definition = definition;
	}

	of(type: Type): z.ZodType {
		switch (type.kind) {
			case "null":
				return z.null();
			case "boolean":
				return z.boolean();
			case "unknown":
				return z.unknown();
			case "string":
				return type.constraints.reduce(constrainText, z.string());
			case "number":
				return type.constraints.reduce(constrainNumber, z.number());
			case "literal":
				return typeof type.value === "object" ? z.never("JSON has no such values") : z.literal(type.value);
			case "enum":
				return z.literal(type.values);
			case "template":
				return z.templateLiteral(
					type.parts.map((part) =>
						typeof part === "string" ? part : (this.of(part) as z.core.$ZodTemplateLiteralPart & z.ZodType),
					),
				);
			case "array":
				return this.#array(this.of(type.element), type.constraints);
			case "tuple":
				return this.#tuple(type);
			case "object":
				return this.#object(type);
			case "record":
				return z.record(this.of(type.key) as z.core.$ZodRecordKey, this.of(type.value));
			case "union":
				return z.union(type.members.map((member) => this.of(member)));
			case "reference": {
				const target = this.#definition(type.name);
				return target === undefined
					? z.never("a type cannot have a default inside of itself")
					: z.lazy(() => this.of(target));
			}
			default:
				return z.never("JSON has no such values");
		}
	}

	#array(element: z.ZodType, constraints: readonly Constraint[]): z.ZodType {
		return constraints.reduce((schema, { keyword, value }) => {
			switch (keyword) {
				case "minItems":
					return schema.min(Number(value));
				case "maxItems":
					return schema.max(Number(value));
				default:
					return schema.refine((items) => new Set(items).size === items.length, "expected no element twice");
			}
		}, z.array(element));
	}

	#tuple({ elements, rest }: TupleType): z.ZodType {
		const items = elements.map(({ type, isOptional }) => (isOptional ? this.of(type).optional() : this.of(type)));
		const fixed = z.tuple(items as [z.ZodType]);
		return rest === undefined ? fixed : fixed.rest(this.of(rest));
	}

	/** A property that the type does not have is a slip. */
	#object({ properties, additional }: ObjectType): z.ZodType {
		const shape = Object.fromEntries(
			properties.map(({ name, type, isOptional, default: value }) => {
				const schema = this.of(type);
				if (value !== undefined) return [name, schema.prefault(JSON.parse(value))];
				return [name, isOptional ? schema.exactOptional() : schema];
			}),
		);
		return additional === undefined ? z.strictObject(shape) : z.object(shape).catchall(this.of(additional));
	}
}

const formatSchemas: Readonly<Record<Format, z.ZodType<string>>> = {
	base64: z.base64(),
	base64url: z.base64url(),
	date: z.iso.date(),
	"date-time": z.iso.datetime({ offset: true }),
	duration: z.iso.duration(),
	email: z.email(),
	hostname: z.hostname(),
	ipv4: z.ipv4(),
	ipv6: z.ipv6(),
	time: z.iso.time(),
	uri: z.url(),
	uuid: z.uuid(),
};

function constrainText(schema: z.ZodString, { keyword, value }: Constraint): z.ZodString {
	switch (keyword) {
		case "minLength":
			return schema.min(Number(value));
		case "maxLength":
			return schema.max(Number(value));
		case "pattern":
			return schema.regex(new RegExp(String(value), "u"));
		default:
			return schema.refine(
				(text) => formatSchemas[value as Format].safeParse(text).success,
				`expected a text of the format ${value}`,
			);
	}
}

function constrainNumber(schema: z.ZodNumber, { keyword, value }: Constraint): z.ZodNumber {
	const bound = Number(value);
	switch (keyword) {
		case "minimum":
			return schema.gte(bound);
		case "maximum":
			return schema.lte(bound);
		case "exclusiveMinimum":
			return schema.gt(bound);
		case "exclusiveMaximum":
			return schema.lt(bound);
		case "multipleOf":
			return schema.multipleOf(bound);
		default:
			return schema.int();
	}
}
