/** Which files may mean something else when others have changed. */
import { ts } from "ts-morph";

/** The changed files, and all that import one of them, by way of others too. */
export function dependentsOf(program: ts.Program, changed: Iterable<string>): Set<string> {
	const importers = importersIn(program);
	const found = new Set(changed);
	// A set that grows is walked to its end.
	for (const path of found) for (const importer of importers.get(path) ?? []) found.add(importer);
	return found;
}

/** Whether all files see what it declares, importing it or not. */
export function isSeenEverywhere(file: ts.SourceFile): boolean {
	return !ts.isExternalModule(file) || file.statements.some(isAmbientModule);
}

/** `declare global` and `declare module "name"`. */
function isAmbientModule(statement: ts.Statement): boolean {
	return (
		ts.isModuleDeclaration(statement) &&
		(ts.isStringLiteral(statement.name) || (statement.flags & ts.NodeFlags.GlobalAugmentation) !== 0)
	);
}

/** By file: those that import it. */
function importersIn(program: ts.Program): Map<string, string[]> {
	const checker = program.getTypeChecker();
	const found = new Map<string, string[]>();
	for (const file of program.getSourceFiles()) {
		for (const specifier of importsOf(file)) {
			for (const { fileName } of filesOf(checker.getSymbolAtLocation(specifier))) {
				const importers = found.get(fileName);
				if (importers === undefined) found.set(fileName, [file.fileName]);
				else importers.push(file.fileName);
			}
		}
	}
	return found;
}

function filesOf(module: ts.Symbol | undefined): ts.SourceFile[] {
	return (module?.declarations ?? []).map((declaration) => declaration.getSourceFile());
}

/** The specifiers of all imports, of types too: the compiler has collected them, and does not say so. */
function importsOf(file: ts.SourceFile): readonly ts.StringLiteralLike[] {
	return (file as ts.SourceFile & { readonly imports?: readonly ts.StringLiteralLike[] }).imports ?? [];
}
