/** Generated files in the projects that people have: each compiler, resolution and module system. */
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { buildPackages } from "../support/build.js";
import { fixtures } from "./support/compile.js";
import { Workspace } from "./support/terminal.js";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const worker = join(import.meta.dirname, "support/compile-projects.mjs");
const require = createRequire(import.meta.url);

/** By version, the package that has it. */
const compilers = {
	"5.4": "typescript-5.4",
	"5.9": "typescript-5.9",
	"6.0": "typescript",
	"7.0": "typescript-7.0",
} as const;

type Version = keyof typeof compilers;
type Options = Readonly<Record<string, unknown>>;

const strictest: Options = {
	target: "ES2022",
	lib: ["ES2023", "ESNext.Disposable"],
	types: ["node"],
	strict: true,
	exactOptionalPropertyTypes: true,
	noUncheckedIndexedAccess: true,
	noImplicitOverride: true,
	noImplicitReturns: true,
	noPropertyAccessFromIndexSignature: true,
	noUnusedLocals: true,
	isolatedModules: true,
	skipLibCheck: true,
	noEmit: true,
};

const nodeNext: Options = { module: "NodeNext", moduleResolution: "NodeNext" };
const verbatim: Options = { verbatimModuleSyntax: true };
const commonJs = (version: Version): Options =>
	// Before 6.0, bundlers' resolution goes with modules that keep their imports only.
	version < "6.0" ? { module: "Preserve", ...verbatim } : { module: "CommonJS" };

const settings: Readonly<Record<string, (version: Version) => Options>> = {
	"NodeNext, ES modules": () => ({ ...nodeNext, ...verbatim }),
	"NodeNext, CommonJS": () => nodeNext,
	"Bundler, ES modules": () => ({ module: "ESNext", moduleResolution: "Bundler", ...verbatim }),
	"Bundler, CommonJS": (version) => ({ ...commonJs(version), moduleResolution: "Bundler" }),
};

interface Compiled {
	readonly files: readonly string[];
	readonly errors: readonly string[];
}

/** It has no interface for programs yet. */
async function compileByCommand(compiler: string, project: string): Promise<Compiled> {
	const args = [join(compiler, "bin/tsc"), "-p", project, "--pretty", "false", "--listFiles"];
	const { stdout } = await run(process.execPath, args, { cwd: dirname(project), maxBuffer: 1 << 24 }).catch(
		(error: { stdout: string }) => error,
	);
	const lines = stdout.split("\n");
	return {
		files: lines.filter((line) => isAbsolute(line)),
		// Sources import what only their JSDoc names, which noUnusedLocals does not see: that is not what is tried here.
		errors: lines.filter((line) => line.includes("error TS") && !/^src[^/]*\/[^/]+\.ts\(/.test(line)),
	};
}

describe("generated code compiles", function () {
	this.timeout(120_000);
	let workspace: Workspace;

	before(async () => {
		await buildPackages("zmtp", "runtime");
		workspace = new Workspace();
		for (const type of ["module", "commonjs"]) workspace.write(`${type}/package.json`, JSON.stringify({ type }));
		const modules = join(workspace.path, "node_modules");
		for (const [name, target] of [
			["@homing/runtime", "packages/runtime"],
			["@types/node", "node_modules/@types/node"],
			["zod", "test/node_modules/zod"],
			["fast-check", "node_modules/fast-check"],
			["@types/geojson", "test/node_modules/@types/geojson"],
			["vscode-languageserver-types", "test/node_modules/vscode-languageserver-types"],
		] as const) {
			mkdirSync(dirname(join(modules, name)), { recursive: true });
			symlinkSync(realpathSync(join(root, target)), join(modules, name));
		}
		for (const type of ["module", "commonjs"]) {
			for (const name of readdirSync(fixtures, { recursive: true, encoding: "utf8" })) {
				if (/^(bad|loose)\b/.test(name) || !name.endsWith(".ts")) continue;
				const text = readFileSync(join(fixtures, name), "utf8");
				workspace.write(`${type}/src/${name}`, text);
				// It has no type argument there: a source that gives one is not for that compiler.
				workspace.write(`${type}/src-5.4/${name}`, text.replaceAll("Uint8Array<ArrayBuffer>", "Uint8Array"));
			}
		}
	});

	after(() => workspace.remove());

	/** A project of all fixtures' outputs and uses. */
	function project(version: Version, title: string): string {
		const folder = title.endsWith("CommonJS") ? "commonjs" : "module";
		const path = `${folder}/tsconfig-${version}-${Object.keys(settings).indexOf(title)}.json`;
		const sources = version === "5.4" ? "src-5.4" : "src";
		const compilerOptions = { ...strictest, ...settings[title]!(version) };
		const include = [`${sources}/expected`, `${sources}/uses`];
		workspace.write(path, JSON.stringify({ compilerOptions, include }));
		return join(workspace.path, path);
	}

	/** What a compiler says of each project. */
	async function compile(version: Version, projects: readonly string[]): Promise<readonly Compiled[]> {
		const compiler = dirname(require.resolve(`${compilers[version]}/package.json`));
		if (version === "7.0") return Promise.all(projects.map((path) => compileByCommand(compiler, path)));
		const { stdout } = await run(process.execPath, [worker, compiler, ...projects], { maxBuffer: 1 << 24 });
		return JSON.parse(stdout);
	}

	for (const version of Object.keys(compilers) as Version[]) {
		describe(`with TypeScript ${version}`, () => {
			const titles = Object.keys(settings);
			let compiled: readonly Compiled[];

			before(async () => {
				compiled = await compile(
					version,
					titles.map((title) => project(version, title)),
				);
			});

			it("which is the one installed", () => {
				expect(require(`${compilers[version]}/package.json`).version).to.match(new RegExp(`^${version}\\.`));
			});

			for (const [index, title] of titles.entries()) {
				it(`for ${title}`, () => {
					const { files, errors } = compiled[index]!;
					expect(files.filter((path) => path.endsWith("/expected/bank.ts"))).to.have.length(1);
					// Not before 5.8 does it let CommonJS require ES modules, which the runtime is: whatever imports that.
					if (version === "5.4" && title === "NodeNext, CommonJS") {
						expect(errors.length).to.be.greaterThan(0);
						expect(errors.filter((line) => !line.includes("error TS1479:"))).to.deep.equal([]);
					} else expect(errors).to.deep.equal([]);
				});
			}
		});
	}
});
