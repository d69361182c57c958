import { expect } from "chai";
import { runExample } from "../support/examples/program.js";

describe("office", function () {
	this.timeout(60_000);

	it("has a call answered by the till it was passed on to, others by the boss, who comes later", async () => {
		const { status, stdout, stderr } = await runExample("office/main");
		expect(status, stderr).to.equal(0);
		expect(stderr).to.equal("");
		expect(stdout.split("\n")).to.deep.equal([
			"pens for ada, says the till",
			"PERMISSION_DENIED: ada decides on nothing",
			"a desk for ada, says the boss",
			"not a yacht: at most 100000",
			"",
		]);
	});
});
