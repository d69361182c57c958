import { expect } from "chai";
import { chunkings } from "../../../support/zmtp/chunking.js";
import { eventsOf, readVectors } from "../../../support/zmtp/vectors.js";

describe("zmtp vectors", () => {
	for (const file of ["zmtp.json", "zmtp-libzmq.json"]) {
		for (const vector of readVectors(file)) {
			it(`${file}: ${vector.name}`, () => {
				for (const { cut } of chunkings) expect(eventsOf(vector, cut)).deep.equal(vector.expectEvents);
			});
		}
	}
});
