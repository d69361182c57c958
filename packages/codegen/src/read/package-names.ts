/** Finds out under which names the types of installed packages can be imported. */
import { dirname } from "node:path";
import { ts } from "ts-morph";
import type { ImportedName, ModuleReference } from "../model/model.js";

/** What is the user's and what is not. */
export interface Origins {
	readonly checker: ts.TypeChecker;
	/** Not written by the user. */
	isForeign(file: ts.SourceFile): boolean;
	/** Of the language or the platform. */
	isLibrary(file: ts.SourceFile): boolean;
}

/** The package.json that a file belongs to. */
const manifests = new WeakMap<ts.SourceFile, string>();

function manifestOf(file: ts.SourceFile): string {
	let path = manifests.get(file);
	if (path === undefined) {
		path = ts.findConfigFile(dirname(file.fileName), ts.sys.fileExists, "package.json") ?? "";
		manifests.set(file, path);
	}
	return path;
}

/** A name that is exported, and what follows it: `Stripe` and `.Account.BusinessProfile`. */
export interface QualifiedName {
	readonly root: ImportedName;
	/** Empty, or `.` and names of a namespace's members. */
	readonly members: string;
}

/**
 * The modules of packages that a source file imports, itself or through other files of the user's: what it can import, so can
 * the file generated from it. A type that such a module mentions is often one that it exports too.
 */
export class PackageNames {
	readonly #origins: Origins;
	readonly #file: ts.SourceFile;
	#modules: readonly (readonly [specifier: string, module: ts.Symbol])[] | undefined;

	constructor(origins: Origins, file: ts.SourceFile) {
		this.#origins = origins;
		this.#file = file;
	}

	/** Of the user's, as the source is, but of another package: of a monorepo, say. Another name for it than its path is better. */
	isElsewhere(file: ts.SourceFile): boolean {
		return manifestOf(file) !== manifestOf(this.#file);
	}

	/** `undefined` if none of the modules exports it. */
	find(symbol: ts.Symbol): QualifiedName | undefined {
		this.#modules ??= modulesImportedBy(this.#origins, this.#file);
		for (const [specifier, module] of this.#modules) {
			const name = qualifiedName(this.#origins, symbol, module, { kind: "package", specifier });
			if (name !== undefined) return name;
		}
		return undefined;
	}
}

/** The name that a module exports a symbol under, itself or in a namespace. */
export function qualifiedName(
	origins: Origins,
	symbol: ts.Symbol,
	module: ts.Symbol,
	from: ModuleReference,
): QualifiedName | undefined {
	const [name, ...members] = exportsOf(origins, module).get(symbol) ?? [];
	if (name === undefined) return undefined;
	const local = name === "default" ? symbol.name : name;
	return { root: { name, local, from }, members: members.map((member) => `.${member}`).join("") };
}

/** In the order of the specifiers: the same whatever else is in the program. */
function modulesImportedBy(origins: Origins, start: ts.SourceFile): [string, ts.Symbol][] {
	const found = new Map<string, ts.Symbol>();
	const seen = new Set([start]);
	for (const file of seen) {
		for (const specifier of specifiersIn(file)) {
			const module = origins.checker.getSymbolAtLocation(specifier);
			const target = module?.declarations?.[0]?.getSourceFile();
			if (module === undefined || target === undefined || origins.isLibrary(target)) continue;
			const isRelative = specifier.text.startsWith(".");
			const isOwn = !origins.isForeign(target) && (isRelative || manifestOf(target) === manifestOf(start));
			if (isOwn) seen.add(target);
			else if (!isRelative) found.set(specifier.text, module);
		}
	}
	return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

function specifiersIn(file: ts.SourceFile): ts.StringLiteral[] {
	const found: ts.StringLiteral[] = [];
	const visit = (node: ts.Node): void => {
		const specifier =
			ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
				? node.moduleSpecifier
				: ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
					? node.argument.literal
					: undefined;
		if (specifier !== undefined && ts.isStringLiteral(specifier)) found.push(specifier);
		ts.forEachChild(node, visit);
	};
	visit(file);
	return found;
}

/** A big package exports thousands of names: they are looked through once for each run of the compiler. */
const known = new WeakMap<ts.Symbol, ReadonlyMap<ts.Symbol, readonly string[]>>();

/** The types that can be named, those in namespaces too, each by its shortest path. */
function exportsOf({ checker }: Origins, module: ts.Symbol): ReadonlyMap<ts.Symbol, readonly string[]> {
	const before = known.get(module);
	if (before !== undefined) return before;
	const paths = new Map<ts.Symbol, readonly string[]>();
	const pending: (readonly [container: ts.Symbol, path: readonly string[]])[] = [[module, []]];
	for (const [container, path] of pending) {
		for (const exported of checker.getExportsOfModule(container)) {
			const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
			const own = [...path, exported.name];
			// Another name for the same is met later on: a default export comes last where there is a choice.
			const isBetter = paths.get(symbol)?.at(-1) === "default" && paths.get(symbol)?.length === own.length;
			if (paths.has(symbol) && !isBetter) continue;
			if (!paths.has(symbol) && symbol.flags & ts.SymbolFlags.Namespace) pending.push([symbol, own]);
			paths.set(symbol, own);
		}
	}
	known.set(module, paths);
	return paths;
}
