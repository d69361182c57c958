import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { runExample } from "../support/examples/program.js";

describe("bank", function () {
	this.timeout(60_000);
	let folder: string;

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), "homing-bank-"));
	});

	after(() => rm(folder, { recursive: true }));

	it("makes a call of every form, through generated stubs", async () => {
		const endpoint = `ipc://${join(folder, "bank")}`;
		const { status, stdout, stderr } = await runExample("run-together", ["bank/server", "bank/client", endpoint]);
		expect(status, stderr).to.equal(0);
		expect(stderr).to.equal("");
		// Server and client print as they please.
		expect(stdout.trim().split("\n")).to.have.members([
			"ada has 10000",
			"after a transfer she has 7500",
			"bob cannot send a million: bob has only 2500, and error.data says 2500",
			"with some coins bob has 2518",
			"bob's first entry: 2500",
			"statement of bob: done",
			"changed: 2, 4, 10, 20",
			"5 of 6 entries approved",
			"asked of everybody, ada has 7500",
			"log: the client is done",
		]);
	});
});
