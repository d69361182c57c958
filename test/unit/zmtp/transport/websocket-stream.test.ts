import { expect } from "chai";
import { ZmtpError } from "../../../../packages/zmtp/src/errors.js";
import { clientSide, serverSide } from "../../../../packages/zmtp/src/transport/node-websocket.js";
import type { ByteStream } from "../../../../packages/zmtp/src/transport/transport.js";
import { WebSocketStream } from "../../../../packages/zmtp/src/transport/websocket-stream.js";
import { encodeGreeting } from "../../../../packages/zmtp/src/wire/greeting.js";
import { COMMAND, commandFrame, encodeFrame, frame, property } from "../../../support/zmtp/frames.js";
import { streamOptions } from "../../../support/zmtp/streams.js";
import { defer } from "../../../support/zmtp/waiting.js";
import { readWebSocketFrames, testMask, webSocketFrame, zws } from "../../../support/zmtp/websocket-frames.js";

/** The stream below: what is written to it can be seen, and it takes it when it is told to. */
class Below implements ByteStream {
	readonly remoteAddress = "test://";
	onData: (chunk: Uint8Array) => void = () => {};
	onDrain: () => void = () => {};
	onClose: (error: ZmtpError | undefined) => void = () => {};
	takes = true;
	written: Buffer = Buffer.alloc(0);
	readonly ended = defer();
	isEnded = false;

	write(chunks: readonly Uint8Array[]): boolean {
		this.written = Buffer.concat([this.written, ...chunks]);
		return this.takes;
	}

	pause(): void {}
	resume(): void {}

	end(): Promise<void> {
		this.isEnded = true;
		return this.ended.promise;
	}

	destroy(): void {}

	/** What was written since the last time, without the head of an upgrade. */
	take(): string[] {
		const end = this.written.indexOf("\r\n\r\n");
		const { frames, rest } = readWebSocketFrames(end === -1 ? this.written : this.written.subarray(end + 4));
		this.written = rest;
		return frames;
	}
}

interface Ear {
	readonly stream: WebSocketStream;
	received: Uint8Array;
	chunks: number;
	drains: number;
	closed: string[];
}

function listenTo(stream: WebSocketStream): Ear {
	const ear: Ear = { stream, received: Buffer.alloc(0), chunks: 0, drains: 0, closed: [] };
	stream.onData = (chunk) => {
		ear.chunks++;
		ear.received = Buffer.concat([ear.received, chunk]);
	};
	stream.onDrain = () => ear.drains++;
	stream.onClose = (error) => ear.closed.push(error?.code ?? "no error");
	return ear;
}

const request = (protocols = "ZWS2.0/NULL") =>
	Buffer.from(
		`GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ${protocols}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
	);

const curve = { ...streamOptions, mechanism: "CURVE" };
const ourGreeting = encodeGreeting("NULL", false);
const synthesized = Buffer.from(encodeGreeting("NULL", false, 0, true));

/** A server whose upgrade is done, and the greetings with it. */
function openServer(protocols?: string): { below: Below; ear: Ear; stream: WebSocketStream } {
	const below = new Below();
	const stream = new WebSocketStream(below, serverSide(streamOptions));
	const ear = listenTo(stream);
	stream.write([ourGreeting]);
	below.onData(request(protocols));
	expect(below.take()).deep.equal([]);
	ear.received = Buffer.alloc(0);
	ear.drains = 0;
	return { below, ear, stream };
}

describe("a WebSocket as a stream", () => {
	it("of a server answers the upgrade, gives a greeting of ZMTP 3.0 for the peer's and swallows ours", () => {
		const below = new Below();
		const stream = new WebSocketStream(below, serverSide(streamOptions));
		const ear = listenTo(stream);
		expect(stream.write([ourGreeting])).equal(false);
		below.onData(request().subarray(0, 50));
		expect([ear.chunks, below.written.length]).deep.equal([0, 0]);
		below.onData(request().subarray(50));
		expect(below.written.toString()).match(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
		expect([...ear.received]).deep.equal([...synthesized]);
		expect([below.take(), ear.drains]).deep.equal([[], 1]);
	});

	it("of a client asks at once, and both understand each other", () => {
		const [near, far] = [new Below(), new Below()];
		const client = listenTo(new WebSocketStream(near, clientSide(curve, { host: "::1", port: 80, path: "/x" })));
		const server = listenTo(new WebSocketStream(far, serverSide(curve)));
		expect(near.written.toString()).match(/^GET \/x HTTP\/1\.1\r\nHost: \[::1\]:80\r\n/);
		far.onData(near.written);
		near.onData(far.written);
		for (const { received } of [client, server]) {
			expect(Buffer.from(received).toString("hex")).equal(
				Buffer.from(encodeGreeting("CURVE", false, 0, true)).toString("hex"),
			);
		}
	});

	it("translates frames both ways", () => {
		const { below, ear, stream } = openServer();
		stream.write([frame(COMMAND, "abc"), frame(1, "a"), frame(0, "")]);
		expect(below.take()).deep.equal(["82 02616263", "82 0161", "82 00"]);
		below.onData(Buffer.concat([zws(2, "abc", testMask), zws(0, "d", testMask)]));
		expect(ear.received).deep.equal(Buffer.concat([frame(COMMAND, "abc"), frame(0, "d")]));
	});

	it("takes frames that came right behind the upgrade", () => {
		const below = new Below();
		const ear = listenTo(new WebSocketStream(below, serverSide(streamOptions)));
		below.onData(Buffer.concat([request(), zws(2, "abc", testMask)]));
		expect(ear.received).deep.equal(Buffer.concat([synthesized, frame(COMMAND, "abc")]));
	});

	it("without a mechanism exchanges routing ids in place of READY", () => {
		const { below, ear, stream } = openServer("ZWS2.0");
		const ready = (routingId: string) => encodeFrame(commandFrame("READY", property("Identity", routingId)));
		stream.write([ready("us")]);
		stream.write([frame(0, "hello")]);
		expect(below.take()).deep.equal([`82 00${Buffer.from("us").toString("hex")}`, "82 0068656c6c6f"]);
		below.onData(Buffer.concat([zws(0, "them", testMask), zws(0, "hi", testMask)]));
		expect(ear.received).deep.equal(Buffer.concat([ready("them"), frame(0, "hi")]));
	});

	it("answers PING with its payload, and tells of PONG, as of all else, by a chunk", () => {
		const { below, ear, stream } = openServer();
		stream.ping();
		expect(below.take()).deep.equal(["89 "]);
		const { chunks } = ear;
		below.onData(webSocketFrame({ opcode: 10, mask: testMask }));
		expect([ear.chunks, ear.received.length]).deep.equal([chunks + 1, 0]);
		below.onData(webSocketFrame({ opcode: 9, payload: "abc", mask: testMask }));
		expect(below.take()).deep.equal(["8a 616263"]);
	});

	it("H28: keeps one PONG for a peer that does not read, the last", () => {
		const { below, ear, stream } = openServer();
		below.takes = false;
		expect(stream.write([frame(0, "a")])).equal(false);
		below.take();
		for (let i = 0; i < 1000; i++) below.onData(webSocketFrame({ opcode: 9, payload: `${i}`, mask: testMask }));
		stream.ping();
		expect(below.take()).deep.equal([]);
		below.takes = true;
		below.onDrain();
		expect(below.take()).deep.equal([`8a ${Buffer.from("999").toString("hex")}`]);
		expect(ear.drains).equal(1);
	});

	it("says when a write is drained, also one that came while another's PONG was under way", () => {
		const { below, ear, stream } = openServer();
		below.takes = false;
		below.onData(webSocketFrame({ opcode: 9, mask: testMask }));
		expect(stream.write([frame(0, "a")])).equal(false);
		below.takes = true;
		below.onDrain();
		expect([below.take(), ear.drains]).deep.equal([["8a ", "82 0061"], 1]);
		expect(stream.write([frame(0, "b")])).equal(true);
		below.onDrain();
		expect(ear.drains).equal(1);
	});

	it("gives back the code of a Close, delivers what came before it and nothing behind it, and ends", async () => {
		const { below, ear } = openServer();
		const close = webSocketFrame({ opcode: 8, payload: Buffer.of(0x0b, 0xb8, 0x41), mask: testMask });
		below.onData(Buffer.concat([zws(0, "a", testMask), close, zws(0, "b", testMask)]));
		below.onData(zws(0, "c", testMask));
		expect([ear.received, below.take()]).deep.equal([frame(0, "a"), ["88 0bb8"]]);
		expect(ear.closed).deep.equal([]);
		below.ended.resolve();
		await below.ended.promise;
		await Promise.resolve();
		expect(ear.closed).deep.equal(["no error"]);
	});

	it("H59: answers a Close without a code by one without, and one that is malformed by 1002", () => {
		for (const [payload, answer] of [
			[Buffer.of(), "88 "],
			[Buffer.of(3), "88 03ea"],
			[Buffer.of(0x03, 0xed), "88 03ea"],
		] as const) {
			const { below } = openServer();
			below.onData(webSocketFrame({ opcode: 8, payload, mask: testMask }));
			expect(below.take()).deep.equal([answer]);
		}
	});

	it("closes with the code that fits when the peer breaks the rules, and says why once it is gone", async () => {
		for (const [frames, answer, code] of [
			[webSocketFrame({ opcode: 1, payload: "x", mask: testMask }), "88 03eb", "ZMTP_WEBSOCKET_UNSUPPORTED"],
			[webSocketFrame({ payload: "\0" }), "88 03ea", "ZMTP_WEBSOCKET_MALFORMED"],
			[webSocketFrame({ size: 2n ** 60n, sizeBytes: 8, mask: testMask }), "88 03f1", "ZMTP_FRAME_TOO_LARGE"],
		] as const) {
			const { below, ear, stream } = openServer();
			below.onData(frames);
			expect([below.take(), below.isEnded]).deep.equal([[answer], true]);
			expect(stream.write([frame(0, "x")])).equal(false);
			below.ended.resolve();
			await below.ended.promise;
			await Promise.resolve();
			expect(ear.closed).deep.equal([code]);
		}
	});

	it("ends with a Close that says why, be it to a client or a server", () => {
		const { below, stream } = openServer();
		void stream.end(new ZmtpError("ZMTP_FRAME_TOO_LARGE", ""));
		expect([below.take(), below.isEnded]).deep.equal([["88 03f1"], true]);

		const near = new Below();
		const client = new WebSocketStream(near, clientSide(streamOptions, { host: "x", port: 80, path: "/" }));
		const far = new Below();
		listenTo(new WebSocketStream(far, serverSide(streamOptions))).stream.write([ourGreeting]);
		far.onData(near.written);
		near.take();
		near.onData(far.written);
		void client.end();
		expect(near.take()).deep.equal(["masked 88 03e8"]);
	});

	it("refuses in HTTP who is no WebSocket, and ends", async () => {
		const below = new Below();
		const ear = listenTo(new WebSocketStream(below, serverSide(streamOptions)));
		below.onData(Buffer.from(encodeGreeting("NULL", false)));
		expect(below.written.toString()).equal(
			"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
		);
		below.ended.resolve();
		await below.ended.promise;
		await Promise.resolve();
		expect(ear.closed).deep.equal(["ZMTP_NOT_ZMTP"]);
	});

	it("passes on the end of the stream below", () => {
		const { below, ear } = openServer();
		below.onClose(new ZmtpError("ZMTP_CONNECTION_LOST", "reset"));
		expect(ear.closed).deep.equal(["ZMTP_CONNECTION_LOST"]);
	});
});
