import { expect } from "chai";
import {
	echoEnvelope,
	findDelimiter,
	isSameEnvelope,
	keepEnvelope,
	writeEnvelope,
} from "../../../../packages/runtime/src/protocol/envelope.js";
import { RecordingWriter } from "../../../support/runtime/fake-peer.js";
import { incoming } from "../../../support/runtime/messages.js";

const addresses = (count: number) => Array.from({ length: count }, (_, index) => `hop ${index}`);

describe("envelope", () => {
	it("ends at the first empty frame", () => {
		expect(findDelimiter(incoming("a", "b", "", "header", "", "body"))).to.equal(2);
		expect(findDelimiter(incoming("", "header"))).to.equal(0);
	});

	it("may have 16 frames and not 17", () => {
		expect(findDelimiter(incoming(...addresses(16), "", "data"))).to.equal(16);
		expect(findDelimiter(incoming(...addresses(17), "", "data"))).to.equal(-1);
	});

	it("may have frames of 255 octets and not of 256", () => {
		expect(findDelimiter(incoming("x".repeat(255), "", "data"))).to.equal(1);
		expect(findDelimiter(incoming("x".repeat(256), "", "data"))).to.equal(-1);
	});

	it("is none without a delimiter", () => {
		expect(findDelimiter(incoming("a", "b"))).to.equal(-1);
		expect(findDelimiter(incoming("a"))).to.equal(-1);
	});

	it("is echoed frame by frame, with its delimiter", () => {
		const writer = new RecordingWriter();
		echoEnvelope(writer, incoming("queue", "client", "token", "", "h", "b"), 1, 3);
		expect(writer.frames.map(String)).to.deep.equal(["client", "token", ""]);
	});

	it("outlives its message when it is kept", () => {
		const message = incoming("client", "x".repeat(255), "t", "", "h", "b");
		const kept = keepEnvelope(message, 0, 3);
		message.buffers[0]!.fill(0);
		const writer = new RecordingWriter();
		writeEnvelope(writer, kept);
		expect(writer.frames.map(String)).to.deep.equal(["client", "x".repeat(255), "t", ""]);
	});

	it("is the same only when every frame is", () => {
		const kept = keepEnvelope(incoming("ab", "c", "", "d"), 0, 2);
		expect(isSameEnvelope(kept, incoming("ab", "c", "", "x"), 0, 2)).to.equal(true);
		expect(isSameEnvelope(kept, incoming("queue", "ab", "c", "", "x"), 1, 3)).to.equal(true);
		expect(isSameEnvelope(kept, incoming("a", "bc", "", "x"), 0, 2)).to.equal(false);
		expect(isSameEnvelope(kept, incoming("ab", "c", "e", "", "x"), 0, 3)).to.equal(false);
		expect(isSameEnvelope(kept, incoming("ab", "", "x"), 0, 1)).to.equal(false);
		expect(isSameEnvelope(kept, incoming("ab", "d", "", "x"), 0, 2)).to.equal(false);
	});

	it("keeps each as it was, whatever is kept after it", () => {
		const frames = (i: number) => [`${i}`.repeat(1 + (i % 7)), "x".repeat(i % 200)].filter((frame) => frame !== "");
		const all = Array.from({ length: 500 }, (_, i) => frames(i));
		const kept = all.map((envelope) => keepEnvelope(incoming(...envelope, "", "h"), 0, envelope.length));
		for (const [i, envelope] of all.entries()) {
			expect(isSameEnvelope(kept[i]!, incoming(...envelope, ""), 0, envelope.length)).to.equal(true);
			const writer = new RecordingWriter();
			writeEnvelope(writer, kept[i]!);
			expect(writer.frames.map(String)).to.deep.equal([...envelope, ""]);
		}
	});

	it("of no frames is kept as such: a REQ socket's", () => {
		const kept = keepEnvelope(incoming("", "h", "b"), 0, 0);
		const writer = new RecordingWriter();
		writeEnvelope(writer, kept);
		expect(writer.frames.map(String)).to.deep.equal([""]);
	});
});
