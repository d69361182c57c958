import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type DiagnosticCode, diagnosticKinds, type GenerateResult, generate } from "@homing/codegen";
import { expect } from "chai";
import { formatText, summary } from "../../packages/codegen/src/report/text.js";
import { fixtureFiles, fixtures } from "./support/compile.js";
import { expectGolden } from "./support/golden.js";
import { Workspace } from "./support/terminal.js";

const codes = Object.keys(diagnosticKinds) as DiagnosticCode[];

describe("diagnostics", () => {
	let all: GenerateResult;

	before(function () {
		this.timeout(60_000);
		all = generate({ files: fixtureFiles("bad"), out: join(fixtures, "bad/expected") });
	});

	for (const path of fixtureFiles("bad")) {
		const name = basename(path, ".ts");
		const code = name.toUpperCase() as DiagnosticCode;

		it(`${code}: ${diagnosticKinds[code].cause}`, () => {
			const diagnostics = all.diagnostics.filter(({ location }) => location?.file === path);
			expect(diagnostics.map((diagnostic) => diagnostic.code)).to.include(code);
			const text = `${formatText(diagnostics, { cwd: fixtures, isColoured: false })}\n${summary(diagnostics)}\n`;
			expectGolden(text, join(fixtures, "bad/expected", `${name}.txt`));
		});
	}

	it("of all files come in one run, in the order of the places, and nothing is generated", () => {
		const places = all.diagnostics.map(({ location }) => `${location?.file}`);
		expect(new Set(places).size).to.equal(fixtureFiles("bad").length);
		expect(places).to.deep.equal([...places].sort());
		expect(all.files).to.deep.equal([]);
	});

	for (const [why, members] of [
		["`Bank.version` is no method", "Bank { version: string; balance(): Promise<number> }"],
		["`Bank.balance` is a property: write `balance(...)`", "Bank { balance: () => Promise<number> }"],
		["`Bank` has type parameters", "Bank<T> { balance(): Promise<T> }"],
		["`Bank` can be called or indexed itself", "Bank { balance(): Promise<number>; (): void }"],
	]) {
		it(`HC001 says what keeps an interface from being a service: ${why}`, () => {
			const workspace = new Workspace({ "bank.ts": `export interface ${members}\n` });
			const { diagnostics } = generate({ files: [join(workspace.path, "bank.ts")], out: workspace.path });
			workspace.remove();
			expect(diagnostics.map(({ code, message }) => [code, message])).to.deep.equal([
				["HC001", `This file exports no interface whose members are all methods: ${why}.`],
			]);
		}).timeout(20_000);
	}

	it("HC002 says how to write what an initializer is meant to say", () => {
		const source =
			"export interface Bank { list(limit: number = 20, { order: by = 1 }: { order?: number }): Promise<void> }";
		const workspace = new Workspace({ "bank.ts": source });
		const { diagnostics } = generate({ files: [join(workspace.path, "bank.ts")], out: join(workspace.path, "out") });
		workspace.remove();
		expect(diagnostics.map(({ code, remedy }) => [code, remedy])).to.deep.equal([
			["HC002", "Make it optional, and tag it: `/** @default 20 */ limit?: ...`."],
			["HC002", "Make the property of its type optional, and tag it: `/** @default 1 */ order?: ...`."],
		]);
	}).timeout(20_000);

	it("that are warnings keep nothing from being generated", function () {
		this.timeout(20_000);
		const warnings = codes.filter((code) => diagnosticKinds[code].severity === "warning");
		const files = warnings.map((code) => join(fixtures, "bad", `${code.toLowerCase()}.ts`));
		expect(generate({ files, out: join(fixtures, "bad/expected") }).files).to.have.length(warnings.length);
	});

	it("have a fixture for every code", () => {
		expect(fixtureFiles("bad").map((path) => basename(path, ".ts").toUpperCase())).to.deep.equal(codes);
	});

	it("are listed in docs/codegen.md with the causes and remedies of the code", () => {
		const docs = readFileSync(join(import.meta.dirname, "../../docs/codegen.md"), "utf8");
		const rows = docs.split("\n").filter((line) => line.startsWith("| HC"));
		const expected = Object.entries(diagnosticKinds).map(
			([code, { severity, cause, remedy }]) => `| ${code} | ${severity} | ${cause} | ${remedy} |`,
		);
		expect(rows).to.deep.equal(expected);
	});
});
