import { expect } from "chai";
import fc from "fast-check";
import { statusNumbers } from "../../../packages/runtime/src/errors.js";
import { readOffer, readTerms } from "../../../packages/runtime/src/protocol/control.js";
import {
	findDelimiter,
	isSameEnvelope,
	keepEnvelope,
	startOfAnswer,
	writeEnvelope,
} from "../../../packages/runtime/src/protocol/envelope.js";
import { readError } from "../../../packages/runtime/src/protocol/error-body.js";
import { newCallHeader, readCallHeader, setBudget } from "../../../packages/runtime/src/protocol/header.js";
import { MethodTable } from "../../../packages/runtime/src/protocol/method-table.js";
import { startOfShortFrames } from "../../../packages/runtime/src/protocol/short-frames.js";
import { readTokenGeneration, readTokenIndex, writeToken } from "../../../packages/runtime/src/protocol/token.js";
import { keepCall, takeRequest } from "../../../packages/runtime/src/queue/request.js";
import { RecordingWriter } from "../../support/runtime/fake-peer.js";
import { incoming, receive } from "../../support/runtime/messages.js";
import { callHeader } from "../../support/runtime/wire.js";
import { printedSeed, seed } from "../../support/zmtp/seed.js";

const options = { seed, numRuns: 1000 };
const address = fc.uint8Array({ minLength: 1, maxLength: 255 });
const octet = fc.integer({ min: 0, max: 255 });

describe(`wire format (${printedSeed})`, () => {
	it("a token read back is the one written", () => {
		fc.assert(
			fc.property(fc.nat(0xff_ffff), fc.nat(0xffff_ffff), (slot, generation) => {
				const writer = new RecordingWriter();
				writeToken(writer, slot, generation);
				const frame = writer.frames[0]!;
				expect(frame).to.have.length(8);
				expect(readTokenIndex(frame, 0, 8)).to.equal(slot);
				expect(readTokenGeneration(frame, 0)).to.equal(generation);
			}),
			options,
		);
	});

	it("any octets are a token with a slot in range, or none", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 12 }), (frame) => {
				const index = readTokenIndex(frame, 0, frame.length);
				expect(index === -1 || (frame.length === 8 && index >= 0 && index <= 0xff_ffff)).to.equal(true);
			}),
			options,
		);
	});

	it("any octets are a CALL whose parts lie inside its header, or none", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(5), (octets, before) => {
				const chunk = Buffer.concat([Buffer.alloc(before, 0xff), octets, Buffer.alloc(9, 0xff)]);
				const header = newCallHeader();
				const end = before + octets.length;
				if (!readCallHeader(chunk, before, end, header)) return;
				expect(header.methodStart).to.equal(before + 9);
				expect(header.methodEnd).to.be.within(header.methodStart + 1, end);
				expect(header.metadataEnd).to.equal(end);
			}),
			options,
		);
	});

	it("a CALL read back is the one written", () => {
		const method = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
		const metadata = fc.uint8Array({ maxLength: 50 });
		fc.assert(
			fc.property(
				method,
				octet,
				octet,
				octet,
				fc.nat(0xffff_fffd),
				metadata,
				(name, flags, attempt, priority, budgetMs, rest) => {
					const written = Buffer.from(callHeader(name, { flags, attempt, priority, metadata: rest }));
					setBudget(written, 0, budgetMs);
					const header = newCallHeader();
					expect(readCallHeader(written, 0, written.length, header)).to.equal(true);
					expect(header).to.include({ flags, attempt, priority, budgetMs: Math.max(1, budgetMs) });
					expect(written.toString("utf8", header.methodStart, header.methodEnd)).to.equal(name);
					expect(written.subarray(header.methodEnd)).to.deep.equal(Buffer.from(rest));
				},
			),
			options,
		);
	});

	it("a kept envelope is written as it came, and is the same as itself only", () => {
		const envelope = fc.array(address, { maxLength: 16 });
		fc.assert(
			fc.property(envelope, envelope, (frames, others) => {
				const message = incoming(...frames, "", "data");
				expect(findDelimiter(message)).to.equal(frames.length);
				const kept = keepEnvelope(message, 0, frames.length);
				const writer = new RecordingWriter();
				writeEnvelope(writer, kept);
				expect(writer.frames).to.deep.equal([...frames.map((frame) => Buffer.from(frame)), Buffer.alloc(0)]);
				const other = incoming(...others, "");
				const isEqual =
					others.length === frames.length && others.every((frame, at) => Buffer.from(frame).equals(frames[at]!));
				expect(isSameEnvelope(kept, message, 0, frames.length)).to.equal(true);
				expect(isSameEnvelope(kept, other, 0, others.length)).to.equal(isEqual);
			}),
			options,
		);
	});

	it("frames are copied together only where they lie as they are sent, and the same is written as frame by frame", () => {
		// Short ones, and the least that is not.
		const frame = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 250, maxLength: 260 }));
		const frames = fc.array(frame, { minLength: 1, maxLength: 8 });
		let copied = 0;
		fc.assert(
			fc.property(frames, fc.nat(8), fc.array(fc.nat(600), { maxLength: 2 }), (sent, skipped, cuts) => {
				const from = skipped % sent.length;
				const last = sent.length - 1;
				receive(
					sent,
					(message) => {
						const start = startOfShortFrames(message, from, last);
						const isShort = sent.slice(from).every(({ length }) => length < 256);
						if (!isShort) expect(start).to.equal(-1);
						if (isShort && cuts.length === 0) expect(start).to.be.at.least(0);
						if (start === -1) return;
						copied++;
						const writer = new RecordingWriter();
						writer.shortFrames(message.dataView(from), start, message.ends[last]!);
						expect(writer.frames).to.deep.equal(sent.slice(from).map((octets) => Buffer.from(octets)));
					},
					cuts,
				);
			}),
			options,
		);
		expect(copied).to.be.greaterThan(0);
	});

	it("a call that is kept whole has the envelope, the header and the body that came, or is taken frame by frame", () => {
		const frame = fc.uint8Array({ minLength: 1, maxLength: 260 });
		fc.assert(
			fc.property(
				fc.array(address, { maxLength: 4 }),
				fc.array(frame, { minLength: 2, maxLength: 3 }),
				(envelope, data) => {
					receive([...envelope, "", ...data], (message) => {
						const kept = keepCall(message, envelope.length);
						const isPlain = data.length === 2 && data.every(({ length }) => length < 256);
						expect(kept !== undefined).to.equal(isPlain);
						if (kept === undefined) return;
						expect(isSameEnvelope(kept, message, 0, envelope.length)).to.equal(true);
						const taken = takeRequest(message, envelope.length + 1);
						expect(Buffer.from(kept.header)).to.deep.equal(Buffer.from(taken.header));
						expect(Buffer.from(kept.body.octets)).to.deep.equal(Buffer.from(taken.body.octets));
						expect(kept.size).to.equal(taken.size);
					});
				},
			),
			options,
		);
	});

	it("an answer is copied as it came if it is the envelope and one frame, and no other envelope passes for it", () => {
		const envelope = fc.array(fc.uint8Array({ minLength: 1, maxLength: 9 }), { minLength: 1, maxLength: 3 });
		const change = fc.option(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { nil: undefined });
		fc.assert(
			fc.property(envelope, fc.uint8Array({ maxLength: 40 }), fc.nat(1), change, (frames, body, others, changed) => {
				const kept = keepEnvelope(incoming(...frames, "", "h"), 0, frames.length);
				const answered = frames.map((octets) => Buffer.from(octets));
				if (changed !== undefined) {
					const address = answered[changed[0] % answered.length]!;
					address[changed[0] % address.length]! ^= changed[1];
				}
				const more = new Array<string>(others).fill("x");
				receive(["token", ...answered, "", ...more, body], (message) => {
					const start = startOfAnswer(kept, message, 1);
					expect(start !== -1).to.equal(changed === undefined && others === 0);
				});
			}),
			options,
		);
	});

	it("any two frames are an error with a known status, a text and an outcome", () => {
		fc.assert(
			fc.property(fc.uint8Array({ minLength: 1, maxLength: 6 }), fc.uint8Array({ maxLength: 40 }), (header, body) => {
				const error = readError(incoming("token", "", header, body), 2);
				expect(Object.keys(statusNumbers)).to.include(error.status);
				expect(error.message).to.be.a("string");
				expect(error.message.length).to.be.at.most(4096);
				expect(["failed", "not-started", "unknown"]).to.include(error.outcome);
				expect(error.origin).to.equal("peer");
			}),
			options,
		);
	});

	it("any body of a control message is an offer, terms or nothing", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 40 }), (body) => {
				const message = incoming("", Buffer.of(0x20), body);
				const offer = readOffer(message);
				if (offer !== undefined) expect(offer.concurrency).to.be.within(1, 65_536);
				const terms = readTerms(message);
				if (terms !== undefined) expect(terms.leaseMs).to.be.at.least(terms.heartbeatMs);
			}),
			options,
		);
	});

	it("a method table answers as a Map of strings does", () => {
		const name = fc.string({ maxLength: 6, unit: fc.constantFrom("a", "b", ".", "_") });
		const command = fc.tuple(fc.boolean(), name);
		fc.assert(
			fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
				const table = new MethodTable<number>();
				const model = new Map<string, number>();
				for (const [at, [isAdd, key]] of commands.entries()) {
					const octets = Buffer.from(key);
					if (isAdd) {
						expect(table.add(octets, at)).to.equal(!model.has(key));
						if (!model.has(key)) model.set(key, at);
					}
					expect(table.find(octets, 0, octets.length)).to.equal(model.get(key));
				}
				expect(table.size).to.equal(model.size);
			}),
			{ seed, numRuns: 200 },
		);
	});
});
