import { expect } from "chai";
import { runExample } from "../support/examples/program.js";

const libraries = { "@homing/zmtp": "@homing/zmtp", "zeromq.js": import.meta.resolve("zeromq") };

describe("majordomo", function () {
	this.timeout(60_000);

	for (const [name, module] of Object.entries(libraries)) {
		it(`answers every question on ${name}, though a worker is killed meanwhile`, async () => {
			const { status, stdout, stderr } = await runExample("majordomo/main", [], { ZMQ: module });
			expect(status, stderr).to.equal(0);
			expect(stdout).to.equal("killed a worker\n100 of 100 answers are right\n");
			expect(Number(/(\d+) questions were asked again/.exec(stderr)![1])).to.be.at.least(1);
			expect(Number(/(\d+) workers fell silent/.exec(stderr)![1])).to.be.at.least(1);
		});
	}
});
