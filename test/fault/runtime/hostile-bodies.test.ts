import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

// msgpackr#199, #200: with declared lengths believed, a few octets make a heap abort that nothing can catch.
describe("hostile bodies, in a process with 64 MB of heap", () => {
	it("H61 to H66: each is refused with a reason or read for what it is, and the process lives", () => {
		const script = fileURLToPath(new URL("../../support/runtime/hostile-bodies.ts", import.meta.url));
		const { status, stdout, stderr } = spawnSync(
			process.execPath,
			[...process.execArgv, "--max-old-space-size=64", script],
			{ encoding: "utf8", timeout: 25_000 },
		);
		expect(status, stderr.slice(-2000)).to.equal(0);
		expect(JSON.parse(stdout)).to.deep.equal({ refused: 19, polluted: false });
	});
});
