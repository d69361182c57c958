import { expect } from "chai";
import { encodeWhole, writeBody } from "../../../../packages/runtime/src/protocol/body-writer.js";
import { anyCodec } from "../../../../packages/runtime/src/protocol/codec.js";
import { longHeaderBytes } from "../../../../packages/zmtp/src/wire/frame-header.js";
import { FrameWriter } from "../../../../packages/zmtp/src/wire/frame-writer.js";

describe("a body that is written in place", () => {
	it("leaves alone what was written before it, however little room that has left", () => {
		const value = ["a text", 7];
		const body = Buffer.from(encodeWhole(anyCodec, value, 1000));
		// Short of what is borrowed instead of copied.
		const part = Buffer.alloc(8000, "x");
		for (let room = 0; room <= 64; room++) {
			const writer = new FrameWriter();
			writer.begin();
			const left = () => writer.buffer.length - writer.end;
			do writer.frame(part, true);
			while (left() > part.length + longHeaderBytes);
			writer.frame(part.subarray(0, left() - longHeaderBytes - room), false);
			writer.commit();
			expect(left()).to.equal(room);
			const sentBefore = Buffer.concat(writer.pending());
			writer.begin();
			writeBody(writer, anyCodec, value, 1000, undefined);
			writer.commit();
			const sent = Buffer.concat(writer.pending());
			expect(sent.subarray(0, sentBefore.length).equals(sentBefore)).to.equal(true);
			expect(sent.subarray(sentBefore.length)).to.deep.equal(Buffer.concat([Buffer.of(0, body.length), body]));
		}
	});
});
