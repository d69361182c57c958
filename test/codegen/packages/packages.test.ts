import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { packages } from "./packages.js";
import { type Survey, surveyPackages } from "./survey.js";
import { tableOf } from "./table.js";
import { tryValues } from "./values.js";

const run = promisify(execFile);
const require = createRequire(import.meta.url);

const seed = Number(process.env["HOMING_PACKAGES_SEED"] ?? Date.now() % 1_000_000);
const types = Number(process.env["HOMING_PACKAGES_TYPES"] ?? 60);
const count = Number(process.env["HOMING_PACKAGES_VALUES"] ?? 3);
const size = (process.env["HOMING_PACKAGES_SIZE"] ?? "xsmall") as "xsmall" | "small" | "medium";

/** What generated code promises to compile under. */
const strictest = {
	target: "ES2022",
	lib: ["ES2023", "ESNext.Disposable"],
	module: "NodeNext",
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

/** TypeScript 7: by far the quickest, and thousands of types are what the others take minutes for. */
async function compile({ stubs, arbitraries }: Survey): Promise<string[]> {
	const files = [stubs, arbitraries];
	const project = `${stubs}.tsconfig.json`;
	writeFileSync(project, JSON.stringify({ compilerOptions: strictest, files }));
	const tsc = join(dirname(require.resolve("typescript-7.0/package.json")), "bin/tsc");
	const args = [tsc, "-p", project, "--pretty", "false", "--listFiles"];
	const { stdout } = await run(process.execPath, args, { cwd: dirname(stubs), maxBuffer: 1 << 24 }).catch(
		(error: { stdout: string }) => error,
	);
	for (const file of files) expect(stdout).to.include(`${file}\n`);
	return stdout.split("\n").filter((line) => files.some((file) => line.startsWith(`${basename(file)}(`)));
}

describe(`types of packages (HOMING_PACKAGES_SEED=${seed})`, function () {
	this.timeout(1_200_000);
	let surveys: readonly Survey[];
	let remove: () => void;
	/** They compile beside the other tests. */
	let compiled: Promise<ReadonlyMap<string, readonly string[]>>;

	before(async () => {
		({ surveys, remove } = await surveyPackages());
		compiled = compileAll(surveys);
	});
	after(() => remove?.());

	it("generate as docs/types.md says, and of each that does not the reason is said", () => {
		const path = new URL("../../../docs/types.md", import.meta.url);
		const docs = readFileSync(path, "utf8");
		const table = /^\| package \|.*\n(\|.*\n)*/m;
		if (process.env["UPDATE_GOLDEN"] === "1")
			writeFileSync(
				path,
				docs.replace(table, () => tableOf(surveys)),
			);
		else expect(table.exec(docs)?.[0]).to.equal(tableOf(surveys));
	});

	for (const { name, anything = [] } of packages) {
		it(`of ${name}: values come back equal, and one that is wrong inside is refused with the place`, async () => {
			const survey = surveys.find((one) => one.package.name === name)!;
			const result = await tryValues(survey, { seed, types, count, size });
			expect(result.faults.slice(0, 10)).to.deep.equal([]);
			expect(result.types).to.equal(Math.min(types, survey.types.length - survey.refused.size));
			expect(result.equal).to.equal(result.types * count);
			expect(result.unchecked.filter((type) => !anything.includes(type))).to.deep.equal([]);
		});
	}

	for (const { name } of packages) {
		it(`of ${name}: stubs and arbitraries compile under the strictest settings`, async () => {
			expect((await compiled).get(name)).to.deep.equal([]);
		});
	}
});

/** One after the other: each takes a processor. */
async function compileAll(surveys: readonly Survey[]): Promise<ReadonlyMap<string, readonly string[]>> {
	const found = new Map<string, readonly string[]>();
	for (const survey of surveys) found.set(survey.package.name, await compile(survey));
	return found;
}
