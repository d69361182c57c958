import { expect } from "chai";
import * as z from "zod";
import { messageCodec } from "../../../../packages/runtime/src/index.js";
import { packBeside, putInside, unpackBeside } from "../../../../packages/runtime/src/protocol/attached.js";
import { anyCodec, InvalidValue } from "../../../../packages/runtime/src/protocol/codec.js";
import { pack, unpack } from "../../../../packages/runtime/src/protocol/msgpack.js";
import { numbered } from "../../../support/runtime/blobs.js";
import { octets, vectors } from "../../../support/runtime/vectors.js";

interface BesideVector {
	readonly name: string;
	readonly body: string;
	readonly frames: readonly string[];
	readonly folded?: string;
	readonly flaw?: string;
}

const large = 32 * 1024;

/** What is written of a value, and beside it. */
function written(value: unknown): { readonly body: Uint8Array; readonly frames: Uint8Array[] } {
	const frames: Uint8Array[] = [];
	const size = packBeside(new Uint8Array(0), 0, value, frames);
	const body = new Uint8Array(size + 5);
	expect(packBeside(body, 5, value, frames)).to.equal(size + 5);
	return { body: body.subarray(5), frames };
}

describe("octets beside a body", () => {
	for (const { name, body, frames, folded, flaw } of vectors<BesideVector>("beside")) {
		it(`${name}: ${flaw === undefined ? "are read, and put into the body" : "is refused"}`, () => {
			// Where it lies in its chunk is of no importance.
			const chunk = Buffer.concat([Buffer.alloc(3, 0xd4), octets(body), Buffer.alloc(3, 0x01)]);
			const end = chunk.length - 3;
			const beside = frames.map(octets);
			if (flaw === undefined) {
				const whole = octets(folded!);
				const before = Buffer.from(chunk);
				expect(unpackBeside(chunk, 3, end, beside)).to.deep.equal(unpack(whole, 0, whole.length));
				expect(Buffer.from(putInside(chunk, 3, end, beside))).to.deep.equal(whole);
				expect(chunk, "what was received is as it was").to.deep.equal(before);
			} else if (frames.length > 0) {
				expect(() => unpackBeside(chunk, 3, end, beside)).to.throw(Error, flaw);
				expect(() => putInside(chunk, 3, end, beside)).to.throw(Error, flaw);
				expect(() => anyCodec.decode(chunk, 3, end, beside)).to.throw(InvalidValue, flaw);
			} else {
				expect(() => anyCodec.decode(chunk, 3, end, beside)).to.throw(InvalidValue, flaw);
				expect(() => anyCodec.decode(chunk, 3, end)).to.throw(InvalidValue, flaw);
			}
		});
	}

	it("are those of 32 KiB and more, by reference and in order; the rest is in the body", () => {
		const [first, second, small] = [numbered(large), numbered(large + 1), numbered(large - 1)];
		const value = { a: [1, first], small, b: { c: second, d: undefined }, e: "x" };
		const { body, frames } = written(value);
		expect(frames).to.have.length(2);
		expect(frames[0]).to.equal(first);
		expect(frames[1]).to.equal(second);
		const read = unpackBeside(body, 0, body.length, frames) as typeof value;
		expect(read.a[1]).to.equal(first);
		expect(read.b.c).to.equal(second);
		expect(Object.keys(read.b)).to.deep.equal(["c"]);
		expect(Buffer.compare(read.small, small)).to.equal(0);
	});

	it("leave the octets that msgpackr writes without them, once they are put inside", () => {
		const values: unknown[] = [
			numbered(large),
			[numbered(large)],
			{ name: "x", octets: numbered(100_000), at: new Date(0), none: null, big: 2n ** 60n },
			Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`key ${i}`, i % 3 === 0 ? numbered(large + i) : [i]])),
			Array.from({ length: 70_000 }, (_, i) => (i === 69_999 ? numbered(large) : i)),
		];
		for (const value of values) {
			const { body, frames } = written(value);
			const folded = putInside(body, 0, body.length, frames);
			expect(Buffer.compare(folded, pack(value))).to.equal(0);
		}
	});

	it("are the value, or the list, where there is nothing else", () => {
		const [first, second] = [numbered(large), numbered(large + 1)];
		for (const value of [first, [first], [first, second]]) {
			const { body, frames } = written(value);
			expect(unpackBeside(body, 0, body.length, frames)).to.deep.equal(value);
		}
	});

	it("are 256 at most; more go into the body", () => {
		const value = Array.from({ length: 258 }, (_, i) => numbered(large, i));
		const { body, frames } = written(value);
		expect(frames).to.have.length(256);
		const read = unpackBeside(body, 0, body.length, frames) as Uint8Array[];
		for (const [i, found] of read.entries()) expect(Buffer.compare(found, value[i]!)).to.equal(0);
	});

	it("need a codec that knows of octets: of a schema without them nothing is looked through", () => {
		const frames: Uint8Array[] = [];
		const codec = messageCodec(z.object({ list: z.array(z.string()) }));
		const buffer = new Uint8Array(100);
		const end = codec.encode(buffer, 0, { list: ["a"] }, frames);
		expect(codec.decode(buffer, 0, end)).to.deep.equal({ list: ["a"] });
		expect(() => codec.decode(buffer, 0, end, [numbered(1)])).to.throw(InvalidValue, "refers to 0 frames");
	});

	it("of a value in a ring are refused as the value is", () => {
		const ring: unknown[] = [numbered(large)];
		ring.push(ring);
		expect(() => anyCodec.encode(new Uint8Array(10), 0, ring, [])).to.throw(InvalidValue);
	});
});
