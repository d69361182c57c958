import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { homingCodegen, Workspace } from "./support/terminal.js";

const service = (name: string) => `export interface ${name} {\n\task(): Promise<string>;\n}\n`;

describe("the extension of imports in generated files", function () {
	this.timeout(60_000);
	let workspace: Workspace;

	beforeEach(() => {
		workspace = new Workspace();
	});

	afterEach(() => workspace.remove());

	/** What the generated file calls its source. */
	async function imported(
		options: object | undefined,
		{ source = "src/bank.ts", out = "gen", flags = [] as string[] } = {},
	): Promise<string | undefined> {
		workspace.write(source, service("Bank"));
		if (options !== undefined) workspace.write("tsconfig.json", JSON.stringify({ compilerOptions: options }));
		const { error } = await homingCodegen(workspace.path, "generate", source, "--out", out, ...flags);
		const [, file] = /Wrote (\S+)/.exec(error) ?? expect.fail(error);
		return / from "(\.[^"]+)";/.exec(readFileSync(join(workspace.path, file!), "utf8"))?.[1];
	}

	const cases: readonly (readonly [string, object | undefined, string])[] = [
		["no tsconfig", undefined, "../src/bank.js"],
		["a tsconfig that leaves it to the compiler", {}, "../src/bank.js"],
		["NodeNext", { module: "NodeNext" }, "../src/bank.js"],
		["Node16 resolution", { module: "Node16", moduleResolution: "Node16" }, "../src/bank.js"],
		["Node18", { module: "Node18" }, "../src/bank.js"],
		["Node20", { module: "Node20" }, "../src/bank.js"],
		["Bundler", { module: "ESNext", moduleResolution: "Bundler" }, "../src/bank"],
		["Preserve", { module: "Preserve" }, "../src/bank"],
		["CommonJS", { module: "CommonJS" }, "../src/bank"],
		["Node10 resolution", { module: "CommonJS", moduleResolution: "Node10" }, "../src/bank"],
		[
			"allowImportingTsExtensions",
			{ module: "ESNext", moduleResolution: "Bundler", allowImportingTsExtensions: true, noEmit: true },
			"../src/bank.ts",
		],
		[
			"rewriteRelativeImportExtensions",
			{ module: "NodeNext", rewriteRelativeImportExtensions: true },
			"../src/bank.ts",
		],
	];
	for (const [title, options, specifier] of cases) {
		it(`is ${/bank(.*)/.exec(specifier)?.[1] || "none"} with ${title}`, async () => {
			expect(await imported(options)).to.equal(specifier);
		});
	}

	it("is what --import-extension says, whatever the tsconfig", async () => {
		for (const [style, specifier] of [
			["js", "../src/bank.js"],
			["ts", "../src/bank.ts"],
			["none", "../src/bank"],
		] as const) {
			const flags = ["--import-extension", style];
			expect(await imported({ module: "NodeNext" }, { flags, out: `gen-${style}` })).to.equal(specifier);
		}
	});

	it("of .mts and .tsx files is one that can be found", async () => {
		const named = (source: string, style: string) =>
			imported({ module: "NodeNext" }, { source, flags: ["--import-extension", style], out: `${source}-${style}` });
		expect(await named("src/a.mts", "js")).to.match(/\/a\.mjs$/);
		expect(await named("src/a.mts", "ts")).to.match(/\/a\.mts$/);
		expect(await named("src/a.mts", "none")).to.match(/\/a\.mjs$/);
		expect(await named("src/b.tsx", "js")).to.match(/\/b\.js$/);
		expect(await named("src/b.tsx", "ts")).to.match(/\/b\.tsx$/);
		expect(await named("src/c.d.ts", "ts")).to.match(/\/c\.js$/);
		expect(await named("src/c.d.ts", "none")).to.match(/\/c$/);
	});

	it("suits the package that the output lies in", async () => {
		workspace.write("web/tsconfig.json", JSON.stringify({ compilerOptions: { module: "Preserve" } }));
		expect(await imported({ module: "NodeNext" }, { out: "web/src/gen" })).to.equal("../../../src/bank");
	});

	it("comes from the project that has the source, where the tsconfig only refers to others", async () => {
		workspace.write(
			"tsconfig.json",
			JSON.stringify({ files: [], references: [{ path: "./tsconfig.node.json" }, { path: "./web" }] }),
		);
		workspace.write(
			"tsconfig.node.json",
			JSON.stringify({ compilerOptions: { module: "NodeNext" }, include: ["scripts"] }),
		);
		workspace.write(
			"web/tsconfig.json",
			JSON.stringify({ compilerOptions: { module: "Preserve" }, include: ["../src"] }),
		);
		expect(await imported(undefined)).to.equal("../src/bank");
		expect(await imported(undefined, { source: "scripts/bank.ts", out: "scripts-gen" })).to.equal("../scripts/bank.js");
	});
});
