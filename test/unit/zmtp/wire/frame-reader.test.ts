import { expect } from "chai";
import type { ZmtpErrorCode } from "../../../../packages/zmtp/src/errors.js";
import type { Limits } from "../../../../packages/zmtp/src/limits.js";
import { FrameReader } from "../../../../packages/zmtp/src/wire/frame-reader.js";
import type { Message } from "../../../../packages/zmtp/src/wire/message.js";
import { chunkings } from "../../../support/zmtp/chunking.js";
import { COMMAND, command, frame, header, LONG, MORE, message } from "../../../support/zmtp/frames.js";
import { RecordingSink } from "../../../support/zmtp/recording-sink.js";

/** A reader without limits, and the frames that it has delivered. */
function watch(): { readonly reader: FrameReader; readonly seen: Uint8Array[] } {
	const seen: Uint8Array[] = [];
	const reader = new FrameReader(
		{
			onMessage: (whole) => {
				for (let i = 0; i < whole.count; i++) seen.push(whole.frame(i));
			},
			onCommand: () => {},
		},
		{ maxFrameBytes: 2 ** 40, maxMessageBytes: 2 ** 40, maxFramesPerMessage: 9, maxCommandBytes: 9 },
	);
	reader.acceptsMessages = true;
	return { reader, seen };
}

const hex = (text: string) => Buffer.from(text).toString("hex");

describe("zmtp frame reader", () => {
	for (const { name, cut } of chunkings) {
		describe(`with octets arriving ${name}`, () => {
			const read = (octets: Uint8Array, limits: Partial<Limits> = {}) => {
				const sink = new RecordingSink(limits);
				const error = sink.push(cut(octets));
				return { events: sink.events, code: error?.code };
			};

			it("delivers messages and commands in order", () => {
				const octets = Buffer.concat([
					message("one"),
					message("a", "", "b"),
					command("PING", "\0\0"),
					message(""),
					message("x".repeat(255), "y".repeat(256), "z".repeat(70_000)),
				]);
				expect(read(octets)).deep.equal({
					events: [
						hex("one"),
						`${hex("a")},,${hex("b")}`,
						`command ${hex("\x04PING\0\0")}`,
						"",
						`${hex("x".repeat(255))},${hex("y".repeat(256))},${hex("z".repeat(70_000))}`,
					],
					code: undefined,
				});
			});

			it("takes the long form of a short size", () => {
				expect(read(frame(LONG, "abc"))).deep.equal({ events: [hex("abc")], code: undefined });
				expect(read(frame(LONG | COMMAND, "\x01A")).events).deep.equal([`command ${hex("\x01A")}`]);
			});

			it("lets a command stand between the frames of a message", () => {
				const octets = Buffer.concat([frame(MORE, "a"), command("PONG"), frame(0, "b")]);
				expect(read(octets).events).deep.equal([`command ${hex("\x04PONG")}`, `${hex("a")},${hex("b")}`]);
			});

			const refused: [what: string, octets: Buffer, limits: Partial<Limits>, code: ZmtpErrorCode][] = [
				["MORE on a command", frame(MORE | COMMAND, "\x01A"), {}, "ZMTP_FRAME_FLAGS_INVALID"],
				["MORE on a long command", frame(MORE | COMMAND | LONG, "\x01A"), {}, "ZMTP_FRAME_FLAGS_INVALID"],
				["a frame one octet above maxFrameBytes", message("12345"), { maxFrameBytes: 4 }, "ZMTP_FRAME_TOO_LARGE"],
				["a frame of 2^31 octets", header(0, 2n ** 31n), {}, "ZMTP_FRAME_TOO_LARGE"],
				["a frame of 2^32 octets", header(0, 2n ** 32n), {}, "ZMTP_FRAME_TOO_LARGE"],
				["a frame of 2^63-1 octets", header(0, 2n ** 63n - 1n), {}, "ZMTP_FRAME_TOO_LARGE"],
				["a frame of 2^64-1 octets", header(0, -1n), {}, "ZMTP_FRAME_TOO_LARGE"],
				[
					"a size that no number holds, though there is no limit",
					header(0, 2n ** 53n + 1n),
					{ maxFrameBytes: Number.POSITIVE_INFINITY, maxMessageBytes: Number.POSITIVE_INFINITY },
					"ZMTP_FRAME_TOO_LARGE",
				],
				["a command of 2^64-1 octets", header(COMMAND, -1n), {}, "ZMTP_COMMAND_TOO_LARGE"],
				["a command above its own limit", command("A", "12"), { maxCommandBytes: 3 }, "ZMTP_COMMAND_TOO_LARGE"],
				[
					"a message whose last frame passes the limit",
					message("123", "45"),
					{ maxMessageBytes: 4 },
					"ZMTP_MESSAGE_TOO_LARGE",
				],
				["one frame too many", message("", "", ""), { maxFramesPerMessage: 2 }, "ZMTP_TOO_MANY_FRAMES"],
			];
			for (const [what, octets, limits, code] of refused) {
				it(`refuses ${what} with ${code}, after what came before it`, () => {
					expect(read(Buffer.concat([message("before"), octets, message("after")]), limits)).deep.equal({
						events: limits.maxFrameBytes === 4 || limits.maxMessageBytes === 4 ? [] : [hex("before")],
						code,
					});
				});
			}

			it("takes frames and messages exactly at their limits", () => {
				expect(read(message("1234"), { maxFrameBytes: 4, maxMessageBytes: 4 }).code).equal(undefined);
				expect(read(message("12", "34"), { maxMessageBytes: 4, maxFramesPerMessage: 2 }).code).equal(undefined);
				expect(read(command("A", "1"), { maxCommandBytes: 3 }).code).equal(undefined);
			});

			it("counts octets anew for each message", () => {
				expect(read(Buffer.concat([message("12", "34"), message("56", "78")]), { maxMessageBytes: 4 })).deep.equal({
					events: [`${hex("12")},${hex("34")}`, `${hex("56")},${hex("78")}`],
					code: undefined,
				});
			});

			it("refuses messages before the handshake is done, but not commands", () => {
				const sink = new RecordingSink();
				sink.reader.acceptsMessages = false;
				expect(sink.push(cut(Buffer.concat([command("READY"), message("early")])))?.code).equal(
					"ZMTP_MESSAGE_UNEXPECTED",
				);
				expect(sink.events).deep.equal([`command ${hex("\x05READY")}`]);
			});

			it("stops at a message and goes on where it stopped, losing and repeating nothing", () => {
				const texts = Array.from({ length: 40 }, (_, index) => `${index}`.repeat(1 + (index % 5) * 30));
				const chunks = cut(Buffer.concat(texts.map((text) => message(text, "tail"))));
				const sink = new RecordingSink();
				sink.afterMessage = () => sink.reader.halt();
				for (const chunk of chunks) expect(sink.reader.push(chunk)).equal(undefined);
				expect(sink.events).length(1);
				for (let expected = 2; expected <= texts.length; expected++) {
					expect(sink.reader.resume()).equal(undefined);
					expect(sink.events).length(expected);
				}
				expect(sink.events).deep.equal(texts.map((text) => `${hex(text)},${hex("tail")}`));
			});

			it("reports a fault that lies behind a halt only once resumed", () => {
				const sink = new RecordingSink();
				sink.afterMessage = () => sink.reader.halt();
				expect(sink.push(cut(Buffer.concat([message("a"), Buffer.of(0xf8, 0)])))).equal(undefined);
				expect(sink.reader.resume()?.code).equal("ZMTP_FRAME_FLAGS_INVALID");
			});

			it("delivers all that is left when drained, halts or not, and stops at the first fault", () => {
				const sink = new RecordingSink();
				sink.afterMessage = () => sink.reader.halt();
				sink.push(cut(Buffer.concat([message("a"), message("b"), message("c"), Buffer.of(0xf8, 0), message("d")])));
				expect(sink.reader.drain()?.code).equal("ZMTP_FRAME_FLAGS_INVALID");
				expect(sink.events).deep.equal([hex("a"), hex("b"), hex("c")]);
			});

			it("delivers nothing once stopped", () => {
				const sink = new RecordingSink();
				sink.afterMessage = () => sink.reader.stop();
				sink.push(cut(Buffer.concat([message("a"), message("b"), command("PING")])));
				expect(sink.events).deep.equal([hex("a")]);
			});

			it("goes on when it is resumed from within a delivery", () => {
				const sink = new RecordingSink();
				sink.afterMessage = () => {
					sink.reader.halt();
					expect(sink.reader.resume()).equal(undefined);
				};
				expect(sink.push(cut(Buffer.concat([message("a"), message("b"), message("c")])))).equal(undefined);
				expect(sink.events).deep.equal([hex("a"), hex("b"), hex("c")]);
			});
		});
	}

	it("refuses every flags octet but 00 to 03, 04 and 06", () => {
		for (let flags = 0; flags < 256; flags++) {
			const sink = new RecordingSink();
			const body = "\x01A";
			const octets =
				(flags & LONG) === 0 ? Buffer.concat([Buffer.of(flags, 2), Buffer.from(body)]) : frame(flags, body);
			const code = sink.push([octets])?.code;
			expect(code, flags.toString(16)).equal(
				[0, 1, 2, 3, 4, 6].includes(flags) ? undefined : "ZMTP_FRAME_FLAGS_INVALID",
			);
		}
	});

	it("hands on frames as ranges of the chunk, without copying them", () => {
		const chunk = Buffer.concat([message("abc", "def")]);
		let seen: readonly Uint8Array[] = [];
		const reader = new FrameReader(
			{
				onMessage: (received: Message) => {
					seen = [...received.buffers];
				},
				onCommand: () => {},
			},
			{ maxFrameBytes: 9, maxMessageBytes: 9, maxFramesPerMessage: 9, maxCommandBytes: 9 },
		);
		reader.acceptsMessages = true;
		reader.push(chunk);
		expect(seen.every((buffer) => buffer === chunk)).equal(true);
	});

	it("allocates for a cut frame what has arrived, not what was announced", () => {
		const announce = () => {
			const sink = new RecordingSink({ maxFrameBytes: 2 ** 40, maxMessageBytes: 2 ** 40 });
			expect(sink.push([header(0, 2n ** 39n), Buffer.alloc(10)])).equal(undefined);
			return sink;
		};
		// The first large block of a process takes another with it, once: octets.ts.
		announce();
		const before = process.memoryUsage().arrayBuffers;
		const sinks = Array.from({ length: 20 }, announce);
		expect(process.memoryUsage().arrayBuffers - before).below(sinks.length * 2 * 2 ** 20);
	});

	it("takes octets of a large frame that were put where it has room for them, without copying them", () => {
		const { reader, seen } = watch();
		const body = Buffer.alloc(100_000, "0123456789");
		reader.push(Buffer.concat([frame(MORE, "id"), header(LONG, 100_000n), body.subarray(0, 10)]));
		const room = reader.room()!;
		expect(room.length).equal(body.length - 10);
		room.set(body.subarray(10, 60_000));
		reader.push(room.subarray(0, 60_000 - 10));
		const rest = reader.room()!;
		expect(rest.length).equal(body.length - 60_000);
		rest.set(body.subarray(60_000));
		reader.push(rest);
		expect(seen.map((octets) => Buffer.compare(octets, body) === 0)).deep.equal([false, true]);
		expect(seen[1]!.buffer).equal(room.buffer);
	});

	it("takes octets of a large frame that came as chunks of their own though it had room", () => {
		const { reader, seen } = watch();
		const body = Buffer.alloc(100_000, "0123456789");
		reader.push(header(LONG, 100_000n));
		reader.room();
		for (let at = 0; at < body.length; at += 30_000) reader.push(body.subarray(at, at + 30_000));
		expect(seen.map((octets) => Buffer.compare(octets, body))).deep.equal([0]);
	});

	it("keeps what was put into its room while it is halted, and goes on with it", () => {
		const { reader, seen } = watch();
		const body = Buffer.alloc(100_000, "0123456789");
		reader.push(Buffer.concat([header(LONG, 100_000n), body.subarray(0, 10)]));
		const room = reader.room()!;
		reader.halt();
		room.set(body.subarray(10, 50_000));
		reader.push(room.subarray(0, 50_000 - 10));
		expect(reader.room()).equal(undefined);
		reader.push(body.subarray(50_000));
		expect(seen).deep.equal([]);
		reader.resume();
		expect(seen.map((octets) => Buffer.compare(octets, body))).deep.equal([0]);
	});

	it("has no room where nothing large is cut: between frames, for a small one, for a large one's last octets", () => {
		const { reader } = watch();
		expect(reader.room()).equal(undefined);
		reader.push(header(LONG, 1000n));
		expect(reader.room()).equal(undefined);
		reader.push(Buffer.alloc(1000));
		reader.push(Buffer.concat([header(LONG, 100_000n), Buffer.alloc(99_000)]));
		expect(reader.room()).equal(undefined);
		reader.push(Buffer.alloc(1000));
		expect(reader.room()).equal(undefined);
	});

	it("has room for as much as has arrived vouches for, not for what was announced", () => {
		const { reader } = watch();
		reader.push(header(LONG, 2n ** 39n));
		expect(reader.room()!.length).below(2 * 2 ** 20);
	});

	it("reads a 20 MiB frame that arrives in 64 KiB chunks", () => {
		const body = Buffer.alloc(20 * 2 ** 20, "0123456789abcdef");
		const octets = message(body, "end");
		let received = "";
		const reader = new FrameReader(
			{
				onMessage: (whole) => {
					received = `${Buffer.compare(whole.frame(0), body)} ${Buffer.from(whole.frame(1))}`;
				},
				onCommand: () => {},
			},
			{ maxFrameBytes: 2 ** 26, maxMessageBytes: 2 ** 26, maxFramesPerMessage: 9, maxCommandBytes: 9 },
		);
		reader.acceptsMessages = true;
		for (let at = 0; at < octets.length; at += 65_536) reader.push(octets.subarray(at, at + 65_536));
		expect(received).equal("0 end");
	});
});
