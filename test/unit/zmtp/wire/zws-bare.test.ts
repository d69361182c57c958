import { expect } from "chai";
import { FrameAssembler, FrameSplitter } from "../../../../packages/zmtp/src/wire/frame-parts.js";
import { BareIncoming, BareOutgoing } from "../../../../packages/zmtp/src/wire/zws-bare.js";
import { chunkings } from "../../../support/zmtp/chunking.js";
import { COMMAND, commandFrame, encodeFrame, frame, greeting, MORE, property } from "../../../support/zmtp/frames.js";

/** Takes frames of ZMTP through one direction of ZWS without a mechanism, to what is ZMTP again. */
function through(direction: typeof BareIncoming | typeof BareOutgoing, chunks: readonly Uint8Array[]): string {
	const assembler = new FrameAssembler();
	const splitter = new FrameSplitter(new direction(assembler));
	splitter.push(greeting());
	const octets = chunks.map((chunk) => {
		splitter.push(chunk);
		return Buffer.from(assembler.take());
	});
	return Buffer.concat(octets).toString("hex");
}

const ready = (routingId: string) =>
	encodeFrame(
		commandFrame("READY", Buffer.concat([property("Socket-Type", "DEALER"), property("Identity", routingId)])),
	);
const introduction = (routingId: string) => encodeFrame(commandFrame("READY", property("Identity", routingId)));

describe("ZWS without a mechanism", () => {
	for (const { name, cut } of chunkings) {
		for (const routingId of ["", "me", "x".repeat(255)]) {
			it(`sends a routing id of ${routingId.length} octets for READY, then messages alone, cut ${name}`, () => {
				const written = Buffer.concat([
					ready(routingId),
					frame(MORE, "a"),
					encodeFrame(commandFrame("PING", "\0\0")),
					frame(0, "b"),
					frame(0, ""),
				]);
				const expected = Buffer.concat([frame(0, routingId), frame(MORE, "a"), frame(0, "b"), frame(0, "")]);
				expect(through(BareOutgoing, cut(written))).equal(expected.toString("hex"));
			});

			it(`takes a first message of ${routingId.length} octets for a READY, then messages, cut ${name}`, () => {
				const received = Buffer.concat([frame(0, routingId), frame(MORE, "a"), frame(0, "b")]);
				const expected = Buffer.concat([introduction(routingId), frame(MORE, "a"), frame(0, "b")]);
				expect(through(BareIncoming, cut(received))).equal(expected.toString("hex"));
			});
		}
	}

	it("hands on as it is what cannot be a routing id, for the connection to refuse", () => {
		for (const first of [frame(0, "x".repeat(256)), frame(MORE, "x"), frame(COMMAND, "\x05ERROR\x00")]) {
			expect(through(BareIncoming, [first])).equal(first.toString("hex"));
		}
	});

	it("leaves out an ERROR in place of READY", () => {
		expect(through(BareOutgoing, [encodeFrame(commandFrame("ERROR", "\x02no"))])).equal("");
	});
});
