import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RpcError } from "@homing/runtime";
import { expect } from "chai";
import fc from "fast-check";
import type { FileReport } from "../../packages/examples/src/file-census/census.js";
import { countLinesAndWords, inspect } from "../../packages/examples/src/file-census/inspect.js";
import { inspectAll } from "../../packages/examples/src/file-census/inspect-all.js";
import { Tally } from "../../packages/examples/src/file-census/tally.js";

const report = (bytes: number, worker = 1): FileReport => ({
	sha256: "0".repeat(64),
	bytes,
	lines: 0,
	words: 0,
	brotliBytes: 1,
	worker,
});

describe("a census worker", () => {
	let folder: string;

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), "homing-inspect-"));
	});

	after(() => rm(folder, { recursive: true }));

	it("counts lines and words as wc does", () => {
		const octets = fc.stringMatching(/^[a-c \t\n\v\f\r]*$/);
		fc.assert(
			fc.property(octets, (text) => {
				const expected = { lines: text.split("\n").length - 1, words: text.match(/\S+/g)?.length ?? 0 };
				expect(countLinesAndWords(Buffer.from(text))).to.deep.equal(expected);
			}),
		);
	});

	it("gives the digest that sha256sum gives", async () => {
		const path = join(folder, "abc");
		await writeFile(path, "abc");
		const { sha256, bytes } = await inspect({ path });
		expect(sha256).to.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
		expect(bytes).to.equal(3);
	});

	it("tells the caller what is wrong with its file", async () => {
		const error = await inspect({ path: join(folder, "nowhere") }).catch((reason: unknown) => reason);
		expect(error).to.be.instanceOf(RpcError).with.property("status", "NOT_FOUND");
		const ofFolder = await inspect({ path: folder }).catch((reason: unknown) => reason);
		expect(ofFolder).to.be.instanceOf(RpcError).with.property("status", "FAILED_PRECONDITION");
	});
});

describe("a census client", () => {
	const paths = Array.from({ length: 50 }, (_, i) => `file ${i}`);

	it("has no more calls in flight than it was told, and makes each once", async () => {
		let inFlight = 0;
		let most = 0;
		const called: string[] = [];
		const census = {
			async inspect({ path }: { path: string }) {
				most = Math.max(most, ++inFlight);
				called.push(path);
				await Promise.resolve();
				inFlight--;
				return report(1);
			},
		};
		const reported: string[] = [];
		await inspectAll(census, paths, 7, {
			onTurn() {},
			onReport: (path) => reported.push(path),
			onUnreadable() {},
		});
		expect(most).to.equal(7);
		expect(called).to.deep.equal(paths);
		expect(reported).to.have.members(paths);
	});

	it("goes on past a file that cannot be read, and stops at any other failure", async () => {
		const failing = (error: RpcError) => ({
			inspect: ({ path }: { path: string }) => (path === "file 3" ? Promise.reject(error) : Promise.resolve(report(1))),
		});
		const unreadable: string[] = [];
		const receiver = { onTurn() {}, onReport() {}, onUnreadable: (path: string) => unreadable.push(path) };
		await inspectAll(failing(new RpcError("NOT_FOUND", "gone", { origin: "peer" })), paths, 4, receiver);
		expect(unreadable).to.deep.equal(["file 3"]);
		const broken = new RpcError("INTERNAL", "broken", { origin: "peer" });
		const error = await inspectAll(failing(broken), paths, 4, receiver).catch((reason: unknown) => reason);
		expect(error).to.equal(broken);
	});

	it("adds up to the same whatever the order of the answers and whoever gave them", () => {
		const answers = paths.map((path, i) => [path, i] as const);
		fc.assert(
			fc.property(fc.shuffledSubarray(answers, { minLength: answers.length }), (shuffled) => {
				const [one, other] = [new Tally(), new Tally()];
				for (const [path, bytes] of answers) one.add(path, report(bytes));
				for (const [path, bytes] of shuffled) other.add(path, report(bytes, (bytes % 4) + 1));
				expect(other.fingerprint()).to.equal(one.fingerprint());
				expect(other.types()).to.deep.equal(one.types());
			}),
			{ numRuns: 20 },
		);
	});
});
