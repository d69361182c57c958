import { expect } from "chai";
import { findPython } from "../../packages/examples/src/any-language/python.js";
import { runExample } from "../support/examples/program.js";

describe("any-language", function () {
	this.timeout(60_000);

	it("has Python serve our client, and call our server", async function () {
		if (findPython() === undefined) {
			if (process.env["CI"] === "true") throw new Error("CI needs python3-zmq and python3-msgpack");
			console.warn("SKIPPED: no Python with pyzmq and msgpack: apt-get install python3-zmq python3-msgpack");
			this.skip();
		}
		const { status, stdout, stderr } = await runExample("any-language/main");
		expect(status, stderr).to.equal(0);
		expect(stdout.split("\n")).to.deep.equal([
			"worker.py says that 20 + 22 = 42",
			"typed_worker.py says that 20 + 22 = 42",
			"client.py was told that 20 + 22 = 42",
			"typed_client.py was told that 20 + 22 = 42",
			"",
		]);
	});

	it("says what to install when there is no such Python", async () => {
		const { status, stdout, stderr } = await runExample("any-language/main", [], { PYTHON: "/nowhere/python3" });
		expect(status).to.equal(1);
		expect(stdout).to.equal("");
		expect(stderr)
			.to.include("apt-get install python3-zmq python3-msgpack")
			.and.to.include("pip install pyzmq msgpack");
	});
});
