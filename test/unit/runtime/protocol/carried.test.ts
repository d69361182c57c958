import { runInNewContext } from "node:vm";
import { expect } from "chai";
import * as z from "zod";
import { InvalidValue, messageCodec } from "../../../../packages/runtime/src/index.js";
import { maxBodyDepth } from "../../../../packages/runtime/src/limits.js";
import { findFlaw, hasUncheckedParts } from "../../../../packages/runtime/src/protocol/carried.js";
import { anyCodec } from "../../../../packages/runtime/src/protocol/codec.js";
import { pack } from "../../../../packages/runtime/src/protocol/msgpack.js";

class Point {
	readonly x = 1;
	norm(): number {
		return Math.abs(this.x);
	}
}

class Base {
	get twice(): number {
		return 2;
	}
}

class Dot extends Base {
	readonly x = 1;
}

class Bare {
	readonly x = 1;
}

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
		["an instance of a class with methods", new Point()],
		["an instance of a class whose base has a getter", new Dot()],
		["a WeakMap", new WeakMap()],
		["a URL", new URL("http://example.org")],
		["a number in a box", Object(3)],
		["an object that inherits data", Object.create({ inherited: 1 })],
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

	it("is an instance of a class without methods, and an object of another realm", () => {
		expect(findFlaw([new Bare(), runInNewContext("({ a: [1, { b: 2 }] })")])).to.equal(undefined);
	});

	it("is a bigint of 64 bits, signed or not, and none beyond; the text names it and where it lies", () => {
		expect(findFlaw([2n ** 64n - 1n, -(2n ** 63n)])).to.equal(undefined);
		for (const beyond of [2n ** 64n, -(2n ** 63n) - 1n]) {
			expect(findFlaw({ a: [beyond] })).to.deep.equal({
				path: ["a", 0],
				problem: `expected a bigint from -2^63 to 2^64 - 1, got ${beyond}n`,
			});
		}
		expect(findFlaw(10n ** 1000n)?.problem).to.match(/got 10{36}\.\.\.$/);
		const typed = messageCodec(z.tuple([z.object({ cents: z.array(z.bigint()) })]), { parameters: ["order"] });
		expect(() => typed.encode(new Uint8Array(100), 0, [{ cents: [1n, 2n ** 64n] }])).to.throw(
			InvalidValue,
			"order.cents[1]: expected a bigint from -2^63 to 2^64 - 1, got 18446744073709551616n",
		);
	});

	it("has an end: what contains itself is named with the place where it does, typed or not", () => {
		const circular: Record<string, unknown> = { name: "a" };
		circular["list"] = [1, { again: circular }];
		const open = messageCodec(z.tuple([z.unknown()]), { parameters: ["what"] });
		expect(() => open.encode(new Uint8Array(100), 0, [circular])).to.throw(
			InvalidValue,
			"what.list[1].again: it contains itself",
		);
		interface Tree {
			children: Tree[];
		}
		const tree: z.ZodType<Tree> = z.object({
			get children() {
				return z.array(tree);
			},
		});
		const root: Tree = { children: [{ children: [] }] };
		root.children[0]!.children.push(root);
		expect(() =>
			messageCodec(z.tuple([tree]), { parameters: ["tree"] }).encode(new Uint8Array(100), 0, [root]),
		).to.throw(InvalidValue, "tree.children[0].children[0]: it contains itself");
		// The same value twice is no cycle.
		expect(findFlaw([root.children, []].map(() => ({ same: [1] })))).to.equal(undefined);
		const shared = { a: 1 };
		expect(findFlaw([shared, { shared }, [shared]])).to.equal(undefined);
	});

	it("is no deeper than the other side takes", () => {
		const nested = (levels: number) => Array.from({ length: levels - 1 }).reduce<unknown>((inner) => [inner], []);
		expect(findFlaw(nested(maxBodyDepth))).to.equal(undefined);
		expect(anyCodec.decode(...whole(pack(nested(maxBodyDepth))))).to.be.an("array");
		expect(findFlaw(nested(maxBodyDepth + 1))).to.include({ problem: "it is nested deeper than 128 levels" });
	});

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

function whole(octets: Uint8Array): [Uint8Array, number, number] {
	return [octets, 0, octets.length];
}
