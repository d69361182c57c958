import { expect } from "chai";
import { encodeCommandFrame, FrameWriter } from "../../../../packages/zmtp/src/wire/frame-writer.js";
import { acquireSlab, releaseSlab, slabBytes } from "../../../../packages/zmtp/src/wire/slab.js";
import { command, frame, MORE, message } from "../../../support/zmtp/frames.js";

const octetsOf = (writer: FrameWriter) => Buffer.concat(writer.pending());

function write(writer: FrameWriter, ...parts: (string | Uint8Array)[]): void {
	writer.begin();
	parts.forEach((part, index) => {
		writer.frame(typeof part === "string" ? Buffer.from(part) : part, index < parts.length - 1);
	});
	writer.commit();
}

function expectOctets(writer: FrameWriter, expected: Buffer): void {
	expect(writer.bytes).equal(expected.length);
	expect(Buffer.compare(octetsOf(writer), expected)).equal(0);
}

describe("zmtp frame writer", () => {
	it("writes short and long frames of every size around their borders", () => {
		for (const size of [
			0, 1, 47, 48, 49, 254, 255, 256, 257, 16_383, 16_384, 16_385, 65_526, 65_527, 65_536, 200_000,
		]) {
			const writer = new FrameWriter();
			const body = Buffer.alloc(size, "ab");
			write(writer, body, body);
			expectOctets(writer, message(body, body));
		}
	});

	it("writes a range of a buffer as a frame", () => {
		const writer = new FrameWriter();
		const source = Buffer.alloc(40_000, "0123456789");
		writer.begin();
		for (const [start, end] of [
			[2, 5],
			[7, 7],
			[1, 300],
			[3, 39_000],
		] as const)
			writer.frameOf(source, start, end, true);
		writer.emptyFrame(false);
		writer.commit();
		expectOctets(writer, message("234", "", source.subarray(1, 300), source.subarray(3, 39_000), ""));
	});

	it("writes frames that are encoded already, from wherever they lie, whatever is behind and before them", () => {
		const writer = new FrameWriter();
		const source = Buffer.from(Array.from({ length: 600 }, (_, i) => (i * 97 + 0x7f) & 0xff));
		const view = new DataView(source.buffer, source.byteOffset, source.length);
		const expected: Buffer[] = [];
		// More than a slab, so that they are also the first and the last in one.
		for (let i = 0; i < 1500; i++) {
			const start = i % 13;
			const end = start + (i % 90);
			writer.begin();
			const at = writer.shortFrames(view, start, end);
			expect(source.subarray(start, end).equals(writer.buffer.subarray(at, writer.end))).equal(true);
			writer.frame(Buffer.of(i & 0xff), false);
			writer.commit();
			expected.push(source.subarray(start, end), Buffer.of(0, 1, i & 0xff));
		}
		expectOctets(writer, Buffer.concat(expected));
	});

	it("gathers small messages in one segment", () => {
		const writer = new FrameWriter();
		for (let i = 0; i < 100; i++) write(writer, "abc");
		expect(writer.pending()).length(1);
		expect(writer.messages).equal(100);
	});

	it("copies frames below 16 KiB and borrows larger ones", () => {
		const writer = new FrameWriter();
		const small = Buffer.alloc(16_383, "a");
		const large = Buffer.alloc(16_384, "a");
		write(writer, small, large);
		small.fill("b");
		large.fill("c");
		expectOctets(writer, message("a".repeat(16_383), "c".repeat(16_384)));
	});

	it("keeps a message together when its slab is full", () => {
		const writer = new FrameWriter();
		const expected: Buffer[] = [];
		for (let i = 0; i < 200; i++) {
			const parts = [`${i}`, "x".repeat(i * 17), "y".repeat((i * 31) % 900)];
			write(writer, ...parts);
			expected.push(message(...parts));
		}
		expectOctets(writer, Buffer.concat(expected));
	});

	it("starts anew once sent, and cuts off a batch that is still being read", () => {
		const writer = new FrameWriter();
		write(writer, "one");
		writer.pending();
		writer.sent();
		expect([writer.isEmpty, writer.messages, writer.bytes]).deep.equal([true, 0, 0]);
		write(writer, "two");
		writer.pending();
		const batch = writer.detach();
		write(writer, "three");
		expect(Buffer.concat(batch.segments)).deep.equal(message("two"));
		expect([batch.messages, batch.bytes]).deep.equal([1, 5]);
		expectOctets(writer, message("three"));
	});

	it("does not touch the memory of a batch that was cut off", () => {
		const writer = new FrameWriter();
		write(writer, "first");
		writer.pending();
		const batch = writer.detach();
		for (let i = 0; i < 10_000; i++) write(writer, "second, third and so on");
		expect(Buffer.concat(batch.segments)).deep.equal(message("first"));
	});

	it("counts commands in octets but not as messages", () => {
		const writer = new FrameWriter();
		write(writer, "a");
		writer.command(Buffer.from("\x04PING\0\0"));
		write(writer, "b");
		expect(writer.messages).equal(2);
		expectOctets(writer, Buffer.concat([message("a"), command("PING", "\0\0"), message("b")]));
	});

	describe("an open frame", () => {
		for (const size of [0, 1, 255, 256, 16_000, 65_000, 65_520, 65_530, 300_000]) {
			it(`of ${size} octets gets its size when it is closed`, () => {
				const writer = new FrameWriter();
				write(writer, "before");
				writer.begin();
				writer.frame(Buffer.from("head"), true);
				writer.openFrame();
				writer.reserve(size + 9);
				const start = writer.end + 2;
				writer.buffer.fill(122, start, start + size);
				writer.closeFrame(start + size, false);
				writer.commit();
				expectOctets(writer, Buffer.concat([message("before"), message("head", "z".repeat(size))]));
			});
		}

		it("may have room for its body but not for the longer header that it then needs", () => {
			const writer = new FrameWriter();
			writer.begin();
			writer.frame(Buffer.alloc(slabBytes - 9 - 2 - 9 - 300, "a").subarray(0, 16_000), true);
			while (slabBytes - writer.end > 312) writer.frame(Buffer.alloc(1, "b"), true);
			const before = slabBytes - writer.end;
			const start = writer.openFrame();
			const size = slabBytes - start;
			expect(size).within(256, before);
			writer.buffer.fill(122, start, start + size);
			writer.closeFrame(start + size, true);
			writer.emptyFrame(false);
			writer.commit();
			const octets = octetsOf(writer);
			expect(octets.subarray(-2 - size - 9)).deep.equal(Buffer.concat([frame(MORE, "z".repeat(size)), frame(0, "")]));
		});
	});

	describe("rolled back", () => {
		const large = Buffer.alloc(20_000, "L");
		const abandoned: [what: string, parts: (string | Buffer)[]][] = [
			["a small frame", ["gone"]],
			["no frame", []],
			["a large frame", [large]],
			["small, large and small frames", ["gone", large, "gone", large, "gone"]],
			["more than a slab", Array.from({ length: 10 }, () => "gone".repeat(4000))],
			[
				"more than a slab and large frames",
				["gone".repeat(4000), large, ...Array.from({ length: 9 }, () => "gone".repeat(4000)), large],
			],
		];
		for (const [what, parts] of abandoned) {
			for (const [where, before] of [
				["an empty queue", []],
				["a small message", ["kept"]],
				["a large message", [large]],
				["small and large ones", ["kept", large, "kept"]],
				["almost a slab", Array.from({ length: 4 }, () => "k".repeat(16_000))],
			] as const) {
				it(`behind ${where}, ${what} leave no trace`, () => {
					const writer = new FrameWriter();
					const expected: Buffer[] = [];
					for (const text of before) {
						write(writer, text);
						expected.push(message(text));
					}
					writer.begin();
					for (const part of parts) writer.frame(typeof part === "string" ? Buffer.from(part) : part, true);
					writer.rollback();
					expect(writer.messages).equal(before.length);
					expectOctets(writer, Buffer.concat(expected));
					write(writer, "after");
					write(writer, large, "after");
					expectOctets(writer, Buffer.concat([...expected, message("after"), message(large, "after")]));
					writer.pending();
					writer.sent();
					write(writer, "again");
					expectOctets(writer, message("again"));
				});
			}
		}

		it("while an open frame was written, leaves no trace", () => {
			const writer = new FrameWriter();
			write(writer, "kept");
			writer.begin();
			writer.openFrame();
			writer.reserve(100_000);
			writer.buffer.fill(122, writer.end, writer.end + 100_000);
			writer.rollback();
			write(writer, "after");
			expectOctets(writer, Buffer.concat([message("kept"), message("after")]));
		});
	});

	it("holds no slab while nothing waits", () => {
		const writer = new FrameWriter();
		write(writer, "a");
		writer.pending();
		writer.sent();
		expect(writer.buffer).length(0);
	});

	it("encodes a command of the handshake as a frame of its own", () => {
		for (const size of [0, 200, 249, 250, 251, 5000]) {
			const body = Buffer.concat([Buffer.from("\x05READY"), Buffer.alloc(size)]);
			expect(Buffer.compare(encodeCommandFrame(body), command("READY", Buffer.alloc(size)))).equal(0);
		}
	});
});

describe("zmtp slabs", () => {
	it("are used again, and buffers of another size are not", () => {
		const slab = acquireSlab();
		releaseSlab(Buffer.alloc(10));
		releaseSlab(slab);
		expect(acquireSlab()).equal(slab);
		expect(slab).length(slabBytes);
	});
});
