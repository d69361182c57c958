import { expect } from "chai";
import fc from "fast-check";
import { ZmtpError } from "../../../packages/zmtp/src/errors.js";
import {
	decodeCommand,
	decodeErrorReason,
	decodePing,
	encodeCommand,
} from "../../../packages/zmtp/src/wire/command.js";
import { FrameWriter } from "../../../packages/zmtp/src/wire/frame-writer.js";
import { encodeGreeting, GreetingReader } from "../../../packages/zmtp/src/wire/greeting.js";
import { decodeProperties, encodeProperties } from "../../../packages/zmtp/src/wire/properties.js";
import { frame, header } from "../../support/zmtp/frames.js";
import { RecordingSink } from "../../support/zmtp/recording-sink.js";

const small = { maxFrameBytes: 500, maxMessageBytes: 900, maxFramesPerMessage: 6, maxCommandBytes: 300 };

/** Sizes where headers and slabs have their borders, and anything else. */
const body = fc.oneof(
	fc.uint8Array({ maxLength: 60 }),
	fc
		.constantFrom(0, 1, 48, 49, 255, 256, 16_383, 16_384, 65_526, 70_000)
		.map((size) => new Uint8Array(size).fill(size)),
);
const frames = fc.array(body, { minLength: 1, maxLength: 6 });

/** Octets that look enough like frames to come far. */
const framish = fc
	.array(
		fc.oneof(
			fc
				.tuple(fc.constantFrom(0, 1, 4, 5, 8), fc.uint8Array({ maxLength: 80 }))
				.map(([flags, octets]) => Buffer.concat([Buffer.of(flags, octets.length), octets])),
			fc
				.tuple(fc.constantFrom(2, 3, 6, 7), fc.oneof(fc.bigInt(0n, 1000n), fc.bigInt(0n, 2n ** 64n - 1n)))
				.map(([flags, size]) => header(flags, size)),
			fc.uint8Array({ maxLength: 300 }),
		),
		{ maxLength: 12 },
	)
	.map((parts) => Buffer.concat(parts));

function cut(octets: Uint8Array, places: readonly number[]): Uint8Array[] {
	const at = [0, ...places.map((place) => place % (octets.length + 1)).sort((a, b) => a - b), octets.length];
	return at.slice(1).map((end, index) => octets.slice(at[index], end));
}

function onlyZmtpErrors<T>(action: () => T): T | string {
	try {
		return action();
	} catch (error) {
		if (error instanceof ZmtpError && error.code.startsWith("ZMTP_")) return error.code;
		throw error;
	}
}

const hex = (octets: Uint8Array) => Buffer.from(octets).toString("hex");

describe("zmtp wire, for all inputs", () => {
	it("messages written are the messages read, wherever the stream is cut", () => {
		fc.assert(
			fc.property(fc.array(frames, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 20 }), (messages, places) => {
				const writer = new FrameWriter();
				for (const parts of messages) {
					writer.begin();
					parts.forEach((part, index) => {
						writer.frame(part, index < parts.length - 1);
					});
					writer.commit();
				}
				const octets = Buffer.concat(writer.pending());
				expect(octets.length).equal(writer.bytes);
				const sink = new RecordingSink();
				expect(sink.push(cut(octets, places))).equal(undefined);
				expect(sink.events).deep.equal(messages.map((parts) => parts.map(hex).join(",")));
			}),
			{ numRuns: 150 },
		);
	});

	it("a writer that is rolled back, flushed and cut off at any moment sends exactly what was committed", () => {
		const step = fc.oneof(
			{ weight: 4, arbitrary: fc.record({ parts: frames, ends: fc.constantFrom("commit", "rollback") }) },
			{ weight: 1, arbitrary: fc.constantFrom("sent", "detach") },
			{ weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
		);
		fc.assert(
			fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
				const writer = new FrameWriter();
				const left: Buffer[] = [];
				const expected: string[] = [];
				for (const step of steps) {
					if (step === "sent") {
						left.push(Buffer.concat(writer.pending()));
						writer.sent();
					} else if (step === "detach") {
						writer.pending();
						left.push(Buffer.concat(writer.detach().segments));
					} else if (step instanceof Uint8Array) {
						writer.command(step);
						expected.push(`command ${hex(step)}`);
					} else {
						writer.begin();
						step.parts.forEach((part, index) => {
							writer.frame(part, index < step.parts.length - 1);
						});
						if (step.ends === "commit") {
							writer.commit();
							expected.push(step.parts.map(hex).join(","));
						} else {
							writer.rollback();
						}
					}
				}
				const rest = Buffer.concat(writer.pending());
				expect(rest.length).equal(writer.bytes);
				const sink = new RecordingSink();
				expect(sink.push([...left, rest])).equal(undefined);
				expect(sink.events).deep.equal(expected);
			}),
			{ numRuns: 200 },
		);
	});

	it("any octets give messages, commands or a named error, the same however they are cut", () => {
		fc.assert(
			fc.property(framish, fc.array(fc.nat(), { maxLength: 20 }), fc.boolean(), (octets, places, accepts) => {
				const whole = new RecordingSink(small);
				whole.reader.acceptsMessages = accepts;
				const inPieces = new RecordingSink(small);
				inPieces.reader.acceptsMessages = accepts;
				const code = whole.push([octets])?.code;
				expect(inPieces.push(cut(octets, places))?.code).equal(code);
				expect(inPieces.events).deep.equal(whole.events);
				for (const event of whole.events) expect(event.length / 2).below(1000);
			}),
			{ numRuns: 1500 },
		);
	});

	it("a halt after every message changes nothing but the time", () => {
		fc.assert(
			fc.property(framish, fc.array(fc.nat(), { maxLength: 10 }), (octets, places) => {
				const whole = new RecordingSink(small);
				const code = whole.push([octets])?.code;
				const halting = new RecordingSink(small);
				halting.afterMessage = () => halting.reader.halt();
				let halted = halting.push(cut(octets, places))?.code;
				for (let i = 0; i < 100 && halted === undefined; i++) halted = halting.reader.resume()?.code;
				expect(halted).equal(code);
				expect(halting.events).deep.equal(whole.events);
			}),
			{ numRuns: 500 },
		);
	});

	it("octets put where there is room for them are read as those that come as chunks, halted or not", () => {
		const large = fc.array(
			fc.tuple(fc.oneof(fc.integer({ max: 300, min: 0 }), fc.integer({ max: 200_000, min: 10_000 })), fc.boolean()),
			{ minLength: 1, maxLength: 8 },
		);
		const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 70_000 }), fc.boolean(), fc.boolean()), { minLength: 1 });
		fc.assert(
			fc.property(large, steps, (parts, steps) => {
				const octets = Buffer.concat(
					parts.map(([size, isMore], i) => frame(isMore && i < parts.length - 1 ? 1 : 0, Buffer.alloc(size, i + 1))),
				);
				const whole = new RecordingSink();
				whole.push([Uint8Array.from(octets)]);
				const sink = new RecordingSink();
				for (let at = 0, step = 0; at < octets.length; step++) {
					const [size, usesRoom, halts] = steps[step % steps.length]!;
					const room = usesRoom ? sink.reader.room() : undefined;
					// Between the question and the octets.
					if (halts) sink.reader.halt();
					const taken = octets.subarray(at, at + Math.min(size, room?.length ?? size));
					at += taken.length;
					if (room === undefined) {
						sink.push([Uint8Array.from(taken)]);
					} else {
						room.set(taken);
						sink.push([room.subarray(0, taken.length)]);
					}
					if (halts && step % 3 > 0) sink.reader.resume();
				}
				while (sink.reader.keptBytes > 0) sink.reader.resume();
				expect(sink.events).deep.equal(whole.events);
			}),
			{ numRuns: 300 },
		);
	});

	it("any octets give a greeting or a named error", () => {
		const mechanism = fc.stringMatching(/^[A-Z0-9._+-]{1,20}$/);
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (octets, isSigned) => {
				const reader = new GreetingReader();
				const signed = isSigned ? Buffer.concat([Buffer.from("ff00000000000000007f03", "hex"), octets]) : octets;
				const result = onlyZmtpErrors(() => reader.push(signed));
				if (typeof result === "object") expect(result.mechanism).match(/^[A-Z0-9._+-]{1,20}$/);
			}),
			{ numRuns: 500 },
		);
		fc.assert(
			fc.property(mechanism, fc.boolean(), fc.boolean(), (name, asServer, hasLength) => {
				expect(new GreetingReader().push(encodeGreeting(name, asServer, 1, hasLength))).deep.equal({
					minor: 1,
					mechanism: name,
					asServer,
					hasLength,
				});
			}),
			{ numRuns: 100 },
		);
	});

	it("any octets give a command or a named error, and commands survive the way there and back", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => {
				const result = onlyZmtpErrors(() => decodeCommand(octets, 0, octets.length));
				if (typeof result === "object") expect(hex(encodeCommand(result.name, result.data))).equal(hex(octets));
				onlyZmtpErrors(() => decodePing(octets));
				const reason = onlyZmtpErrors(() => decodeErrorReason(octets));
				expect(reason).match(/^[\x20-\x7e]*$/);
			}),
			{ numRuns: 500 },
		);
		fc.assert(
			fc.property(fc.stringMatching(/^[A-Za-z]{1,255}$/), fc.uint8Array(), (name, data) => {
				const octets = encodeCommand(name, data);
				const decoded = decodeCommand(octets, 0, octets.length);
				expect([decoded.name, hex(decoded.data)]).deep.equal([name, hex(data)]);
			}),
			{ numRuns: 100 },
		);
	});

	it("any octets give properties or a named error, and properties survive the way there and back", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 100 }), (octets) => {
				const result = onlyZmtpErrors(() => decodeProperties(octets, 0, octets.length));
				if (typeof result === "object") for (const name of result.keys()) expect(name).match(/^[a-z0-9._+-]+$/);
			}),
			{ numRuns: 500 },
		);
		const name = fc.stringMatching(/^X-[A-Za-z0-9._+-]{1,40}$/);
		fc.assert(
			fc.property(
				fc.uniqueArray(fc.tuple(name, fc.uint8Array()), { selector: ([key]) => key.toLowerCase() }),
				(list) => {
					const octets = encodeProperties(list);
					const decoded = decodeProperties(octets, 0, octets.length);
					expect([...decoded].map(([key, value]) => [key, hex(value)])).deep.equal(
						list.map(([key, value]) => [key.toLowerCase(), hex(value)]),
					);
				},
			),
			{ numRuns: 100 },
		);
	});
});
