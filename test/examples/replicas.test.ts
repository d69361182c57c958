import { expect } from "chai";
import { runExample } from "../support/examples/program.js";

describe("replicas", function () {
	this.timeout(60_000);

	it("has calls made again, hedged, sent elsewhere and given up early", async () => {
		const { status, stdout, stderr } = await runExample("replicas/main");
		expect(status, stderr).to.equal(0);
		expect(stderr).to.equal("");
		// Which of the two sees first that the time is up depends on the machine.
		expect(stdout.replaceAll(/DEADLINE_EXCEEDED, \S+/g, "DEADLINE_EXCEEDED").split("\n")).to.deep.equal([
			"attempt 1: the rates are being loaded",
			"attempt 2: the rates are being loaded",
			"answered by busy",
			"hedged: 40 calls, none waited for the slow server",
			"second servers were asked: true, and were first: true",
			"the same servers again: true",
			"those that are left: quick",
			"DEADLINE_EXCEEDED",
			"the breaker is open",
			"DEADLINE_EXCEEDED",
			"UNAVAILABLE, not-started",
			"",
		]);
	});
});
