import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { homingCodegen, Workspace } from "./support/terminal.js";

describe("homing-codegen init", function () {
	this.timeout(30_000);
	let workspace: Workspace;

	beforeEach(() => {
		workspace = new Workspace();
	});

	afterEach(() => workspace.remove());

	const init = (folder = ".", ...args: string[]) => homingCodegen(join(workspace.path, folder), "init", ...args);
	const read = (name: string) => readFileSync(join(workspace.path, name), "utf8");
	const files = () => readdirSync(workspace.path, { recursive: true, encoding: "utf8" }).sort();

	it("writes a configuration, a first service and scripts, and says what comes next", async () => {
		workspace.write("package.json", '{\n\t"name": "fresh",\n\t"type": "module"\n}\n');
		workspace.write("tsconfig.json", '{ "compilerOptions": { "module": "NodeNext", "strict": true } }');
		workspace.write("pnpm-lock.yaml", "");
		const { status, out, error } = await init();
		expect({ status, out }).to.deep.equal({ status: 0, out: "" });
		expect(error).to.equal(
			[
				"package.json: pnpm, ES modules, tsconfig.json.",
				"Wrote homing.config.json",
				"Wrote src/services/greeter.ts",
				"Added `generate` and `check` to the scripts of package.json",
				"",
				"Next:",
				"  pnpm add @homing/runtime zod",
				"  pnpm add -D @homing/codegen",
				"  pnpm run generate",
				"In CI: pnpm run check",
				"",
			].join("\n"),
		);
		expect(read("package.json")).to.equal(
			'{\n\t"name": "fresh",\n\t"type": "module",\n\t"scripts": {\n\t\t"generate": "homing-codegen generate",\n\t\t"check": "homing-codegen generate --check"\n\t}\n}\n',
		);
	});

	it("leaves a package in which generate works, and check passes", async () => {
		workspace.write("package.json", "{}");
		await init();
		const generated = await homingCodegen(workspace.path, "generate");
		expect(generated).to.include({ status: 0, error: "Wrote src/generated/greeter.ts\n" });
		expect((await homingCodegen(workspace.path, "generate", "--check")).status).to.equal(0);
	});

	it("run twice changes nothing the second time", async () => {
		workspace.write("package.json", "{}");
		await init();
		const before = files().map((name) => [
			name,
			existsSync(join(workspace.path, name)) && name.includes(".") && read(name),
		]);
		const { status, error } = await init();
		expect(status).to.equal(0);
		expect(error).to.include("Left homing.config.json as it is.\n").and.include("package.json has the scripts.\n");
		expect(error).not.to.match(/^(Wrote [^n]|Added)/m);
		expect(
			files().map((name) => [name, existsSync(join(workspace.path, name)) && name.includes(".") && read(name)]),
		).to.deep.equal(before);
	});

	it("keeps scripts and services that are there", async () => {
		workspace.write("package.json", JSON.stringify({ scripts: { check: "biome check" }, dependencies: { zod: "4" } }));
		workspace.write("src/services/bank.ts", "export interface Bank { ask(): Promise<string> }");
		const { error } = await init();
		expect(JSON.parse(read("package.json")).scripts).to.deep.equal({
			check: "biome check",
			generate: "homing-codegen generate",
			"homing:check": "homing-codegen generate --check",
		});
		expect(error).to.include("Wrote no first service: src/services has files.\n");
		expect(error).to.include("  npm install @homing/runtime\n").and.include("In CI: npm run homing:check\n");
		expect(existsSync(join(workspace.path, "src/services/greeter.ts"))).to.equal(false);
	});

	it("--dry-run writes nothing, and says what would be written", async () => {
		workspace.write("package.json", "{}");
		const { status, error } = await init(".", "--dry-run");
		expect(status).to.equal(0);
		expect(error).to.include(
			"Would write homing.config.json\nWould write src/services/greeter.ts\nWould add `generate`",
		);
		expect(files()).to.deep.equal(["package.json"]);
		expect(read("package.json")).to.equal("{}");
	});

	it("sets up one package of a monorepo, with what the root says", async () => {
		workspace.write("package.json", '{ "packageManager": "yarn@4.9.1" }');
		workspace.write("tsconfig.json", "{}");
		workspace.write("node_modules/@homing/codegen/package.json", "{}");
		workspace.write("packages/api/package.json", '{ "type": "commonjs" }');
		workspace.write("packages/api/src/index.ts", "");
		const { error } = await init("packages/api/src");
		expect(error).to.match(
			/^\.\.\/package\.json: yarn, CommonJS, \S*tsconfig\.json\.\nWrote \.\.\/homing\.config\.json\n/,
		);
		expect(JSON.parse(read("packages/api/homing.config.json")).$schema).to.equal(
			"../../node_modules/@homing/codegen/homing.config.schema.json",
		);
		expect(read("package.json")).to.equal('{ "packageManager": "yarn@4.9.1" }');
		expect((await homingCodegen(join(workspace.path, "packages/api"), "generate")).error).to.equal(
			"Wrote src/generated/greeter.ts\n",
		);
	});

	for (const [file, manager] of [
		["package-lock.json", "npm"],
		["yarn.lock", "yarn"],
		["bun.lock", "bun"],
		["pnpm-lock.yaml", "pnpm"],
	] as const) {
		it(`knows ${manager} by ${file}`, async () => {
			workspace.write("package.json", "{}");
			workspace.write(file, "");
			expect((await init()).error).to.match(new RegExp(`^package\\.json: ${manager}, `));
		});
	}

	it("exits with 2 where there is no package, and where package.json is none", async () => {
		const none = await init();
		expect(none.status).to.equal(2);
		expect(none.error).to.include("There is no package.json here or above");
		workspace.write("package.json", "{");
		const broken = await init();
		expect(broken.status).to.equal(2);
		expect(broken.error).to.include("is not valid JSON");
		expect(files()).to.deep.equal(["package.json"]);
	});
});
