/** Emits the functions that read. */
import type {
	ArrayType,
	Default,
	MapType,
	ObjectType,
	Property,
	RecordType,
	SetType,
	TupleType,
	Type,
} from "../../model/model.js";
import { type Code, code, indent, join, jsonText, list, propertyName } from "../code.js";
import { camelCase, identifierOf, type Names, pascalCase } from "../names.js";
import {
	type Choices,
	type Composite,
	isAnyNumber,
	isAnything,
	type Kinds,
	Odd,
	type Scalar,
	type Variants,
} from "./kinds.js";
import { block, bracket, choicePart, orUndefined, variantPart } from "./lines.js";
import { boundsOf, checksOf, isChecked, isInteger, literalText, unless } from "./scalars.js";
import type { Codecs } from "./shapes.js";
import { compiled } from "./symbols.js";

export function readFunction(
	codecs: Codecs,
	type: Type,
	name: string,
	owner: string,
	elements?: readonly string[],
): Code {
	return block(
		code`function ${name}(from: ${compiled.BodyReader}): unknown`,
		new ReadEmitter(codecs, owner, elements).body(type),
	);
}

/** Whether a function of its own reads such a value, and parts that lie in it. */
function isNested({ kind }: Type): boolean {
	return ["array", "set", "map", "tuple", "record", "object"].includes(kind);
}

/** Lines that must have run, and then the expression that is the value: which may read, and stands right behind them. */
interface Reading {
	readonly lines: readonly Code[];
	readonly value: Code;
	/** Where the lines have read it all: a name or a literal, which is the value from then on. */
	readonly kept?: string;
}

function kept(lines: readonly Code[], value: string): Reading {
	return { lines, value: [value], kept: value };
}

class ReadEmitter {
	readonly #codecs: Codecs;
	readonly #owner: string;
	readonly #elements: readonly string[] | undefined;
	readonly #scope: Names;

	constructor(codecs: Codecs, owner: string, elements: readonly string[] | undefined) {
		this.#codecs = codecs;
		this.#owner = owner;
		this.#elements = elements;
		this.#scope = codecs.scope();
	}

	/** Returns what it has read. */
	body(type: Type): Code[] {
		const lines = this.#lines(type);
		if (!isNested(type) || !this.#codecs.isDeep(type)) return lines;
		const levels = type.kind === "map" ? 2 : 1;
		return [[`from.enter(${levels});`], ...lines.slice(0, -1), [`from.leave(${levels});`], ...lines.slice(-1)];
	}

	#lines(type: Type): Code[] {
		switch (type.kind) {
			case "array":
				return this.#array(type);
			case "set":
				return this.#set(type);
			case "map":
				return this.#map(type);
			case "tuple":
				return this.#tuple(type);
			case "record":
				return this.#record(type);
			case "object":
				return this.#object(type);
			default:
				return this.#kinds(this.#codecs.evenKindsOf(type));
		}
	}

	/** A value in a function of its own: whatever it may be. */
	#kinds(kinds: Kinds): Code[] {
		const branches = this.#branches(kinds);
		if (branches.length <= 1) {
			const { lines, value } = this.#nullable(kinds, "value");
			return [...lines, code`return ${value};`];
		}
		const cases = branches.map(([label, read]) => {
			const { lines, value } = read("value");
			const inner = [...lines, code`return ${value};`];
			const body =
				lines.length === 0 ? indent(code`\n${join(inner, "\n")}`) : code` {\n\t${indent(join(inner, "\n"))}\n}`;
			return code`case ${JSON.stringify(label)}:${body}`;
		});
		const nil = this.#nilOf(kinds);
		if (nil !== undefined) cases.push([`case "nil":\n\tfrom.nil();\n\treturn ${nil};`]);
		return [block(["switch (from.kind())"], [...cases, code`default:\n\treturn ${compiled.surprised}();`])];
	}

	/** A value in the middle of others; `part`: what to call it, and what is in it. */
	#value(type: Type, part: string, isDefined = false): Reading {
		const kinds = this.#codecs.kindsOf(type);
		if (kinds instanceof Odd) {
			const codec = this.#codecs.codecFor(type, this.#owner, part, kinds);
			return { lines: [], value: [`from.${isAnything(this.#codecs.resolve(type)) ? "any" : "with"}(${codec})`] };
		}
		if (this.#branches(kinds).length > 1) {
			const { read } = this.#codecs.functionsOf(type, this.#owner + pascalCase(part));
			return { lines: [], value: [`${read}(from)`] };
		}
		return this.#nullable(isDefined ? { ...kinds, isUndefined: false } : kinds, part);
	}

	#nullable(kinds: Kinds, part: string): Reading {
		const [only] = this.#branches(kinds);
		const nil = this.#nilOf(kinds);
		if (only === undefined) return kept([code`if (!from.nil()) ${compiled.surprised}();`], nil ?? "undefined");
		if (nil === undefined) return only[1](part);
		const name = this.#name(part);
		const { lines, value } = only[1](part);
		if (lines.length === 0) return { lines, value: code`from.nil() ? ${nil} : ${value}` };
		const inner = [...lines, code`${name} = ${value};`];
		return kept([[`let ${name}: unknown = ${nil};`], block(["if (!from.nil())"], inner)], name);
	}

	/** nil is `null` where it can be. */
	#nilOf({ isNull, isUndefined }: Kinds): string | undefined {
		if (isNull) return "null";
		return isUndefined ? "undefined" : undefined;
	}

	#name(part: string): string {
		return this.#scope.take(camelCase(identifierOf(part)));
	}

	#branches(kinds: Kinds): [kind: string, read: (part: string) => Reading][] {
		const found: [string, (part: string) => Reading][] = [];
		const { boolean, number, bigint, string, array, object } = kinds;
		if (string !== undefined) found.push(["string", (part) => this.#string(string, part)]);
		if (number !== undefined)
			found.push(["number", (part) => this.#scalar(number, isInteger(number) ? "integer" : "number", part)]);
		if (bigint !== undefined) found.push(["number", (part) => this.#scalar(bigint, "bigint", part)]);
		if (boolean !== undefined) found.push(["boolean", (part) => this.#scalar(boolean, "boolean", part)]);
		if (kinds.isDate) found.push(["date", () => ({ lines: [], value: ["from.date()"] })]);
		if (kinds.isBytes) found.push(["bytes", () => ({ lines: [], value: ["from.bytes()"] })]);
		if (array !== undefined) found.push(["array", (part) => this.#composite(array, part)]);
		if (object !== undefined)
			found.push([
				"map",
				(part) => {
					if (object.kind === "variants") return this.#variants(object, part);
					return object.kind === "choices" ? this.#choices(object, part) : this.#composite(object, part);
				},
			]);
		return found;
	}

	#string(scalar: Scalar, part: string): Reading {
		const [only, second] = scalar.check === "values" ? scalar.values : [];
		if (only === undefined || second !== undefined) return this.#scalar(scalar, "text", part);
		return kept([[`${this.#codecs.keyFor(String(only))}.read(from);`]], literalText(only));
	}

	#scalar(scalar: Scalar, method: string, part: string): Reading {
		if (!isChecked(scalar)) return { lines: [], value: [`from.${method}()`] };
		const name = this.#name(part);
		return kept([[`const ${name} = from.${method}();`], ...checksOf(scalar, name, this.#codecs)], name);
	}

	#composite(type: Composite, part: string): Reading {
		return { lines: [], value: [`${this.#codecs.functionsOf(type, this.#owner + pascalCase(part)).read}(from)`] };
	}

	#choices({ members, marks }: Choices, part: string): Reading {
		const name = this.#name(part);
		const cases = members.map((member, index) => {
			const { value } = this.#composite(member, choicePart(part, index));
			const mark = marks[index];
			const condition = mark === undefined ? "" : `if (from.has(${this.#codecs.keyFor(mark)})) `;
			return code`${index === 0 ? "" : "else "}${condition}${name} = ${value};`;
		});
		return kept([[`let ${name}: unknown;`], ...cases], name);
	}

	#variants({ discriminator, members }: Variants, part: string): Reading {
		const name = this.#name(part);
		const cases = members.map((member, index) => {
			const values = discriminator.values[index]!;
			const labels = values.map((value) => `case ${JSON.stringify(value)}:`).join("\n");
			const { value } = this.#composite(member, variantPart(part, values));
			return code`${labels}\n\t${name} = ${value};\n\tbreak;`;
		});
		const key = this.#codecs.keyFor(discriminator.property);
		const all = [...cases, code`default:\n\t${compiled.surprised}();`];
		return kept([[`let ${name}: unknown;`], block([`switch (from.tag(${key}))`], all)], name);
	}

	#array({ element, constraints }: ArrayType): Code[] {
		if (isAnyNumber(this.#codecs.kindsOf(element))) {
			if (constraints.length === 0) return [["return from.numbers();"]];
			return [
				["const list = from.numbers();"],
				...boundsOf(constraints, "list", { size: "list.length" }),
				["return list;"],
			];
		}
		const { lines, value } = this.#value(element, "item");
		return [
			["const list = new Array<unknown>(from.items());"],
			block(["for (let i = 0; i < list.length; i++)"], [...lines, code`list[i] = ${value};`]),
			...boundsOf(constraints, "list", { size: "list.length" }),
			["return list;"],
		];
	}

	#set({ element, constraints }: SetType): Code[] {
		const { lines, value } = this.#value(element, "item");
		return [
			["const items = new Set<unknown>();"],
			block(["for (let left = from.array(); left > 0; left--)"], [...lines, code`items.add(${value});`]),
			...boundsOf(constraints, "items", { size: "items.size" }),
			["return items;"],
		];
	}

	#map({ key, value, constraints }: MapType): Code[] {
		const first = this.#constant(key, "key");
		const second = this.#value(value, "entry");
		return [
			["const pairs = new Map<unknown, unknown>();"],
			block(
				["for (let left = from.array(); left > 0; left--)"],
				[["from.arrayOf(2);"], ...first.lines, ...second.lines, code`pairs.set(${first.value}, ${second.value});`],
			),
			...boundsOf(constraints, "pairs", { size: "pairs.size" }),
			["return pairs;"],
		];
	}

	/** A value under a name: others may be read before it is used. */
	#constant(type: Type, part: string): { readonly lines: readonly Code[]; readonly value: string } {
		const { lines, value, kept } = this.#value(type, part);
		if (kept !== undefined) return { lines, value: kept };
		const constant = this.#name(part);
		return { lines: [...lines, code`const ${constant} = ${value};`], value: constant };
	}

	#tuple(type: TupleType): Code[] {
		const { elements, rest } = type;
		const isCounted = this.#codecs.isDeep(type);
		const required = elements.filter(({ isOptional }) => !isOptional).length;
		const isFixed = rest === undefined && required === elements.length;
		const lines: Code[] = [];
		if (isFixed) lines.push([`from.arrayOf(${required});`]);
		else {
			lines.push(["const length = from.array();"]);
			lines.push(
				unless(rest === undefined ? `length < ${required} || length > ${elements.length}` : `length < ${required}`),
			);
		}
		const [only, second] = elements;
		if (isFixed && only !== undefined && second === undefined && !isCounted) {
			const one = this.#value(only.type, this.#elementName(0));
			return [...lines, ...one.lines, code`return [${one.value}];`];
		}
		const values: Code[] = [];
		for (const [index, { type, isOptional }] of elements.entries()) {
			if (isOptional) continue;
			const one = this.#constant(type, this.#elementName(index));
			lines.push(...one.lines);
			values.push([one.value]);
		}
		if (isFixed) return [...lines, code`return ${list("[", values, "]")};`];
		lines.push(code`const list: unknown[] = ${list("[", values, "]")};`);
		const lastDefault = elements.findLastIndex((element) => element.default !== undefined);
		for (const [index, element] of elements.entries()) {
			if (!element.isOptional) continue;
			const type = this.#codecs.isUndefinedAllowed(element) ? orUndefined(element.type) : element.type;
			if (index <= lastDefault) {
				lines.push(...this.#elementOrDefault(type, index, element.default));
				continue;
			}
			const { lines: inner, value } = this.#value(type, this.#elementName(index));
			lines.push(block([`if (length > ${index})`], [...inner, code`list.push(${value});`]));
		}
		if (rest !== undefined) {
			const { lines: inner, value } = this.#value(rest, "rest");
			lines.push(block([`for (let i = ${elements.length}; i < length; i++)`], [...inner, code`list.push(${value});`]));
		} else {
			// The general codec shortens a list whose last elements are `undefined`.
			lines.push(unless(`length > ${required} && list[length - 1] === undefined`));
		}
		return [...lines, ["return list;"]];
	}

	/** There it is in any case: another default stands behind it, or its own in its place. */
	#elementOrDefault(type: Type, index: number, value: Default | undefined): Code[] {
		const part = this.#elementName(index);
		const name = this.#name(part);
		const { lines, value: given } = this.#value(type, part);
		return [
			[`let ${name}: unknown;`],
			block([`if (length > ${index})`], [...lines, code`${name} = ${given};`]),
			[
				value === undefined
					? `list.push(${name});`
					: `list.push(${name} === undefined ? ${jsonText(value)} : ${name});`,
			],
		];
	}

	#elementName(index: number): string {
		return this.#elements?.[index] ?? `element${index + 1}`;
	}

	#record({ key, value }: RecordType): Code[] {
		return [
			["const value: Record<string, unknown> = {};"],
			block(["for (let left = from.map(); left > 0; left--)"], this.#entry(key, value)),
			["return value;"],
		];
	}

	#entry(key: Type | undefined, type: Type, known?: string): Code[] {
		const lines: Code[] = [["const name = from.name();"]];
		if (known !== undefined) lines.push(unless(`${known}.has(name)`));
		if (key !== undefined) lines.push(...this.#nameChecks(key));
		const { lines: inner, value } = this.#value(type, "entry");
		return [...lines, ...inner, code`value[name] = ${value};`];
	}

	#nameChecks(key: Type): Code[] {
		const { string } = this.#codecs.evenKindsOf(key);
		return string === undefined ? [code`${compiled.surprised}();`] : checksOf(string, "name", this.#codecs);
	}

	#object({ properties, additional }: ObjectType): Code[] {
		const isMissable = ({ isOptional, type }: Property) => isOptional || this.#codecs.canBeUndefined(type);
		const required = properties.filter((property) => !isMissable(property)).length;
		const isFixed = required === properties.length && additional === undefined;
		const lines: Code[] = [];
		if (!isFixed) lines.push([`let left = from.map()${required === 0 ? "" : ` - ${required}`};`]);
		// What is always there is made at once; what comes behind is added to it.
		const until = properties.findIndex((property) => property.isOptional);
		const first = until === -1 ? properties : properties.slice(0, until);
		if (isFixed && first.length === 0) lines.push(["from.mapOf(0);"]);
		const values = first.map((property, index): Code => {
			const key = isFixed && index === 0 ? this.#codecs.startFor(required, property.name) : undefined;
			const value = this.#property(property, lines, key);
			return value === property.name ? [value] : [`${propertyName(property.name)}: ${value}`];
		});
		const object = list("{", values, "}", { isPadded: true });
		if (isFixed) return [...lines, code`return ${object};`];
		lines.push(code`const value: Record<string, unknown> = ${object};`);
		for (const property of properties.slice(first.length)) {
			if (!property.isOptional) {
				lines.push([`value${bracket(property.name)} = ${this.#property(property, lines)};`]);
				continue;
			}
			const { lines: inner, value } = this.#value(property.type, property.name, true);
			const key = this.#codecs.keyFor(property.name);
			const target = `value${bracket(property.name)}`;
			const given = block(
				[`if (left > 0 && ${key}.isNext(from))`],
				[["left--;"], ...inner, code`${target} = ${value};`],
			);
			lines.push(
				property.default === undefined ? given : code`${given} else ${target} = ${jsonText(property.default)};`,
			);
		}
		if (additional === undefined) return [...lines, unless("left !== 0"), ["return value;"]];
		const known = this.#codecs.setFor(properties.map(({ name }) => name));
		const more = block(["for (; left > 0; left--)"], this.#entry(undefined, additional, known));
		return [...lines, unless("left < 0"), more, ["return value;"]];
	}

	/** Reads a property that the object always has, under the name that is answered. */
	#property({ name, type }: Property, lines: Code[], key = this.#codecs.keyFor(name)): string {
		if (!this.#codecs.canBeUndefined(type)) {
			lines.push([`${key}.read(from);`]);
			const one = this.#constant(type, name);
			lines.push(...one.lines);
			return one.value;
		}
		const variable = this.#name(name);
		lines.push([`let ${variable}: unknown;`]);
		const { lines: inner, value } = this.#value(type, name);
		lines.push(block([`if (left > 0 && ${key}.isNext(from))`], [["left--;"], ...inner, code`${variable} = ${value};`]));
		return variable;
	}
}
