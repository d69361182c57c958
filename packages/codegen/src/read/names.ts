/** Finds out how the generated file can name a type of the user's. */
import { ts } from "ts-morph";
import { compare } from "../model/diagnostics.js";
import type { ImportedName, TypeText } from "../model/model.js";
import type { ReadContext } from "./context.js";
import { type QualifiedName, qualifiedName } from "./package-names.js";
import { type Bindings, noBindings } from "./reading.js";
import type { TextOf, writtenOut } from "./written-out.js";

/** Where a symbol can be imported from. `mention` is an identifier that means it. `undefined`: nowhere. */
export function importedName(
	context: ReadContext,
	symbol: ts.Symbol,
	mention?: ts.Identifier,
): ImportedName | undefined {
	for (const declaration of symbol.declarations ?? []) {
		const file = declaration.getSourceFile();
		if (context.isForeign(file)) continue;
		const linked = linkedName(context, symbol, file);
		if (linked?.members === "") return linked.root;
		const name = exportedName(context, symbol, file);
		if (name !== undefined)
			return {
				name,
				local: name === "default" ? (declaredName(symbol) ?? "Default") : name,
				from: { kind: "file", path: file.fileName },
			};
	}
	return mention === undefined ? undefined : packageName(context, mention);
}

/** Of another package of the user's: as whoever installs that will import it. `undefined` where only a path leads there. */
function linkedName(context: ReadContext, symbol: ts.Symbol, file: ts.SourceFile): QualifiedName | undefined {
	return context.packageNames.isElsewhere(file) ? context.packageNames.find(symbol) : undefined;
}

/** What a symbol is called where it is declared: a default export is called `default` otherwise. */
export function declaredName(symbol: ts.Symbol): string | undefined {
	const declaration = symbol.declarations?.[0];
	const name = declaration === undefined ? undefined : ts.getNameOfDeclaration(declaration);
	return name !== undefined && ts.isIdentifier(name) ? name.text : undefined;
}

function exportedName(context: ReadContext, symbol: ts.Symbol, file: ts.SourceFile): string | undefined {
	const module = context.checker.getSymbolAtLocation(file);
	if (module === undefined) return undefined;
	for (const exported of context.checker.getExportsOfModule(module)) {
		const target = exported.flags & ts.SymbolFlags.Alias ? context.checker.getAliasedSymbol(exported) : exported;
		if (target === symbol) return exported.name;
	}
	return undefined;
}

/** The package that the file of the mention itself imports the name from. */
function packageName(context: ReadContext, mention: ts.Identifier): ImportedName | undefined {
	const { name, specifier } = importOf(context, mention) ?? {};
	if (name === undefined || specifier === undefined || specifier.text.startsWith(".")) return undefined;
	return { name, local: mention.text, from: { kind: "package", specifier: specifier.text } };
}

/** The module that a name is imported from and that cannot be found, as the source writes it. */
export function missingModule(context: ReadContext, mention: ts.EntityName): string | undefined {
	const specifier = importOf(context, rootOf(mention))?.specifier;
	const isMissing = specifier !== undefined && context.checker.getSymbolAtLocation(specifier) === undefined;
	return isMissing ? specifier.text : undefined;
}

/** Where the file of the mention itself imports the name from, and as what. `import * as` gives no name. */
function importOf(
	context: ReadContext,
	mention: ts.Identifier,
): { readonly name: string | undefined; readonly specifier: ts.StringLiteral } | undefined {
	const declaration = context.checker.getSymbolAtLocation(mention)?.declarations?.[0];
	const specifier = declaration && ts.findAncestor(declaration, ts.isImportDeclaration)?.moduleSpecifier;
	if (declaration === undefined || specifier === undefined || !ts.isStringLiteral(specifier)) return undefined;
	if (ts.isImportClause(declaration)) return { name: "default", specifier };
	const isNamed = ts.isImportSpecifier(declaration);
	return { name: isNamed ? (declaration.propertyName ?? declaration.name).text : undefined, specifier };
}

/** Where a type can be imported from, itself or the namespace that has it: of the user's files, or of the packages that they import. */
export function nameOf(context: ReadContext, symbol: ts.Symbol): QualifiedName | undefined {
	const own = importedName(context, symbol);
	if (own !== undefined) return { root: own, members: "" };
	return namespacedName(context, symbol) ?? context.packageNames.find(symbol);
}

function namespacedName(context: ReadContext, symbol: ts.Symbol): QualifiedName | undefined {
	for (const declaration of symbol.declarations ?? []) {
		const file = declaration.getSourceFile();
		const module = ts.isModuleBlock(declaration.parent) ? context.checker.getSymbolAtLocation(file) : undefined;
		if (module === undefined || context.isForeign(file)) continue;
		return (
			linkedName(context, symbol, file) ?? qualifiedName(context, symbol, module, { kind: "file", path: file.fileName })
		);
	}
	return undefined;
}

/** How the generated file can write a type that has a name; of a generic one, the name without its arguments. */
export function nameText(context: ReadContext, symbol: ts.Symbol): TypeText | undefined {
	const name = nameOf(context, symbol);
	if (name === undefined) return undefined;
	return name.members === "" ? [name.root] : [name.root, name.members];
}

/**
 * A type as the source spells it, with its names to be imported, and type parameters as what they stand for is spelled. `undefined` where
 * another file cannot repeat that: it mentions an open type parameter, something not exported, or is spread over lines.
 */
export function typeText(
	context: ReadContext,
	node: ts.TypeNode,
	bindings: Bindings = noBindings,
	depth = 0,
): TypeText | undefined {
	const file = node.getSourceFile();
	const start = node.getStart(file);
	const text = file.text.slice(start, node.getEnd());
	if (text.includes("\n") || text.includes("/*")) return undefined;
	const names: { start: number; end: number; text: TypeText }[] = [];
	const replace = (part: ts.Node, by: TypeText) =>
		names.push({ start: part.getStart(file) - start, end: part.getEnd() - start, text: by });
	const isRepeatable = (part: ts.Node): boolean => {
		if (ts.isTypeQueryNode(part) || ts.isImportTypeNode(part) || ts.isInferTypeNode(part) || ts.isThisTypeNode(part))
			return false;
		if (ts.isMappedTypeNode(part) || ts.isConditionalTypeNode(part) || ts.isFunctionTypeNode(part)) return false;
		if (ts.isTypeReferenceNode(part)) {
			const root = rootOf(part.typeName);
			const symbol = context.symbolAt(root);
			if (symbol === undefined) return false;
			if (symbol.flags & ts.SymbolFlags.TypeParameter) {
				const bound = bindings.get(symbol)?.hint;
				const own = bound && depth < 8 ? typeText(context, bound.node, bound.bindings, depth + 1) : undefined;
				if (bound === undefined || own === undefined) return false;
				// Of several words it would be read otherwise in `T[]`.
				const isAlone = ts.isTypeReferenceNode(part.parent) || ts.isTypeReferenceNode(bound.node);
				replace(part, isAlone ? own : ["(", ...own, ")"]);
				return true;
			}
			if (!context.isLibrarySymbol(symbol)) {
				const name = importedName(context, symbol, root);
				if (name === undefined) return false;
				replace(root, [name]);
			} else if (symbol !== globalSymbol(context, root.text)) {
				return false;
			}
			return (part.typeArguments ?? []).every(isRepeatable);
		}
		return !ts.forEachChild(part, (child) => (isRepeatable(child) ? undefined : true));
	};
	if (!isRepeatable(node)) return undefined;
	const parts: (string | ImportedName)[] = [];
	let at = 0;
	for (const { start: from, end, text: by } of names.sort((a, b) => a.start - b.start)) {
		parts.push(text.slice(at, from), ...by);
		at = end;
	}
	parts.push(text.slice(at));
	return parts.filter((part) => part !== "");
}

/**
 * An instance of a generic type where no source spells it: `Tree<string>` for the `Tree<T>` inside `Forest<string>`.
 * `unnamed` spells those of its arguments that have no name.
 */
export function instanceText(
	context: ReadContext,
	type: ts.Type,
	unnamed?: typeof writtenOut,
	depth = 0,
): TypeText | undefined {
	const elements = type.aliasTypeArguments ?? context.checker.getTypeArguments(type as ts.TypeReference);
	// An alias without arguments may stand for an instance of a type with some: those belong to that type.
	const isAliased = type.aliasTypeArguments !== undefined || elements.length === 0;
	const symbol = (isAliased ? type.aliasSymbol : undefined) ?? type.symbol;
	if (symbol === undefined || depth > 8) return undefined;
	const isLibrary = context.isLibrarySymbol(symbol);
	const name = isLibrary ? [symbol.name] : nameText(context, symbol);
	if (name === undefined || (isLibrary && symbol !== globalSymbol(context, symbol.name))) return undefined;
	if (elements.length === 0 || (isLibrary && areDefaults(context, symbol, elements))) return name;
	const texts = elements.map((element) => argumentText(context, element, unnamed, depth + 1));
	if (texts.some((text) => text === undefined)) return undefined;
	return [...name, "<", ...texts.flatMap((text, index) => (index === 0 ? text! : [", ", ...text!])), ">"];
}

function argumentText(
	context: ReadContext,
	type: ts.Type,
	unnamed: typeof writtenOut | undefined,
	depth: number,
): TypeText | undefined {
	const {
		Literal,
		TemplateLiteral,
		String: Text,
		Number: Numeric,
		BigInt: Big,
		Boolean: Flag,
		Null,
		Undefined,
		Void,
		Never,
		Unknown,
		Any,
	} = ts.TypeFlags;
	const plain =
		Literal | TemplateLiteral | Text | Numeric | Big | Flag | Null | Undefined | Void | Never | Unknown | Any;
	if (type.flags & ts.TypeFlags.EnumLiteral) return enumText(context, type.symbol);
	if (type.aliasSymbol === undefined) {
		if (type.flags & plain) return [context.checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation)];
		if (type.isUnion()) return unionText(context, type.types, unnamed, depth);
		const inner: TextOf = (members) => unionText(context, members, unnamed, depth + 1);
		const text = depth > 8 ? undefined : unnamed?.(context, type, inner);
		if (text !== undefined) return text;
	}
	const isObject = (type.flags & ts.TypeFlags.Object) !== 0 || type.aliasSymbol !== undefined;
	return isObject && !context.checker.isTupleType(type) ? instanceText(context, type, unnamed, depth) : undefined;
}

/** Older compilers know `Uint8Array` alone, without an argument. */
function areDefaults(context: ReadContext, symbol: ts.Symbol, elements: readonly ts.Type[]): boolean {
	const parameters = symbol.declarations?.find(ts.isInterfaceDeclaration)?.typeParameters;
	return elements.every((element, index) => {
		const node = parameters?.[index]?.default;
		return node !== undefined && context.checker.getTypeFromTypeNode(node) === element;
	});
}

/** The compiler's order of a union's members differs from run to run: theirs is that of their text. */
function unionText(
	context: ReadContext,
	types: readonly ts.Type[],
	unnamed: typeof writtenOut | undefined,
	depth: number,
): TypeText | undefined {
	const members = types.map((member) => argumentText(context, member, unnamed, depth));
	if (members.some((member) => member === undefined)) return undefined;
	const sorted = members.sort((a, b) => compare(JSON.stringify(a), JSON.stringify(b)));
	return sorted.flatMap((member, index) => (index === 0 ? member! : [" | ", ...member!]));
}

/** Of an enum, or of one of its members. */
function enumText(context: ReadContext, symbol: ts.Symbol): TypeText | undefined {
	const member = symbol.declarations?.find(ts.isEnumMember);
	if (member === undefined) return nameText(context, symbol);
	const owner = context.symbolAt(member.parent.name);
	const name = owner && nameText(context, owner);
	return name && ts.isIdentifier(member.name) ? [...name, `.${member.name.text}`] : undefined;
}

function rootOf(name: ts.EntityName): ts.Identifier {
	let root = name;
	while (ts.isQualifiedName(root)) root = root.left;
	return root;
}

/** The symbol that a name has everywhere; a type of Node's modules is none of those, and must be imported. */
function globalSymbol(context: ReadContext, name: string): ts.Symbol | undefined {
	return context.checker.resolveName(name, undefined, ts.SymbolFlags.Type | ts.SymbolFlags.Namespace, false);
}
