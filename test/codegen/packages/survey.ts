/** Tries the types of packages, each alone as argument and result of a method. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Diagnostic, type GenerateResult, generate, type SourceModel } from "@homing/codegen";
import { installFolder } from "../../support/npm-folder.js";
import { exportedTypes } from "./exported-types.js";
import { type Package, packages } from "./packages.js";

export interface Survey {
	readonly package: Package;
	readonly version: string;
	/** All that it exports. */
	readonly types: readonly string[];
	/** Those that do not generate, with what is said of them. */
	readonly refused: ReadonlyMap<string, readonly Diagnostic[]>;
	/** Of the service `Package`, which has a method `take0`, `take1` ... for each of the others. */
	readonly model: SourceModel;
	/** What is generated for it: absolute paths. */
	readonly stubs: string;
	readonly arbitraries: string;
}

/** Below the packages, so that they are found. */
const cache = join(import.meta.dirname, ".cache");

const compilerOptions = {
	target: "ES2022",
	lib: ["ES2023", "ESNext.Disposable"],
	module: "NodeNext",
	types: ["node"],
	strict: true,
	exactOptionalPropertyTypes: true,
	verbatimModuleSyntax: true,
	skipLibCheck: true,
};

/** The sources and stubs lie in a folder that `remove` removes. */
export async function surveyPackages(): Promise<{ readonly surveys: readonly Survey[]; remove(): void }> {
	await installFolder(new URL("./", import.meta.url), "packages whose types are tried");
	mkdirSync(cache, { recursive: true });
	const folder = mkdtempSync(join(cache, "survey-"));
	writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
	const types = exportedTypes(
		folder,
		packages.map(({ specifier }) => specifier),
	);
	const surveys = packages.map((one) => {
		const { specifier, only = /./ } = one;
		return survey(
			folder,
			one,
			types.get(specifier)!.filter((type) => only.test(type)),
		);
	});
	return { surveys, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * What is wrong with a type inside several others is said once in a file, of the first of them. So those of which something
 * is said are taken out, until nothing is said of any: these generate, and of each of the others something was said.
 */
function survey(folder: string, one: Package, types: readonly string[]): Survey {
	const base = one.name.replaceAll(/[^a-z]+/g, "-").replace(/^-/, "");
	const source = join(folder, `${base}.ts`);
	const refused = new Map<string, readonly Diagnostic[]>();
	for (;;) {
		const left = types.filter((type) => !refused.has(type));
		writeFileSync(source, serviceOf(one.specifier, left));
		const out = join(folder, "generated");
		const { files, diagnostics, models } = generate({ files: [source], out, arbitraries: true });
		if (files.length > 0) {
			mkdirSync(out, { recursive: true });
			for (const { path, text } of files) writeFileSync(path, text);
			const [stubs, arbitraries] = [join(out, `${base}.ts`), join(out, `${base}.arbitraries.ts`)];
			return { package: one, version: versionOf(one), types, refused, model: models[0]!, stubs, arbitraries };
		}
		for (const [type, own] of errorsByType(diagnostics, left)) refused.set(type, own);
	}
}

/** The imports on the first line, then each type under a name that the arbitraries go by, then the service. */
function serviceOf(specifier: string, types: readonly string[]): string {
	const roots = new Set(types.map((type) => /^[\w$]+/.exec(type)?.[0] ?? ""));
	return [
		`import type { ${[...roots].join(", ")} } from ${JSON.stringify(specifier)};`,
		...types.map((type, index) => `export type Tried${index} = ${type};`),
		"export interface Package {",
		...types.map((_, index) => `take${index}(value: Tried${index}): Promise<Tried${index}>;`),
		"}",
		"",
	].join("\n");
}

function errorsByType(
	diagnostics: GenerateResult["diagnostics"],
	types: readonly string[],
): ReadonlyMap<string, readonly Diagnostic[]> {
	const found = new Map<string, Diagnostic[]>();
	for (const diagnostic of diagnostics) {
		if (diagnostic.severity !== "error") continue;
		const line = (diagnostic.location?.line ?? 0) - 2;
		const type = types[line < types.length ? line : line - types.length - 1];
		if (type === undefined) throw new Error(`Not said of any type: ${diagnostic.message}`);
		found.set(type, [...(found.get(type) ?? []), diagnostic]);
	}
	return found;
}

function versionOf({ name }: Package): string {
	const manifest = new URL(`node_modules/${name}/package.json`, import.meta.url);
	return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}
