/** A generator that runs again, as `--watch` has it: what has not changed is neither read nor made again, nor kept. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "chai";
import { type GenerateResult, Generator } from "../../packages/codegen/src/generate.js";
import { Workspace } from "./support/terminal.js";

const service = (name: string, types: string) => `import type { ${types} } from "./types.js";
export interface ${name} {
	first(item: ${types}): Promise<void>;
}
`;

describe("generating again", function () {
	this.timeout(30_000);
	let workspace: Workspace;
	let generator: Generator;
	let first: GenerateResult;

	beforeEach(() => {
		workspace = new Workspace({
			"src/a.ts": service("A", "Item"),
			"src/b.ts": service("B", "Item"),
			"src/c.ts": "export interface C { first(item: string): Promise<void> }\n",
			"src/types.ts": 'export type { Item } from "./deep.js";\n',
			"src/deep.ts": "export interface Item { one: string }\n",
		});
		generator = new Generator([{ files: ["src"], out: "out" }], workspace.path);
		first = generator.run();
		expect(first.diagnostics).to.deep.equal([]);
	});

	afterEach(() => workspace.remove());

	const change = (name: string, text: string, isNew = false) => {
		workspace.write(name, text);
		return generator.run([{ path: join(workspace.path, name), isNew }]);
	};

	/** The names of those files that are other ones than before. */
	const differing = (now: GenerateResult, before: GenerateResult) =>
		now.files.filter((file) => !before.files.includes(file)).map(({ path }) => path.slice(workspace.path.length + 1));

	const fresh = () => new Generator([{ files: ["src"], out: "out" }], workspace.path).run();

	it("makes what came of the file that has changed, and nothing else", () => {
		const second = change("src/c.ts", "export interface C { second(item: string): Promise<void> }\n");
		expect(differing(second, first)).to.deep.equal(["out/c.ts"]);
		expect(second).to.deep.equal(fresh());
	});

	it("makes what came of all that import the file that has changed, by way of others too", () => {
		const second = change("src/deep.ts", "export interface Item { two: string }\n");
		expect(differing(second, first)).to.deep.equal(["out/a.ts", "out/b.ts"]);
		expect(second).to.deep.equal(fresh());
	});

	it("makes nothing of a change to a file that nothing imports", () => {
		workspace.write("notes.ts", "export {};\n");
		expect(differing(change("notes.ts", "export const note = 1;\n"), first)).to.deep.equal([]);
	});

	it("sees what is declared for all files, before it is changed and after", () => {
		const failing = change("src/c.ts", "export interface C { first(item: Everywhere): Promise<void> }\n");
		expect(failing.diagnostics.map(({ code }) => code)).to.deep.equal(["HC003"]);
		const declared = (type: string) => `declare global { type Everywhere = ${type} }\nexport type Item = Everywhere;\n`;
		for (const type of ["string", "boolean"]) {
			const next = change("src/types.ts", declared(type));
			expect(next.files.find(({ path }) => path.endsWith("/c.ts"))!.text).to.include(`z.${type}()`);
			expect(next).to.deep.equal(fresh());
		}
		expect(change("src/types.ts", "export type Item = string;\n").diagnostics.map(({ code }) => code)).to.deep.equal([
			"HC003",
		]);
	});

	it("sees a file that an import has looked for in vain", () => {
		const failing = change("src/c.ts", service("C", "Late").replace("types.js", "late.js"));
		expect(failing.diagnostics.map(({ code }) => code)).to.deep.equal(["HC003"]);
		const next = change("src/late.ts", "export type Late = number;\n", true);
		expect(next.files.find(({ path }) => path.endsWith("/c.ts"))!.text).to.include("z.number()");
	});

	it("forgets what came of a file that is gone", () => {
		const path = join(workspace.path, "src/c.ts");
		rmSync(path);
		expect(generator.run([{ path, isNew: false }]).files).to.have.length(2);
	});

	it("keeps no model and no text of earlier runs", async () => {
		setFlagsFromString("--expose-gc");
		const collectGarbage = runInNewContext("gc") as () => void;
		const models: WeakRef<object>[] = [];
		const texts: WeakRef<object>[] = [];
		for (let run = 0; run < 10; run++) {
			const result = change("src/deep.ts", `export interface Item { number${run}: string }\n`);
			models.push(new WeakRef(result.models.find(({ file }) => file.endsWith("/a.ts"))!));
			texts.push(new WeakRef(result.files.find(({ path }) => path.endsWith("/a.ts"))!));
			// What a WeakRef was made of is kept until the turn is over.
			await new Promise((resolve) => setImmediate(resolve));
		}
		collectGarbage();
		const alive = (references: readonly WeakRef<object>[]) =>
			references.flatMap((reference, run) => (reference.deref() === undefined ? [] : [run]));
		expect([alive(models), alive(texts)]).to.deep.equal([[9], [9]]);
	});
});
