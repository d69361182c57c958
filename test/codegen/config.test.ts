import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { configJsonSchema } from "../../packages/codegen/src/config/schema.js";
import { homingCodegen, Workspace } from "./support/terminal.js";

const service = (name: string) => `export interface ${name} {\n\task(): Promise<string>;\n}\n`;
const configName = "homing.config.json";

describe("homing.config.json", function () {
	this.timeout(30_000);
	let workspace: Workspace;

	beforeEach(() => {
		workspace = new Workspace({ "src/bank.ts": service("Bank"), "src/deep/post.ts": service("Post") });
	});

	afterEach(() => workspace.remove());

	const configure = (config: unknown) => workspace.write(configName, JSON.stringify(config));
	const at = (folder: string, ...args: string[]) => homingCodegen(join(workspace.path, folder), ...args);
	const read = (name: string) => readFileSync(join(workspace.path, name), "utf8");
	const has = (name: string) => existsSync(join(workspace.path, name));

	it("is what generate does when it is told no files, from any folder below it", async () => {
		configure({
			$schema: "./node_modules/@homing/codegen/homing.config.schema.json",
			inputs: ["src/**/*.ts"],
			out: "gen",
		});
		expect(await at("src/deep", "generate")).to.include({
			status: 0,
			error: "Wrote ../../gen/bank.ts\nWrote ../../gen/deep/post.ts\n",
		});
		expect(await at(".", "generate", "--check")).to.include({ status: 0, error: "2 up to date.\n" });
		expect((await at(".", "describe")).out).to.match(/^Bank .*\n.*\n\nPost /);
	});

	it("has inputs with an output, a language and a tsconfig of their own", async () => {
		workspace.write("python.tsconfig.json", JSON.stringify({ compilerOptions: { strict: true } }));
		configure({
			inputs: [
				"src/bank.ts",
				{ files: "src/bank.ts", out: "python/bank_rpc", language: "python", project: "python.tsconfig.json" },
				{ files: ["src/deep/*.ts"], out: "post", importExtension: "none" },
			],
			out: "gen",
		});
		expect((await at(".", "generate")).error.trim().split("\n").sort()).to.deep.equal([
			"Wrote gen/bank.ts",
			"Wrote post/post.ts",
			"Wrote python/bank_rpc/_homing.py",
			"Wrote python/bank_rpc/bank.py",
		]);
		expect(read("gen/bank.ts")).to.include('from "../src/bank.js"');
		expect(read("post/post.ts")).to.include('from "../src/deep/post"');
	});

	it("does not take what one input becomes for the source of another", async () => {
		configure({ inputs: ["src", { files: "src/bank.ts", out: "src/other" }], out: "src/gen" });
		const first = await at(".", "generate");
		const second = await at(".", "generate");
		expect(first.error.match(/Wrote/g)).to.have.length(3);
		expect(second.error).to.equal("3 unchanged.\n");
	});

	it("yields to flags, and to files that are named", async () => {
		configure({ inputs: ["src/bank.ts"], out: "gen", errorFormat: "json" });
		expect(JSON.parse((await at(".", "generate")).out).files).to.deep.equal([{ path: "gen/bank.ts", state: "new" }]);
		const flagged = await at("src", "generate", "--out", "../flagged", "--error-format", "text");
		expect(flagged.error).to.equal("Wrote ../flagged/bank.ts\n");
		const named = await at("src", "generate", "deep/post.ts", "--error-format", "text");
		expect(named.error).to.equal("Wrote ../gen/post.ts\n");
	});

	it("can be another file, by --config; --check says it again", async () => {
		workspace.write("conf/other.json", JSON.stringify({ inputs: ["../src/*.ts"], out: "../gen" }));
		const { status, error } = await at(".", "generate", "--config", "conf/other.json", "--check");
		expect({ status, error }).to.deep.equal({
			status: 3,
			error:
				"gen/bank.ts is missing.\nRun `homing-codegen generate --config conf/other.json` and commit what it writes.\n",
		});
	});

	it("makes one message of everything that is wrong with it, and nothing is generated", async () => {
		configure({
			input: ["src"],
			inputs: ["", 7, { file: "src/bank.ts" }, { files: [], lang: "python" }],
			importExtension: ".js",
			language: "pyton",
			zzz: 1,
		});
		const { status, error } = await at(".", "generate", "--out", "gen");
		expect(status).to.equal(2);
		expect(error.split("\n")).to.deep.equal([
			"homing.config.json: inputs[0]: expected text that is not empty",
			"homing.config.json: inputs[1]: expected text or an object",
			"homing.config.json: inputs[2].files: is missing",
			"homing.config.json: inputs[2].file: there is no such key; did you mean `files`?",
			"homing.config.json: inputs[3].files: expected one at least",
			"homing.config.json: inputs[3].lang: there is no such key; did you mean `language`?",
			'homing.config.json: language: expected "typescript" or "python"; did you mean `python`?',
			'homing.config.json: importExtension: expected "js" or "ts" or "none"; did you mean `js`?',
			"homing.config.json: input: there is no such key; did you mean `inputs`?",
			"homing.config.json: zzz: there is no such key; there are $schema, inputs, out, language, project, importExtension, fakes, arbitraries, errorFormat, accept",
			"",
		]);
		expect(has("gen")).to.equal(false);
	});

	it("that is no object, or has values of another kind, is told what is expected instead", async () => {
		const mistakes = async (config: unknown) => {
			configure(config);
			return (await at(".", "generate")).error.trimEnd().split("\n");
		};
		expect(await mistakes(["src"])).to.deep.equal(["homing.config.json: expected an object"]);
		expect(await mistakes({ out: "gen" })).to.deep.equal(["homing.config.json: inputs: is missing"]);
		expect(await mistakes({ inputs: "src", out: null, language: 7, fakes: "yes" })).to.deep.equal([
			"homing.config.json: inputs: expected a list",
			"homing.config.json: out: expected text",
			'homing.config.json: language: expected "typescript" or "python"',
			"homing.config.json: fakes: expected true or false",
		]);
		expect(await mistakes({ inputs: [null, { files: 7 }] })).to.deep.equal([
			"homing.config.json: inputs[0]: expected text or an object",
			"homing.config.json: inputs[1].files: expected text or a list",
		]);
	});

	it("that is no JSON, or has names that objects inherit, is refused", async () => {
		workspace.write(configName, "{ inputs: }");
		expect(await at(".", "generate")).to.include({ status: 2 });
		workspace.write(configName, '{ "inputs": ["src"], "out": "gen", "toString": 1, "__proto__": {} }');
		const { error } = await at(".", "generate");
		expect(error).to.match(/toString: there is no such key/);
		expect(error).to.match(/__proto__: there is no such key/);
	});

	it("has the schema that is shipped", () => {
		const schema = configJsonSchema();
		const shipped = join(import.meta.dirname, "../../packages/codegen/homing.config.schema.json");
		// Its line breaks are the formatter's: after UPDATE_GOLDEN=1, `pnpm format`.
		if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(shipped, JSON.stringify(schema));
		expect(JSON.parse(readFileSync(shipped, "utf8"))).to.deep.equal(schema);
	});
});
