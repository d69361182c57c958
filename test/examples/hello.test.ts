import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { runExample } from "../support/examples/program.js";

describe("hello", function () {
	this.timeout(60_000);
	let folder: string;

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), "homing-hello-"));
	});

	after(() => rm(folder, { recursive: true }));

	it("greets the world over its own connection, and leaves no server behind", async () => {
		const endpoint = `ipc://${join(folder, "hello")}`;
		const { status, stdout, stderr } = await runExample("run-together", ["hello/server", "hello/client", endpoint]);
		expect(status, stderr).to.equal(0);
		expect(stdout.split("\n")).to.have.members([`serving at ${endpoint}`, "Hello, world!", ""]);
		expect(stderr).to.equal("");
	});

	it("ends with the server's status when that cannot start", async () => {
		const endpoint = `ipc://${join(folder, "no", "such", "folder")}`;
		const { status, stderr } = await runExample("run-together", ["hello/server", "hello/client", endpoint]);
		expect(status).to.equal(1);
		expect(stderr).to.include("cannot bind");
	});
});
