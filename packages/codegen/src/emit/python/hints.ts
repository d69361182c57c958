/** Emits type hints, and the TypedDicts that they mention. */
import type { Definition, Definitions, ObjectType, Property, TupleType, Type } from "../../model/model.js";
import { alternativesOf } from "../../model/walk.js";
import { identifier, type PythonNames, pascalCase } from "./names.js";
import { comment, docstring, indent, list, literal } from "./text.js";

/** `typing.Optional[str]`, and the like. */
type Hint = string;

export class HintEmitter {
	readonly #definitions: Definitions;
	readonly #names: PythonNames;
	readonly #typeNames = new Map<string, string>();
	/** Names of the TypedDicts of objects that have no name of their own. */
	readonly #objectNames = new Map<ObjectType, string>();
	readonly #declarations: string[] = [];
	readonly #declared = new Set<string>();

	constructor(definitions: Definitions, names: PythonNames, order: readonly string[]) {
		this.#definitions = definitions;
		this.#names = names;
		for (const name of order) this.#typeNames.set(name, names.take(identifier(name)));
	}

	/** Everything that hints have asked for so far, in an order in which each is declared before it is needed. */
	get declarations(): readonly string[] {
		return this.#declarations;
	}

	nameOf(definition: string): string {
		return this.#typeNames.get(definition)!;
	}

	declare(definition: Definition): void {
		const name = this.nameOf(definition.name);
		const { type } = definition;
		if (type.kind === "object" && type.additional === undefined) {
			this.#declareObject(name, type, definition.doc);
		} else {
			const hint = this.of(type, name, true);
			const isNew = definition.isBranded && /^(?:str|float|int|bool)$/.test(hint);
			const value = isNew ? `typing.NewType(${literal(name)}, ${hint})` : hint;
			this.#declarations.push(`${name} = ${value}\n${docstring(definition.doc ?? [])}`.trimEnd());
		}
		this.#declared.add(name);
	}

	/**
	 * `base` starts the names of what has none. `isValue`: the hint is evaluated where it stands, so that what is declared
	 * behind it must be quoted; annotations are not.
	 */
	of(type: Type, base: string, isValue = false): Hint {
		switch (type.kind) {
			case "string":
			case "template":
				return "str";
			case "number":
				return type.constraints.some(({ keyword }) => keyword === "int") ? "int" : "float";
			case "bigint":
				return "int";
			case "boolean":
				return "bool";
			case "null":
			case "undefined":
				return "None";
			case "unknown":
				return "typing.Any";
			case "never":
				return "typing.NoReturn";
			case "date":
				return "datetime.datetime";
			case "bytes":
				return "bytes";
			case "literal":
			case "enum":
			case "union":
				return this.#union(type, base, isValue);
			case "array":
				return `typing.List[${this.of(type.element, `${base}Item`, isValue)}]`;
			case "set": {
				const element = this.of(type.element, `${base}Item`, isValue);
				return `typing.${isHashable(type.element, this.#definitions) ? "Set" : "List"}[${element}]`;
			}
			case "map": {
				const pair = `${this.of(type.key, `${base}Key`, isValue)}, ${this.of(type.value, `${base}Value`, isValue)}`;
				return isHashable(type.key, this.#definitions) ? `typing.Dict[${pair}]` : `typing.List[typing.Tuple[${pair}]]`;
			}
			case "record":
				return `typing.Dict[str, ${this.of(type.value, `${base}Value`, isValue)}]`;
			case "tuple":
				return this.#tuple(type, base, isValue);
			case "object":
				return this.#object(type, base, isValue);
			case "reference": {
				const name = this.nameOf(type.name);
				return isValue && !this.#declared.has(name) ? literal(name) : name;
			}
		}
	}

	/** A hint that may also be None. */
	optional(hint: Hint): Hint {
		return joined([hint, "None"]);
	}

	#union(type: Type, base: string, isValue: boolean): Hint {
		const members = type.kind === "union" ? type.members : [type];
		const literals: string[] = [];
		const others: Hint[] = [];
		for (const member of members) {
			const values = literalsOf(member);
			if (values === undefined) others.push(this.of(member, `${base}${tagOf(member)}`, isValue));
			else
				for (const value of values) (isFraction(value) ? others : literals).push(isFraction(value) ? "float" : value);
		}
		const found = literals.length === 0 ? [] : [`typing.Literal[${[...new Set(literals)].join(", ")}]`];
		return joined([...found, ...others]);
	}

	/** No hint says "these, and then any number of those". */
	#tuple({ elements, rest }: TupleType, base: string, isValue: boolean): Hint {
		const hints = elements.map((element, index) => {
			const hint = this.of(element.type, `${base}Item${index + 1}`, isValue);
			return element.isOptional ? this.optional(hint) : hint;
		});
		if (rest !== undefined) return `typing.Tuple[${joined([...hints, this.of(rest, `${base}Rest`, isValue)])}, ...]`;
		const required = elements.filter(({ isOptional }) => !isOptional).length;
		const lengths: Hint[] = [];
		for (let length = required; length <= hints.length; length++)
			lengths.push(`typing.Tuple[${length === 0 ? "()" : hints.slice(0, length).join(", ")}]`);
		return joined(lengths);
	}

	#object(type: ObjectType, base: string, isValue: boolean): Hint {
		if (type.additional !== undefined) {
			const all = [...type.properties.map((property) => property.type), type.additional];
			const hints = all.map((one, index) =>
				this.of(one, `${base}${pascalCase(type.properties[index]?.name ?? "Value")}`, isValue),
			);
			return `typing.Dict[str, ${joined(hints)}]`;
		}
		let name = this.#objectNames.get(type);
		if (name === undefined) {
			name = this.#names.take(base);
			this.#objectNames.set(type, name);
			this.#declareObject(name, type);
		}
		return name;
	}

	/** Until Python 3.11 what may be missing stands in a class of its own. */
	#declareObject(name: string, { properties }: ObjectType, doc: readonly string[] = []): void {
		const required = properties.filter(({ isOptional }) => !isOptional);
		const optional = properties.filter(({ isOptional }) => isOptional);
		if (optional.length === 0) {
			this.#typedDict(name, [], required, { isTotal: true, doc });
		} else if (required.length === 0) {
			this.#typedDict(name, [], optional, { isTotal: false, doc });
		} else {
			const base = this.#names.take(`_${name}Required`);
			this.#typedDict(base, [], required, { isTotal: true, doc: [], owner: name });
			this.#typedDict(name, [base], optional, { isTotal: false, doc });
		}
	}

	/** What is said of a field stands in a text below it, as documentation tools and editors look for it. */
	#typedDict(
		name: string,
		bases: readonly string[],
		properties: readonly Property[],
		{ isTotal, doc, owner = name }: DictOptions,
	): void {
		const fields = properties.map((property) => ({
			name: property.name,
			hint: this.of(property.type, `${owner}${pascalCase(property.name)}`),
			doc: property.doc ?? [],
		}));
		const total = isTotal ? [] : ["total=False"];
		const classOf = (own: readonly string[], body: string) =>
			`class ${name}(${[...own, ...total].join(", ")}):\n${indent(
				[docstring(doc), body]
					.filter((part) => part !== "")
					.join("\n")
					.trimEnd() || "pass",
			)}`;
		if (fields.every((field) => isAttribute(field.name))) {
			const body = fields.map((field) => `${field.name}: ${field.hint}\n${docstring(field.doc)}`).join("");
			this.#declarations.push(classOf(bases.length === 0 ? ["typing.TypedDict"] : bases, body));
			return;
		}
		// Names that no class can have. Hints are texts, as what they mention may be declared later.
		const items = fields.map((field) => {
			const item = `${literal(field.name)}: ${literal(field.hint)}`;
			return field.doc.length === 0 ? item : `${comment(field.doc)}\n${item}`;
		});
		const functional = (own: string) =>
			`${own} = ${list("typing.TypedDict(", [literal(own), list("{", items, "}"), ...total], ")")}`;
		if (bases.length === 0) {
			this.#declarations.push(`${functional(name)}\n${docstring(doc)}`.trimEnd());
			return;
		}
		const own = this.#names.take(`_${name}Optional`);
		const both = `class ${name}(${[...bases, own].join(", ")}):\n${indent(docstring(doc).trimEnd() || "pass")}`;
		this.#declarations.push(functional(own), both);
	}
}

interface DictOptions {
	readonly isTotal: boolean;
	readonly doc: readonly string[];
	/** Whose name starts those of what has none. */
	readonly owner?: string;
}

/** Whether values can be in a set, or be keys of a dict. */
export function isHashable(type: Type, definitions: Definitions): boolean {
	return alternativesOf(type, definitions).every(({ type: one }) => {
		switch (one.kind) {
			case "unknown":
			case "array":
			case "object":
			case "record":
			case "map":
			case "set":
				return false;
			case "tuple": {
				const inner = [...one.elements.map((element) => element.type), ...(one.rest === undefined ? [] : [one.rest])];
				return inner.every((element) => isHashable(element, definitions));
			}
			default:
				return true;
		}
	});
}

/** As Python has them; `undefined` for what is no literal. */
function literalsOf(type: Type): string[] | undefined {
	if (type.kind === "enum") return type.values.map(literal);
	if (type.kind !== "literal") return undefined;
	return [typeof type.value === "object" ? type.value.bigint : literal(type.value)];
}

/** What tells a member of a union from the others, for its name: `Circle` of `{ kind: "circle" }`. */
function tagOf(type: Type): string {
	if (type.kind !== "object") return "";
	const tag = type.properties.find((property) => property.type.kind === "literal")?.type;
	return tag?.kind === "literal" && typeof tag.value === "string" ? pascalCase(tag.value) : "";
}

/** `typing.Literal` takes no floats. */
function isFraction(text: string): boolean {
	return /^-?[\d.]/.test(text) && !/^-?\d+$/.test(text);
}

function joined(hints: readonly Hint[]): Hint {
	const unique = [...new Set(hints)];
	const others = unique.filter((hint) => hint !== "None");
	if (others.includes("typing.Any")) return "typing.Any";
	if (others.length === 0) return "None";
	const inner = others.length === 1 ? others[0]! : `typing.Union[${others.join(", ")}]`;
	return others.length < unique.length && !inner.startsWith("typing.Optional[") ? `typing.Optional[${inner}]` : inner;
}

const keywords = new Set(
	"False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield".split(
		" ",
	),
);

/** Whether a property can be written as an attribute of a class, and no class would rename it. */
function isAttribute(name: string): boolean {
	return /^(?!__)[A-Za-z_][A-Za-z_0-9]*$/.test(name) && !keywords.has(name);
}
