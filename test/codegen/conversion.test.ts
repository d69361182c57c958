import assert from "node:assert/strict";
import { convert } from "@homing/runtime";
import { expect } from "chai";
import fc from "fast-check";
import type { Conversion } from "../../packages/runtime/src/protocol/codec.js";
import { pack, unpack } from "../../packages/runtime/src/protocol/msgpack.js";

/** What a value is after its way over the wire. */
function travelled(conversion: Conversion, value: unknown): unknown {
	const packed = pack(conversion.toWire(value));
	return conversion.fromWire(unpack(packed, 0, packed.length));
}

describe("convert", () => {
	it("bigint: brings back what came as a number because it was small, and leaves large ones and fractions", () => {
		expect(travelled(convert.bigint, 5n)).to.equal(5n);
		expect(travelled(convert.bigint, 2n ** 63n - 1n)).to.equal(2n ** 63n - 1n);
		expect(convert.bigint.fromWire(0.5)).to.equal(0.5);
		expect(convert.bigint.fromWire("5")).to.equal("5");
	});

	it("undefined: brings back nil, and nothing else", () => {
		expect(travelled(convert.array(convert.undefined), ["a", undefined])).to.deep.equal(["a", undefined]);
		expect(convert.undefined.fromWire(0)).to.equal(0);
	});

	it("set: travels as an array, with converted elements", () => {
		expect(convert.set().toWire(new Set(["a", "b"]))).to.deep.equal(["a", "b"]);
		expect(travelled(convert.set(convert.bigint), new Set([1n, 2n]))).to.deep.equal(new Set([1n, 2n]));
	});

	it("map: travels as an array of pairs in its order", () => {
		const map = new Map([
			["b", 1n],
			["a", 2n],
		]);
		expect(convert.map().toWire(map)).to.deep.equal([
			["b", 1n],
			["a", 2n],
		]);
		expect([...(travelled(convert.map(undefined, convert.bigint), map) as Map<string, bigint>)]).to.deep.equal([
			...map,
		]);
	});

	it("map: leaves alone what is not a list of pairs", () => {
		for (const value of [[["a", 1], ["b"]], ["ab"], { a: 1 }, null])
			expect(convert.map().fromWire(value)).to.equal(value);
	});

	it("tuple: drops optional elements that are undefined at the end, and keeps the places of others", () => {
		const conversion = convert.tuple([undefined, convert.undefined, convert.each(convert.undefined, convert.bigint)], {
			required: 1,
		});
		expect(conversion.toWire(["a", undefined, undefined])).to.deep.equal(["a"]);
		expect(travelled(conversion, ["a", undefined, 3n])).to.deep.equal(["a", undefined, 3n]);
		expect(conversion.fromWire(["a", null, null])).to.deep.equal(["a"]);
		expect(conversion.fromWire([undefined])).to.deep.equal([undefined]);
	});

	it("tuple: converts the rest, and drops nothing from it", () => {
		const conversion = convert.tuple([convert.set()], { rest: convert.bigint });
		expect(travelled(conversion, [new Set([1]), 1n, 2n])).to.deep.equal([new Set([1]), 1n, 2n]);
		expect(convert.tuple([undefined], { required: 0, rest: convert.undefined }).fromWire([1, null])).to.deep.equal([
			1,
			undefined,
		]);
	});

	it("object: converts the properties named, and the rest if told how", () => {
		const conversion = convert.object({ set: convert.set() }, { rest: convert.bigint });
		expect(travelled(conversion, { set: new Set([1]), a: 1n, b: "b" })).to.deep.equal({
			set: new Set([1]),
			a: 1n,
			b: "b",
		});
	});

	it("object: restores required properties that are undefined, and adds no optional ones", () => {
		const conversion = convert.object({ a: convert.undefined, b: convert.bigint }, { present: ["a"] });
		expect(conversion.toWire({ a: undefined, b: 1n })).to.have.property("a", undefined);
		expect(travelled(conversion, { a: undefined })).to.deep.equal({ a: undefined });
	});

	it("record: converts every value", () => {
		expect(travelled(convert.record(convert.set()), { a: new Set([1]), b: new Set() })).to.deep.equal({
			a: new Set([1]),
			b: new Set(),
		});
	});

	it("variants: chooses by the property's own value", () => {
		const conversion = convert.variants("kind", [
			["set", convert.object({ value: convert.set() })],
			[1, convert.object({ value: convert.bigint })],
		]);
		expect(travelled(conversion, { kind: "set", value: new Set([1]) })).to.deep.equal({
			kind: "set",
			value: new Set([1]),
		});
		expect(travelled(conversion, { kind: 1, value: 1n })).to.deep.equal({ kind: 1, value: 1n });
		const inherited = Object.create({ kind: "set" });
		inherited.value = [1];
		for (const value of [{ kind: "other", value: [1] }, { value: [1] }, inherited, "set", null]) {
			expect(conversion.fromWire(value)).to.equal(value);
		}
	});

	it("shapes: chooses the first whose properties are there and of the right class", () => {
		const conversion = convert.shapes([
			{ has: { values: ["array"], label: ["string"] }, conversion: convert.object({ values: convert.map() }) },
			{ has: { values: ["array"] }, conversion: convert.object({ values: convert.set() }) },
		]);
		const labelled = { values: new Map([["a", 1]]), label: "x" };
		expect(travelled(conversion, labelled)).to.deep.equal(labelled);
		expect(travelled(conversion, { values: new Set(["a"]) })).to.deep.equal({ values: new Set(["a"]) });
		expect(conversion.fromWire({ values: [], label: 5 })).to.deep.equal({ values: new Set(), label: 5 });
		expect(conversion.fromWire({ other: [] })).to.deep.equal({ other: [] });
	});

	it("lazy: converts a type that contains itself", () => {
		const tree: Conversion = convert.object({
			value: convert.bigint,
			children: convert.array(convert.lazy(() => tree)),
		});
		const value = { value: 1n, children: [{ value: 2n, children: [] }] };
		expect(travelled(tree, value)).to.deep.equal(value);
	});

	it("never changes its argument", () => {
		const value = { set: new Set([1]), list: [1n, undefined], fixed: Object.freeze([new Set([2])]) };
		const copy = structuredClone(value);
		const conversion = convert.object({
			set: convert.set(),
			list: convert.tuple([undefined, undefined], { required: 0 }),
			fixed: convert.array(convert.set()),
		});
		conversion.toWire(value);
		expect(value).to.deep.equal(copy);
	});

	it("gives no peer a way to a prototype", () => {
		const hostile = JSON.parse('{"__proto__": {"polluted": true}, "a": [1]}');
		for (const conversion of [convert.record(convert.set()), convert.object({ a: convert.set() })]) {
			const converted = conversion.fromWire(hostile) as Record<string, unknown>;
			expect(Object.getPrototypeOf(converted)).to.equal(Object.prototype);
			expect(converted["polluted"]).to.equal(undefined);
			expect(Object.hasOwn(converted, "a")).to.equal(true);
		}
		expect(({} as Record<string, unknown>)["polluted"]).to.equal(undefined);
		expect(convert.object({ toString: convert.set() }).fromWire({})).to.deep.equal({});
	});

	it("takes time linear in the value for unions inside unions", () => {
		// An alternative found out by trying each would take 2^100 steps here.
		const nested: Conversion = convert.shapes([
			{
				has: { left: ["array", "object"] },
				conversion: convert.object({ left: convert.lazy(() => nested), set: convert.set() }),
			},
			{ has: { right: ["array", "object"] }, conversion: convert.object({ right: convert.lazy(() => nested) }) },
		]);
		let value: unknown = {};
		for (let depth = 0; depth < 100; depth++) value = depth % 2 === 0 ? { left: value, set: [1] } : { right: value };
		expect(nested.fromWire(value)).to.be.an("object");
	});

	it("brings back every value of every shape", () => {
		const leaf: fc.Arbitrary<Case> = fc.constantFrom<Case>(
			{
				conversion: undefined,
				value: fc.oneof(
					fc.string(),
					fc.boolean(),
					fc.constant(null),
					fc.double({ noNaN: true }).map((number) => number + 0),
					fc.integer(),
				),
			},
			{ conversion: convert.bigint, value: fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n) },
			{
				conversion: convert.each(convert.bigint, convert.undefined),
				value: fc.option(fc.bigInt(-9n, 9n), { nil: undefined }),
			},
			{ conversion: undefined, value: fc.date({ noInvalidDate: true, min: new Date(-1e12), max: new Date(1e13) }) },
		);
		const { shape } = fc.letrec<{ shape: Case }>((tie) => ({
			shape: fc.oneof(
				{ maxDepth: 3, withCrossShrink: true },
				leaf,
				tie("shape").map(setOf),
				tie("shape").map(mapOf),
				tie("shape").map(arrayOf),
				tie("shape").map(objectOf),
				fc.tuple(tie("shape"), tie("shape")).map(tupleOf),
			),
		}));
		const samples = shape.chain(({ conversion, value }) =>
			value.map((sample) => ({ conversion: conversion ?? plain, sample })),
		);
		fc.assert(
			fc.property(samples, ({ conversion, sample }) => {
				assert.deepStrictEqual(travelled(conversion, sample), sample);
			}),
			{ numRuns: 500 },
		);
	});
});

interface Case {
	readonly conversion: Conversion | undefined;
	readonly value: fc.Arbitrary<unknown>;
}

const plain: Conversion = { toWire: (value) => value, fromWire: (value) => value };

function setOf({ conversion, value }: Case): Case {
	return { conversion: convert.set(conversion), value: fc.array(value, { maxLength: 4 }).map((list) => new Set(list)) };
}

function mapOf({ conversion, value }: Case): Case {
	const entries = fc.array(fc.tuple(fc.string(), value), { maxLength: 4 });
	return { conversion: convert.map(undefined, conversion), value: entries.map((list) => new Map(list)) };
}

function arrayOf({ conversion, value }: Case): Case {
	return {
		conversion: conversion === undefined ? undefined : convert.array(conversion),
		value: fc.array(value, { maxLength: 4 }),
	};
}

function objectOf({ conversion, value }: Case): Case {
	const step = conversion ?? plain;
	return {
		conversion: convert.object({ a: step, b: step }, { present: ["a"] }),
		value: fc.record(
			{ a: value, b: value.filter((one) => one !== undefined) },
			{ requiredKeys: ["a"], noNullPrototype: true },
		),
	};
}

function tupleOf([first, second]: readonly [Case, Case]): Case {
	return {
		conversion: convert.tuple([first.conversion, second.conversion]),
		value: fc.tuple(first.value, second.value),
	};
}
