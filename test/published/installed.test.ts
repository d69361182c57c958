/** The packed tarballs in the hands of their users' tools: package managers with a registry at hand, linters of packages. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { installFolder } from "../support/npm-folder.js";
import { packages, packInto, root } from "./pack.js";

const run = promisify(execFile);
const tools = new URL("tools/", import.meta.url);

describe("packed packages", function () {
	this.timeout(180_000);
	let folder: string;
	let tarballs: ReadonlyMap<string, string>;

	before(async () => {
		folder = await realpath(await mkdtemp(join(tmpdir(), "homing-packed-")));
		tarballs = await packInto(join(folder, "tarballs"));
	});

	after(() => rm(folder, { recursive: true }));

	describe("are as they should be", () => {
		before(() => installFolder(tools, "publint and attw"));

		const lint = (bin: string, ...args: readonly string[]) =>
			run(fileURLToPath(new URL(`node_modules/.bin/${bin}`, tools)), args).catch((error: { stdout: string }) =>
				expect.fail(error.stdout),
			);

		for (const name of packages) {
			it(`to publint: ${name}`, async () => {
				const { stdout } = await lint("publint", "run", "--strict", tarballs.get(name)!);
				expect(stdout).to.include("All good!");
			});

			it(`to Are The Types Wrong, as ES modules: ${name}`, () =>
				lint("attw", "--profile", "esm-only", tarballs.get(name)!));
		}
	});

	// The pnpm that the workspace pins.
	const pnpm = [process.execPath, join(root, "scripts/run.mjs"), "pnpm"];
	const managers = [
		{ manager: "npm", adding: () => ["npm", "install"], lock: "package-lock.json" },
		{ manager: "pnpm", adding: (at: string) => [...pnpm, "--dir", at, "add"], lock: "pnpm-lock.yaml" },
	];

	for (const { manager, adding, lock } of managers) {
		describe(`by ${manager}`, () => {
			let consumer: string;

			before(async () => {
				consumer = join(folder, manager);
				await mkdir(consumer);
			});

			const add = (...words: readonly string[]) => {
				const [file, ...args] = [...adding(consumer), ...words];
				return run(file!, args, { cwd: consumer }).catch((error: { stdout: string; stderr: string }) =>
					expect.fail(error.stdout + error.stderr),
				);
			};

			it("are added where nothing is, with no install script that somebody has to approve", async () => {
				expect(await readdir(consumer)).to.deep.equal([]);
				const { stdout, stderr } = await add(...tarballs.values());
				expect(stdout + stderr).not.to.match(/approve|build script|install script/i);
				expect(await readdir(consumer)).to.have.members(["node_modules", "package.json", lock]);
			});

			it("run the README's first example, as the README says", async () => {
				const example = await readExample();
				const path = join(consumer, "package.json");
				await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, "utf8")), type: "module" }));
				for (const [name, text] of example.files) {
					// An endpoint of its own: the README's port may be taken.
					await writeFile(join(consumer, name), text.replaceAll("tcp://127.0.0.1:5555", `ipc://${consumer}/s`));
				}
				const packed = (word: string) => tarballs.get(word.replace("@homing/", "")) ?? word;
				for (const words of example.installing) await add(...words.map(packed));
				const [bin, ...args] = example.generating;
				await run(join(consumer, "node_modules/.bin", bin!), args, { cwd: consumer });
				const tsx = ["--import", pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href];
				const server = execFile(process.execPath, [...tsx, "server.ts"], { cwd: consumer });
				const { stdout } = await run(process.execPath, [...tsx, "client.ts"], { cwd: consumer });
				expect(stdout).to.equal(`${example.said}\n`);
				server.kill();
				await once(server, "close");
			});
		});
	}
});

interface Example {
	/** By name. */
	readonly files: ReadonlyMap<string, string>;
	/** What `npm install` is told, each time. */
	readonly installing: readonly (readonly string[])[];
	/** A command of a package, with its arguments. */
	readonly generating: readonly string[];
	/** What the client prints. */
	readonly said: string;
}

async function readExample(): Promise<Example> {
	const text = await readFile(join(root, "README.md"), "utf8");
	const section = text.match(/^## Fifteen lines\n([\s\S]*?)^## /m)![1]!;
	const blocks = [...section.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, block]) => ({
		language,
		lines: block!.trimEnd().split("\n"),
	}));
	const code = blocks.filter(({ language }) => language === "ts").map(({ lines }) => lines);
	const commands = blocks.filter(({ language }) => language === "").flatMap(({ lines }) => lines);
	const behind = (start: string) =>
		commands.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length).split(" "));
	expect(commands).to.include.members(["npx tsx server.ts"]);
	return {
		files: new Map(code.map((lines) => [lines[0]!.match(/^\/\/ (\w+\.ts)/)![1]!, `${lines.join("\n")}\n`])),
		installing: behind("npm install "),
		generating: behind("npx ").find(([bin]) => bin === "homing-codegen")!,
		said: commands.find((line) => line.startsWith("npx tsx client.ts"))!.match(/# prints (.*)$/)![1]!,
	};
}
