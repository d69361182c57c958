/** Emits the file with fast-check's arbitraries of a source's types: every value they make is one that the schemas accept. */
import { componentsOf } from "../model/components.js";
import { type Heights, heightOf, heightsOf, recursiveNames } from "../model/height.js";
import {
	type Constraint,
	type Definition,
	type Definitions,
	definitionsOf,
	type SourceModel,
	type Type,
} from "../model/model.js";
import { childrenOf, reachableFrom, typesOf } from "../model/walk.js";
import { type Code, code, docComment, type ImportSymbol, join, lines, list, propertyName, textCode } from "./code.js";
import { bigintSchema, numberSchema, stringSchema } from "./constraints.js";
import type { CompanionOptions } from "./fakes.js";
import { header } from "./header.js";
import { camelCase, Names } from "./names.js";
import { Printer } from "./printer.js";
import { z } from "./runtime.js";

const fc: ImportSymbol = {
	kind: "import",
	name: "*",
	local: "fc",
	from: { kind: "package", specifier: "fast-check" },
	isType: false,
};

/** How often a type that contains itself may do so in one value, and in how many places all together. */
const maxDepth = 3;
const maxPlaces = 64;

export function emitArbitraries(model: SourceModel, { path, generator, importExtension }: CompanionOptions): string {
	const definitions = definitionsOf(model);
	// What a constant calls when it is made may mention all that it reaches: that has to be there before.
	const order = componentsOf(reachableFrom(model.services.flatMap(typesOf), definitions), definitions).flat();
	const names = new Names(["fc", "depth", "schema", "value"]);
	const exports = model.services.map((service) => ({
		name: names.take(`${camelCase(service.name)}Arbitraries`),
		service,
	}));
	const constants = new Map(
		order.map((name) => [name, names.take(camelCase(name.replaceAll(/[^\p{ID_Continue}$]/gu, "_")), "Arbitrary")]),
	);
	const emitter = new ArbitraryEmitter(definitions, constants);
	const printer = new Printer(path, names.given, importExtension);
	// What no public type holds could not be reached from outside.
	const shown = order.filter((name) => definitions.get(name)!.isPublic);
	const used = reachableFrom(
		shown.map((name) => ({ kind: "reference", name })),
		definitions,
	);
	for (const name of order.filter((one) => used.has(one))) printer.print(emitter.declaration(definitions.get(name)!));
	for (const { name, service } of exports) {
		const reached = [...reachableFrom(typesOf(service), definitions)].filter((one) => definitions.get(one)!.isPublic);
		const properties = reached.map((one) => code`${propertyName(one)}: ${emitter.whole(one)}`);
		const doc = docComment([`Arbitraries of the types that \`${service.name}\` mentions.`]);
		printer.print(
			code`${doc}export const ${name} = ${properties.length === 0 ? ["{}"] : lines("{", properties, "}")};`,
		);
	}
	return printer.toString(header(model, path, generator));
}

/** Inside a definition that contains itself: as deep as `depth` says, or as flat as can be. */
type Way = "deep" | "flat" | undefined;

class ArbitraryEmitter {
	readonly #constants: ReadonlyMap<string, string>;
	readonly #heights: Heights;
	readonly #recursive: ReadonlySet<string>;
	readonly #definitions: Definitions;
	readonly #depths = new Map<string, number>();

	constructor(definitions: Definitions, constants: ReadonlyMap<string, string>) {
		this.#definitions = definitions;
		this.#constants = constants;
		this.#heights = heightsOf(definitions);
		this.#recursive = recursiveNames(definitions);
	}

	declaration({ name, type, text }: Definition): Code {
		const constant = this.#constants.get(name)!;
		const arbitrary = code`${fc}.Arbitrary<${text === undefined ? ["unknown"] : textCode(text)}>`;
		const cast = (one: Code): Code =>
			text === undefined ? one : code`${one} as ${fc}.Arbitrary<unknown> as ${arbitrary}`;
		if (!this.#recursive.has(name)) return code`const ${constant} = ${cast(this.expression(type, undefined))};`;
		const flat = code`if (depth <= 0) return ${cast(this.expression(type, "flat"))};`;
		const deep = code`return ${cast(this.expression(type, "deep"))};`;
		return code`function ${constant}(depth: number): ${arbitrary} {\n\t${flat}\n\t${deep}\n}`;
	}

	/** A definition from outside. */
	whole(name: string): Code {
		const constant = this.#constants.get(name)!;
		return [this.#recursive.has(name) ? `${constant}(${this.#depthOf(name)})` : constant];
	}

	#depthOf(name: string): number {
		let depth = this.#depths.get(name);
		if (depth === undefined) {
			depth = this.#findDepthOf(name);
			this.#depths.set(name, depth);
		}
		return depth;
	}

	/** Each level has as many times the places of the one above as there are mentions of types that contain themselves. */
	#findDepthOf(name: string): number {
		const reached = [...reachableFrom([{ kind: "reference", name }], this.#definitions)];
		const mentions = reached.map((one) => this.#mentionsIn(this.#definitions.get(one)!.type));
		const widest = Math.max(...mentions);
		let depth = 1;
		while (depth < maxDepth && widest ** (depth + 1) <= maxPlaces) depth++;
		return depth;
	}

	#mentionsIn(type: Type): number {
		if (type.kind === "reference") return this.#recursive.has(type.name) ? 1 : 0;
		return childrenOf(type).reduce((sum, child) => sum + this.#mentionsIn(child), 0);
	}

	expression(type: Type, way: Way): Code {
		switch (type.kind) {
			case "boolean":
				return code`${fc}.boolean()`;
			case "null":
			case "undefined":
				return code`${fc}.constant(${type.kind})`;
			case "unknown":
				return code`${fc}.oneof(${fc}.string(), ${fc}.integer(), ${fc}.boolean(), ${fc}.constant(null))`;
			case "never":
				return code`${fc}.constant(undefined).filter(() => false)`;
			case "date":
				return code`${fc}.date({ noInvalidDate: true })`;
			case "bytes":
				return code`${fc}.uint8Array()`;
			case "string":
				return stringArbitrary(type.constraints);
			case "number":
				return numberArbitrary(type.constraints);
			case "bigint":
				return bigintArbitrary(type.constraints);
			case "literal":
				return code`${fc}.constant(${literal(type.value)} as const)`;
			case "enum":
				return code`${fc}.constantFrom(${type.values.map((value) => JSON.stringify(value)).join(", ")})`;
			case "template": {
				const parts = type.parts.map((part) =>
					typeof part === "string" ? code`${fc}.constant(${JSON.stringify(part)})` : this.#templatePart(part),
				);
				return code`${fc}.tuple${list("(", parts, ")")}.map((parts) => parts.join(""))`;
			}
			case "array":
				return this.#array(type.element, type.constraints, way);
			case "set":
				return code`${this.#array(type.element, [...type.constraints, unique], way)}.map((items) => new Set(items))`;
			case "map": {
				if (this.#isCut([type.key, type.value], type.constraints, way)) return code`${fc}.constant(new Map())`;
				const pair = code`${fc}.tuple(${this.expression(type.key, way)}, ${this.expression(type.value, way)})`;
				const options = ['comparator: "SameValueZero"', "selector: ([key]) => key", ...sizes(type.constraints)];
				return code`${fc}.uniqueArray(${pair}, { ${options.join(", ")} }).map((pairs) => new Map(pairs))`;
			}
			case "record":
				if (this.#isCut([type.value], [], way)) return code`${fc}.constant({})`;
				return this.#dictionary(type.key, type.value, [], way);
			case "tuple":
				return this.#tuple(type, way);
			case "object":
				return this.#object(type, way);
			case "union":
				return this.#union(type.members, way);
			case "reference": {
				const constant = this.#constants.get(type.name)!;
				if (!this.#recursive.has(type.name)) return [constant];
				return [`${constant}(${way === undefined ? this.#depthOf(type.name) : way === "deep" ? "depth - 1" : "0"})`];
			}
		}
	}

	#array(element: Type, constraints: readonly Constraint[], way: Way): Code {
		if (this.#isCut([element], constraints, way)) return code`${fc}.constant([])`;
		const isUnique = constraints.some(({ keyword }) => keyword === "uniqueItems");
		const options = [...(isUnique ? ['comparator: "SameValueZero"'] : []), ...sizes(constraints)];
		const rest = options.length === 0 ? "" : `, { ${options.join(", ")} }`;
		return code`${fc}.${isUnique ? "uniqueArray" : "array"}(${this.expression(element, way)}${rest})`;
	}

	/** Whether there must be nothing inside: a flat value of a type that contains itself, or no value at all. */
	#isCut(types: readonly Type[], constraints: readonly Constraint[], way: Way): boolean {
		if (constraints.some(({ keyword, value }) => keyword === "minItems" && Number(value) > 0)) return false;
		const height = Math.max(...types.map((type) => heightOf(type, this.#heights)));
		return height === Number.POSITIVE_INFINITY || (way === "flat" && height > 0);
	}

	#dictionary(key: Type, value: Type, taken: readonly string[], way: Way): Code {
		const keys = key.kind === "number" ? code`${fc}.nat().map(String)` : this.expression(key, way);
		const forbidden = JSON.stringify(["__proto__", ...taken]).replaceAll('","', '", "');
		return code`${fc}.dictionary(${keys}.filter((key) => !${forbidden}.includes(key)), ${this.expression(value, way)}, { noNullPrototype: true })`;
	}

	#tuple({ elements, rest }: Extract<Type, { kind: "tuple" }>, way: Way): Code {
		const required = elements.filter(({ isOptional }) => !isOptional).length;
		const items = elements.map(({ type, isOptional, isUndefinedAllowed }) =>
			this.#orUndefined(this.expression(type, way), isOptional && isUndefinedAllowed),
		);
		const lengths = way === "flat" ? [required] : items.map((_, index) => index + 1).filter((size) => size > required);
		if (way !== "flat") lengths.unshift(required);
		const variants = lengths.map((size) => code`${fc}.tuple${list("(", items.slice(0, size), ")")}`);
		if (rest !== undefined && !(way === "flat") && !this.#isCut([rest], [], way)) {
			const last = variants.length - 1;
			variants[last] =
				code`${fc}.tuple(${variants[last]!}, ${fc}.array(${this.expression(rest, way)})).map(([first, more]) => [...first, ...more])`;
		}
		return variants.length === 1 ? variants[0]! : code`${fc}.oneof${list("(", variants, ")")}`;
	}

	#object({ properties, additional }: Extract<Type, { kind: "object" }>, way: Way): Code {
		const kept = properties.filter(({ isOptional, type }) => !isOptional || !this.#isCut([type], [], way));
		const fields = kept.map(({ name, type, isOptional, isUndefinedAllowed }) => {
			return code`${propertyName(name)}: ${this.#orUndefined(this.expression(type, way), isOptional && isUndefinedAllowed)}`;
		});
		const options = ["noNullPrototype: true"];
		const required = kept.filter(({ isOptional }) => !isOptional).map(({ name }) => JSON.stringify(name));
		if (required.length < kept.length) options.unshift(`requiredKeys: [${required.join(", ")}]`);
		const own = code`${fc}.record(${list("{", fields, "}", { isPadded: true })}, { ${options.join(", ")} })`;
		if (additional === undefined || this.#isCut([additional], [], way)) return own;
		const names = properties.map(({ name }) => name);
		const more = this.#dictionary({ kind: "string", constraints: [] }, additional, names, way);
		return code`${fc}.tuple(${more}, ${own}).map(([more, own]) => ({ ...more, ...own }))`;
	}

	#union(members: readonly Type[], way: Way): Code {
		const heights = members.map((member) => heightOf(member, this.#heights));
		const bound = way === "flat" ? Math.min(...heights) : Number.MAX_VALUE;
		const possible = members.filter((_, index) => heights[index]! <= bound);
		if (possible.length === 0) return this.expression({ kind: "never" }, way);
		if (possible.length === 1) return this.expression(possible[0]!, way);
		return code`${fc}.oneof${list(
			"(",
			possible.map((member) => this.expression(member, way)),
			")",
		)}`;
	}

	#orUndefined(one: Code, isUndefinedAllowed: boolean): Code {
		return isUndefinedAllowed ? code`${fc}.option(${one}, { nil: undefined })` : one;
	}

	/** Numbers as template literals write them; text without line breaks, which its pattern does not match. */
	#templatePart(type: Type): Code {
		if (type.kind === "number") return code`${fc}.integer()`;
		if (type.kind === "union") {
			return code`${fc}.oneof(${join(
				type.members.map((member) => this.#templatePart(member)),
				", ",
			)})`;
		}
		return this.expression(type, undefined);
	}
}

const unique: Constraint = { keyword: "uniqueItems", value: true };

/** What a type without constraints travels as. */
const bigintBounds = [-(2n ** 63n), 2n ** 64n - 1n] as const;

function sizes(constraints: readonly Constraint[]): string[] {
	const least = numbersOf(constraints, "minItems");
	const most = numbersOf(constraints, "maxItems");
	return [
		...(least.length === 0 ? [] : [`minLength: ${Math.max(...least)}`]),
		...(most.length === 0 ? [] : [`maxLength: ${Math.min(...most)}`]),
	];
}

function numbersOf(constraints: readonly Constraint[], keyword: Constraint["keyword"]): number[] {
	return constraints.flatMap((one) => (one.keyword === keyword ? [Number(one.value)] : []));
}

/** Where a constraint cannot be built in, what is made is looked at by the schema. */
function accepted(arbitrary: Code, schema: string): Code {
	return code`${arbitrary}.filter((value) => ${z}${schema}.safeParse(value).success)`;
}

const formatArbitraries: Readonly<Record<string, string>> = {
	base64: "base64String()",
	base64url: 'base64String().map((text) => text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""))',
	date: 'date({ noInvalidDate: true, min: new Date(0), max: new Date("9999-12-31") }).map((at) => at.toISOString().slice(0, 10))',
	"date-time":
		'date({ noInvalidDate: true, min: new Date(0), max: new Date("9999-12-31") }).map((at) => at.toISOString())',
	duration: 'nat(10_000).map((minutes) => "PT".concat(String(minutes), "M"))',
	email: "emailAddress()",
	hostname: "domain()",
	ipv4: "ipV4()",
	ipv6: "ipV6()",
	time: "date({ noInvalidDate: true, min: new Date(0), max: new Date(86_399_999) }).map((at) => at.toISOString().slice(11, 19))",
	uri: "webUrl()",
	uuid: "uuid()",
};

function stringArbitrary(constraints: readonly Constraint[]): Code {
	if (constraints.length === 0) return code`${fc}.string({ unit: "grapheme" })`;
	const schema = stringSchema({ kind: "string", constraints });
	const format = constraints.find(({ keyword }) => keyword === "format");
	if (format !== undefined) return accepted(code`${fc}.${formatArbitraries[String(format.value)]!}`, schema);
	const least = Math.max(0, ...numbersOf(constraints, "minLength"));
	const most = Math.min(...numbersOf(constraints, "maxLength"));
	const pattern = constraints.find(({ keyword }) => keyword === "pattern");
	if (pattern !== undefined) {
		const { source } = new RegExp(String(pattern.value), "u");
		return accepted(code`${fc}.stringMatching(/${source}/u)`, schema);
	}
	const options = [`minLength: ${least}`, ...(most === Number.POSITIVE_INFINITY ? [] : [`maxLength: ${most}`])];
	return code`${fc}.string({ ${options.join(", ")} })`;
}

function numberArbitrary(constraints: readonly Constraint[]): Code {
	const low = Math.max(...numbersOf(constraints, "minimum"));
	const high = Math.min(...numbersOf(constraints, "maximum"));
	const above = Math.max(...numbersOf(constraints, "exclusiveMinimum"));
	const below = Math.min(...numbersOf(constraints, "exclusiveMaximum"));
	const [step, ...more] = numbersOf(constraints, "multipleOf");
	const isInteger = constraints.some(({ keyword }) => keyword === "int");
	if (step !== undefined || isInteger) {
		const unit = step ?? 1;
		const limit = Math.floor(Number.MAX_SAFE_INTEGER / Math.max(unit, 1 / unit));
		const first = Math.max(-limit, Math.ceil(low / unit), Math.floor(above / unit) + 1);
		const last = Math.min(limit, Math.floor(high / unit), Math.ceil(below / unit) - 1);
		const whole = code`${fc}.integer({ min: ${first}, max: ${last} })`;
		if (unit === 1 && more.length === 0) return whole;
		const made = code`${whole}.map((count) => count * ${unit})`;
		return accepted(made, numberSchema({ kind: "number", constraints }));
	}
	const min = Math.max(low, above);
	const max = Math.min(high, below);
	const options = ["noNaN: true", "noDefaultInfinity: true"];
	if (min !== Number.NEGATIVE_INFINITY) options.push(`min: ${min}`);
	if (above >= low && above !== Number.NEGATIVE_INFINITY) options.push("minExcluded: true");
	// Less than zero, and not minus zero, which fast-check takes to be less.
	const isBelowZero = max === 0 && below <= high;
	if (max !== Number.POSITIVE_INFINITY) options.push(`max: ${isBelowZero ? "-0" : max}`);
	if (below <= high && below !== Number.POSITIVE_INFINITY) options.push("maxExcluded: true");
	return code`${fc}.double({ ${options.join(", ")} })`;
}

function bigintArbitrary(constraints: readonly Constraint[]): Code {
	const of = (keyword: Constraint["keyword"]) =>
		constraints.flatMap((one) => (one.keyword === keyword ? [BigInt(String(one.value))] : []));
	const lows = [bigintBounds[0], ...of("minimum"), ...of("exclusiveMinimum").map((bound) => bound + 1n)];
	const highs = [bigintBounds[1], ...of("maximum"), ...of("exclusiveMaximum").map((bound) => bound - 1n)];
	const min = lows.reduce((a, b) => (a > b ? a : b));
	const max = highs.reduce((a, b) => (a < b ? a : b));
	const [step, ...more] = of("multipleOf");
	if (step === undefined) return code`${fc}.bigInt({ min: ${String(min)}n, max: ${String(max)}n })`;
	// Division rounds towards zero: one step further out, and what is too far is filtered.
	const made = code`${fc}.bigInt({ min: ${String(min / step)}n, max: ${String(max / step)}n }).map((count) => count * ${String(step)}n)`;
	return more.length === 0 && min % step === 0n ? made : accepted(made, bigintSchema({ kind: "bigint", constraints }));
}

function literal(value: Extract<Type, { kind: "literal" }>["value"]): string {
	return typeof value === "object" ? `${value.bigint}n` : JSON.stringify(value);
}
