import { expect } from "chai";
import * as z from "zod";
import { InvalidValue, messageCodec } from "../../../../packages/runtime/src/index.js";
import { pack } from "../../../../packages/runtime/src/protocol/msgpack.js";

const Order = z.object({
	cents: z.int().min(1),
	price: z.number().gt(0).lte(10).optional(),
	lines: z.array(z.object({ sku: z.string().min(2), "odd key": z.boolean().optional() })).optional(),
	kind: z.enum(["a", "b"]).optional(),
	id: z
		.string()
		.regex(/^[A-Z]{2}$/)
		.optional(),
	shape: z
		.discriminatedUnion("type", [
			z.object({ type: z.literal("square"), side: z.number() }),
			z.object({ type: z.literal("circle"), radius: z.number() }),
		])
		.optional(),
	either: z.union([z.string(), z.int()]).optional(),
	maybe: z.union([z.object({ kind: z.string() }), z.undefined()]).optional(),
	tags: z.set(z.string()).optional(),
	step: z.number().multipleOf(5).optional(),
	big: z.bigint().optional(),
	names: z.record(z.string(), z.int()).optional(),
});
const codec = messageCodec(z.tuple([Order]) as z.ZodType<[unknown]>, { parameters: ["order"] });

function complaint(order: unknown): string {
	try {
		codec.encode(new Uint8Array(1024), 0, [order]);
	} catch (error) {
		if (error instanceof InvalidValue) return error.message;
		throw error;
	}
	throw new Error("it was accepted");
}

describe("what is said of a wrong value", () => {
	const cases: [name: string, order: unknown, text: string][] = [
		["a fraction where an integer is due", { cents: 0.5 }, "order.cents: expected an integer >= 1, got 0.5"],
		["too small an integer", { cents: 0 }, "order.cents: expected an integer >= 1, got 0"],
		["a text where an integer is due", { cents: "1" }, 'order.cents: expected an integer >= 1, got "1"'],
		["nothing at all", {}, "order.cents: expected an integer >= 1, got nothing"],
		["NaN", { cents: Number.NaN }, "order.cents: expected an integer >= 1, got NaN"],
		["too large a number", { cents: 1, price: 11 }, "order.price: expected a number > 0 and <= 10, got 11"],
		[
			"an element's property",
			{ cents: 1, lines: [{ sku: "ab" }, { sku: "a" }] },
			'order.lines[1].sku: expected a string of at least 2 characters, got "a"',
		],
		[
			"a property with an odd name",
			{ cents: 1, lines: [{ sku: "ab", "odd key": 1 }] },
			'order.lines[0]["odd key"]: expected a boolean, got 1',
		],
		["no array", { cents: 1, lines: {} }, "order.lines: expected an array, got an object"],
		["no member of an enum", { cents: 1, kind: "c" }, 'order.kind: expected one of "a", "b", got "c"'],
		["no match of a pattern", { cents: 1, id: "x" }, 'order.id: expected a string that matches /^[A-Z]{2}$/, got "x"'],
		[
			"a mistake inside the only alternative that fits",
			{ cents: 1, maybe: { kind: 1 } },
			"order.maybe.kind: expected a string, got 1",
		],
		[
			"no alternative of a union",
			{ cents: 1, either: true },
			"order.either: expected a string or an integer, got true",
		],
		["no Set", { cents: 1, tags: ["a"] }, "order.tags: expected a Set, got an array of 1"],
		["no multiple", { cents: 1, step: 7 }, "order.step: expected a multiple of 5, got 7"],
		["a number where a bigint is due", { cents: 1, big: 1 }, "order.big: expected a bigint, got 1"],
		["a value of a record", { cents: 1, names: { a: "x" } }, 'order.names.a: expected an integer, got "x"'],
		["no object", 7, "order: expected an object, got 7"],
		["null", null, "order: expected an object, got null"],
		[
			"a function, without its source",
			{ cents: () => "secret" },
			"order.cents: expected an integer >= 1, got a function",
		],
		["a symbol", { cents: Symbol("x") }, "order.cents: expected an integer >= 1, got a symbol"],
		["octets", { cents: new Uint8Array(3) }, "order.cents: expected an integer >= 1, got 3 octets"],
	];
	for (const [name, order, text] of cases) {
		it(`${name}: ${text}`, () => {
			expect(complaint(order)).to.equal(text);
		});
	}

	it("names the tags of a union that has them", () => {
		const text = complaint({ cents: 1, shape: { type: "line" } });
		expect(text).to.contain("order.shape.type: expected");
		expect(text).to.contain('"line"');
	});

	it("tells all mistakes in one line, up to eight", () => {
		expect(complaint({ cents: 0, kind: "c" })).to.equal(
			'order.cents: expected an integer >= 1, got 0; order.kind: expected one of "a", "b", got "c"',
		);
		const lines = Array.from({ length: 100 }, () => ({ sku: "" }));
		expect(complaint({ cents: 1, lines }).split("; ")).to.have.length(8);
	});

	it("quotes no more than a few words of a long value", () => {
		expect(complaint({ cents: "x".repeat(1_000_000) })).to.have.length.below(120);
		expect(complaint({ cents: 1, names: { ["k".repeat(1_000_000)]: "" } })).to.have.length.below(200);
	});

	it("has a path for programs", () => {
		try {
			codec.encode(new Uint8Array(64), 0, [{ cents: 0 }]);
			expect.fail("it was accepted");
		} catch (error) {
			expect((error as InvalidValue).violations).to.deep.equal([
				{ path: "order.cents", problem: "expected an integer >= 1, got 0" },
			]);
		}
	});

	it("survives properties that every object seems to have", () => {
		for (const key of ["constructor", "toString", "hasOwnProperty"]) {
			expect(complaint({ cents: 1, names: { [key]: "x" } })).to.equal(
				`order.names.${key}: expected an integer, got "x"`,
			);
		}
	});

	// H67: zod collects a million issues and runs out of stack.
	it("is one sentence for a million mistakes, and not a RangeError", () => {
		const list = messageCodec(z.tuple([z.array(z.int())]) as z.ZodType<[unknown]>);
		expect(() => list.encode(new Uint8Array(8), 0, [new Array(200_000).fill(null)])).to.throw(InvalidValue);
	}).timeout(20_000);

	it("H67: is said of the first mistake alone where a body is large, and zod looks for no more", () => {
		let looks = 0;
		const item = z.unknown().refine(() => {
			looks++;
			return false;
		});
		const list = messageCodec(z.tuple([z.array(item)]) as z.ZodType<[unknown]>);
		const body = (items: number) => Buffer.from(pack([new Array<null>(items).fill(null)]));
		const told = (items: number) => {
			looks = 0;
			try {
				list.decode(body(items), 0, body(items).length);
			} catch (error) {
				return (error as InvalidValue).violations.length;
			}
			return 0;
		};
		expect(told(1000)).to.equal(8);
		expect(told(100_000)).to.equal(1);
		expect(looks).to.be.below(10);
	});

	it("H69: is said of values nested too deep, whatever their type would let in", () => {
		interface Tree {
			readonly child?: Tree | undefined;
		}
		const tree: z.ZodType<Tree> = z.lazy(() => z.object({ child: tree.optional() }));
		const trees = messageCodec(z.tuple([tree]));
		const deep = Buffer.concat([
			Buffer.of(0x91),
			Buffer.from("81a56368696c64".repeat(100_000), "hex"),
			Buffer.of(0x80),
		]);
		expect(() => trees.decode(deep, 0, deep.length)).to.throw(InvalidValue, "deeper");
		const json = `[${'{"child":'.repeat(100_000)}{}${"}".repeat(100_000)}]`;
		expect(() => trees.decodeJson(json)).to.throw(InvalidValue, "deeper");
	});
});
