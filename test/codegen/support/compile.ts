/** Type-checks files as a user's compiler would. */
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";

export const fixtures = join(import.meta.dirname, "..", "fixtures");

/** What generated code promises to compile under. */
export const strictest: ts.CompilerOptions = {
	target: ts.ScriptTarget.ES2022,
	lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts"],
	types: ["node"],
	strict: true,
	exactOptionalPropertyTypes: true,
	noUncheckedIndexedAccess: true,
	noImplicitOverride: true,
	noPropertyAccessFromIndexSignature: true,
	noUnusedLocals: true,
	verbatimModuleSyntax: true,
	isolatedModules: true,
	skipLibCheck: true,
	noEmit: true,
	customConditions: ["homing-source"],
};

export const moduleSettings: Readonly<Record<string, ts.CompilerOptions>> = {
	NodeNext: { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
	Bundler: { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
};

/** What the compiler says of the files, one line each: `expected/bank.ts(3,5): TS2322 ...`. */
export function compile(files: readonly string[], options: ts.CompilerOptions): string[] {
	const program = ts.createProgram({ rootNames: files, options, host: cachingHost(options) });
	const own = program.getSourceFiles().filter(({ fileName }) => files.includes(fileName));
	const found = own.flatMap((file) => [
		...program.getSyntacticDiagnostics(file),
		...program.getSemanticDiagnostics(file),
	]);
	return [...program.getOptionsDiagnostics(), ...found].map((diagnostic) => {
		const { file, start = 0, code } = diagnostic;
		const place = file?.getLineAndCharacterOfPosition(start);
		const where =
			file === undefined ? "" : `${relative(fixtures, file.fileName)}(${place!.line + 1},${place!.character + 1}): `;
		return `${where}TS${code} ${ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n")}`;
	});
}

/** The TypeScript files directly in a folder below the fixtures; absolute, sorted. */
export function fixtureFiles(folder: string): string[] {
	const path = join(fixtures, folder);
	return readdirSync(path)
		.filter((name) => name.endsWith(".ts"))
		.sort()
		.map((name) => join(path, name));
}

/** Parsing the libraries is most of the work, and the same for all settings. */
const parsed = new Map<string, ts.SourceFile | undefined>();

function cachingHost(options: ts.CompilerOptions): ts.CompilerHost {
	const host = ts.createCompilerHost(options);
	return {
		...host,
		getSourceFile(fileName, settings, ...rest) {
			const format = typeof settings === "object" ? settings.impliedNodeFormat : undefined;
			const key = `${format} ${fileName}`;
			if (!parsed.has(key)) parsed.set(key, host.getSourceFile(fileName, settings, ...rest));
			return parsed.get(key);
		},
	};
}
