import { expect } from "chai";
import fc from "fast-check";
import { defaultLimits, type Limits } from "../../../../packages/zmtp/src/limits.js";
import { CurveServer } from "../../../../packages/zmtp/src/mechanism/curve-server.js";
import { nodeCiphers } from "../../../../packages/zmtp/src/mechanism/node-ciphers.js";
import { FrameWriter } from "../../../../packages/zmtp/src/wire/frame-writer.js";
import { chunkings } from "../../../support/zmtp/chunking.js";
import {
	COMMAND,
	commandBody,
	encodeFrame,
	frameOf,
	greeting,
	LONG,
	MORE,
	messageFrames,
	propertiesOf,
	type RawFrame,
} from "../../../support/zmtp/frames.js";
import { decision } from "../../../support/zmtp/handshake.js";
import { RawCurveClient } from "../../../support/zmtp/raw-curve.js";
import { RecordingHost } from "../../../support/zmtp/recording-host.js";
import { seed } from "../../../support/zmtp/seed.js";

const serverKeys = nodeCiphers.createKeyPair();
const properties = [["Socket-Type", Buffer.from("ROUTER")]] as const;

/** A CURVE server's connection in traffic, and the client made by hand that it has it with. */
function meet(limits: Partial<Limits> = {}) {
	const host = new RecordingHost({
		socketType: "ROUTER",
		limits: { ...defaultLimits, ...limits },
		mechanism: new CurveServer(nodeCiphers, properties, serverKeys),
	});
	const raw = new RawCurveClient(serverKeys.publicKey);
	host.receive(greeting({ mechanism: "CURVE" }), encodeFrame(raw.hello()));
	const welcome = frameOf(COMMAND, host.transmitted.subarray(64 + 2));
	host.receive(encodeFrame(raw.initiate(welcome, propertiesOf("DEALER"))));
	host.connection.authenticated(decision(200), host.now);
	expect(host.events).deep.equal(["authenticate CURVE", "ready"]);
	host.events.length = 0;
	const traffic = raw.traffic!;
	return {
		host,
		traffic,
		/** Frames as they are on the wire, sealed. */
		seal: (...frames: RawFrame[]) => Buffer.concat(frames.map((frame) => encodeFrame(traffic.seal(frame)))),
	};
}

describe("zmtp sealed traffic", () => {
	for (const { name, cut } of chunkings) {
		it(`delivers messages and commands as if they were plain, in chunks: ${name}`, () => {
			const { host, seal } = meet();
			const octets = seal(
				...messageFrames("one"),
				...messageFrames("two", "", "frames", Buffer.alloc(300, "x")),
				frameOf(COMMAND, commandBody("PING", Buffer.of(0, 0, 0xab))),
				...messageFrames(""),
				frameOf(MORE, "split"),
				frameOf(COMMAND, commandBody("UNKNOWN", "ignored")),
				frameOf(0, "by a command"),
			);
			host.receive(...cut(octets));
			expect(host.events).deep.equal([
				"message one",
				`message two||frames|${"x".repeat(300)}`,
				"pong ab",
				"message ",
				"message split|by a command",
			]);
		});
	}

	it("26/CURVEZMQ: takes MESSAGE as a command too, as the RFC has it and libzmq has not", () => {
		const { host, traffic } = meet();
		const sealed = traffic.seal(frameOf(0, "hello"));
		host.receive(encodeFrame({ ...sealed, flags: COMMAND }));
		expect(host.events).deep.equal(["message hello"]);
	});

	it("H51: a plain message or command ends the connection, and nothing of it is delivered", () => {
		for (const plain of [
			frameOf(0, "plain"),
			frameOf(0, "a plain message that is longer than any sealed one is at least"),
			frameOf(COMMAND, commandBody("PING", Buffer.of(0, 0))),
			frameOf(COMMAND, commandBody("READY", propertiesOf("DEALER"))),
			frameOf(COMMAND, commandBody("ERROR", "\x03400")),
			frameOf(0, ""),
		]) {
			const { host, seal } = meet();
			host.receive(Buffer.concat([seal(frameOf(0, "first")), encodeFrame(plain), seal(frameOf(0, "last"))]));
			expect(host.events).deep.equal(["message first", "failed ZMTP_CURVE_MESSAGE_INVALID"]);
		}
	});

	it("H50: what comes again, or was sent before, ends the connection", () => {
		const { host, seal } = meet();
		const [first, second] = [seal(frameOf(0, "first")), seal(frameOf(0, "second"))];
		host.receive(Buffer.from(first), Buffer.from(second), Buffer.from(first));
		expect(host.events).deep.equal(["message first", "message second", "failed ZMTP_CURVE_NONCE_INVALID"]);
	});

	it("H50: a MORE, or any flag that there is not, outside the box ends the connection: what is whole is said inside", () => {
		for (const flags of [MORE, MORE | COMMAND, 8, 0x80]) {
			const { host, traffic, seal } = meet();
			const first = seal(frameOf(0, "first"));
			const sealed = traffic.seal(frameOf(0, "hello"));
			host.receive(Buffer.concat([first, encodeFrame({ ...sealed, flags }), seal(frameOf(0, "again"))]));
			expect(host.events).deep.equal(["message first", "failed ZMTP_FRAME_FLAGS_INVALID"]);
		}
	});

	it("ends the connection when a message breaks off with it: half of one is never delivered", () => {
		const { host, seal } = meet();
		host.receive(seal(frameOf(MORE, "half")));
		host.connection.close();
		expect(host.events).deep.equal([]);
	});

	it("a sealed command that is malformed, or out of place, ends the connection as a plain one does", () => {
		for (const [body, code] of [
			[Buffer.of(), "ZMTP_COMMAND_MALFORMED"],
			[Buffer.of(9, 1), "ZMTP_COMMAND_MALFORMED"],
			[commandBody("PING", ""), "ZMTP_COMMAND_MALFORMED"],
			[commandBody("READY", ""), "ZMTP_COMMAND_UNEXPECTED"],
			[commandBody("ERROR", "\x03400"), "ZMTP_COMMAND_UNEXPECTED"],
		] as const) {
			const { host, seal } = meet();
			host.receive(seal(frameOf(COMMAND, body)));
			expect(host.events).deep.equal([`failed ${code}`]);
		}
	});

	it("holds sealed frames to the limits of plain ones, to the octet", () => {
		const limits = { maxFrameBytes: 500, maxMessageBytes: 550, maxFramesPerMessage: 3, maxCommandBytes: 400 };
		const fine: RawFrame[] = [
			...messageFrames(Buffer.alloc(500)),
			...messageFrames(Buffer.alloc(500), Buffer.alloc(50)),
			...messageFrames("a", "b", "c"),
			frameOf(COMMAND, commandBody("X", Buffer.alloc(398))),
		];
		const { host, seal } = meet(limits);
		host.receive(seal(...fine));
		expect(host.events.map((event) => event.slice(0, 7))).deep.equal(["message", "message", "message"]);
		for (const [frames, code] of [
			[messageFrames(Buffer.alloc(501)), "ZMTP_FRAME_TOO_LARGE"],
			[messageFrames(Buffer.alloc(500), Buffer.alloc(51)), "ZMTP_MESSAGE_TOO_LARGE"],
			[messageFrames("a", "b", "c", "d"), "ZMTP_TOO_MANY_FRAMES"],
			[[frameOf(COMMAND, commandBody("X", Buffer.alloc(399)))], "ZMTP_COMMAND_TOO_LARGE"],
		] as const) {
			const other = meet(limits);
			other.host.receive(other.seal(...frames));
			expect(other.host.events).deep.equal([`failed ${code}`]);
		}
	});

	it("takes commands of the size they may have where frames may have less, and the other way round", () => {
		const ping = frameOf(COMMAND, commandBody("PING", Buffer.concat([Buffer.of(0, 0), Buffer.alloc(16, 1)])));
		const small = meet({ maxFrameBytes: 4 });
		small.host.receive(small.seal(ping, frameOf(0, "four")));
		expect(small.host.events).deep.equal([`pong ${"01".repeat(16)}`, "message four"]);
		small.host.receive(small.seal(frameOf(0, "fives")));
		expect(small.host.events.at(-1)).equal("failed ZMTP_FRAME_TOO_LARGE");
	});

	it("refuses a size beyond all limits from the header alone", () => {
		for (const flags of [0, COMMAND]) {
			const { host } = meet({ maxFrameBytes: 100, maxCommandBytes: 400 });
			const header = encodeFrame({ flags, body: Buffer.alloc(0), size: 434n });
			host.receive(header);
			expect(host.events).deep.equal([`failed ZMTP_${flags === 0 ? "FRAME" : "COMMAND"}_TOO_LARGE`]);
		}
	});

	it("stops after the message at which it is halted, and goes on from there", () => {
		const { host, seal } = meet();
		const deliver = host.onMessage.bind(host);
		host.onMessage = (message) => {
			deliver(message);
			host.connection.halt();
		};
		host.receive(seal(...messageFrames("a", "b"), ...messageFrames("c"), ...messageFrames("d")));
		expect(host.events).deep.equal(["message a|b"]);
		host.connection.resume();
		expect(host.events).deep.equal(["message a|b", "message c"]);
		host.connection.drain();
		expect(host.events).deep.equal(["message a|b", "message c", "message d"]);
	});

	it("H50: delivers what is whole before a forged box in its chunk, halted or not, and nothing behind it", () => {
		for (const isHalting of [false, true]) {
			const { host, seal } = meet();
			const deliver = host.onMessage.bind(host);
			host.onMessage = (message) => {
				deliver(message);
				if (isHalting) host.connection.halt();
			};
			const fine = [seal(frameOf(0, "a")), seal(frameOf(0, "b"), frameOf(MORE, "half"))];
			const forged = seal(frameOf(0, "forged"));
			forged[forged.length - 1]! ^= 1;
			host.receive(Buffer.concat([...fine, forged, seal(frameOf(0, "c"))]));
			expect(host.events).deep.equal(["message a", "message b", "failed ZMTP_CURVE_MESSAGE_INVALID"]);
		}
	});

	it("delivers large frames among small ones, cut as a stream cuts them, and whole", () => {
		const sizes = [3, 70_000, 0, 65_000, 65_536, 9, 8_128, 1_100_000, 1];
		const texts = sizes.map((length, index) => String.fromCharCode(97 + index).repeat(length));
		for (const chunkBytes of [65_536, 10_000, 4_000_000]) {
			const { host, seal } = meet();
			const octets = seal(...messageFrames(...texts), ...texts.map((text) => frameOf(0, text)));
			for (let at = 0; at < octets.length; at += chunkBytes) {
				host.receive(Uint8Array.from(octets.subarray(at, at + chunkBytes)));
			}
			const expected = [texts.join("|"), ...texts].map((text) => `message ${text}`);
			expect(host.events.length).equal(expected.length);
			for (const [index, event] of host.events.entries())
				expect(event === expected[index], `message ${index}`).equal(true);
		}
	});

	it("opens what came behind the handshake, and was kept while the peer was judged", () => {
		const host = new RecordingHost({
			socketType: "ROUTER",
			mechanism: new CurveServer(nodeCiphers, properties, serverKeys),
		});
		const raw = new RawCurveClient(serverKeys.publicKey);
		host.receive(greeting({ mechanism: "CURVE" }), encodeFrame(raw.hello()));
		const welcome = frameOf(COMMAND, host.transmitted.subarray(64 + 2));
		const initiate = encodeFrame(raw.initiate(welcome, propertiesOf("DEALER")));
		const sealed = ["one", "two", "three"].map((text) => encodeFrame(raw.traffic!.seal(frameOf(0, text))));
		host.receive(Buffer.concat([initiate, sealed[0]!, sealed[1]!.subarray(0, 20)]), sealed[1]!.subarray(20));
		expect(host.events).deep.equal(["authenticate CURVE"]);
		host.connection.authenticated(decision(200), host.now);
		host.receive(sealed[2]!);
		expect(host.events).deep.equal(["authenticate CURVE", "ready", "message one", "message two", "message three"]);
	});

	it("delivers nothing, and throws nothing, whatever octets follow its handshake", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => {
				const { host } = meet();
				host.receive(Uint8Array.from(octets));
				expect(host.events.filter((event) => !event.startsWith("failed ZMTP_"))).deep.equal([]);
			}),
			{ seed, numRuns: 100 },
		);
	});
});

describe("zmtp Sealer", () => {
	/** Header by header, since no sealed frame may have a flag but LONG. */
	function framesOf(octets: Buffer): RawFrame[] {
		const frames: RawFrame[] = [];
		for (let at = 0; at < octets.length; ) {
			const flags = octets[at]!;
			expect(flags & ~LONG).equal(0);
			const start = at + (flags === LONG ? 9 : 2);
			const size = flags === LONG ? Number(octets.readBigUInt64BE(at + 1)) : octets[at + 1]!;
			at = start + size;
			frames.push(frameOf(0, octets.subarray(start, at)));
		}
		return frames;
	}

	const size = fc.oneof(fc.nat(400), fc.constantFrom(0, 221, 222, 223, 255, 256, 16_383, 16_384, 16_385, 70_000));
	const message = fc.array(size, { minLength: 1, maxLength: 5 });
	const command = fc.constant("command" as const);

	it("seals every frame of a batch, whatever lies where, and counts messages and octets", () => {
		fc.assert(
			fc.property(fc.array(fc.array(fc.oneof(message, command)), { maxLength: 3 }), (batches) => {
				const { host, traffic } = meet();
				const writer = new FrameWriter();
				for (const batch of batches) {
					const plain: RawFrame[] = [];
					for (const item of batch) {
						if (item === "command") {
							plain.push(frameOf(COMMAND, commandBody("PING", Buffer.of(0, 0))));
							writer.command(plain.at(-1)!.body);
							continue;
						}
						const frames = messageFrames(...item.map((length) => Buffer.alloc(length, length)));
						writer.begin();
						for (const { flags, body } of frames) writer.frame(body, flags === MORE);
						writer.commit();
						plain.push(...frames);
					}
					const sealed = host.connection.sealer!.seal(writer);
					const octets = Buffer.concat(sealed.pending() as Uint8Array[]);
					expect([sealed.bytes, sealed.messages]).deep.equal([
						octets.length,
						batch.filter((item) => item !== "command").length,
					]);
					expect([writer.isEmpty, writer.messages]).deep.equal([true, 0]);
					sealed.sent();
					const opened = framesOf(octets).map((frame) => traffic.open(frame));
					expect(opened.map(({ flags, body }) => [flags, body.toString("hex")])).deep.equal(
						plain.map(({ flags, body }) => [flags, body.toString("hex")]),
					);
				}
			}),
			{ seed, numRuns: 60 },
		);
	});

	it("leaves frames that it was lent as they were", () => {
		const { host } = meet();
		const writer = new FrameWriter();
		const lent = Buffer.alloc(20_000, 7);
		writer.begin();
		writer.frame(lent, false);
		writer.commit();
		host.connection.sealer!.seal(writer);
		expect(lent.equals(Buffer.alloc(20_000, 7))).equal(true);
	});
});
