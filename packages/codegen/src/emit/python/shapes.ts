/** Emits shapes: what `_homing.py` checks and converts values by. */
import { discriminatorOf } from "../../model/discriminator.js";
import type { Constraint, Default, Definitions, ObjectType, Property, Type, UnionType } from "../../model/model.js";
import { alternativesOf } from "../../model/walk.js";
import { isHashable } from "./hints.js";
import { pythonPattern, templatePattern } from "./patterns.js";
import { jsonLiteral, list, literal } from "./text.js";

export class ShapeEmitter {
	readonly #definitions: Definitions;
	/** The constants of definitions. */
	readonly #constants: ReadonlyMap<string, string>;
	readonly #declared = new Set<string>();

	constructor(definitions: Definitions, constants: ReadonlyMap<string, string>) {
		this.#definitions = definitions;
		this.#constants = constants;
	}

	declaration(name: string): string {
		const shape = this.of(this.#definitions.get(name)!.type);
		this.#declared.add(name);
		return `${this.#constants.get(name)} = ${shape}`;
	}

	of(type: Type): string {
		switch (type.kind) {
			case "string":
				return call("Text", [], textOptions(type.constraints), "TEXT");
			case "number":
				return call("Number", [], numberOptions(type.constraints), "NUMBER");
			case "bigint":
				return call("BigInt", [], numberOptions(type.constraints), "BIGINT");
			case "boolean":
				return "_homing.FLAG";
			case "null":
			case "undefined":
				return "_homing.NOTHING";
			case "unknown":
				return "_homing.ANY";
			case "never":
				return "_homing.NEVER";
			case "date":
				return "_homing.DATE";
			case "bytes":
				return "_homing.BYTES";
			case "literal":
				return call("OneOf", [valueOf(type.value)]);
			case "enum":
				return call("OneOf", type.values.map(literal));
			case "template": {
				const pattern = templatePattern(type);
				return call("Text", [], [`pattern=${literal(pattern)}`, `shown=${literal(`/${pattern}/`)}`]);
			}
			case "array":
				return call("Array", [this.of(type.element)], sizeOptions(type.constraints));
			case "set":
				return call(
					"Set",
					[this.of(type.element)],
					[
						...this.#hashable(type.element),
						...sizeOptions(type.constraints.filter(({ keyword }) => keyword !== "uniqueItems")),
					],
				);
			case "map":
				return call(
					"Map",
					[this.of(type.key), this.of(type.value)],
					[...this.#hashable(type.key), ...sizeOptions(type.constraints)],
				);
			case "record":
				return call("Record", [type.key.kind === "template" ? this.of(type.key) : "_homing.TEXT", this.of(type.value)]);
			case "tuple": {
				const elements = list(
					"[",
					type.elements.map((element) => this.of(element.type)),
					"]",
				);
				const required = type.elements.filter(({ isOptional }) => !isOptional).length;
				return call(
					"Tuple_",
					[elements],
					[
						...(required < type.elements.length ? [`required=${required}`] : []),
						...(type.rest === undefined ? [] : [`rest=${this.of(type.rest)}`]),
					],
				);
			}
			case "object":
				return this.#object(type);
			case "union":
				return this.#union(type);
			case "reference": {
				const constant = this.#constants.get(type.name)!;
				return this.#declared.has(type.name) ? constant : `_homing.Lazy(lambda: ${constant})`;
			}
		}
	}

	#hashable(type: Type): string[] {
		return isHashable(type, this.#definitions) ? [] : ["hashable=False"];
	}

	#object({ properties, additional }: ObjectType): string {
		const fields = properties.map((property) => `${literal(property.name)}: ${this.#field(property)}`);
		const rest = additional === undefined ? [] : [`rest=${this.of(additional)}`];
		return call(
			"Object",
			[
				fields.length === 0
					? "{}"
					: `{\n${fields.map((field) => `    ${field.replaceAll("\n", "\n    ")},\n`).join("")}}`,
			],
			rest,
		);
	}

	#field({ type, isOptional, default: value }: Property): string {
		const kinds = alternativesOf(type, this.#definitions).map((alternative) => alternative.type.kind);
		const options = [
			...(isOptional ? ["optional=True"] : []),
			...(kinds.includes("null") ? ["nullable=True"] : []),
			...(!isOptional && kinds.includes("undefined") ? ["maybe=True"] : []),
			...defaultOption(value),
		];
		return call("Field", [this.of(type)], options);
	}

	#union(type: UnionType): string {
		const { members } = type;
		const literals = members.flatMap((member) => (member.kind === "literal" ? [valueOf(member.value)] : []));
		const shapes = members.filter(({ kind }) => kind !== "literal").map((member) => this.of(member));
		const all = [...new Set([...(literals.length === 0 ? [] : [call("OneOf", literals)]), ...shapes])];
		if (all.length === 1) return all[0]!;
		const objects = alternativesOf(type, this.#definitions).filter((one) => one.type.kind === "object");
		const discriminator = discriminatorOf(objects, this.#definitions);
		return call("Union", all, discriminator === undefined ? [] : [`discriminator=${literal(discriminator.property)}`]);
	}
}

/** `plain`: what stands for a shape without options. */
function call(name: string, args: readonly string[], options: readonly string[] = [], plain?: string): string {
	if (plain !== undefined && args.length === 0 && options.length === 0) return `_homing.${plain}`;
	const [only] = args;
	if (args.length === 1 && options.length === 0 && only!.startsWith("{")) return `_homing.${name}(${only})`;
	return list(`_homing.${name}(`, [...args, ...options], ")");
}

/** Of a property or a parameter. */
export function defaultOption(value: Default | undefined): string[] {
	return value === undefined ? [] : [`default=${jsonLiteral(JSON.parse(value))}`];
}

function valueOf(value: string | number | boolean | { readonly bigint: string }): string {
	return typeof value === "object" ? value.bigint : literal(value);
}

/** A pattern that Python may read otherwise, and formats, are checked at the other end alone. */
function textOptions(constraints: readonly Constraint[]): string[] {
	const lows = valuesOf(constraints, "minLength");
	const highs = valuesOf(constraints, "maxLength");
	const [pattern] = constraints.filter(({ keyword }) => keyword === "pattern").map(({ value }) => String(value));
	const translated = pattern === undefined ? undefined : pythonPattern(pattern);
	return [
		...(lows.length === 0 ? [] : [`min_length=${Math.max(...lows)}`]),
		...(highs.length === 0 ? [] : [`max_length=${Math.min(...highs)}`]),
		...(translated === undefined ? [] : [`pattern=${literal(translated)}`, `shown=${literal(`/${pattern}/u`)}`]),
	];
}

function numberOptions(constraints: readonly Constraint[]): string[] {
	const bound = (name: string, keyword: Constraint["keyword"], choose: (...values: number[]) => number) => {
		const values = valuesOf(constraints, keyword);
		return values.length === 0 ? [] : [`${name}=${choose(...values)}`];
	};
	return [
		...(constraints.some(({ keyword }) => keyword === "int") ? ["integer=True"] : []),
		...bound("minimum", "minimum", Math.max),
		...bound("maximum", "maximum", Math.min),
		...bound("above", "exclusiveMinimum", Math.max),
		...bound("below", "exclusiveMaximum", Math.min),
		...bound("multiple_of", "multipleOf", (first) => first),
	];
}

function sizeOptions(constraints: readonly Constraint[]): string[] {
	const lows = valuesOf(constraints, "minItems");
	const highs = valuesOf(constraints, "maxItems");
	return [
		...(lows.length === 0 ? [] : [`min_items=${Math.max(...lows)}`]),
		...(highs.length === 0 ? [] : [`max_items=${Math.min(...highs)}`]),
		...(constraints.some(({ keyword }) => keyword === "uniqueItems") ? ["unique=True"] : []),
	];
}

function valuesOf(constraints: readonly Constraint[], keyword: Constraint["keyword"]): number[] {
	return constraints.filter((one) => one.keyword === keyword).map(({ value }) => Number(value));
}
