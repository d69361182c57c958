import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { compile, moduleSettings, strictest } from "../support/compile.js";
import { packages } from "./packages.js";
import { type Survey, surveyPackages } from "./survey.js";
import { tableOf } from "./table.js";

describe("types of packages", function () {
	this.timeout(300_000);
	let surveys: readonly Survey[];
	let remove: () => void;

	before(() => {
		({ surveys, remove } = surveyPackages());
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

	for (const { name } of packages) {
		it(`of ${name}: the stubs compile under the strictest settings`, () => {
			const survey = surveys.find((one) => one.package.name === name)!;
			expect(survey.types.length).to.be.greaterThan(survey.refused.size);
			expect(compile([survey.stubs], { ...strictest, ...moduleSettings["NodeNext"] })).to.deep.equal([]);
		});
	}
});
