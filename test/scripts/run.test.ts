import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What the runner takes for the tools that it starts: each writes down how it was called. */
const tools: Record<string, string> = {
	"bin/npx": `#!/bin/sh
echo "npx $*" >> log
if [ -e offline ]; then echo "npm error code ENOTFOUND" >&2; exit 1; fi
mkdir -p node_modules/.pnpm
echo "on pnpm's stdout"
`,
	"node_modules/typescript/bin/tsc": `require("node:fs").appendFileSync("log", "tsc " + process.argv.slice(2).join(" ") + "\\n");
process.exitCode = require("node:fs").existsSync("broken") ? 2 : 0;
`,
	"scripts/bundle.mjs": `import { appendFileSync } from "node:fs";
appendFileSync("log", "bundle\\n");
`,
	"packages/codegen/bin/homing-codegen.js": `require("node:fs").appendFileSync("log", "codegen\\n"); console.log("Wrote");`,
	"packages/examples/dist/file-census/main.js": `
if (process.argv[2] === "wait") { process.on("SIGINT", () => process.exit(7)); console.log("waiting"); setInterval(() => {}, 1000); }
else { console.log("program " + process.argv.slice(2).join(" ")); process.exitCode = Number(process.argv[3] ?? 0); }
`,
	"node_modules/mocha/bin/mocha.js": `
const has = require("node:fs").existsSync;
console.log("mocha " + process.argv.slice(2).join(" "));
const isOfFaults = process.argv[2].startsWith("test/fault/");
if (!(isOfFaults && has("crash"))) console.log("20 passed, " + (isOfFaults ? "3 failed" : "0 failed, 1 skipped"));
if (isOfFaults) process.exitCode = 3;
`,
	"node_modules/tsx/index.js": "",
	"packages/examples/src/one.ts": "",
	"packages/examples/package.json": "{}",
	"pnpm-lock.yaml": "",
};

interface Run {
	readonly status: number | null;
	readonly stdout: string;
	readonly stderr: string;
	/** The tools called, in order. */
	readonly calls: readonly string[];
}

describe("the runner behind npm start and npm test", () => {
	let repository: string;

	beforeEach(async () => {
		repository = await mkdtemp(join(tmpdir(), "homing-run-"));
		await cp(join(root, "scripts"), join(repository, "scripts"), { recursive: true });
		for (const [path, text] of Object.entries(tools)) {
			await mkdir(dirname(join(repository, path)), { recursive: true });
			await writeFile(join(repository, path), text);
		}
		await chmod(join(repository, "bin/npx"), 0o755);
	});

	afterEach(() => rm(repository, { recursive: true }));

	function start(args: readonly string[], flags: readonly string[] = []): ChildProcess {
		const env = { ...process.env, PATH: `${join(repository, "bin")}:${process.env["PATH"]}` };
		return spawn(process.execPath, [...flags, "scripts/run.mjs", ...args], { cwd: repository, env });
	}

	async function run(args: readonly string[], flags?: readonly string[]): Promise<Run> {
		const log = join(repository, "log");
		await rm(log, { force: true });
		const child = start(args, flags);
		let stdout = "";
		let stderr = "";
		child.stdout!.on("data", (chunk) => {
			stdout += String(chunk);
		});
		child.stderr!.on("data", (chunk) => {
			stderr += String(chunk);
		});
		const [status] = (await once(child, "close")) as [number | null];
		const calls = (await readFile(log, "utf8").catch(() => "")).split("\n").slice(0, -1);
		return { status, stdout, stderr, calls };
	}

	it("installs what it needs, builds, generates the stubs, and runs the program with its arguments", async () => {
		const { status, stdout, calls } = await run(["start", "folder", "0", "--kill"]);
		expect(status).to.equal(0);
		expect(stdout).to.equal("program folder 0 --kill\n");
		expect(calls).to.deep.equal([
			"npx --yes pnpm@12.21.0 install --frozen-lockfile --reporter=append-only " +
				"--prod --filter @homing/examples... --filter @homing/bench...",
			"tsc -b packages/codegen packages/runtime",
			"codegen",
			"tsc -b packages/examples",
			"bundle",
		]);
	});

	it("does nothing twice", async () => {
		await run(["start"]);
		expect((await run(["start"])).calls).to.deep.equal([]);
	});

	it("builds again when a source has changed", async () => {
		await run(["start"]);
		await utimes(join(repository, "packages/examples/src/one.ts"), 1, 1);
		expect((await run(["start"])).calls)
			.to.include("tsc -b packages/examples")
			.and.to.have.length(4);
	});

	it("installs again when the lock file has changed", async () => {
		await run(["start"]);
		await writeFile(join(repository, "pnpm-lock.yaml"), "other");
		expect((await run(["start"])).calls[0]).to.match(/^npx .* --prod /);
	});

	it("installs everything for the tests, and takes nothing away again", async () => {
		await run(["start"]);
		const tests = await run(["test", "--grep", "x"]);
		expect(tests.stdout).to.match(/^mocha --grep x\n/);
		expect(tests.calls).to.deep.equal([
			"npx --yes pnpm@12.21.0 install --frozen-lockfile --reporter=append-only",
			"tsc -b .",
			"bundle",
		]);
		await writeFile(join(repository, "pnpm-lock.yaml"), "other");
		expect((await run(["start"])).calls[0]).not.to.include("--prod");
	});

	it("runs all tests as several runs of mocha, shows each in one piece, and closes with the sum", async () => {
		const { status, stdout } = await run(["test"]);
		const lines = stdout.split("\n");
		expect(lines.slice(-3)).to.deep.equal(["", "80 passed, 3 failed, 3 skipped", ""]);
		const runs = lines.slice(0, -3);
		expect(runs.filter((line) => line.startsWith("mocha "))).to.deep.equal([0, 2, 4, 6].map((at) => runs[at]));
		expect(status).to.equal(3);
	});

	it("closes with no sum when one of these runs ended before its last line", async () => {
		await writeFile(join(repository, "crash"), "");
		const { status, stdout } = await run(["test"]);
		expect(status).to.equal(3);
		expect(stdout).not.to.match(/^[468]0 passed/m);
	});

	it("takes an installation made by hand for a whole one", async () => {
		await mkdir(join(repository, "node_modules/.pnpm"));
		expect((await run(["start"])).calls[0]).not.to.include("--prod");
	});

	it("passes the program's exit status on", async () => {
		expect((await run(["start", "folder", "3"])).status).to.equal(3);
	});

	it("passes a signal on, and waits for the program to end", async () => {
		const child = start(["start", "wait"]);
		const [chunk] = (await once(child.stdout!, "data")) as [Buffer];
		expect(String(chunk)).to.equal("waiting\n");
		child.kill("SIGINT");
		const [status] = (await once(child, "close")) as [number | null];
		expect(status).to.equal(7);
	});

	it("says what to do when the network is missing, and installs the next time", async () => {
		await writeFile(join(repository, "offline"), "");
		const { status, stdout, stderr } = await run(["start"]);
		expect(status).to.equal(1);
		expect(stdout).to.equal("");
		expect(stderr).to.include("the package registry cannot be reached").and.to.include("Check the network");
		await rm(join(repository, "offline"));
		expect((await run(["start"])).status).to.equal(0);
	});

	it("stops at a build that fails, and builds the next time", async () => {
		await writeFile(join(repository, "broken"), "");
		const { status, stdout, stderr } = await run(["start"]);
		expect([status, stdout]).to.deep.equal([2, ""]);
		expect(stderr).to.include("TypeScript found the errors above.");
		await rm(join(repository, "broken"));
		expect((await run(["start"])).calls).to.include("tsc -b packages/examples");
	});

	it("says which Node it needs to one that is too old", async () => {
		const older = 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.18.3" } })';
		const { status, stderr, calls } = await run(["start"], ["--import", `data:text/javascript,${older}`]);
		expect(status).to.equal(1);
		expect(stderr).to.include("Homing needs Node 20.19 or newer; this is Node 20.18.3.");
		expect(calls).to.deep.equal([]);
	});

	it("knows its commands", async () => {
		const { status, stderr } = await run(["toString"]);
		expect(status).to.equal(2);
		expect(stderr).to.equal("usage: node scripts/run.mjs start|bench|test|fuzz|pnpm [arguments]\n");
	});
});
