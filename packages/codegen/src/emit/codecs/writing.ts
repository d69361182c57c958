/** Emits the functions that write. */
import type { ArrayType, MapType, ObjectType, RecordType, SetType, TupleType, Type } from "../../model/model.js";
import { type Code, code, isMultiline, join } from "../code.js";
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

/** `owner`: what the function's own name is made of, and the names of what has none in it. */
export function writeFunction(
	codecs: Codecs,
	type: Type,
	name: string,
	owner: string,
	elements?: readonly string[],
): Code {
	const lines = new WriteEmitter(codecs, owner, elements).body(type);
	return block(code`function ${name}(to: Uint8Array, at: number, given: unknown): number`, returning(lines));
}

/** The lines, and the offset behind what they write. */
function returning(lines: readonly Code[]): Code[] {
	const last = lines.at(-1) ?? [];
	if (last[0] !== assignment) return [...lines, ["return at;"]];
	return [...lines.slice(0, -1), ["return ", ...last.slice(1)]];
}

/** `if`, `else if`, and for what has no condition `else`. */
function chain(cases: readonly (readonly [condition: string | undefined, lines: readonly Code[]])[]): Code[] {
	return cases.map(([condition, lines], index) => {
		const start = index === 0 ? "" : "else ";
		const head = `${start}${condition === undefined ? "" : `if (${condition}) `}`;
		if (head === "") return join(lines, "\n");
		const [only, second] = lines;
		if (only !== undefined && second === undefined && !isMultiline(only)) return code`${head}${only}`;
		return block([head.trimEnd()], lines);
	});
}

const assignment = "at = ";

function put(writer: Code): Code {
	return [assignment, ...writer, ";"];
}

class WriteEmitter {
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

	/** Writes `given`. */
	body(type: Type): Code[] {
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
				return this.#nullable(this.#codecs.evenKindsOf(type), "given", "value");
		}
	}

	/** Writes what the expression `source` holds; `part`: what to call it, and what is in it. */
	#value(type: Type, source: string, part: string, isDefined = false): Code[] {
		const kinds = this.#codecs.kindsOf(type);
		if (kinds instanceof Odd) {
			const codec = this.#codecs.codecFor(type, this.#owner, part, kinds);
			const writer = isAnything(this.#codecs.resolve(type)) ? compiled.writeAny : compiled.writeWith;
			return [put(code`${writer}(${codec}, to, at, ${source})`)];
		}
		return this.#branches(kinds).length > 1
			? [put(code`${this.#functionFor(type, part)}(to, at, ${source})`)]
			: this.#nullable(isDefined ? { ...kinds, isUndefined: false } : kinds, source, part);
	}

	#functionFor(type: Type, part: string): string {
		return this.#codecs.functionsOf(type, this.#owner + pascalCase(part)).write;
	}

	#nullable(kinds: Kinds, source: string, part: string): Code[] {
		const branches = this.#branches(kinds);
		const nils = [...(kinds.isNull ? ["null"] : []), ...(kinds.isUndefined ? ["undefined"] : [])];
		const [only] = branches;
		if (nils.length === 0 && only !== undefined && branches.length === 1) return only.write(source, part);
		const name = this.#nameFor(source, part);
		const lines: Code[] = name === source ? [] : [[`const ${name} = ${source};`]];
		const cases: [condition: string | undefined, lines: Code[]][] = [];
		if (nils.length > 0) {
			const isNil = nils.map((nil) => `${name} === ${nil}`).join(" || ");
			cases.push([isNil, [put(code`${compiled.writeNil}(to, at)`)]]);
		}
		for (const branch of branches) cases.push([branch.condition(name), branch.write(name, part)]);
		if (branches.length === 0) return [...lines, ...chain([...cases, [undefined, [code`${compiled.surprised}();`]]])];
		// The last kind looks at the value itself.
		cases[cases.length - 1]![0] = undefined;
		return [...lines, ...chain(cases)];
	}

	/** A name for what is used more than once. */
	#nameFor(source: string, part: string): string {
		return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(source)
			? source
			: this.#scope.take(camelCase(identifierOf(part)));
	}

	#branches(kinds: Kinds): Branch[] {
		const found: Branch[] = [];
		const typed = (kind: string) => (value: string) => `typeof ${value} === "${kind}"`;
		const { boolean, number, bigint, string, array, object } = kinds;
		if (string !== undefined)
			found.push({ condition: typed("string"), write: (...args) => this.#string(string, ...args) });
		if (number !== undefined)
			found.push({ condition: typed("number"), write: (...args) => this.#number(number, ...args) });
		if (bigint !== undefined) {
			const write = (...args: Place) =>
				this.#scalar(bigint, code`${compiled.bigintOf}`, code`${compiled.writeBigint}`, ...args);
			found.push({ condition: typed("bigint"), write });
		}
		if (boolean !== undefined) {
			const write = (...args: Place) =>
				this.#scalar(boolean, code`${compiled.booleanOf}`, code`${compiled.writeBoolean}`, ...args);
			found.push({ condition: typed("boolean"), write });
		}
		if (kinds.isDate) {
			const write = (source: string) => [put(code`${compiled.writeDate}(to, at, ${compiled.dateOf}(${source}))`)];
			found.push({ condition: (value) => `${value} instanceof Date`, write });
		}
		if (kinds.isBytes) {
			const write = (source: string) => [put(code`${compiled.writeBytes}(to, at, ${compiled.bytesOf}(${source}))`)];
			found.push({ condition: (value) => `${value} instanceof Uint8Array`, write });
		}
		if (array !== undefined) {
			const condition = (value: string) => this.#listCondition(array, value);
			found.push({
				condition,
				write: (source, part) => [put(code`${this.#functionFor(array, part)}(to, at, ${source})`)],
			});
		}
		if (object !== undefined)
			found.push({ condition: typed("object"), write: (...args) => this.#objects(object, ...args) });
		return found;
	}

	#listCondition(type: Composite, value: string): string {
		const { kind } = this.#codecs.resolve(type);
		if (kind === "set") return `${value} instanceof Set`;
		return kind === "map" ? `${value} instanceof Map` : `Array.isArray(${value})`;
	}

	#string(scalar: Scalar, source: string, part: string): Code[] {
		const [only, second] = scalar.check === "values" ? scalar.values : [];
		if (only !== undefined && second === undefined) {
			const key = this.#codecs.keyFor(String(only));
			return [unless(`${source} !== ${literalText(only)}`), put([`${key}.write(to, at)`])];
		}
		return this.#scalar(scalar, code`${compiled.textOf}`, code`${compiled.writeString}`, source, part);
	}

	#number(scalar: Scalar, source: string, part: string): Code[] {
		const guard = isInteger(scalar) ? code`${compiled.integerOf}` : code`${compiled.numberOf}`;
		return this.#scalar(scalar, guard, code`${compiled.writeNumber}`, source, part);
	}

	#scalar(scalar: Scalar, guard: Code, writer: Code, source: string, part: string): Code[] {
		if (!isChecked(scalar)) return [put(code`${writer}(to, at, ${guard}(${source}))`)];
		const name = this.#scope.take(camelCase(identifierOf(part)));
		return [
			code`const ${name} = ${guard}(${source});`,
			...checksOf(scalar, name, this.#codecs),
			put(code`${writer}(to, at, ${name})`),
		];
	}

	#objects(object: Composite | Variants | Choices, source: string, part: string): Code[] {
		if (object.kind === "choices") return this.#choices(object, source, part);
		if (object.kind !== "variants") return [put(code`${this.#functionFor(object, part)}(to, at, ${source})`)];
		const { property, values } = object.discriminator;
		const cases = object.members.map((member, index) => {
			const labels = values[index]!.map((value) => `case ${JSON.stringify(value)}:`).join("\n");
			const write = put(code`${this.#functionFor(member, variantPart(part, values[index]!))}(to, at, ${source})`);
			return code`${labels}\n\t${write}\n\tbreak;`;
		});
		const all = [...cases, code`default:\n\t${compiled.surprised}();`];
		return [block(code`switch (${compiled.fieldsOf}(${source})${bracket(property)})`, all)];
	}

	#choices({ members, marks }: Choices, source: string, part: string): Code[] {
		const fields = this.#scope.take(camelCase(identifierOf(`${part} fields`)));
		const cases = members.map((member, index) => {
			const mark = marks[index];
			const write = put(code`${this.#functionFor(member, choicePart(part, index))}(to, at, ${fields})`);
			return [mark === undefined ? undefined : `${fields}${bracket(mark)} !== undefined`, [write]] as const;
		});
		return [code`const ${fields} = ${compiled.fieldsOf}(${source});`, ...chain(cases)];
	}

	#array({ element, constraints }: ArrayType): Code[] {
		return [
			code`const list = ${compiled.itemsOf}(given);`,
			...boundsOf(constraints, "list", { size: "list.length" }),
			put(code`${compiled.writeArrayHead}(to, at, list.length)`),
			isAnyNumber(this.#codecs.kindsOf(element))
				? put(code`${compiled.writeNumbers}(to, at, list)`)
				: block(["for (let i = 0; i < list.length; i++)"], this.#value(element, "list[i]", "item")),
		];
	}

	#set({ element, constraints }: SetType): Code[] {
		return [
			code`const items = ${compiled.setOf}(given);`,
			...boundsOf(constraints, "items", { size: "items.size" }),
			put(code`${compiled.writeArrayHead}(to, at, items.size)`),
			block(["for (const item of items)"], this.#value(element, "item", "item")),
		];
	}

	#map({ key, value, constraints }: MapType): Code[] {
		return [
			code`const pairs = ${compiled.mapOf}(given);`,
			...boundsOf(constraints, "pairs", { size: "pairs.size" }),
			put(code`${compiled.writeArrayHead}(to, at, pairs.size)`),
			block(
				["for (const pair of pairs)"],
				[
					put(code`${compiled.writeArrayHead}(to, at, 2)`),
					...this.#value(key, "pair[0]", "key"),
					...this.#value(value, "pair[1]", "value"),
				],
			),
		];
	}

	#tuple({ elements, rest }: TupleType): Code[] {
		const lines: Code[] = [code`const list = ${compiled.itemsOf}(given);`];
		const required = elements.filter(({ isOptional }) => !isOptional).length;
		if (rest !== undefined) {
			lines.push(unless(`list.length < ${required}`), put(code`${compiled.writeArrayHead}(to, at, list.length)`));
		} else if (required === elements.length) {
			lines.push(unless(`list.length !== ${required}`), put(code`${compiled.writeArrayHead}(to, at, ${required})`));
		} else {
			const last = elements.at(-1)!;
			lines.push(["let { length } = list;"]);
			if (this.#codecs.isUndefinedAllowed(last))
				lines.push([`while (length > ${required} && list[length - 1] === undefined) length--;`]);
			lines.push(
				unless(`length < ${required} || list.length > ${elements.length}`),
				put(code`${compiled.writeArrayHead}(to, at, length)`),
			);
		}
		for (const [index, { type, isOptional, isUndefinedAllowed }] of elements.entries()) {
			const source = `list[${index}]`;
			const one = this.#value(
				isOptional && this.#codecs.isUndefinedAllowed({ isUndefinedAllowed }) ? orUndefined(type) : type,
				source,
				this.#elementName(index),
			);
			if (isOptional) lines.push(block([`if (length > ${index})`], one));
			else lines.push(...one);
		}
		if (rest !== undefined) {
			lines.push(
				block([`for (let i = ${elements.length}; i < list.length; i++)`], this.#value(rest, "list[i]", "rest")),
			);
		}
		return lines;
	}

	#elementName(index: number): string {
		return this.#elements?.[index] ?? `element${index + 1}`;
	}

	#record({ key, value }: RecordType): Code[] {
		return [
			code`const value = ${compiled.fieldsOf}(given);`,
			code`const names = ${compiled.otherNames}(value, undefined${this.#leniency(value)});`,
			put(code`${compiled.writeMapHead}(to, at, names.length)`),
			block(["for (const name of names)"], this.#entry(key, value)),
		];
	}

	/** Of an object whose properties may be `undefined`. */
	#leniency(type: Type): string {
		return this.#codecs.canBeUndefined(type) || isAnything(this.#codecs.resolve(type)) ? ", true" : "";
	}

	#entry(key: Type | undefined, value: Type): Code[] {
		return [
			...(key === undefined ? [put(code`${compiled.writeString}(to, at, name)`)] : this.#value(key, "name", "name")),
			...this.#value(value, "value[name]", "entry"),
		];
	}

	#object({ properties, additional }: ObjectType): Code[] {
		const lines: Code[] = [code`const value = ${compiled.fieldsOf}(given);`];
		const sizes: string[] = [];
		let required = 0;
		const sources = new Map<string, string>();
		for (const property of properties) {
			const source = `value${bracket(property.name)}`;
			const isMissable = property.isOptional || this.#codecs.canBeUndefined(property.type);
			if (!isMissable) {
				required++;
				sources.set(property.name, source);
				continue;
			}
			const name = this.#scope.take(camelCase(identifierOf(property.name)));
			lines.push([`const ${name} = ${source};`]);
			const key = JSON.stringify(property.name);
			if (!property.isOptional) lines.push(unless(`${name} === undefined && !(${key} in value)`));
			else if (!this.#codecs.isUndefinedAllowed(property) && !this.#codecs.canBeUndefined(property.type))
				lines.push(unless(`${name} === undefined && ${key} in value`));
			sources.set(property.name, name);
			sizes.push(`Number(${name} !== undefined)`);
		}
		if (additional !== undefined) {
			const known = this.#codecs.setFor(properties.map(({ name }) => name));
			lines.push(code`const others = ${compiled.otherNames}(value, ${known}${this.#leniency(additional)});`);
			sizes.push("others.length");
		}
		const isFixed = sizes.length === 0 && required > 0;
		const size = [...(required > 0 || sizes.length === 0 ? [String(required)] : []), ...sizes].join(" + ");
		if (additional === undefined && properties.every(({ isOptional }) => isOptional))
			lines.push(put(code`${compiled.writeOptionalHead}(to, at, ${size}, value)`));
		else if (!isFixed) lines.push(put(code`${compiled.writeMapHead}(to, at, ${size})`));
		for (const [index, property] of properties.entries()) {
			const { name } = property;
			const source = sources.get(name)!;
			const isMissable = property.isOptional || this.#codecs.canBeUndefined(property.type);
			const key = isFixed && index === 0 ? this.#codecs.startFor(required, name) : this.#codecs.keyFor(name);
			const pair = [put([`${key}.write(to, at)`]), ...this.#value(property.type, source, property.name, isMissable)];
			if (isMissable) lines.push(block([`if (${source} !== undefined)`], pair));
			else lines.push(...pair);
		}
		if (additional !== undefined) lines.push(block(["for (const name of others)"], this.#entry(undefined, additional)));
		return lines;
	}
}

type Place = [source: string, part: string];

/** One kind of values that a type has. */
interface Branch {
	condition(value: string): string;
	write(...place: Place): Code[];
}
