/** Emits zod schemas. */
import { discriminatorOf } from "../model/discriminator.js";
import type {
	Default,
	Definition,
	Definitions,
	EnumName,
	LiteralType,
	ObjectType,
	Property,
	TupleType,
	Type,
	UnionType,
} from "../model/model.js";
import { alternativesOf } from "../model/walk.js";
import {
	access,
	type Code,
	code,
	indent,
	isIdentifier,
	jsonText,
	lines,
	list,
	propertyName,
	textCode,
	typeSymbol,
	valueSymbol,
} from "./code.js";
import { bigintSchema, numberSchema, sizeCalls, stringSchema } from "./constraints.js";
import type { DeclarationOrder } from "./declaration-order.js";
import { runtime, z } from "./runtime.js";

export interface SchemaOptions {
	readonly definitions: Definitions;
	readonly order: DeclarationOrder;
	/** The constants of the definitions. */
	readonly constants: ReadonlyMap<string, string>;
	/** The source is compiled without exactOptionalPropertyTypes: a helper of this name makes a schema optional. */
	readonly optionalHelper: string | undefined;
}

/** What may be used by its name in a place: every definition, or those declared so far. */
type Declared = ReadonlySet<string> | "all";

const nothing: ReadonlySet<Property> = new Set();

export class SchemaEmitter {
	readonly #options: SchemaOptions;
	/** Whether anything emitted so far uses the helper. */
	isOptionalHelperUsed = false;

	constructor(options: SchemaOptions) {
		this.#options = options;
	}

	/** The constant of a definition; `declared` are those before it. */
	declaration(definition: Definition, declared: ReadonlySet<string>): Code {
		const { order, constants } = this.#options;
		const { name, type } = definition;
		const text = definition.text === undefined ? undefined : textCode(definition.text);
		const getters = order.getters.get(name) ?? nothing;
		const schema =
			type.kind === "object" ? this.#object(type, declared, getters, text) : this.expression(type, declared);
		const constant = constants.get(name)!;
		if (definition.isBranded && text !== undefined)
			return code`const ${constant} = ${schema} as unknown as ${z}.ZodType<${text}>;`;
		if (text === undefined) return code`const ${constant} = ${schema};`;
		if (order.awaited.has(name)) return code`const ${constant}: ${z}.ZodType<${text}> = ${schema};`;
		return code`const ${constant} = ${schema} satisfies ${runtime.SchemaOf}<${text}>;`;
	}

	expression(type: Type, declared: Declared = "all"): Code {
		switch (type.kind) {
			case "boolean":
			case "null":
			case "undefined":
			case "unknown":
			case "never":
			case "date":
				return code`${z}.${type.kind}()`;
			case "bytes":
				return code`${z}.instanceof(Uint8Array)`;
			case "string":
				return [z, stringSchema(type)];
			case "number":
				return [z, numberSchema(type)];
			case "bigint":
				return [z, bigintSchema(type)];
			case "literal":
				return type.member?.enum.isConst ? constMember(type) : code`${z}.literal(${literal(type)})`;
			case "enum":
				if (type.enum.type === undefined) return code`${z}.never()`;
				if (!type.enum.isConst) return code`${z}.enum(${enumValue(type.enum)})`;
				return code`(${z}.literal(${list(
					"[",
					type.values.map((value): Code => [JSON.stringify(value)]),
					"]",
				)}) as unknown as ${z}.ZodLiteral<${enumType(type.enum)}>)`;
			case "template":
				return code`${z}.templateLiteral(${list(
					"[",
					type.parts.map((part) =>
						typeof part === "string" ? [JSON.stringify(part)] : this.expression(part, declared),
					),
					"]",
				)})`;
			case "array":
				return code`${z}.array(${this.element(type.element, declared)})${sizeCalls(type.constraints)}`;
			case "set":
				return code`${z}.set(${this.element(type.element, declared)})${sizeCalls(type.constraints)}`;
			case "map":
				return code`${z}.map(${this.element(type.key, declared)}, ${this.element(type.value, declared)})${sizeCalls(type.constraints)}`;
			case "record":
				return code`${z}.record(${this.expression(type.key, declared)}, ${this.element(type.value, declared)})`;
			case "tuple":
				return this.#tuple(type, declared);
			case "object":
				return this.#object(type, declared, nothing, undefined);
			case "union":
				return this.#union(type, declared);
			case "reference":
				return this.#reference(type.name, declared);
		}
	}

	/**
	 * Where `undefined` is a value like others: of a property or a tuple's element `optional` would say that it need not be
	 * there. Unlike a union's, its mistakes have the path inside the alternative.
	 */
	element(type: Type, declared: Declared = "all"): Code {
		if (type.kind !== "union") return this.expression(type, declared);
		const members = type.members.filter(({ kind }) => kind !== "undefined");
		const [only] = members;
		if (members.length === type.members.length || only === undefined) return this.expression(type, declared);
		const inner: Type = members.length === 1 ? only : { ...type, members };
		return code`${this.expression(inner, declared)}.optional()`;
	}

	#reference(name: string, declared: Declared): Code {
		const constant = this.#options.constants.get(name)!;
		return declared === "all" || declared.has(name) ? [constant] : code`${z}.lazy(() => ${constant})`;
	}

	#tuple(type: TupleType, declared: Declared): Code {
		const elements = type.elements.map((element) => {
			const schema = this.expression(element.type, declared);
			return element.isOptional ? this.#optional(schema, element.isUndefinedAllowed) : schema;
		});
		const rest = type.rest === undefined ? [] : [", ", ...this.expression(type.rest, declared)];
		return code`${z}.tuple(${list("[", elements, "]")}${rest})`;
	}

	/** `owner` is the type's source, where there are getters. */
	#object(type: ObjectType, declared: Declared, getters: ReadonlySet<Property>, owner: Code | undefined): Code {
		const properties = type.properties.map((property) => {
			if (getters.has(property) && owner !== undefined) return this.#getter(property, owner);
			const schema = withDefault(this.expression(property.type, declared), property.default);
			const value = property.isOptional ? this.#optional(schema, property.isUndefinedAllowed) : schema;
			const isShorthand = value.length === 1 && value[0] === property.name;
			return isShorthand ? value : code`${propertyName(property.name)}: ${value}`;
		});
		const shape = properties.length < 2 ? list("{", properties, "}", { isPadded: true }) : lines("{", properties, "}");
		const rest = type.additional === undefined ? [] : code`.catchall(${this.expression(type.additional, declared)})`;
		return code`${z}.object(${shape})${rest}`;
	}

	#getter(property: Property, owner: Code): Code {
		const schema = withDefault(this.expression(property.type), property.default);
		const key = JSON.stringify(property.name);
		const start = code`get ${propertyName(property.name)}()`;
		if (!property.isOptional) return code`${start}: ${z}.ZodType<${owner}[${key}]> {\n\treturn ${indent(schema)};\n}`;
		const value = this.#optional(schema, property.isUndefinedAllowed);
		const wrapper =
			property.isUndefinedAllowed && this.#options.optionalHelper === undefined ? "ZodOptional" : "ZodExactOptional";
		return code`${start}: ${z}.${wrapper}<${z}.ZodType<Required<${owner}>[${key}]>> {\n\treturn ${indent(value)};\n}`;
	}

	#optional(schema: Code, isUndefinedAllowed: boolean): Code {
		const { optionalHelper } = this.#options;
		if (optionalHelper !== undefined) {
			this.isOptionalHelperUsed = true;
			return code`${optionalHelper}(${schema})`;
		}
		return code`${schema}.${isUndefinedAllowed ? "optional" : "exactOptional"}()`;
	}

	#union(type: UnionType, declared: Declared): Code {
		const parts: Code[] = [];
		const literals = type.members.filter(
			(member): member is LiteralType => member.kind === "literal" && !member.member?.enum.isConst,
		);
		const objects = this.#discriminated(type, declared);
		let hasLiterals = false;
		let hasObjects = false;
		for (const member of type.members) {
			if (literals.includes(member as LiteralType)) {
				if (!hasLiterals) parts.push(literalsSchema(literals));
				hasLiterals = true;
			} else if (objects?.members.has(member)) {
				if (!hasObjects) parts.push(objects.schema);
				hasObjects = true;
			} else if (member.kind !== "null") parts.push(this.expression(member, declared));
		}
		const isNullable = type.members.some(({ kind }) => kind === "null");
		const [only] = parts;
		if (only === undefined) return code`${z}.null()`;
		if (parts.length > 1)
			return code`${z}.union(${list("[", isNullable ? [...parts, code`${z}.null()`] : parts, "]")})`;
		return isNullable ? code`${only}.nullable()` : only;
	}

	/** The members that are objects with a property to tell them apart: that one is looked at, and no other tried. */
	#discriminated(type: UnionType, declared: Declared): { members: Set<Type>; schema: Code } | undefined {
		const { definitions } = this.#options;
		const members = type.members.filter((member) =>
			alternativesOf(member, definitions).every((one) => one.type.kind === "object"),
		);
		const alternatives = members.flatMap((member) => alternativesOf(member, definitions));
		const discriminator = discriminatorOf(alternatives, definitions);
		if (members.length < 2 || discriminator === undefined) return undefined;
		if (!members.every((member) => this.#isDiscriminable(member, discriminator.property, declared))) return undefined;
		const options = list(
			"[",
			members.map((member) => this.expression(member, declared)),
			"]",
		);
		const schema = code`${z}.discriminatedUnion(${JSON.stringify(discriminator.property)}, ${options})`;
		return { members: new Set(members), schema };
	}

	/** zod must see the property's values in the schema's type, which one that waits, or has its type written, does not show. */
	#isDiscriminable(member: Type, property: string, declared: Declared): boolean {
		if (member.kind !== "reference") return true;
		const { definitions, order } = this.#options;
		const definition = definitions.get(member.name);
		if (definition === undefined || order.awaited.has(member.name) || definition.isBranded) return false;
		if (declared !== "all" && !declared.has(member.name)) return false;
		if (definition.type.kind === "reference") return this.#isDiscriminable(definition.type, property, declared);
		if (definition.type.kind !== "union") return true;
		return discriminatorOf(alternativesOf(definition.type, definitions), definitions)?.property === property;
	}
}

/** Said, and not applied: that is for those who read a value from the wire, and a schema looks at what is sent as well. */
export function withDefault(schema: Code, value: Default | undefined): Code {
	return value === undefined ? schema : code`${schema}.meta({ default: ${jsonText(value)} })`;
}

function literalsSchema(literals: readonly LiteralType[]): Code {
	const values = literals.map(literal);
	if (values.length === 1) return code`${z}.literal(${values[0]!})`;
	const areStrings = literals.every(({ value, member }) => typeof value === "string" && member === undefined);
	return code`${z}.${areStrings ? "enum" : "literal"}(${list("[", values, "]")})`;
}

function literal({ value, member }: LiteralType): Code {
	if (member?.enum.type !== undefined && !member.enum.isConst)
		return code`${enumValue(member.enum)}${access(member.name)}`;
	return [typeof value === "object" ? `${value.bigint}n` : JSON.stringify(value)];
}

function enumValue({ type, members = "" }: EnumName): Code {
	return type === undefined ? [] : [valueSymbol(type), members];
}

function enumType({ type, members = "" }: EnumName): Code {
	return type === undefined ? [] : [typeSymbol(type), members];
}

/** A const enum is no value to refer to: its literal, under its type. */
function constMember({ value, member }: LiteralType): Code {
	const schema = code`${z}.literal(${JSON.stringify(value)})`;
	if (member?.enum.type === undefined) return schema;
	const name = isIdentifier(member.name) ? `.${member.name}` : "";
	return code`(${schema} as unknown as ${z}.ZodLiteral<${enumType(member.enum)}${name}>)`;
}
