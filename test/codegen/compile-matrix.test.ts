/** Generated files in the projects that people have: each compiler, resolution and module system, as a process of its own. */
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { buildPackages } from "../support/build.js";
import { fixtures } from "./support/compile.js";
import { Workspace } from "./support/terminal.js";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
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

	/** What a compiler says of all fixtures' outputs and uses. */
	async function compile(version: Version, title: string): Promise<string[]> {
		const folder = join(workspace.path, title.endsWith("CommonJS") ? "commonjs" : "module");
		const options = { ...strictest, ...settings[title]!(version) };
		const tsconfig = `tsconfig-${version}-${Object.keys(settings).indexOf(title)}.json`;
		const sources = version === "5.4" ? "src-5.4" : "src";
		const include = [`${sources}/expected`, `${sources}/uses`];
		workspace.write(
			join(folder.slice(workspace.path.length), tsconfig),
			JSON.stringify({ compilerOptions: options, include }),
		);
		const tsc = join(dirname(require.resolve(`${compilers[version]}/package.json`)), "bin/tsc");
		const args = [tsc, "-p", tsconfig, "--pretty", "false", "--listFiles"];
		const result = await run(process.execPath, args, { cwd: folder, maxBuffer: 1 << 24 }).catch(
			(error: { stdout: string; stderr: string }) => error,
		);
		expect(result.stdout, result.stderr).to.include(join(folder, sources, "expected/bank.ts"));
		// Sources import what only their JSDoc names, which noUnusedLocals does not see: that is not what is tried here.
		return result.stdout
			.split("\n")
			.filter((line) => line.includes("error TS") && !/^src[^/]*\/[^/]+\.ts\(/.test(line));
	}

	for (const version of Object.keys(compilers) as Version[]) {
		describe(`with TypeScript ${version}`, () => {
			const found = new Map<string, string[]>();

			before(async () => {
				const titles = Object.keys(settings);
				const compileNext = async () => {
					for (let title = titles.pop(); title !== undefined; title = titles.pop()) {
						found.set(title, await compile(version, title));
					}
				};
				// Each takes one processor.
				await Promise.all(Array.from({ length: Math.min(availableParallelism(), titles.length) }, compileNext));
			});

			it("which is the one installed", () => {
				expect(require(`${compilers[version]}/package.json`).version).to.match(new RegExp(`^${version}\\.`));
			});

			for (const title of Object.keys(settings)) {
				it(`for ${title}`, () => {
					const errors = found.get(title)!;
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
