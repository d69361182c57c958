import { expect } from "chai";
import * as z from "zod";
import { type Codec, InvalidValue, messageCodec, voidCodec } from "../../../packages/runtime/src/index.js";
import { anyCodec } from "../../../packages/runtime/src/protocol/codec.js";
import { octets } from "../../support/runtime/vectors.js";

interface Subject {
	readonly name: string;
	readonly codec: Codec<unknown>;
	readonly values: readonly unknown[];
	/** Not among its values; none where anything is. */
	readonly wrong?: unknown;
}

const set = {
	toWire: (value: unknown) => (value instanceof Set ? [...value] : value),
	fromWire: (value: unknown) => (Array.isArray(value) ? new Set(value) : value),
};

const subjects: readonly Subject[] = [
	{
		name: "messageCodec of an object",
		codec: messageCodec(z.object({ a: z.string(), b: z.int().optional() })) as Codec<unknown>,
		values: [{ a: "x" }, { a: "é".repeat(500), b: 3 }],
		wrong: { a: 1 },
	},
	{
		name: "messageCodec with a conversion",
		codec: messageCodec(z.set(z.int()) as z.ZodType<unknown>, { conversion: set }),
		values: [new Set(), new Set([1, 2, 3])],
		wrong: 7,
	},
	{
		name: "messageCodec of octets",
		codec: messageCodec(z.instanceof(Uint8Array) as z.ZodType<unknown>),
		values: [Buffer.alloc(0), Buffer.alloc(100_000, 7)],
		wrong: "x",
	},
	{ name: "anyCodec", codec: anyCodec, values: [null, 1, [1, "a", { b: [true] }]] },
	{ name: "voidCodec", codec: voidCodec as Codec<unknown>, values: [undefined] },
];

for (const { name, codec, values, wrong } of subjects) {
	describe(`codec contract: ${name}`, () => {
		it("encodes at any offset and decodes what it encoded", () => {
			for (const value of values) {
				for (const offset of [0, 1, 77]) {
					const buffer = new Uint8Array(200_000).fill(0xee);
					const end = codec.encode(buffer, offset, value);
					expect(end).to.be.greaterThan(offset);
					expect(buffer[offset - 1] ?? 0xee).to.equal(0xee);
					expect(codec.decode(buffer, offset, end)).to.deep.equal(value);
				}
			}
		});

		it("says how much room it takes when there is not enough", () => {
			for (const value of values) {
				const size = codec.encode(new Uint8Array(200_000), 0, value);
				expect(codec.encode(new Uint8Array(size), 0, value)).to.equal(size);
				for (const room of [0, 1, size - 1]) {
					if (room < size) expect(codec.encode(new Uint8Array(room), 0, value)).to.equal(size);
				}
			}
		});

		it("refuses with InvalidValue and nothing else", () => {
			if (wrong !== undefined) {
				expect(() => codec.encode(new Uint8Array(100), 0, wrong)).to.throw(InvalidValue);
				expect(() => codec.encodeJson(wrong)).to.throw(InvalidValue);
			}
			if (codec === voidCodec) return;
			for (const body of [octets(""), octets("c1"), octets("dd01312d00")]) {
				expect(() => codec.decode(body, 0, body.length)).to.throw(InvalidValue);
			}
			for (const text of ["", "{", "[1", "[".repeat(200_000)]) {
				expect(() => codec.decodeJson(text)).to.throw(InvalidValue);
			}
		});
	});
}

describe("anyCodec", () => {
	it("refuses what msgpack has no form for with InvalidValue, and goes on working", () => {
		const cycle: Record<string, unknown> = {};
		cycle["self"] = cycle;
		for (const value of [2n ** 70n, Symbol("x"), cycle]) {
			expect(() => anyCodec.encode(new Uint8Array(100), 0, value)).to.throw(InvalidValue);
		}
		const buffer = new Uint8Array(100);
		expect(anyCodec.decode(buffer, 0, anyCodec.encode(buffer, 0, ["still", 1]))).to.deep.equal(["still", 1]);
	});
});

describe("messageCodec", () => {
	it("leaves out properties that the interface does not name, in both directions", () => {
		const codec = messageCodec(z.object({ a: z.int() }));
		const buffer = new Uint8Array(100);
		const end = codec.encode(buffer, 0, { a: 1, b: 2 } as { a: number });
		expect(anyCodec.decode(buffer, 0, end)).to.deep.equal({ a: 1 });
		const behind = anyCodec.encode(buffer, 0, { a: 1, b: 2 });
		expect(codec.decode(buffer, 0, behind)).to.deep.equal({ a: 1 });
	});

	it("hands no prototype of a peer's on, neither from msgpack nor from JSON", () => {
		const codec = messageCodec(z.tuple([z.record(z.string(), z.unknown())]));
		const [fromJson] = codec.decodeJson('[{"__proto__":{"polluted":1},"constructor":2}]');
		expect(Object.getPrototypeOf(fromJson)).to.equal(Object.prototype);
		expect(fromJson).to.not.have.property("polluted");
		const body = octets("91 81 a95f5f70726f746f5f5f 81a8706f6c6c7574656401");
		const [fromMsgpack] = codec.decode(body, 0, body.length);
		expect(fromMsgpack).to.not.have.property("polluted");
		expect({}).to.not.have.property("polluted");
	});
});
