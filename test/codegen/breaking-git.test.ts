import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { homingCodegen, Workspace } from "./support/terminal.js";

const bank = `import type { Order } from "./order.js";
export interface Bank {
	log(line: string): void;
	transfer(order: Order): Promise<void>;
}
`;
const order = "export interface Order {\n\tto: string;\n\tmemo?: string;\n}\n";

describe("homing-codegen breaking --against a git ref", function () {
	this.timeout(60_000);
	let workspace: Workspace;

	beforeEach(() => {
		workspace = new Workspace({ "packages/bank/src/bank.ts": bank, "packages/bank/src/order.ts": order });
	});

	afterEach(() => workspace.remove());

	function git(...args: string[]): string {
		const identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false"];
		const { status, stdout, stderr } = spawnSync("git", [...identity, ...args], {
			cwd: workspace.path,
			encoding: "utf8",
		});
		expect(status, stderr).to.equal(0);
		return stdout;
	}

	function commit(): void {
		git("init", "--quiet", "--initial-branch=main");
		git("add", ".");
		git("commit", "--quiet", "--message=first");
		git("tag", "v1.0.0");
	}

	const against = async (ref: string, folder = "packages/bank", files = ["src"]) =>
		homingCodegen(join(workspace.path, folder), "breaking", ...files, "--against", ref);

	it("reads tags, branches and commits, from a folder inside the repository, with the files that they import", async () => {
		commit();
		workspace.write("packages/bank/src/order.ts", order.replace("memo?", "memo"));
		git("commit", "--quiet", "--all", "--message=second");
		for (const ref of ["v1.0.0", "HEAD~1", git("rev-parse", "v1.0.0").trim()]) {
			const { status, error } = await against(ref);
			expect(status, error).to.equal(3);
			expect(error).to.match(/^error HB108 src\/order\.ts:3:2\nBank\.transfer\(order\)\.memo could be left out/);
		}
		expect(await against("main")).to.deep.equal({ status: 0, out: "", error: "Nothing breaks against main.\n" });
	});

	it("compares the working tree as it is, and leaves it and the index alone", async () => {
		commit();
		workspace.write("packages/bank/src/bank.ts", bank.replace("log(", "note("));
		workspace.write("packages/bank/src/staged.ts", "export interface Staged {\n\tone(): Promise<void>;\n}\n");
		git("add", "packages/bank/src/staged.ts");
		workspace.write("packages/bank/src/loose.ts", "export interface Loose {\n\tone(): Promise<void>;\n}\n");
		const before = git("status", "--porcelain");
		expect(before.trim().split("\n")).to.have.length(3);
		const { status, error } = await against("HEAD");
		expect(status).to.equal(3);
		expect(error).to.match(/^error HB102 src\/bank\.ts:2:18\nBank\.log is gone, and `note`/);
		expect(git("status", "--porcelain")).to.equal(before);
	});

	it("finds services that are gone with their files, and passes over files that are new", async () => {
		workspace.write("packages/bank/src/audit.ts", "export interface Audit {\n\treport(): Promise<string>;\n}\n");
		commit();
		git("rm", "--quiet", "packages/bank/src/audit.ts");
		workspace.write("packages/bank/src/cards.ts", "export interface Cards {\n\tcount(): Promise<number>;\n}\n");
		const gone = await against("v1.0.0");
		expect(gone.error)
			.to.match(/^error HB101\nAudit is gone\./)
			.and.match(/\n1 error\.\n$/);
		const named = await against("v1.0.0", "packages/bank", ["src/cards.ts", "src/bank.ts"]);
		expect(named).to.include({ status: 0, error: "Nothing breaks against v1.0.0.\n" });
	});

	it("reads types of installed packages, which git does not have", async () => {
		workspace.write(".gitignore", "node_modules\n");
		workspace.write("node_modules/money/package.json", '{ "name": "money", "types": "index.d.ts" }');
		workspace.write("node_modules/money/index.d.ts", "export interface Money { cents: number; currency?: string }\n");
		workspace.write(
			"packages/bank/src/order.ts",
			'import type { Money } from "money";\nexport interface Order { amount: Money }\n',
		);
		commit();
		workspace.write("packages/bank/src/order.ts", "export interface Order { amount: { cents: number } }\n");
		const { status, error } = await against("v1.0.0");
		expect(status).to.equal(3);
		expect(error).to.match(/^error HB109 [^\n]*\nBank\.transfer\(order\)\.amount\.currency is gone\./);
	});

	it("names files of the repository that it could read only as they are now", async () => {
		workspace.write(".gitignore", "node_modules\ndist\n");
		workspace.write("packages/types/package.json", '{ "name": "types", "types": "dist/index.d.ts" }');
		workspace.write("packages/types/dist/index.d.ts", order);
		workspace.write("packages/bank/src/bank.ts", bank.replace("./order.js", "types"));
		commit();
		workspace.link("packages/types", "packages/bank/node_modules/types");
		const { status, error } = await against("v1.0.0");
		expect(status).to.equal(0);
		expect(error).to.equal(
			"../types/dist/index.d.ts was read as it is now, not as it was in v1.0.0: it is no part of the commit.\nNothing breaks against v1.0.0.\n",
		);
	});

	it("says so when the ref, the repository, or git is missing, or the sources of then have errors", async () => {
		const outside = await against("v1.0.0");
		expect(outside.status).to.equal(2);
		expect(outside.error).to.match(/is in no git repository: fatal: not a git repository/);
		workspace.write("packages/bank/src/wrong.ts", "/** @service */\nexport interface Wrong {\n\tcount(): number;\n}\n");
		commit();
		git("rm", "--quiet", "packages/bank/src/wrong.ts");
		expect((await against("v9.0.0")).error).to.equal(
			"v9.0.0 is neither a lock file nor a git ref here. A clone that is shallow has few refs: fetch it first.\n",
		);
		expect((await against("--upload-pack=x")).status).to.equal(2);
		const errors = await against("v1.0.0");
		expect(errors.status).to.equal(2);
		expect(errors.error).to.equal(
			"The services as they were in v1.0.0 cannot be read:\nHC007 packages/bank/src/wrong.ts:3:11 Wrong.count returns `number`, and a reply takes time.\n",
		);
		const path = process.env["PATH"];
		process.env["PATH"] = workspace.path;
		try {
			expect((await against("v1.0.0")).error).to.equal(
				"git was not found, and a git ref needs it: install it, or name a lock file.\n",
			);
		} finally {
			process.env["PATH"] = path;
		}
	});

	it("leaves no temporary folder behind", async () => {
		commit();
		const before = readdirSync(tmpdir()).filter((name) => name.startsWith("homing-codegen-released-"));
		await against("v1.0.0");
		await against("v9.0.0");
		expect(readdirSync(tmpdir()).filter((name) => name.startsWith("homing-codegen-released-"))).to.deep.equal(before);
		expect(readFileSync(join(workspace.path, "packages/bank/src/bank.ts"), "utf8")).to.equal(bank);
	});
});
