/** Finds out what types packages export. */
import { join } from "node:path";
import ts from "typescript";

/**
 * The types that can be named by importing them from each module, as a file in the folder sees it; in the order of their names:
 * `Feature`, `Stripe.Customer`.
 */
export function exportedTypes(folder: string, specifiers: readonly string[]): ReadonlyMap<string, readonly string[]> {
	const options: ts.CompilerOptions = { module: ts.ModuleKind.NodeNext, strict: true, types: ["node"] };
	const entry = join(folder, "entry.ts");
	const text = specifiers.map((specifier) => `export type * from ${JSON.stringify(specifier)};\n`).join("");
	const host = ts.createCompilerHost(options);
	const program = ts.createProgram({
		rootNames: [entry],
		options,
		host: {
			...host,
			fileExists: (path) => path === entry || host.fileExists(path),
			getSourceFile: (path, languageVersion) =>
				path === entry ? ts.createSourceFile(path, text, languageVersion) : host.getSourceFile(path, languageVersion),
		},
	});
	const checker = program.getTypeChecker();
	const statements = program.getSourceFile(entry)?.statements.filter(ts.isExportDeclaration) ?? [];
	return new Map(
		statements.map((statement, index) => {
			const module = checker.getSymbolAtLocation(statement.moduleSpecifier!);
			if (module === undefined) throw new Error(`${specifiers[index]} is not installed.`);
			return [specifiers[index]!, typesIn(checker, module)];
		}),
	);
}

/** Of a module and of the namespaces right below it: what is nested deeper is part of those types, and read with them. */
function typesIn(checker: ts.TypeChecker, module: ts.Symbol): string[] {
	const found = new Map<ts.Symbol, string>();
	const visit = (container: ts.Symbol, prefix: string): void => {
		for (const exported of checker.getExportsOfModule(container)) {
			const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
			if (exported.name === "default" || found.has(symbol)) continue;
			const name = `${prefix}${exported.name}`;
			if (symbol.flags & ts.SymbolFlags.Type) found.set(symbol, `${name}${argumentsOf(symbol)}`);
			if (symbol.flags & ts.SymbolFlags.Module && prefix === "") visit(symbol, `${name}.`);
		}
	};
	visit(module, "");
	return [...found.values()].sort();
}

/** For parameters without a default something must be filled in: what they are constrained to. */
function argumentsOf(symbol: ts.Symbol): string {
	for (const declaration of symbol.declarations ?? []) {
		const isGeneric =
			ts.isTypeAliasDeclaration(declaration) ||
			ts.isInterfaceDeclaration(declaration) ||
			ts.isClassDeclaration(declaration);
		if (!isGeneric) continue;
		const needed = (declaration.typeParameters ?? []).filter((parameter) => parameter.default === undefined);
		return needed.length === 0 ? "" : `<${needed.map(() => "string").join(", ")}>`;
	}
	return "";
}
