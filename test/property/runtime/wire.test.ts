import { expect } from "chai";
import fc from "fast-check";
import { statusNumbers } from "../../../packages/runtime/src/errors.js";
import { readOffer, readTerms } from "../../../packages/runtime/src/protocol/control.js";
import {
	findDelimiter,
	isSameEnvelope,
	keepEnvelope,
	writeEnvelope,
} from "../../../packages/runtime/src/protocol/envelope.js";
import { readError } from "../../../packages/runtime/src/protocol/error-body.js";
import { newCallHeader, readCallHeader, setBudget } from "../../../packages/runtime/src/protocol/header.js";
import { MethodTable } from "../../../packages/runtime/src/protocol/method-table.js";
import { readTokenGeneration, readTokenIndex, writeToken } from "../../../packages/runtime/src/protocol/token.js";
import { RecordingWriter } from "../../support/runtime/fake-peer.js";
import { incoming } from "../../support/runtime/messages.js";
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
