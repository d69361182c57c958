import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Definition, generate, read, type SourceModel } from "@homing/codegen";
import { expect } from "chai";
import { findBreaking } from "../../packages/codegen/src/breaking/compare.js";
import { readLock, writeLock } from "../../packages/codegen/src/lock/lock.js";
import { definitionsOf } from "../../packages/codegen/src/model/model.js";
import { schemaHashOf } from "../../packages/codegen/src/model/schema-hash.js";
import { fixtures } from "./support/compile.js";
import { homingCodegen, Workspace } from "./support/terminal.js";

const bank = `export interface Bank {
	/** The balance in cents. */
	balance(account: string): Promise<number>;
	log(line: string): void;
	transfer(order: Order): Promise<void>;
}
export interface Order {
	to: string;
	cents: number;
}
`;

describe("lock files", function () {
	this.timeout(30_000);
	const path = join(fixtures, "homing.lock.json");
	const names = ["bank", "channels", "constraints", "forms", "generics", "imports", "recursion", "wire"];
	let models: readonly SourceModel[];

	before(() => {
		({ models } = read({ files: names.map((name) => join(fixtures, `${name}.ts`)) }));
	});

	it("hold all that the messages are made of: what is read breaks nothing, either way, and has the same hashes", () => {
		const again = readLock(writeLock(models, path), path, "homing.lock.json");
		expect(again.map(({ file }) => file)).to.deep.equal(models.map(({ file }) => file));
		expect(findBreaking({ old: again, next: models })).to.deep.equal([]);
		expect(findBreaking({ old: models, next: again })).to.deep.equal([]);
		const hashes = (all: readonly SourceModel[]) =>
			all.flatMap((model) =>
				model.services.map((service) => `${service.name} ${schemaHashOf(service, definitionsOf(model))}`),
			);
		expect(hashes(again).sort()).to.deep.equal(hashes(models).sort());
	});

	it("are the same text whatever the order of the sources, and written again from what was read", () => {
		const text = writeLock(models, path);
		expect(writeLock([...models].reverse(), path)).to.equal(text);
		expect(writeLock(readLock(text, path, "it"), path)).to.equal(text);
	});

	it("do not change with documentation, or the order of methods and properties", () => {
		const workspace = new Workspace({
			"a/bank.ts": bank,
			"b/bank.ts":
				"/** Accounts. */\nexport interface Bank {\n\ttransfer(order: Order): Promise<void>;\n\tlog(line: string): void;\n\tbalance(account: string): Promise<number>;\n}\nexport interface Order {\n\tcents: number;\n\t/** Where to. */\n\tto: string;\n}\n",
		});
		try {
			const lockOf = (name: string) => {
				const folder = join(workspace.path, name);
				return writeLock(read({ files: ["bank.ts"], cwd: folder }).models, join(folder, "lock.json"));
			};
			expect(lockOf("b")).to.equal(lockOf("a"));
		} finally {
			workspace.remove();
		}
	});

	it("change in one place when a property is added", () => {
		const model = models.find(({ file }) => file.endsWith("/bank.ts"))!;
		const add = (definition: Definition): Definition => {
			if (definition.type.kind !== "object") return definition;
			const property = {
				name: "added",
				isOptional: true,
				isUndefinedAllowed: false,
				default: undefined,
				type: { kind: "boolean" as const },
			};
			return { ...definition, type: { ...definition.type, properties: [...definition.type.properties, property] } };
		};
		const index = model.definitions.findIndex(({ type }) => type.kind === "object");
		const definitions = model.definitions.map((definition, at) => (at === index ? add(definition) : definition));
		const before = writeLock([model], path).split("\n");
		const after = writeLock([{ ...model, definitions }], path).split("\n");
		const added = after.filter((line) => !before.includes(line) && !line.includes('"schemaHash": "'));
		expect(added).to.have.length(1);
		expect(added[0]).to.include('"name": "added"');
	});

	it("of a newer version are refused, and so is what is none, or damaged", () => {
		const refused = (text: string) => {
			try {
				readLock(text, path, "homing.lock.json");
				return undefined;
			} catch (error) {
				return `${(error as Error).name}: ${(error as Error).message}`;
			}
		};
		expect(refused('{ "lockVersion": 2, "packages": 5 }')).to.equal(
			"UsageError: homing.lock.json was written by a newer homing-codegen: its format is 2, and this one reads up to 1. Update @homing/codegen.",
		);
		expect(refused('{ "lockfileVersion": 3 }')).to.equal(
			"UsageError: homing.lock.json is no lock file: it has no lockVersion.",
		);
		expect(refused("<<<<<<< HEAD")).to.match(/^UsageError: homing\.lock\.json is no lock file: /);
		const text = writeLock(models, path);
		const damages: [string, string, RegExp][] = [
			[
				'"isIdempotent": true',
				'"isIdempotent": 1',
				/methods\[\d+\]\.isIdempotent: Invalid input: expected boolean, received number/,
			],
			['"kind": "date"', '"kind": "moment"', /is no type/],
			[
				'"name": "AccountId", "type"',
				'"name": "AccountNumber", "type"',
				/mentions `AccountId`, which it does not define/,
			],
			["^[A-Z]{2}[0-9]{6}$", "^[A-Z", /is no regular expression/],
			['"form": "stream"', '"form": "river"', /form: Invalid option: expected one of "unary"\|"one-way"\|"stream"/],
			// A union whose only member is a union, and so on: too deep a stack for a check that would follow it.
			[
				'{ "kind": "date" }',
				`${'{ "kind": "union", "members": ['.repeat(50_000)}${"] }".repeat(50_000)}`,
				/goes on too deep/,
			],
		];
		for (const [from, to, reason] of damages) {
			expect(text, from).to.include(from);
			const said = refused(text.replace(from, () => to));
			expect(said, from).to.match(/^UsageError: homing\.lock\.json is damaged: sources|^UsageError: .* is damaged: /);
			expect(said, from).to.match(reason);
			expect(said, from).to.match(/Write it again with `homing-codegen lock`\.$/);
		}
	});
});

describe("homing-codegen lock and breaking", function () {
	this.timeout(60_000);
	let workspace: Workspace;

	beforeEach(() => {
		workspace = new Workspace({ "src/bank.ts": bank });
	});

	afterEach(() => workspace.remove());

	const run = (...args: string[]) => homingCodegen(workspace.path, ...args);
	const against = (...args: string[]) => run("breaking", "src", "--against", "homing.lock.json", ...args);

	it("lock writes the file, leaves it alone while nothing changes, and --check fails on one that is stale", async () => {
		expect(await run("lock", "src")).to.deep.equal({ status: 0, out: "", error: "Wrote homing.lock.json\n" });
		expect((await run("lock", "src", "--check")).status).to.equal(0);
		expect(await run("lock", "src")).to.deep.equal({ status: 0, out: "", error: "1 unchanged.\n" });
		const before = readFileSync(join(workspace.path, "homing.lock.json"), "utf8");
		workspace.write("src/bank.ts", bank.replace("log(", "note("));
		const stale = await run("lock", "src", "--check");
		expect(stale).to.deep.equal({ status: 3, out: "", error: "homing.lock.json is stale.\n" });
		expect(readFileSync(join(workspace.path, "homing.lock.json"), "utf8")).to.equal(before);
	});

	it("generated files in a folder of sources are no sources", async () => {
		await run("generate", "src", "--out", "src/generated");
		expect((await run("lock", "src")).status).to.equal(0);
		expect(readFileSync(join(workspace.path, "homing.lock.json"), "utf8")).to.not.include("BankHandlers");
	});

	it("lock and breaking go by the configuration when they are told no files, from any folder below it", async () => {
		workspace.write("homing.config.json", JSON.stringify({ inputs: ["src"], out: "src/generated" }));
		expect(await homingCodegen(join(workspace.path, "src"), "lock")).to.include({
			status: 0,
			error: "Wrote ../homing.lock.json\n",
		});
		workspace.write("src/bank.ts", bank.replace("log(", "note("));
		const { status, error } = await run("breaking", "--against", "homing.lock.json");
		expect(status).to.equal(3);
		expect(error).to.include("Bank.log is gone, and `note`, which is new, has its signature.");
	});

	it("breaking exits with 0 when nothing breaks, and with 3 and the places when something does", async () => {
		await run("lock", "src");
		workspace.write("src/bank.ts", bank.replace("account: string", "account: string, currency?: string"));
		expect(await against()).to.deep.equal({ status: 0, out: "", error: "Nothing breaks against homing.lock.json.\n" });
		workspace.write("src/bank.ts", bank.replace("account: string", "account: string, currency: string"));
		const { status, error } = await against();
		expect(status).to.equal(3);
		expect(error).to.match(/^error HB105 src\/bank\.ts:3:27\nBank\.balance\(currency\) is new, and must be given\. /);
		expect(error).to.match(/1 error\.\n$/);
	});

	it("breaking reports as generate does: for programs, and for GitHub", async () => {
		await run("lock", "src");
		workspace.write("src/bank.ts", bank.replace("cents: number", "cents: number;\n\tmemo: string"));
		const { status, out } = await against("--error-format", "json");
		expect(status).to.equal(3);
		expect(JSON.parse(out)).to.deep.equal({
			diagnostics: [
				{
					code: "HB108",
					severity: "error",
					message: "Bank.transfer(order).memo is new, and must be sent. Calls without it end with INVALID_ARGUMENT.",
					remedy: "Make it optional.",
					location: { file: "src/bank.ts", line: 10, column: 2, endLine: 10, endColumn: 6 },
				},
			],
			files: [],
		});
		expect((await against("--error-format", "github-actions")).out).to.equal(
			"::error file=src/bank.ts,line=10,endLine=10,col=2,endColumn=6,title=HB108::Bank.transfer(order).memo is new, and must be sent. Calls without it end with INVALID_ARGUMENT.%0AInstead: Make it optional.\n",
		);
	});

	it("--rules chooses whom it must not break", async () => {
		await run("lock", "src");
		workspace.write("src/bank.ts", bank.replace("\tcents: number", "\t/** @int */\n\tcents: number"));
		expect((await against("--rules", "wire")).status).to.equal(3);
		expect((await against("--rules", "source")).status).to.equal(0);
	});

	it("breaks that are meant are accepted by code and place, on the command line and in JSDoc, and only there", async () => {
		await run("lock", "src");
		const changed = bank
			.replace("\tlog(line: string): void;\n", "")
			.replace("account: string", "account: string, now: Date");
		workspace.write("src/bank.ts", changed);
		const codes = async (...args: string[]) =>
			JSON.parse((await against("--error-format", "json", ...args)).out).diagnostics.map(
				({ code }: { code: string }) => code,
			);
		expect(await codes()).to.have.members(["HB102", "HB105"]);
		expect(await codes("--accept", "HB102")).to.deep.equal(["HB105"]);
		expect(await codes("--accept", "HB102:Bank.lo")).to.have.members(["HB102", "HB105"]);
		expect(await codes("--accept", "HB102:Bank.log", "--accept", "HB105:Bank.balance")).to.deep.equal([]);
		workspace.write(
			"src/bank.ts",
			changed
				.replace(
					"export interface Bank",
					"/** Accounts. @breaks HB102 Bank.log nobody calls it */\nexport interface Bank",
				)
				.replace("in cents.", "in cents. @breaks HB105, HB112 since 2.0"),
		);
		const accepted = await against();
		expect(accepted).to.deep.equal({ status: 0, out: "", error: "2 accepted.\n" });
		const { files } = generate({ files: ["src"], out: "out", cwd: workspace.path });
		expect(files.map(({ text }) => text).join())
			.to.include("The balance in cents.")
			.and.not.include("@breaks");
	});

	it("breaks that are meant may stand in the configuration", async () => {
		await run("lock", "src");
		workspace.write("src/bank.ts", bank.replace("\tlog(line: string): void;\n", ""));
		const configure = (...accept: string[]) =>
			workspace.write("homing.config.json", JSON.stringify({ inputs: ["src"], accept }));
		configure("HB102:Bank.lo", "HB105");
		expect(await against()).to.include({ status: 3 });
		configure("HB105", "HB102:Bank.log");
		expect(await against()).to.deep.equal({ status: 0, out: "", error: "1 accepted.\n" });
		configure("HB999");
		const wrong = await against();
		expect(wrong.status).to.equal(2);
		expect(wrong.error).to.include("`accept` in homing.config.json takes a code like HB102");
	});

	it("a code that is none, and a lock file that is not there, are told", async () => {
		await run("lock", "src");
		expect(await against("--accept", "HB999")).to.deep.equal({
			status: 2,
			out: "",
			error: "--accept takes a code like HB102, or a code and a place like HB102:Bank.log, and got HB999.\n",
		});
		const missing = await run("breaking", "src", "--against", "other.lock.json");
		expect(missing.status).to.equal(2);
		expect(missing.error).to.include("other.lock.json");
	});
});
