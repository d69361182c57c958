/** Reads the errors that methods declare with `@throws {Class}`. */
import { ts } from "ts-morph";
import type { ErrorModel, ImportedName, Type } from "../model/model.js";
import type { ReadContext, Site } from "./context.js";
import { documentationOf } from "./documentation.js";
import type { JsDocTag } from "./jsdoc.js";
import { importedName } from "./names.js";
import { exactHint, type Reading } from "./reading.js";

const runtimePackage = "@homing/runtime";

/** In the order of the tags. `@throws` without braces is for readers only, and so is TSDoc's `{@link ...}`. */
export function readErrors(
	reading: Reading,
	declaration: ts.MethodSignature,
	isOneWay: boolean,
	site: Site,
): ErrorModel[] {
	const { context } = reading;
	const found = new Map<string, ErrorModel>();
	for (const tag of context.docOf(declaration).tags) {
		if (tag.name !== "throws" || !/^\{(?!\s*@link)/.test(tag.argument)) continue;
		if (isOneWay) {
			const message = `${site.trail} is one-way: nobody learns what it throws.`;
			context.reportTag(declaration, tag, "HC031", message, "Return `Promise<void>`, or leave out the braces.");
			continue;
		}
		const error = readError(reading, declaration, tag, site);
		if (error !== undefined) found.set(JSON.stringify(error.type), error);
	}
	return [...found.values()];
}

function readError(reading: Reading, method: ts.Node, tag: JsDocTag, site: Site): ErrorModel | undefined {
	const { context } = reading;
	const refuse = (problem: string, remedy?: string) => {
		context.reportTag(method, tag, "HC031", `\`@throws\` ${problem}.`, remedy);
		return undefined;
	};
	const names = namesIn(tag);
	const [first] = names;
	if (first === undefined) {
		return refuse(
			`takes the name of one class in braces, and got \`${tag.argument}\``,
			"Write it like `@throws {InsufficientFunds} when ...`, a tag for each class.",
		);
	}
	const name = names.join(".");
	const { Value, Type, Namespace } = ts.SymbolFlags;
	const isQualified = names.length > 1;
	const exported = exportOf(context, method.getSourceFile(), first);
	const local = context.checker.resolveName(first, method, isQualified ? Namespace : Value | Type, false) ?? exported;
	const symbol = names.slice(1).reduce((space, member) => memberOf(context, space, member), targetOf(context, local));
	const declaration = symbol?.declarations?.find(ts.isClassDeclaration);
	if (symbol === undefined || (symbol.declarations ?? []).length === 0) {
		context.reportTag(method, tag, "HC003", `\`${name}\` cannot be found.`);
		return undefined;
	}
	if (declaration === undefined || !isServiceError(context, symbol)) {
		return refuse(`names \`${name}\`, which is no class that extends \`ServiceError\` of \`${runtimePackage}\``);
	}
	const [typeParameter] = declaration.typeParameters ?? [];
	if (typeParameter !== undefined) {
		return refuse(
			`names \`${name}\`, which has the type parameter \`${typeParameter.name.text}\``,
			`Name a class that fills it in: \`class Other extends ${name}<...> {}\`.`,
		);
	}
	const type = isQualified
		? (importedName(context, symbol) ?? memberName(local, names))
		: (importedName(context, symbol, importOf(local)) ??
			(local === exported ? nameFrom(method.getSourceFile(), name) : undefined));
	if (type === undefined) {
		const remedy = isQualified ? "Export it from its file itself: the generated file imports it." : "Export it.";
		return refuse(`names \`${name}\`, which is not exported`, remedy);
	}
	const travelling = type.name === "default" ? type.local : type.name;
	const inner = context.within(site, declaration, `${travelling}.data`);
	const data = readErrorData(reading, symbol, declaration, inner);
	return { name: travelling, type, data, ...documentationOf(context, [declaration]) };
}

function readErrorData(
	reading: Reading,
	symbol: ts.Symbol,
	declaration: ts.ClassDeclaration,
	site: Site,
): Type | undefined {
	const { context } = reading;
	const data = context.checker.getPropertyOfType(context.checker.getDeclaredTypeOfSymbol(symbol), "data");
	if (data === undefined) return undefined;
	const type = context.checker.getTypeOfSymbol(data);
	if (type.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)) return undefined;
	return reading.read(type, exactHint(context, dataNode(context, declaration), type), site);
}

/** `Data` in `extends ServiceError<Data>`. */
function dataNode(context: ReadContext, declaration: ts.ClassDeclaration): ts.TypeNode | undefined {
	const base = declaration.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)?.types[0];
	const symbol = base === undefined ? undefined : context.symbolAt(base.expression);
	return symbol !== undefined && isRuntimeSymbol(symbol) ? base?.typeArguments?.[0] : undefined;
}

/** Itself excluded: it has no name of its own that could travel. */
function isServiceError({ checker }: ReadContext, symbol: ts.Symbol): boolean {
	let [base] = checker.getBaseTypes(checker.getDeclaredTypeOfSymbol(symbol) as ts.InterfaceType);
	while (base !== undefined && !isRuntimeSymbol(base.symbol)) {
		[base] = checker.getBaseTypes(checker.getDeclaredTypeOfSymbol(base.symbol) as ts.InterfaceType);
	}
	return base !== undefined;
}

/** By package, not by path: it may be installed, linked, or reached through other modules. */
function isRuntimeSymbol(symbol: ts.Symbol): boolean {
	const file = symbol.name === "ServiceError" ? symbol.declarations?.[0]?.getSourceFile() : undefined;
	if (file === undefined) return false;
	const manifest = ts.findConfigFile(file.fileName, ts.sys.fileExists, "package.json");
	return manifest !== undefined && ts.readConfigFile(manifest, ts.sys.readFile).config?.name === runtimePackage;
}

/** A class that a file only passes on, as in `export { Frozen } from "./failures.js"`, is in no scope of its own there. */
function exportOf({ checker }: ReadContext, file: ts.SourceFile, name: string): ts.Symbol | undefined {
	const module = checker.getSymbolAtLocation(file);
	return module === undefined ? undefined : checker.getExportsOfModule(module).find((one) => one.name === name);
}

/** `failures`, `Frozen` of `{failures.Frozen}`; none for what is no name. */
function namesIn({ argument }: JsDocTag): readonly string[] {
	const [, dotted] =
		/^\{\s*([\p{ID_Start}$_][\p{ID_Continue}$]*(?:\.[\p{ID_Start}$_][\p{ID_Continue}$]*)*)\s*\}/u.exec(argument) ?? [];
	return dotted?.split(".") ?? [];
}

function targetOf({ checker }: ReadContext, symbol: ts.Symbol | undefined): ts.Symbol | undefined {
	return symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** What a module or namespace exports under a name. */
function memberOf(context: ReadContext, space: ts.Symbol | undefined, name: string): ts.Symbol | undefined {
	const isModule = space !== undefined && (space.flags & (ts.SymbolFlags.Module | ts.SymbolFlags.Alias)) !== 0;
	const exported = isModule ? context.checker.getExportsOfModule(space) : [];
	return targetOf(
		context,
		exported.find((one) => one.name === name),
	);
}

/** Where a class comes from that the source knows as a member of a package: `import * as failures from "@bank/failures"`. */
function memberName(space: ts.Symbol | undefined, [, member, ...deeper]: readonly string[]): ImportedName | undefined {
	const declaration = space?.declarations?.find(ts.isNamespaceImport);
	const specifier = declaration?.parent.parent.moduleSpecifier;
	if (specifier === undefined || !ts.isStringLiteral(specifier) || specifier.text.startsWith(".")) return undefined;
	if (member === undefined || deeper.length > 0) return undefined;
	return { name: member, local: member, from: { kind: "package", specifier: specifier.text } };
}

function nameFrom(file: ts.SourceFile, name: string): ImportedName {
	return { name, local: name, from: { kind: "file", path: file.fileName } };
}

/** The name in the import that brought a symbol here. */
function importOf(symbol: ts.Symbol | undefined): ts.Identifier | undefined {
	const declaration = symbol?.declarations?.[0];
	if (declaration === undefined) return undefined;
	return ts.isImportSpecifier(declaration) || ts.isImportClause(declaration) ? declaration.name : undefined;
}
