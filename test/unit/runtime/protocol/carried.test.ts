import { expect } from "chai";
import * as z from "zod";
import { InvalidValue, messageCodec } from "../../../../packages/runtime/src/index.js";
import { findFlaw, hasUncheckedParts } from "../../../../packages/runtime/src/protocol/carried.js";
import { anyCodec } from "../../../../packages/runtime/src/protocol/codec.js";
import { pack } from "../../../../packages/runtime/src/protocol/msgpack.js";

describe("what msgpack carries where no type says so", () => {
	it("is what JSON has, and dates, octets and bigints", () => {
		const bytes = [Buffer.of(1), { a: [{ b: new Uint8Array(2) }] }];
		expect(findFlaw([null, undefined, true, 1, "a", 2n, new Date(0), ...bytes])).to.equal(undefined);
		expect(findFlaw(Object.assign(Object.create(null) as object, { a: 1 }))).to.equal(undefined);
	});

	const foreign: [string, unknown][] = [
		["a function", () => 1],
		["a symbol", Symbol("x")],
		["a Float64Array, of which stale memory would be sent", new Float64Array(4)],
		["a DataView", new DataView(new ArrayBuffer(2))],
		["an ArrayBuffer", new ArrayBuffer(2)],
		["a Map", new Map()],
		["a Set", new Set()],
		["a regular expression", /x/],
		["an Error", new Error("x")],
		["a promise", Promise.resolve()],
		["an invalid date", new Date(Number.NaN)],
	];
	for (const [name, value] of foreign) {
		it(`is not ${name}, however deep`, () => {
			const flaw = findFlaw({ a: [0, { b: value }] });
			expect(flaw?.path).to.deep.equal(["a", 1, "b"]);
			expect(flaw?.problem).to.match(/^msgpack has no form for a/);
			expect(() => pack({ details: value })).to.throw("msgpack has no form for");
			const buffer = new Uint8Array(100);
			expect(() => anyCodec.encode(buffer, 0, [value])).to.throw(InvalidValue);
			expect(() => messageCodec(z.tuple([z.unknown()])).encode(buffer, 0, [value])).to.throw(InvalidValue);
		});
	}

	it("is checked only where a schema leaves something open", () => {
		interface Tree {
			readonly children: Tree[];
			readonly extra?: unknown;
		}
		const closed: z.ZodType = z.object({
			get children() {
				return z.array(closed);
			},
		});
		const open: z.ZodType<Tree> = z.object({
			get children() {
				return z.array(open);
			},
			extra: z.unknown().optional(),
		});
		expect(hasUncheckedParts(closed)).to.equal(false);
		expect(hasUncheckedParts(z.tuple([z.string(), z.instanceof(Uint8Array), z.map(z.string(), z.int())]))).to.equal(
			false,
		);
		expect(hasUncheckedParts(open)).to.equal(true);
		expect(hasUncheckedParts(z.tuple([z.string()]).rest(z.any()))).to.equal(true);
		expect(hasUncheckedParts(z.record(z.string(), z.union([z.int(), z.array(z.unknown())])))).to.equal(true);
		expect(hasUncheckedParts(z.lazy(() => z.unknown()))).to.equal(true);
	});
});
