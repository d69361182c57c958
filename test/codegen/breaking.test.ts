import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { SourceModel } from "@homing/codegen";
import { expect } from "chai";
import { findBreaking } from "../../packages/codegen/src/breaking/compare.js";
import { diagnose } from "../../packages/codegen/src/breaking/diagnose.js";
import { rules } from "../../packages/codegen/src/breaking/rules.js";
import { Generator } from "../../packages/codegen/src/generate.js";
import type { BreakingCode } from "../../packages/codegen/src/model/breaking-codes.js";
import { sortDiagnostics } from "../../packages/codegen/src/model/diagnostics.js";
import { formatText } from "../../packages/codegen/src/report/text.js";
import { fixtureFiles, fixtures } from "./support/compile.js";
import { expectGolden } from "./support/golden.js";

const codes = Object.keys(rules) as BreakingCode[];
const folder = join(fixtures, "breaking");

describe("what breaks those who use an older version", () => {
	let generator: Generator;
	let models: ReadonlyMap<string, SourceModel>;

	before(function () {
		this.timeout(60_000);
		generator = new Generator([{ files: fixtureFiles("breaking") }]);
		const read = generator.read();
		expect(read.diagnostics).to.deep.equal([]);
		models = new Map(read.models.map((model) => [basename(model.file, ".ts"), model]));
	});

	/** As if the newer version were the older file, changed. */
	function findings(code: BreakingCode, version: "breaks" | "harmless") {
		const old = models.get(`${code.toLowerCase()}.old`)!;
		const next = models.get(`${code.toLowerCase()}.${version}`)!;
		const found = findBreaking({ old: [old], next: [{ ...next, file: old.file }] });
		return diagnose(found, [], (place) => generator.locate(next.file, place)).diagnostics;
	}

	for (const code of codes) {
		it(`${code}: ${rules[code].change}`, () => {
			const diagnostics = findings(code, "breaks");
			expect(diagnostics.map((one) => one.code)).to.include(code);
			const text = formatText(sortDiagnostics(diagnostics), { cwd: folder, isColoured: false });
			expectGolden(text, join(folder, "expected", `${code.toLowerCase()}.txt`));
		});

		it(`${code} says nothing of a change that only resembles it`, () => {
			expect(findings(code, "harmless")).to.deep.equal([]);
		});
	}

	it("is nothing where nothing has changed", () => {
		for (const model of models.values())
			expect(findBreaking({ old: [model], next: [model] }), model.file).to.deep.equal([]);
	});

	it("has an older, a breaking and a harmless version of a source for every code, and no others", () => {
		const expected = codes.flatMap((code) =>
			["breaks", "harmless", "old"].map((one) => `${code.toLowerCase()}.${one}`),
		);
		expect([...models.keys()].sort()).to.deep.equal(expected.sort());
	});

	it("is listed in docs/compatibility.md, with the words of the rules", () => {
		const docs = readFileSync(join(import.meta.dirname, "../../docs/compatibility.md"), "utf8");
		const rows = docs.split("\n").filter((line) => line.startsWith("| HB"));
		const expected = Object.entries(rules).map(
			([code, { breaks, change, reason, remedy }]) =>
				`| ${code} | ${breaks.join(", ")} | ${change} | ${reason} | ${remedy} |`,
		);
		expect(rows).to.deep.equal(expected);
	});
});
