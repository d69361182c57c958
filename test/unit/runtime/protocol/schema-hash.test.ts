import { expect } from "chai";
import { Call } from "../../../../packages/runtime/src/client/call.js";
import type { CallOptions } from "../../../../packages/runtime/src/client/call-options.js";
import { templatesFor, writeRequest } from "../../../../packages/runtime/src/client/request-writer.js";
import { newCallHeader, readCallHeader } from "../../../../packages/runtime/src/protocol/header.js";
import {
	encodeSchemaHash,
	readSchemaHash,
	schemaMismatch,
	withoutSchemaHash,
} from "../../../../packages/runtime/src/protocol/schema-hash.js";
import { echo } from "../../../support/runtime/echo.js";
import { FakePeer } from "../../../support/runtime/fake-peer.js";
import { generatedFrom } from "../../../support/runtime/versions.js";
import { unpack } from "../../../support/runtime/wire.js";

const { say } = generatedFrom("1a2b", echo);
const ignore = () => {};

/** The header of a call, as it leaves. */
function headerOf(schemaCheck: "none" | "strict", options?: CallOptions): Buffer {
	const peer = new FakePeer();
	const call = new Call(say, ["a"], options, ignore, ignore);
	writeRequest(peer, Object.assign(call, { slot: 1, generation: 2 }), 500, 1000, templatesFor(schemaCheck, 1000));
	return peer.sent[0]![2]!;
}

/** What a server, or queue, reads of it: the hash, and the metadata that a handler gets. */
function read(octets: Uint8Array): { schemaHash: string | undefined; metadata: unknown } {
	const header = newCallHeader();
	// Somewhere in a chunk, where more lies on both sides.
	const chunk = Buffer.concat([Buffer.alloc(7, 0xff), octets, Buffer.alloc(99, 0xff)]);
	expect(readCallHeader(chunk, 7, 7 + octets.length, header)).equal(true);
	const { methodEnd, metadataEnd } = header;
	const schemaHash = readSchemaHash(chunk, methodEnd, metadataEnd);
	if (schemaHash === undefined) return { schemaHash, metadata: undefined };
	const metadata = withoutSchemaHash(chunk, methodEnd, metadataEnd);
	return { schemaHash, metadata: metadata === undefined ? undefined : unpack(metadata) };
}

const manyNames = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, i]));

describe("the schema hash in a CALL", () => {
	it("is there when the caller is strict, and the header is what it was when not", () => {
		expect(headerOf("none").subarray(0, 2)).deep.equal(Buffer.of(1, 2));
		expect(headerOf("none")).length(9 + "Echo.say".length);
		expect(headerOf("strict").subarray(0, 2)).deep.equal(Buffer.of(1, 0x12));
		expect(read(headerOf("strict"))).deep.equal({ schemaHash: "1a2b", metadata: undefined });
	});

	for (const count of [0, 1, 14, 15, 16, 17, 300]) {
		it(`is read, and taken out, before ${count} names of the caller's own`, () => {
			const metadata = manyNames(count);
			expect(read(headerOf("strict", { metadata }))).deep.equal({
				schemaHash: "1a2b",
				metadata: count === 0 ? undefined : metadata,
			});
		});

		it(`is metadata like any other to who does not know it, before ${count} names`, () => {
			const metadata = headerOf("strict", { metadata: manyNames(count) }).subarray(9 + "Echo.say".length);
			expect(unpack(metadata)).deep.equal({ "homing.schema": "1a2b", ...manyNames(count) });
		});
	}

	it("is not read from what is cut off anywhere, or has another octet before the hash", () => {
		const whole = encodeSchemaHash("1a2b");
		for (let end = 0; end < whole.length; end++) expect(readSchemaHash(whole, 0, end), String(end)).equal(undefined);
		expect(readSchemaHash(whole, 0, whole.length)).equal("1a2b");
		const fixed = [0, ...Array.from({ length: whole.length - 4 - 3 }, (_, i) => i + 3)];
		for (const at of fixed) {
			const other = Uint8Array.from(whole);
			other[at]! ^= 0x80;
			expect(readSchemaHash(other, 0, other.length), `octet ${at}`).equal(undefined);
		}
	});

	it("has 1 to 64 octets", () => {
		for (const hash of ["", "x".repeat(65), "é".repeat(33)])
			expect(() => encodeSchemaHash(hash), hash).throw(RangeError);
		const longest = encodeSchemaHash("x".repeat(64));
		expect(readSchemaHash(longest, 0, longest.length)).equal("x".repeat(64));
	});

	it("that nobody serves is told with few of those that are there, and not much of each", () => {
		const { message, details } = schemaMismatch(
			"Echo",
			"a",
			Array.from({ length: 1000 }, () => "x".repeat(1000)),
		);
		expect(message).match(/ and 996 more;/);
		expect(message.length).below(600);
		expect((details as { servedHashes: string[] }).servedHashes).length(4);
	});
});
