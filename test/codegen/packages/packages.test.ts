import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { type Compiled, compileProjects, strictestOptions, versions } from "../support/compilers.js";
import { type Package, packages } from "./packages.js";
import { type Survey, surveyPackages } from "./survey.js";
import { tableOf } from "./table.js";
import { tryValues } from "./values.js";

const seed = Number(process.env["HOMING_PACKAGES_SEED"] ?? Date.now() % 1_000_000);
const types = Number(process.env["HOMING_PACKAGES_TYPES"] ?? 60);
const count = Number(process.env["HOMING_PACKAGES_VALUES"] ?? 3);
const size = (process.env["HOMING_PACKAGES_SIZE"] ?? "xsmall") as "xsmall" | "small" | "medium";

/** Every compiler and resolution for every package, which takes minutes. */
const isWhole = process.env["HOMING_PACKAGES_COMPILE"] === "all";

const options = { ...strictestOptions, verbatimModuleSyntax: true, customConditions: ["homing-source"] };

const resolutions = {
	NodeNext: { module: "NodeNext" },
	Bundler: { module: "ESNext", moduleResolution: "Bundler" },
} as const;

/** Where the stubs are compiled: of these, packages that are large by the first and the last only, huge ones by none, unless all is asked for. */
const settings = versions.flatMap((version) =>
	(isWhole ? (["NodeNext", "Bundler"] as const) : (["NodeNext"] as const)).map((resolution) => ({
		version,
		resolution,
	})),
);
type Setting = (typeof settings)[number];

/** The oldest and the newest take all packages; the newest needs a few seconds for them, the oldest is the likeliest to object. */
const isTriedUnder = ({ version }: Setting, { isLarge, isHuge }: Package) => {
	if (isWhole) return true;
	if (isHuge) return false;
	return isLarge !== true || version === versions[0] || version === versions.at(-1);
};

/** What a compiler says of each package, by name. */
async function compile(setting: Setting, surveys: readonly Survey[]): Promise<ReadonlyMap<string, Compiled>> {
	const { version, resolution } = setting;
	const tried = surveys.filter((survey) => isTriedUnder(setting, survey.package));
	const compilerOptions = { ...options, ...resolutions[resolution] };
	const projects = tried.map(({ stubs, arbitraries }) => {
		const project = `${stubs}.tsconfig-${version}-${resolution}.json`;
		writeFileSync(project, JSON.stringify({ compilerOptions, files: [stubs, arbitraries] }));
		return project;
	});
	const compiled = await compileProjects(version, projects);
	return new Map(tried.map((survey, index) => [survey.package.name, compiled[index]!]));
}

describe(`types of packages (HOMING_PACKAGES_SEED=${seed})`, function () {
	this.timeout(1_200_000);
	let surveys: readonly Survey[];
	let remove: () => void;
	/** They compile beside the other tests, one after the other: each takes a processor. */
	const compiled = new Map<Setting, Promise<ReadonlyMap<string, Compiled>>>();

	before(async () => {
		({ surveys, remove } = await surveyPackages());
		let last: Promise<unknown> = Promise.resolve();
		for (const setting of settings) {
			const next = last.then(() => compile(setting, surveys));
			next.catch(() => {});
			compiled.set(setting, next);
			last = next;
		}
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

	for (const setting of settings) {
		const compiler = `TypeScript ${setting.version}, ${setting.resolution}`;
		for (const one of packages.filter((package_) => isTriedUnder(setting, package_))) {
			it(`of ${one.name}: stubs and arbitraries compile under the strictest settings of ${compiler}`, async () => {
				const { files, errors } = (await compiled.get(setting)!).get(one.name)!;
				expect(files).to.have.length(2);
				expect(errors).to.deep.equal([]);
			});
		}
	}
});
