import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { expect } from "chai";
import { runExample, startExample } from "../support/examples/program.js";

const main = "file-census/main";

/** The part of the output that must be the same in every run. */
function totalsOf(stdout: string): string {
	return stdout.slice(0, stdout.indexOf("\n\n"));
}

/** The cells of a row of the table. */
function row(stdout: string, type: string): string[] | undefined {
	const rows = stdout.split("\n").map((line) => line.split("│").map((cell) => cell.trim()));
	return rows.find((cells) => cells[1] === type)?.slice(2, -1);
}

function brotliSize(content: string): number {
	return brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }).length;
}

describe("file-census", function () {
	this.timeout(60_000);
	let folder: string;
	const texts = { "a.txt": "one two\nthree\n", "deep/er/b.txt": "  four\t five", "c.md": "# six\n", empty: "" };
	/** Enough of them that a worker dies with calls in its hands. */
	const many = Array.from({ length: 240 }, (_, i) => [`many/${i % 7}/${i}.js`, `// file ${i}\n`.repeat(i)] as const);

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), "homing-census-"));
		for (const [path, text] of [...Object.entries(texts), ...many]) {
			await mkdir(join(folder, path, ".."), { recursive: true });
			await writeFile(join(folder, path), text);
		}
		await symlink(join(folder, "a.txt"), join(folder, "link.txt"));
		await symlink(folder, join(folder, "deep", "round"));
	});

	after(() => rm(folder, { recursive: true }));

	it("counts every file of a folder once, by type, and leaves no process behind", async () => {
		const { status, stdout, stderr } = await runExample(main, [folder]);
		expect(status, stderr).to.equal(0);
		const brotli = brotliSize(texts["a.txt"]) + brotliSize(texts["deep/er/b.txt"]);
		expect(row(stdout, ".txt")).to.deep.equal(["2", "26", "2", "5", String(brotli), (26 / brotli).toFixed(2)]);
		expect(row(stdout, ".md")?.slice(0, 4)).to.deep.equal(["1", "6", "1", "2"]);
		expect(row(stdout, "(none)")?.slice(0, 4)).to.deep.equal(["1", "0", "0", "0"]);
		expect(row(stdout, ".js")?.[0]).to.equal("240");
		expect(row(stdout, "total")?.[0]).to.equal("244");
		expect(stdout).to.match(/^244 calls in \d+\.\d s: \d+ calls\/s$/m);
	});

	it("says how many calls each worker answered", async () => {
		const { stdout, stderr } = await runExample(main, [folder, "--workers", "3"]);
		const answered = [...stdout.matchAll(/^worker (\d+) answered (\d+) calls$/gm)];
		expect(answered.reduce((sum, [, , calls]) => sum + Number(calls), 0)).to.equal(244);
		const started = /workers ([\d, ]+)/.exec(stderr)![1]!.split(", ");
		expect(started).to.have.length(3);
		expect(started).to.include.members(answered.map(([, worker]) => worker));
	});

	it("gives the same totals when a worker is killed in the middle", async () => {
		const whole = await runExample(main, [folder]);
		const killed = await runExample(main, [folder, "--kill"]);
		expect(killed.status, killed.stderr).to.equal(0);
		expect(totalsOf(killed.stdout)).to.equal(totalsOf(whole.stdout)).and.to.include("fingerprint");
		const victim = /^killed worker (\d+) \(SIGKILL\) after \d+ of 244 calls; another one is starting$/m.exec(
			killed.stderr,
		)?.[1];
		expect(victim, killed.stderr).to.be.a("string");
		expect(killed.stdout).to.match(/^calls it had in hand, given to other workers by the queue: \d+; calls lost: 0$/m);
	});

	it("gives totals that tell one changed octet", async () => {
		const before = await runExample(main, [folder]);
		await writeFile(join(folder, "c.md"), "# sex\n");
		const after = await runExample(main, [folder]);
		await writeFile(join(folder, "c.md"), texts["c.md"]);
		expect(row(after.stdout, "total")?.slice(0, 4)).to.deep.equal(row(before.stdout, "total")?.slice(0, 4));
		expect(totalsOf(after.stdout)).not.to.equal(totalsOf(before.stdout));
	});

	it("says what it leaves out", async () => {
		await writeFile(join(folder, "large"), Buffer.alloc(2 * 1024 * 1024 + 1));
		const { stdout } = await runExample(main, [folder, "--limit", "10", "--max-mebibytes", "2"]);
		await rm(join(folder, "large"));
		expect(row(stdout, "total")?.[0]).to.equal("10");
		expect(stdout).to.include("left out: 1 files larger than 2 MiB (--max-mebibytes)");
		expect(stdout).to.include("left out: 234 files beyond --limit");
	});

	it("draws no progress bar where there is no terminal", async () => {
		const { stdout, stderr } = await runExample(main, [folder]);
		// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
		expect(stdout + stderr).not.to.match(/[\u001b\r█░]/);
	});

	it("ends with its workers at Ctrl-C", async () => {
		// The default folder takes seconds.
		const example = startExample(main);
		await example.said("queue at tcp://");
		example.kill("SIGINT");
		const { status, stdout } = await example.result;
		expect(status).to.equal(130);
		expect(stdout).to.equal("");
	});

	it("leaves no worker behind when it is killed itself", async () => {
		const example = startExample(main);
		await example.said("queue at tcp://");
		example.kill("SIGKILL");
		// Resolves when the workers, who hold its stderr, have ended too.
		expect((await example.result).signal).to.equal("SIGKILL");
	});

	it("refuses a folder that is none, and options that make no sense, with status 2", async () => {
		const missing = await runExample(main, [join(folder, "nowhere")]);
		expect(missing.status).to.equal(2);
		expect(missing.stderr).to.include("the folder cannot be read: ENOENT");
		const none = await runExample(main, [folder, "--workers", "0"]);
		expect(none.status).to.equal(2);
		expect(none.stderr).to.include("It must be a whole number from 1.");
	});

	it("explains itself with --help", async () => {
		const { status, stdout } = await runExample(main, ["--help"]);
		expect(status).to.equal(0);
		for (const option of ["[folder]", "--workers", "--in-flight", "--limit", "--max-mebibytes", "--kill"]) {
			expect(stdout).to.include(option);
		}
	});
});
