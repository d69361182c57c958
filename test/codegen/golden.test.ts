import { basename, join } from "node:path";
import { type GenerateResult, generate } from "@homing/codegen";
import { expect } from "chai";
import { fixtureFiles, fixtures } from "./support/compile.js";
import { expectGolden } from "./support/golden.js";

describe("generated files", () => {
	let result: GenerateResult;

	before(function () {
		this.timeout(60_000);
		result = generate({ files: fixtureFiles("."), out: join(fixtures, "expected") });
	});

	it("come from sources without errors", () => {
		expect(result.diagnostics.filter(({ severity }) => severity === "error")).to.deep.equal([]);
		expect(result.files).to.have.length(fixtureFiles(".").length);
	});

	for (const path of fixtureFiles(".")) {
		it(`are as expected for ${basename(path)}`, () => {
			const file = result.files.find(({ source }) => source === path);
			expectGolden(file?.text ?? "", join(fixtures, "expected", basename(path)));
		});
	}

	it("are as expected where optional properties may be undefined", () => {
		const loose = generate({ files: fixtureFiles("loose"), out: join(fixtures, "loose/expected") });
		expectGolden(loose.files[0]?.text ?? "", join(fixtures, "loose/expected/profile.ts"));
	});
});

describe("generation", () => {
	it("gives the same text whatever else is generated in the same run, and in whatever order", function () {
		this.timeout(60_000);
		const out = join(fixtures, "expected");
		const textOf = (files: readonly string[], name: string) =>
			generate({ files, out }).files.find(({ path }) => path.endsWith(`/${name}`))?.text;
		const names = ["forms.ts", "generics.ts", "recursion.ts"].map((name) => join(fixtures, name));
		for (const name of ["forms.ts", "generics.ts", "recursion.ts"]) {
			const alone = textOf([join(fixtures, name)], name);
			expect(alone).to.be.a("string");
			expect(textOf(names, name)).to.equal(alone);
			expect(textOf([...names].reverse(), name)).to.equal(alone);
		}
	});
});
