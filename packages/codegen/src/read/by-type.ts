/** Reads a type by what the compiler knows of it. */
import { ts } from "ts-morph";
import type { Type } from "../model/model.js";
import { readArrayInterface } from "./array-interfaces.js";
import { constrainByDoc } from "./constrain-by-doc.js";
import type { ReadContext, Site } from "./context.js";
import { enumOf, readEnum, readEnumMember } from "./enums.js";
import { readLibraryType } from "./library-types.js";
import { readObject, type SpelledMembers } from "./objects.js";
import { type Bindings, isUnresolved, type Mention, noBindings, type Reading, textOf, unreadable } from "./reading.js";
import { readTuple } from "./tuples.js";
import { readUnionType } from "./unions.js";

const primitives: readonly (readonly [ts.TypeFlags, Type])[] = [
	[ts.TypeFlags.String, { kind: "string", constraints: [] }],
	[ts.TypeFlags.Number, { kind: "number", constraints: [] }],
	[ts.TypeFlags.BigInt, { kind: "bigint", constraints: [] }],
	[ts.TypeFlags.Boolean, { kind: "boolean" }],
	[ts.TypeFlags.Null, { kind: "null" }],
	[ts.TypeFlags.Undefined | ts.TypeFlags.Void, { kind: "undefined" }],
	[ts.TypeFlags.Never, { kind: "never" }],
];

/** What is known besides the type. */
export interface ByTypeOptions {
	/** Of the declaration that the type is an instance of. */
	readonly bindings?: Bindings;
	/** Where the type is mentioned with its arguments. */
	readonly mention?: Mention | undefined;
	readonly members?: SpelledMembers | undefined;
	/** See `Hint`. */
	readonly isBody?: boolean | undefined;
}

export function readByType(reading: Reading, type: ts.Type, site: Site, options: ByTypeOptions = {}): Type {
	const { context } = reading;
	const { flags } = type;
	if (flags & ts.TypeFlags.EnumLike) {
		const owner = enumOf(context, type);
		if (owner !== undefined)
			return isMember(type) ? readEnumMember(reading, type, owner, site) : readEnum(reading, owner, site);
	}
	const primitive = primitives.find(([primitiveFlags]) => flags & primitiveFlags);
	if (primitive !== undefined) return primitive[1];
	if (flags & ts.TypeFlags.Literal) return readLiteral(context.checker, type as ts.LiteralType);
	if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.NonPrimitive))
		return readUnchecked(reading, type, site);
	if (flags & ts.TypeFlags.TemplateLiteral) return readTemplate(reading, type as ts.TemplateLiteralType, site);
	const alias = options.isBody ? undefined : aliasOf(reading, type);
	if (type.isUnion()) return readNamed(reading, type, alias, site, () => readUnionType(reading, type, site));
	if (type.isIntersection()) return readIntersection(reading, type, alias, site, options.members);
	if (flags & ts.TypeFlags.Object) return readObjectType(reading, type, alias, site, options);
	return refuse(reading, type, site);
}

function isMember(type: ts.Type): boolean {
	const declaration = type.symbol?.declarations?.[0];
	return declaration !== undefined && ts.isEnumMember(declaration);
}

function readLiteral(checker: ts.TypeChecker, type: ts.LiteralType): Type {
	if (type.flags & ts.TypeFlags.BooleanLiteral) {
		return { kind: "literal", value: checker.typeToString(type) === "true", member: undefined };
	}
	const { value } = type;
	if (typeof value !== "object") return { kind: "literal", value, member: undefined };
	return { kind: "literal", value: { bigint: `${value.negative ? "-" : ""}${value.base10Value}` }, member: undefined };
}

function readUnchecked(reading: Reading, type: ts.Type, site: Site): Type {
	const { context } = reading;
	if (isUnresolved(type)) {
		context.report("HC003", site, `The type of ${site.trail} cannot be found.`);
		return unreadable;
	}
	context.report("HC020", site, `${site.trail} is \`${textOf(context, type)}\`: whatever is there passes unchecked.`);
	if ((type.flags & ts.TypeFlags.NonPrimitive) === 0) return { kind: "unknown" };
	return { kind: "record", key: { kind: "string", constraints: [] }, value: { kind: "unknown" } };
}

function readTemplate(reading: Reading, type: ts.TemplateLiteralType, site: Site): Type {
	const parts: (string | Type)[] = [];
	for (const [index, text] of type.texts.entries()) {
		if (text !== "") parts.push(text);
		const hole = type.types[index];
		if (hole !== undefined) parts.push(reading.read(hole, undefined, site));
	}
	const open = parts.filter((part) => typeof part !== "string" && part.kind === "string").length;
	if (
		open > 2 ||
		(open === 2 &&
			parts.at(-1) !== undefined &&
			(typeof parts.at(-1) === "string" || (parts.at(-1) as Type).kind !== "string"))
	) {
		reading.context.report(
			"HC030",
			site,
			`${site.trail} is \`${textOf(reading.context, type)}\`: with several open strings, long text takes quadratic time.`,
		);
	}
	return { kind: "template", parts };
}

/** The alias of the user's that names a union or an object. */
function aliasOf(reading: Reading, type: ts.Type): ts.Symbol | undefined {
	const { aliasSymbol } = type;
	return aliasSymbol === undefined || reading.context.isLibrarySymbol(aliasSymbol) ? undefined : aliasSymbol;
}

/** Under its name, if it has one. */
function readNamed(
	reading: Reading,
	type: ts.Type,
	symbol: ts.Symbol | undefined,
	site: Site,
	read: () => Type,
	mention?: Mention,
): Type {
	if (symbol === undefined) return reading.inline(type, site, read);
	const isInstance = reading.context.checker.getDeclaredTypeOfSymbol(symbol) !== type;
	return reading.define({ symbol, instance: isInstance ? type : undefined, mention, isBranded: false, read }, site);
}

/** Objects are one object; a primitive with an object is a brand. */
function readIntersection(
	reading: Reading,
	type: ts.IntersectionType,
	alias: ts.Symbol | undefined,
	site: Site,
	members: SpelledMembers | undefined,
): Type {
	const { context } = reading;
	const primitive = type.types.find(
		(member) => (member.flags & (ts.TypeFlags.Object | ts.TypeFlags.NonPrimitive)) === 0,
	);
	if (primitive === undefined)
		return readNamed(reading, type, alias, site, () => readObject(reading, type, site, noBindings, members));
	if (markedPrimitive(context, type) !== undefined) return reading.read(primitive, undefined, site);
	// A brand that may be left out, as that of a `ReplyTo<T>`, keeps nobody from using any primitive: it is one, whatever stands beside it.
	if (alias !== undefined && hasArguments(type) && context.checker.isTypeAssignableTo(primitive, type)) {
		return reading.read(primitive, undefined, site);
	}
	const brandable =
		ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.BigIntLike | ts.TypeFlags.BooleanLike;
	if ((primitive.flags & brandable) === 0 || alias === undefined || hasArguments(type)) {
		const message = `${site.trail} is \`${textOf(context, type)}\`, a primitive and an object at once.`;
		context.report("HC017", site, message, "Give it a name of its own: `export type Name = string & { ... }`.");
		return unreadable;
	}
	const declaration = alias.declarations?.find(ts.isTypeAliasDeclaration);
	const read = () => {
		const plain = reading.read(primitive, undefined, site);
		return declaration === undefined ? plain : constrainByDoc(reading, plain, declaration, site);
	};
	return reading.define({ symbol: alias, instance: undefined, mention: undefined, isBranded: true, read }, site);
}

/** `string & {}` is `string`, spelt so that editors go on offering the literals beside it. */
export function markedPrimitive(context: ReadContext, type: ts.Type): ts.Type | undefined {
	if (!type.isIntersection()) return undefined;
	const [primitive, ...more] = type.types.filter((member) => !isObjectType(member));
	const isEmpty = (member: ts.Type) => context.checker.getPropertiesOfType(member).length === 0;
	const others = type.types.filter((member) => member !== primitive);
	return more.length === 0 && others.every(isEmpty) ? primitive : undefined;
}

function hasArguments(type: ts.Type): boolean {
	return (type.aliasTypeArguments ?? []).length > 0;
}

function isObjectType(type: ts.Type): boolean {
	return (type.flags & ts.TypeFlags.Object) !== 0 && type.getCallSignatures().length === 0;
}

function readObjectType(
	reading: Reading,
	type: ts.Type,
	alias: ts.Symbol | undefined,
	site: Site,
	options: ByTypeOptions,
): Type {
	const { context } = reading;
	const { bindings = noBindings, mention, members } = options;
	if (context.checker.isTupleType(type)) return readTuple(reading, type, site);
	const { symbol } = type;
	const isLibrary = symbol !== undefined && context.isLibrarySymbol(symbol);
	// A utility type's object has the utility's symbol, or none: only what is declared as such is a type of the library.
	const isDeclared = symbol !== undefined && (symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface)) !== 0;
	if (isLibrary && isDeclared) {
		const own = readLibraryType(reading, symbol, type, [], site);
		if (own !== undefined) return own;
	}
	if (alias !== undefined || !isDeclared || isLibrary) {
		return readNamed(reading, type, alias, site, () => readObject(reading, type, site, bindings, members), mention);
	}
	const inner = context.within(site, symbol.declarations?.[0], site.trail);
	const readArray = readArrayInterface(reading, type, inner, bindings);
	return readNamed(
		reading,
		type,
		symbol,
		site,
		readArray ?? (() => readObject(reading, type, inner, bindings)),
		mention,
	);
}

function refuse(reading: Reading, type: ts.Type, site: Site): Type {
	const { context } = reading;
	const text = `\`${textOf(context, type)}\``;
	if (type.flags & ts.TypeFlags.ESSymbolLike) {
		context.report("HC015", site, `${site.trail} is a symbol, which means something in one process only.`);
	} else if (type.flags & ts.TypeFlags.TypeParameter) {
		context.report("HC016", site, `${site.trail} is the type parameter ${text}, which nobody has filled in.`);
	} else {
		context.report("HC017", site, `${site.trail} is ${text}, which is not decided before the program runs.`);
	}
	return unreadable;
}
