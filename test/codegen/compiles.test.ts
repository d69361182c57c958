import { expect } from "chai";
import { compile, fixtureFiles, moduleSettings, strictest } from "./support/compile.js";

describe("generated code", () => {
	it("made from types without exactOptionalPropertyTypes compiles with that option and without it", function () {
		this.timeout(60_000);
		const files = fixtureFiles("loose/expected");
		for (const exactOptionalPropertyTypes of [true, false]) {
			const options = { ...strictest, ...moduleSettings["NodeNext"], exactOptionalPropertyTypes };
			expect(compile(files, options)).to.deep.equal([]);
		}
	});
});
