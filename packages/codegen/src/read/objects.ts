/** Reads the properties of objects. */
import { ts } from "ts-morph";
import { compare } from "../model/diagnostics.js";
import type { Property, Type } from "../model/model.js";
import { constrainByDoc } from "./constrain-by-doc.js";
import type { ReadContext, Site } from "./context.js";
import { defaultByDoc } from "./defaults.js";
import { documentationOf } from "./documentation.js";
import { warnOfInexactId } from "./ids.js";
import { warnOfLostConstraints } from "./lost-constraints.js";
import { element, type Key } from "./members.js";
import { refused } from "./platform.js";
import {
	type Bindings,
	type Hint,
	hintFor,
	parametersIn,
	type Reading,
	readOptional,
	textOf,
	unreadable,
} from "./reading.js";
import { unionOf } from "./unions.js";

/** How the source spells the type of a property, where it says more of it than its declaration, if that has one: `Record<"a" | "b", T>`. */
export type SpelledMembers = (key: Key) => Hint | undefined;

export function readObject(
	reading: Reading,
	type: ts.Type,
	site: Site,
	bindings: Bindings,
	spelled?: SpelledMembers,
): Type {
	const { context } = reading;
	const { checker } = context;
	if (type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0) {
		context.report("HC011", site, `${site.trail} is a function, and code cannot be sent.`);
		return unreadable;
	}
	if (isError(context, type)) {
		const { reason, remedy } = refused["Error"]!;
		const message = `${site.trail} is of type \`${type.symbol.name}\`, which extends \`Error\`, and that ${reason}.`;
		context.report("HC013", site, message, remedy);
		return unreadable;
	}
	const symbols = propertiesInOrder(checker, type);
	const methods = symbols.filter((symbol) => symbol.flags & ts.SymbolFlags.Method);
	const classed = type.isIntersection() ? type.types.find(isClass) : isClass(type) ? type : undefined;
	if (classed !== undefined && (methods.length > 0 || symbols.some(isPrivate))) {
		const what = methods.length > 0 ? `has the method \`${methods[0]!.name}\`` : "has private members";
		context.report(
			"HC012",
			site,
			`${site.trail} is the class \`${classed.symbol.name}\`, which ${what}: it would arrive as bare data.`,
		);
		return unreadable;
	}
	if (methods.length > 0 && type.symbol !== undefined && context.isLibrarySymbol(type.symbol)) {
		context.report("HC013", site, `${site.trail} is of type \`${type.symbol.name}\`, which has no form on the wire.`);
		return unreadable;
	}
	const properties = symbols.flatMap((symbol) => readProperty(reading, symbol, site, bindings, spelled) ?? []);
	return withIndex(reading, type, properties, site, bindings, spelled);
}

/**
 * A mapped type has its properties in the order of its keys, which is that in which the compiler met them: not the same in
 * every run. Here they are in the order of their declarations, and of their names where they have none.
 */
function propertiesInOrder(checker: ts.TypeChecker, type: ts.Type): readonly ts.Symbol[] {
	if (type.isIntersection()) {
		const names = new Set(type.types.flatMap((part) => propertiesInOrder(checker, part).map(({ name }) => name)));
		return [...names].flatMap((name) => checker.getPropertyOfType(type, name) ?? []);
	}
	const symbols = checker.getPropertiesOfType(type);
	const isMapped = ((type as ts.ObjectType).objectFlags & ts.ObjectFlags.Mapped) !== 0;
	return isMapped ? [...symbols].sort(byDeclaration) : symbols;
}

function byDeclaration(a: ts.Symbol, b: ts.Symbol): number {
	const [first, second] = [a.declarations?.[0], b.declarations?.[0]];
	if (first === undefined || second === undefined) {
		return Number(first === undefined) - Number(second === undefined) || compare(a.name, b.name);
	}
	return compare(first.getSourceFile().fileName, second.getSourceFile().fileName) || first.pos - second.pos;
}

function readProperty(
	reading: Reading,
	symbol: ts.Symbol,
	site: Site,
	bindings: Bindings,
	spelled: SpelledMembers | undefined,
): Property | undefined {
	const { context } = reading;
	const declaration = symbol.valueDeclaration ?? symbol.declarations?.[0];
	const name = ts.unescapeLeadingUnderscores(symbol.escapedName);
	const inner = context.within(
		site,
		declaration,
		`${site.trail}${/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`}`,
	);
	if (name.startsWith("__@")) {
		context.report(
			"HC015",
			inner,
			`${site.trail} has a property whose name is a symbol, which means something in one process only.`,
		);
		return undefined;
	}
	if (symbol.flags & ts.SymbolFlags.Accessor) {
		context.report(
			"HC018",
			inner,
			`${inner.trail} is a getter or setter, which is code; only its value could be sent.`,
		);
		return undefined;
	}
	if (symbol.flags & ts.SymbolFlags.Method) {
		context.report("HC011", inner, `${inner.trail} is a function, and code cannot be sent.`);
		return undefined;
	}
	const isOptional = (symbol.flags & ts.SymbolFlags.Optional) !== 0;
	if (name === "__proto__" || (isOptional && name in Object.prototype)) {
		const why =
			name === "__proto__"
				? "names an object's prototype"
				: `is there in every object, inherited, when \`${name}\` is left out`;
		context.report(
			"HC024",
			inner,
			`${inner.trail} ${why}.`,
			isOptional && name !== "__proto__" ? "Choose another name, or make it required." : undefined,
		);
		return undefined;
	}
	const type = context.checker.getTypeOfSymbol(symbol);
	const node = typeNodeOf(declaration);
	const found = spelled?.(name);
	const declared = declaration === undefined ? undefined : hintFor(context, node, type, bindings);
	const hint = (found && hintFor(context, found.node, type, found.bindings)) ?? declared;
	const { type: read, isUndefinedAllowed } = isOptional
		? readOptional(reading, type, hint, inner)
		: { type: reading.read(type, hint, inner), isUndefinedAllowed: false };
	// A mapped type keeps the declaration of a property that it gives another type: its constraints are not meant then.
	const isDeclaredType = declared !== undefined || node === undefined || parametersIn(context, node)?.size !== 0;
	const constrained =
		declaration !== undefined && isDeclaredType ? constrainByDoc(reading, read, declaration, inner) : read;
	// What a whole type spells is looked at where that is.
	if (found === undefined && declared !== undefined) warnOfLostConstraints(reading, node, constrained, inner);
	warnOfInexactId(reading, name, constrained, declaration, inner);
	const value =
		declaration === undefined ? undefined : defaultByDoc(reading, constrained, { declaration, isOptional }, inner);
	const documented = documentationOf(context, [declaration]);
	return { name, isOptional, isUndefinedAllowed, type: constrained, default: value, ...documented };
}

function withIndex(
	reading: Reading,
	type: ts.Type,
	properties: readonly Property[],
	site: Site,
	bindings: Bindings,
	spelled: SpelledMembers | undefined,
): Type {
	const { context } = reading;
	const infos = indexInfosOf(context.checker, type);
	const [info] = infos;
	if (info === undefined) {
		if (properties.length === 0 && context.checker.typeToString(type) === "{}") {
			context.report("HC020", site, `${site.trail} is \`{}\`: any object passes, and arrives empty.`);
		}
		return { kind: "object", properties, additional: undefined };
	}
	const isText = (info.keyType.flags & ts.TypeFlags.String) !== 0;
	if (info.keyType.flags & ts.TypeFlags.ESSymbolLike) {
		context.report("HC015", site, `${site.trail} has symbols for keys, which mean something in one process only.`);
		return unreadable;
	}
	if (infos.length > 1 || (properties.length > 0 && !isText)) {
		const message = `${site.trail} is \`${textOf(context, type)}\`, which has more than one rule for its keys.`;
		context.report("HC017", site, message, "Use one index signature, with `string` keys beside named properties.");
		return unreadable;
	}
	const node = info.declaration?.type;
	const inner = context.within(site, info.declaration, `${site.trail}[]`);
	const found = spelled?.(element);
	const hint = found && hintFor(context, found.node, info.type, found.bindings);
	const value =
		hint === undefined
			? reading.read(info.type, hintFor(context, node, info.type, bindings), inner)
			: readSpelled(reading, info.type, hint, inner);
	if (properties.length > 0) return { kind: "object", properties, additional: value };
	const keyNode = info.declaration?.parameters[0]?.type;
	const key = reading.read(info.keyType, hintFor(context, keyNode, info.keyType, bindings), {
		...inner,
		trail: `${site.trail} (key)`,
	});
	return { kind: "record", key, value };
}

/** What is spelled may have been made optional since: `Partial<Record<string, Amount>>`. */
function readSpelled(reading: Reading, type: ts.Type, hint: Hint, site: Site): Type {
	const isUndefined = type.isUnion() && type.types.some(({ flags }) => flags & ts.TypeFlags.Undefined);
	if (!isUndefined) return reading.read(type, hint, site);
	return unionOf([readOptional(reading, type, hint, site).type, { kind: "undefined" }]);
}

/** `Pick<T, keyof T>` has a rule for numbers beside the one for texts that it has them from: they are texts on the wire. */
function indexInfosOf(checker: ts.TypeChecker, type: ts.Type): readonly ts.IndexInfo[] {
	const infos = checker.getIndexInfosOfType(type);
	const text = infos.find(({ keyType }) => keyType.flags & ts.TypeFlags.String);
	const isSaidTwice = (info: ts.IndexInfo) =>
		(info.keyType.flags & ts.TypeFlags.Number) !== 0 && info.type === text?.type;
	return infos.filter((info) => !isSaidTwice(info));
}

function typeNodeOf(declaration: ts.Declaration | undefined): ts.TypeNode | undefined {
	if (declaration === undefined) return undefined;
	const isTyped =
		ts.isPropertySignature(declaration) || ts.isPropertyDeclaration(declaration) || ts.isParameter(declaration);
	return isTyped ? declaration.type : undefined;
}

function isClass(type: ts.Type): boolean {
	return type.symbol !== undefined && (type.symbol.flags & ts.SymbolFlags.Class) !== 0;
}

/** A class or an interface that has, at whatever distance, what every error has. */
function isError(context: ReadContext, type: ts.Type): boolean {
	const declared = (type as Partial<ts.TypeReference>).target ?? type;
	if (!declared.isClassOrInterface()) return false;
	if (declared.symbol.name === "Error" && context.isLibrarySymbol(declared.symbol)) return true;
	return context.checker.getBaseTypes(declared).some((base) => isError(context, base));
}

function isPrivate(symbol: ts.Symbol): boolean {
	const declaration = symbol.valueDeclaration;
	if (declaration === undefined) return false;
	const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
	return (ts.getCombinedModifierFlags(declaration) & hidden) !== 0 || symbol.name.startsWith("__#");
}
