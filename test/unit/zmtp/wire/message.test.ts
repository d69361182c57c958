import { expect } from "chai";
import { Message } from "../../../../packages/zmtp/src/wire/message.js";

function messageOf(chunk: Uint8Array, ...ranges: [start: number, end: number][]): Message {
	const message = new Message();
	for (const [start, end] of ranges) message.add(chunk, start, end);
	return message;
}

describe("zmtp message", () => {
	const chunk = Buffer.from("..abcdef..");

	it("knows its frames' sizes without making views", () => {
		const message = messageOf(chunk, [2, 5], [5, 5], [5, 8]);
		expect([message.count, message.size(0), message.size(1), message.size(2), message.bytes]).deep.equal([
			3, 3, 0, 3, 6,
		]);
	});

	it("gives a frame as a view of the chunk", () => {
		const view = messageOf(chunk, [2, 5]).frame(0);
		expect(Buffer.from(view).toString()).equal("abc");
		expect(view.buffer).equal(chunk.buffer);
	});

	it("gives a small frame for keeps as a copy, so that it does not hold the chunk", () => {
		const large = Buffer.alloc(65_536, "x");
		const taken = messageOf(large, [10, 110]).take(0);
		large.fill(0);
		expect(taken.toString()).equal("x".repeat(100));
		expect(taken.buffer.byteLength).below(65_536);
	});

	it("gives a frame that fills half of its chunk for keeps as a view", () => {
		const large = Buffer.allocUnsafeSlow(65_536);
		expect(messageOf(large, [0, 40_000]).take(0).buffer).equal(large.buffer);
	});

	it("gives all frames for keeps, from any on and behind another", () => {
		const message = messageOf(chunk, [2, 5], [5, 5], [5, 8]);
		const texts = (frames: readonly Uint8Array[]) => frames.map((frame) => Buffer.from(frame).toString());
		expect(texts(message.takeAll())).deep.equal(["abc", "", "def"]);
		expect(texts(message.takeAll(2))).deep.equal(["def"]);
		expect(texts(message.takeAll(3))).deep.equal([]);
		expect(texts(message.takeAll(1, Buffer.from("id")))).deep.equal(["id", "", "def"]);
	});

	it("lets go of its chunks", () => {
		const message = messageOf(chunk, [0, 1]);
		message.clear();
		expect([message.count, message.buffers.length]).deep.equal([0, 0]);
	});
});
