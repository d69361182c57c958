import { expect } from "chai";
import type { ZmtpError } from "../../../../packages/zmtp/src/errors.js";
import { FrameAssembler, FrameSplitter } from "../../../../packages/zmtp/src/wire/frame-parts.js";
import { closeCodeOf, encodeControl, isCloseCode } from "../../../../packages/zmtp/src/wire/websocket.js";
import { WebSocketReader } from "../../../../packages/zmtp/src/wire/websocket-reader.js";
import { WebSocketWriter } from "../../../../packages/zmtp/src/wire/websocket-writer.js";
import { chunkings } from "../../../support/zmtp/chunking.js";
import { COMMAND, frame, greeting, LONG, MORE } from "../../../support/zmtp/frames.js";
import {
	type RawWebSocketFrame,
	readWebSocketFrames,
	testMask,
	webSocketFrame,
	zws,
} from "../../../support/zmtp/websocket-frames.js";

function reading(isMasked: boolean, maxFragmentedBytes: number) {
	const assembler = new FrameAssembler();
	const controls: string[] = [];
	const reader = new WebSocketReader(isMasked, maxFragmentedBytes, assembler, {
		onControl: (opcode, payload) => controls.push(`${opcode} ${Buffer.from(payload).toString("hex")}`),
	});
	return { reader, assembler, controls };
}

/** Reads a WebSocket's octets: those of ZMTP that come of it, its control frames as `opcode hex`, and the error. */
function read(chunks: readonly Uint8Array[], isMasked = false) {
	const { reader, assembler, controls } = reading(isMasked, 1_000_000);
	const zmtp: Buffer[] = [];
	let error: ZmtpError | undefined;
	for (const chunk of chunks) {
		error ??= reader.push(chunk.slice());
		zmtp.push(Buffer.from(assembler.take()));
	}
	return { zmtp: Buffer.concat(zmtp), controls, code: error?.code };
}

/** Writes ZMTP's octets as a WebSocket's. */
function write(chunks: readonly Uint8Array[], mask?: number): Buffer {
	const writer = new WebSocketWriter(mask === undefined ? undefined : () => mask);
	const splitter = new FrameSplitter(writer);
	const written: Buffer[] = [];
	splitter.push(greeting().subarray(0, 10));
	splitter.push(greeting().subarray(10));
	for (const chunk of chunks) {
		splitter.push(chunk);
		written.push(Buffer.concat(writer.pending()));
		writer.sent();
	}
	return Buffer.concat(written);
}

const code = (raw: RawWebSocketFrame, isMasked = false) => read([webSocketFrame(raw)], isMasked).code;

/** Both sides' headers have their borders here. */
const sizes = [0, 1, 123, 124, 125, 126, 254, 255, 256, 65_533, 65_534, 65_535, 65_536, 100_000];

describe("a WebSocket's frames", () => {
	for (const { name, cut } of chunkings) {
		const tried = name === "octet by octet" ? sizes.filter((size) => size < 1000) : sizes;
		for (const mask of [undefined, testMask]) {
			it(`become ZMTP's, ${mask === undefined ? "plain" : "masked"} and arriving ${name}`, () => {
				const bodies = tried.map((size) => Buffer.alloc(size, size));
				const flags = [0, 1, 2];
				const octets = Buffer.concat(bodies.map((body, index) => zws(flags[index % 3]!, body, mask)));
				const zmtp = Buffer.concat(bodies.map((body, index) => frame([0, MORE, COMMAND][index % 3]!, body)));
				const result = read(cut(octets), mask !== undefined);
				expect(result.code).equal(undefined);
				expect(Buffer.compare(result.zmtp, zmtp)).equal(0);
			});

			it(`are made from ZMTP's, ${mask === undefined ? "plain" : "masked"} and written ${name}`, () => {
				const bodies = tried.map((size) => Buffer.alloc(size, size));
				const zmtp = Buffer.concat([
					...bodies.map((body, index) => frame([0, MORE, COMMAND][index % 3]!, body)),
					// The long form of a short size.
					frame(LONG, "x"),
				]);
				const octets = write(cut(zmtp), mask === undefined ? undefined : Buffer.from(mask).readUInt32BE());
				const expected = [...bodies.map((body, index) => zws(index % 3, body, mask)), zws(0, "x", mask)];
				expect(Buffer.compare(octets, Buffer.concat(expected))).equal(0);
			});
		}

		it(`of control come between others with their payload, arriving ${name}`, () => {
			const octets = Buffer.concat([
				webSocketFrame({ opcode: 9, payload: "ping", mask: testMask }),
				zws(0, "a", testMask),
				webSocketFrame({ opcode: 10, mask: testMask }),
				webSocketFrame({ opcode: 8, payload: Buffer.of(3, 232), mask: testMask }),
				zws(0, "behind the end", testMask),
			]);
			const { zmtp, controls, code } = read(cut(octets), true);
			expect(controls).deep.equal(["9 70696e67", "10 ", "8 03e8"]);
			expect([zmtp.toString("hex"), code]).deep.equal([frame(0, "a").toString("hex"), undefined]);
		});
	}

	it("take a large body by reference when it is not masked, and none of the memory of a small one", () => {
		const writer = new WebSocketWriter(undefined);
		const body = Buffer.alloc(100_000, 1);
		writer.begin(0, body.length);
		writer.body(body, 0, body.length);
		const small = Buffer.from("small");
		writer.begin(0, small.length);
		writer.body(small, 0, small.length);
		small.fill(0);
		const segments = writer.pending();
		expect(segments.some((segment) => segment.buffer === body.buffer && segment.length === body.length)).equal(true);
		expect(readWebSocketFrames(Buffer.concat(segments)).frames[1]).equal(
			`82 00${Buffer.from("small").toString("hex")}`,
		);
	});

	it("H57: with the wrong mask, reserved bits or opcodes are refused as malformed", () => {
		expect(code({ payload: "\0", mask: testMask }, false)).equal("ZMTP_WEBSOCKET_MALFORMED");
		expect(code({ payload: "\0" }, true)).equal("ZMTP_WEBSOCKET_MALFORMED");
		for (const reserved of [1, 2, 4, 7]) expect(code({ payload: "\0", reserved })).equal("ZMTP_WEBSOCKET_MALFORMED");
		for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
			expect(code({ payload: "\0", opcode }), `${opcode}`).equal("ZMTP_WEBSOCKET_MALFORMED");
		}
	});

	it("H57: of text are refused as not supported, in fragments too", () => {
		expect(code({ opcode: 1, payload: "hello" })).equal("ZMTP_WEBSOCKET_UNSUPPORTED");
		expect(code({ opcode: 1, payload: "hello", isFinal: false })).equal("ZMTP_WEBSOCKET_UNSUPPORTED");
	});

	for (const { name, cut } of chunkings) {
		for (const mask of [undefined, testMask]) {
			it(`that make one message in fragments become one of ZMTP, others of control between them, ${mask === undefined ? "plain" : "masked"} and arriving ${name}`, () => {
				const octets = Buffer.concat([
					webSocketFrame({ isFinal: false, payload: "", mask }),
					webSocketFrame({ opcode: 0, isFinal: false, payload: "\x01ab", mask }),
					webSocketFrame({ opcode: 9, payload: "ping", mask }),
					webSocketFrame({ opcode: 0, isFinal: false, payload: "", mask }),
					webSocketFrame({ opcode: 0, payload: "c".repeat(300), mask }),
					zws(0, "whole", mask),
					webSocketFrame({ isFinal: false, payload: "\x02", mask }),
					webSocketFrame({ opcode: 0, payload: "", mask }),
				]);
				const { zmtp, controls, code } = read(cut(octets), mask !== undefined);
				const expected = [frame(MORE, `ab${"c".repeat(300)}`), frame(0, "whole"), frame(COMMAND, "")];
				expect([zmtp.toString("hex"), controls, code]).deep.equal([
					Buffer.concat(expected).toString("hex"),
					["9 70696e67"],
					undefined,
				]);
			});
		}
	}

	it("H57: in fragments without a beginning, within each other, or of nothing are refused", () => {
		const refusal = (...frames: RawWebSocketFrame[]) => read([Buffer.concat(frames.map(webSocketFrame))]).code;
		const start = { isFinal: false, payload: "\0a" };
		expect(refusal({ opcode: 0, payload: "x" })).equal("ZMTP_WEBSOCKET_MALFORMED");
		expect(refusal(start, start)).equal("ZMTP_WEBSOCKET_MALFORMED");
		expect(refusal(start, { payload: "\0whole" })).equal("ZMTP_WEBSOCKET_MALFORMED");
		expect(refusal(start, { opcode: 1, payload: "text" })).equal("ZMTP_WEBSOCKET_UNSUPPORTED");
		expect(refusal({ isFinal: false }, { opcode: 0 })).equal("ZMTP_WEBSOCKET_MALFORMED");
		expect(refusal({ isFinal: false, payload: "\x03" }, { opcode: 0 })).equal("ZMTP_WEBSOCKET_MALFORMED");
		expect(refusal(start, { opcode: 0, payload: "b" }, { opcode: 0, payload: "c" })).equal("ZMTP_WEBSOCKET_MALFORMED");
	});

	it("H57: in fragments are refused above their bound by the head of the one that crosses it", () => {
		const refusal = (...frames: RawWebSocketFrame[]) => {
			const { reader } = reading(false, 0);
			reader.trust(1000);
			return reader.push(Buffer.concat(frames.map(webSocketFrame)))?.code;
		};
		const start = { isFinal: false, payload: "\0".repeat(600) };
		expect(refusal(start, { opcode: 0, payload: "x".repeat(400) })).equal(undefined);
		expect(refusal(start, { opcode: 0, size: 401n })).equal("ZMTP_FRAME_TOO_LARGE");
		expect(refusal({ isFinal: false, size: 1001n })).equal("ZMTP_FRAME_TOO_LARGE");
		expect(refusal({ isFinal: false, size: 2n ** 60n, sizeBytes: 8 })).equal("ZMTP_FRAME_TOO_LARGE");
		expect(refusal({ payload: "\0".repeat(2000) })).equal(undefined);
	});

	it("H57: of control are refused above 125 octets and in fragments", () => {
		for (const opcode of [8, 9, 10]) {
			expect(code({ opcode, payload: "x".repeat(125) })).equal(undefined);
			expect(code({ opcode, payload: "x".repeat(126) })).equal("ZMTP_WEBSOCKET_MALFORMED");
			expect(code({ opcode, isFinal: false })).equal("ZMTP_WEBSOCKET_MALFORMED");
		}
	});

	it("H57: of sizes that are negative, too long a form of a short one or beyond all numbers are refused by their head", () => {
		const heads: [string, bigint, 2 | 8][] = [
			["ZMTP_WEBSOCKET_MALFORMED", 2n ** 63n, 8],
			["ZMTP_WEBSOCKET_MALFORMED", 2n ** 64n - 1n, 8],
			["ZMTP_FRAME_TOO_LARGE", 2n ** 63n - 1n, 8],
			["ZMTP_FRAME_TOO_LARGE", 2n ** 53n, 8],
			["ZMTP_WEBSOCKET_MALFORMED", 125n, 2],
			["ZMTP_WEBSOCKET_MALFORMED", 65_535n, 8],
			["ZMTP_WEBSOCKET_MALFORMED", 0n, 8],
		];
		for (const [expected, size, sizeBytes] of heads) expect(code({ size, sizeBytes }), `${size}`).equal(expected);
	});

	it("H57: without an octet of flags, or with one that means nothing, are refused", () => {
		expect(code({ payload: "" })).equal("ZMTP_WEBSOCKET_MALFORMED");
		for (const flags of [3, 4, 5, 6, 8, 0x80, 0xff]) {
			expect(code({ payload: Buffer.of(flags, 1) }), `${flags}`).equal("ZMTP_WEBSOCKET_MALFORMED");
			expect(code({ payload: Buffer.of(flags, 1), mask: testMask }, true)).equal("ZMTP_WEBSOCKET_MALFORMED");
		}
	});

	it("hand on what came before the one that is refused", () => {
		const { zmtp, code } = read([Buffer.concat([zws(0, "a"), webSocketFrame({ opcode: 1 })])]);
		expect([zmtp.toString("hex"), code]).deep.equal([frame(0, "a").toString("hex"), "ZMTP_WEBSOCKET_UNSUPPORTED"]);
	});

	it("hand on the head of a frame before its body is there, and take no memory for it", () => {
		const { zmtp } = read([webSocketFrame({ size: 2n ** 40n, sizeBytes: 8, payload: "\x00abc" })]);
		const head = Buffer.alloc(9);
		head[0] = LONG;
		head.writeBigUInt64BE(2n ** 40n - 1n, 1);
		expect(zmtp.toString("hex")).equal(Buffer.concat([head, Buffer.from("abc")]).toString("hex"));
	});

	it("in fragments of a peer that is not trusted yet have to wait above their bound, and go on from there", () => {
		const octets = Buffer.concat([
			webSocketFrame({ isFinal: false, payload: "\0a" }),
			webSocketFrame({ opcode: 0, payload: "b".repeat(20) }),
			zws(0, "c"),
		]);
		for (const { cut } of chunkings) {
			const { reader, assembler, controls } = reading(false, 10);
			for (const chunk of cut(Buffer.concat([zws(0, "x".repeat(50)), octets]))) {
				expect(reader.push(chunk)).equal(undefined);
			}
			reader.push(webSocketFrame({ opcode: 9 }));
			const before = Buffer.from(assembler.take());
			expect([before.length, reader.isHeld, controls]).deep.equal([52, true, []]);
			expect(reader.trust(100)).equal(undefined);
			expect(Buffer.from(assembler.take()).toString("hex")).equal(
				Buffer.concat([frame(0, `a${"b".repeat(20)}`), frame(0, "c")]).toString("hex"),
			);
			expect([reader.isHeld, controls]).deep.equal([false, ["9 "]]);
		}
		const { reader } = reading(false, 10);
		reader.push(octets);
		expect(reader.trust(11)?.code).equal("ZMTP_FRAME_TOO_LARGE");
	});

	it("of control are written masked by clients", () => {
		const mask = Buffer.from(testMask).readUInt32BE();
		expect(Buffer.from(encodeControl(9, Buffer.from("abcde"), mask))).deep.equal(
			webSocketFrame({ opcode: 9, payload: "abcde", mask: testMask }),
		);
		expect(Buffer.from(encodeControl(10, Buffer.from("abcde"), undefined))).deep.equal(
			webSocketFrame({ opcode: 10, payload: "abcde" }),
		);
	});

	it("H59: of close are right with a code that may be sent, or none, whatever the text", () => {
		const payload = (value: number, text: Uint8Array = Buffer.of()) =>
			Buffer.concat([Buffer.of(value >> 8, value), text]);
		for (const value of [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999])
			expect(isCloseCode(payload(value))).equal(true);
		expect(isCloseCode(Buffer.of())).equal(true);
		expect(isCloseCode(payload(1000, Buffer.of(0xff, 0xfe)))).equal(true);
		for (const value of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535]) {
			expect(isCloseCode(payload(value)), `${value}`).equal(false);
		}
		expect(isCloseCode(Buffer.of(3))).equal(false);
	});

	it("of close tell the reason by its kind", () => {
		const codeFor = (value: string) => closeCodeOf({ code: value } as ZmtpError);
		expect(closeCodeOf(undefined)).equal(1000);
		expect(codeFor("ZMTP_WEBSOCKET_MALFORMED")).equal(1002);
		expect(codeFor("ZMTP_COMMAND_MALFORMED")).equal(1002);
		expect(codeFor("ZMTP_WEBSOCKET_UNSUPPORTED")).equal(1003);
		expect(codeFor("ZMTP_SOCKET_TYPE_MISMATCH")).equal(1008);
		expect(codeFor("ZMTP_FRAME_TOO_LARGE")).equal(1009);
		expect(codeFor("ZMTP_TOO_MANY_HANDSHAKES")).equal(1013);
	});
});
