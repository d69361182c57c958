import { expect } from "chai";
import {
	maxSlots,
	noSlot,
	readTokenGeneration,
	readTokenIndex,
	writeToken,
} from "../../../../packages/runtime/src/protocol/token.js";
import { RecordingWriter } from "../../../support/runtime/fake-peer.js";
import { octets, vectors } from "../../../support/runtime/vectors.js";

interface TokenVector {
	readonly name: string;
	readonly hex: string;
	readonly slot: number;
	readonly generation?: number;
}

describe("reply token", () => {
	for (const { name, hex, slot, generation } of vectors<TokenVector>("token")) {
		it(`${name}: is ${slot === -1 ? "no token of ours" : `slot ${slot}`}`, () => {
			const frame = octets(hex);
			const chunk = Buffer.concat([Buffer.of(1, 1, 1), frame, Buffer.of(1, 1)]);
			expect(readTokenIndex(chunk, 3, 3 + frame.length)).to.equal(slot);
			if (generation === undefined) return;
			expect(readTokenGeneration(chunk, 3)).to.equal(generation);
			const writer = new RecordingWriter();
			writeToken(writer, slot, generation);
			expect(writer.frames).to.deep.equal([frame]);
		});
	}

	it("of a call that nobody waits for names no slot", () => {
		const writer = new RecordingWriter();
		writeToken(writer, noSlot, 0);
		expect(readTokenIndex(writer.frames[0]!, 0, 8)).to.equal(maxSlots);
	});
});
