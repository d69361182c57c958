/** Tries the types of packages, each alone in a service of its own. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Diagnostic, type GenerateResult, generate } from "@homing/codegen";
import { exportedTypes } from "./exported-types.js";
import { type Package, packages } from "./packages.js";

export interface Survey {
	readonly package: Package;
	readonly version: string;
	/** All that it exports. */
	readonly types: readonly string[];
	/** Those that do not generate, with what is said of them. */
	readonly refused: ReadonlyMap<string, readonly Diagnostic[]>;
	/** A file with a service for each of the others. */
	readonly source: string;
	/** What is generated for it. */
	readonly stubs: string;
}

/** Below the tests, so that their packages are found. */
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
export function surveyPackages(): { readonly surveys: readonly Survey[]; remove(): void } {
	mkdirSync(cache, { recursive: true });
	const folder = mkdtempSync(join(cache, "survey-"));
	writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
	const types = exportedTypes(
		folder,
		packages.map(({ specifier }) => specifier),
	);
	const surveys = packages.map((one) => survey(folder, one, types.get(one.specifier) ?? []));
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
		writeFileSync(source, servicesFor(one.specifier, left));
		const { files, diagnostics } = generate({ files: [source], out: join(folder, "generated") });
		const [file] = files;
		if (file !== undefined) {
			mkdirSync(join(folder, "generated"), { recursive: true });
			writeFileSync(file.path, file.text);
			return { package: one, version: versionOf(one), types, refused, source, stubs: file.path };
		}
		for (const [type, own] of errorsByType(diagnostics, left)) refused.set(type, own);
	}
}

/** The imports on the first line, then a service a line. */
function servicesFor(specifier: string, types: readonly string[]): string {
	const roots = new Set(types.map((type) => /^[\w$]+/.exec(type)?.[0] ?? ""));
	const services = types.map(
		(type, index) => `export interface Service${index} { take(value: ${type}): Promise<${type}> }\n`,
	);
	return `import type { ${[...roots].join(", ")} } from ${JSON.stringify(specifier)};\n${services.join("")}`;
}

function errorsByType(
	diagnostics: GenerateResult["diagnostics"],
	types: readonly string[],
): ReadonlyMap<string, readonly Diagnostic[]> {
	const found = new Map<string, Diagnostic[]>();
	for (const diagnostic of diagnostics) {
		if (diagnostic.severity !== "error") continue;
		const type = types[(diagnostic.location?.line ?? 0) - 2];
		if (type === undefined) throw new Error(`Not said of any type: ${diagnostic.message}`);
		found.set(type, [...(found.get(type) ?? []), diagnostic]);
	}
	return found;
}

function versionOf({ name }: Package): string {
	const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
	return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}
