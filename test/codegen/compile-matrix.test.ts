/** Generated files in the projects that people have: each compiler, resolution and module system. */
import { mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { buildPackages } from "../support/build.js";
import { fixtures } from "./support/compile.js";
import {
	type Compiled,
	compileProjects,
	exactVersion,
	strictestOptions,
	type Version,
	versions,
} from "./support/compilers.js";
import { Workspace } from "./support/terminal.js";

const root = join(import.meta.dirname, "../..");

type Options = Readonly<Record<string, unknown>>;

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

	/** A project of all fixtures' outputs and uses. */
	function project(version: Version, title: string): string {
		const folder = title.endsWith("CommonJS") ? "commonjs" : "module";
		const path = `${folder}/tsconfig-${version}-${Object.keys(settings).indexOf(title)}.json`;
		const sources = version === "5.4" ? "src-5.4" : "src";
		const compilerOptions = { ...strictestOptions, ...settings[title]!(version) };
		const include = [`${sources}/expected`, `${sources}/uses`];
		workspace.write(path, JSON.stringify({ compilerOptions, include }));
		return join(workspace.path, path);
	}

	for (const version of versions) {
		describe(`with TypeScript ${version}`, () => {
			const titles = Object.keys(settings);
			let compiled: readonly Compiled[];

			before(async () => {
				const projects = titles.map((title) => project(version, title));
				compiled = await compileProjects(version, projects);
			});

			it("which is the one installed", () => {
				expect(exactVersion(version)).to.match(new RegExp(`^${version}\\.`));
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
