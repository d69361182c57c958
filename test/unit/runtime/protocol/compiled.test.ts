import { isDeepStrictEqual } from "node:util";
import { expect } from "chai";
import * as z from "zod";
import { messageCodec } from "../../../../packages/runtime/src/protocol/codec.js";
import { BodyReader, type PartDecoder } from "../../../../packages/runtime/src/protocol/compiled-reading.js";
import * as writing from "../../../../packages/runtime/src/protocol/compiled-writing.js";
import { pack, packCarried, unpack } from "../../../../packages/runtime/src/protocol/msgpack.js";
import { crowding, surprise } from "../../../../packages/runtime/src/protocol/surprise.js";

type Write = (to: Uint8Array, at: number) => number;

const mostBytes = 300_000;

/** What is written, after it has been tried with too little room. */
function written(write: Write): Uint8Array {
	const roomy = new Uint8Array(mostBytes).fill(0xc1);
	const end = write(roomy, 4);
	expect([...roomy.subarray(0, 4)]).to.deep.equal([0xc1, 0xc1, 0xc1, 0xc1]);
	for (let room = 4; room < end; room += Math.ceil((end - room) / 8)) {
		expect(
			thrownBy(() => write(new Uint8Array(room), 4)),
			`${end - room} octets too few`,
		).to.equal(crowding);
	}
	return roomy.slice(4, end);
}

function read<T>(body: Uint8Array, act: (from: BodyReader) => T): T {
	const chunk = new Uint8Array(body.length + 24).fill(0xa1);
	chunk.set(body, 8);
	const reader = new BodyReader().start(chunk, 8, 8 + body.length);
	const value = act(reader);
	reader.end();
	return value;
}

function expectSurprise(act: () => unknown): void {
	expect(thrownBy(act)).to.equal(surprise);
}

function thrownBy(act: () => unknown): unknown {
	try {
		act();
	} catch (error) {
		return error;
	}
	return undefined;
}

/** The general codec of parts of any type. */
const general: writing.PartEncoder & PartDecoder = {
	encode: (buffer, offset, value) => packCarried(buffer, offset, value),
	decode: (chunk, start, end) => unpack(chunk, start, end),
};

const octets = (...values: readonly number[]) => Uint8Array.from(values);

describe("the parts of compiled codecs", () => {
	describe("write what msgpackr writes, and read it back:", () => {
		const numbers = [
			0,
			1,
			127,
			128,
			255,
			256,
			65_535,
			65_536,
			2 ** 31,
			2 ** 32 - 1,
			2 ** 32,
			2 ** 53,
			0.5,
			-0.5,
			1e300,
		];
		for (const value of [...numbers, ...numbers.slice(1).map((one) => -one), -32, -33, -129, -32_769]) {
			it(`the number ${value}`, () => {
				const body = written((to, at) => writing.writeNumber(to, at, value));
				expect(body).to.deep.equal(pack(value));
				expect(read(body, (from) => from.number())).to.equal(value);
			});
		}

		it("doubles of every exponent", () => {
			const body = new Uint8Array(9).fill(0xcb);
			const view = new DataView(body.buffer);
			for (let exponent = 0; exponent < 0x7ff; exponent++) {
				for (const fraction of [0n, 1n, 0x8_0000_0000_0000n, 0x5_5555_5555_5555n, 0xf_ffff_ffff_ffffn]) {
					view.setBigUint64(1, (BigInt(exponent) << 52n) | fraction);
					expect(
						Object.is(
							read(body, (from) => from.number()),
							view.getFloat64(1),
						),
					).to.equal(true);
					body[1]! |= 0x80;
					expect(
						Object.is(
							read(body, (from) => from.number()),
							view.getFloat64(1),
						),
					).to.equal(true);
				}
			}
		});

		const texts = { ascii: "a", accents: "é", ideographs: "漢", doves: "🕊", replacements: "\ufffd" };
		for (const [name, unit] of Object.entries(texts)) {
			for (const length of [0, 1, 7, 8, 9, 15, 16, 31, 32, 63, 64, 85, 255, 256, 22_000, 70_000]) {
				it(`${length} ${name}`, () => {
					const text = unit.repeat(length);
					const body = written((to, at) => writing.writeString(to, at, text));
					expect(body).to.deep.equal(pack(text));
					expect(read(body, (from) => from.text())).to.equal(text);
				});
			}
		}

		for (const length of [0, 1, 255, 256, 32_767]) {
			it(`${length} octets`, () => {
				const value = new Uint8Array(length).fill(7);
				const body = written((to, at) => writing.writeBytes(to, at, writing.bytesOf(value)));
				expect(body).to.deep.equal(pack(value));
				expect([...read(body, (from) => from.bytes())]).to.deep.equal([...value]);
			});
		}

		for (const time of [0, 1, 999, 1000, -1, -1000, 2 ** 32 * 1000 - 1, 2 ** 32 * 1000, -8.64e15, 8.64e15]) {
			it(`the time ${time}`, () => {
				const body = written((to, at) => writing.writeDate(to, at, new Date(time)));
				expect(body).to.deep.equal(pack(new Date(time)));
				expect(read(body, (from) => from.date().getTime())).to.equal(time);
			});
		}

		for (const value of [0n, -1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, -(2n ** 63n)]) {
			it(`the bigint ${value}`, () => {
				const body = written((to, at) => writing.writeBigint(to, at, value));
				expect(body).to.deep.equal(pack(value));
				expect(read(body, (from) => from.bigint())).to.equal(value);
			});
		}

		for (const length of [0, 1, 8, 9, 40]) {
			it(`${length} numbers one behind the other`, () => {
				const values = Array.from(
					{ length },
					(_, index) => [index / 3, index, -index, 2 ** 31 + index, -0][index % 5]!,
				);
				const body = written((to, at) => writing.writeNumbers(to, writing.writeArrayHead(to, at, length), values));
				expect(body).to.deep.equal(pack(values));
				const found = read(body, (from) => Array.from({ length: from.array() }, () => from.number()));
				expect(found).to.deep.equal(unpack(body, 0, body.length));
			});
		}

		for (const size of [0, 15, 16, 65_535, 65_536]) {
			it(`the head of ${size} elements, or properties`, () => {
				const list = written((to, at) => writing.writeArrayHead(to, at, size));
				expect(list).to.deep.equal(pack(new Array(size).fill(0)).subarray(0, list.length));
				const map = written((to, at) => writing.writeMapHead(to, at, size));
				const object = Object.fromEntries(Array.from({ length: size }, (_, index) => [`k${index}`, 0]));
				expect(map).to.deep.equal(pack(object).subarray(0, map.length));
			});
		}
	});

	describe("are surprised by", () => {
		it("values of another kind, before anything is written", () => {
			expectSurprise(() => writing.textOf(1));
			expectSurprise(() => writing.numberOf(Number.NaN));
			expectSurprise(() => writing.integerOf(2 ** 53));
			expectSurprise(() => writing.bigintOf(2n ** 64n));
			expectSurprise(() => writing.dateOf(new Date(Number.NaN)));
			expectSurprise(() => writing.fieldsOf([]));
			expectSurprise(() => writing.itemsOf({ length: 0 }));
		});

		it("what has none of an object's properties because it is no object of properties", () => {
			for (const value of [new Map(), new Set(), new Date(0), new Uint8Array(1), Promise.resolve(), /x/])
				expectSurprise(() => writing.writeOptionalHead(new Uint8Array(8), 0, 0, value));
			for (const value of [{}, Object.create(null), new (class Own {})(), new Error("own")])
				expect(writing.writeOptionalHead(new Uint8Array(8), 0, 0, value)).to.equal(1);
		});

		it("a value that is no number among numbers, however many there are", () => {
			for (const length of [1, 40]) {
				const values = [...new Array<unknown>(length).fill(1.5), "2"];
				expectSurprise(() => writing.writeNumbers(new Uint8Array(1000), 0, values));
			}
		});

		it("a double that is cut off behind many", () => {
			const body = pack(new Array(20).fill(1.5)).slice(0, -1);
			expectSurprise(() => read(body, (from) => Array.from({ length: from.array() }, () => from.number())));
		});

		it("octets that travel beside the body", () => {
			expectSurprise(() => writing.bytesOf(new Uint8Array(32 * 1024)));
		});

		it("names that are no data: symbols, the prototype's, and those of what is undefined", () => {
			expectSurprise(() => writing.otherNames({ [Symbol.iterator]: 1 }, undefined));
			expectSurprise(() => writing.otherNames(JSON.parse('{ "__proto__": 1 }'), undefined));
			expectSurprise(() => writing.otherNames({ a: undefined }, undefined));
			expectSurprise(() => writing.otherNames(new Date() as never, undefined));
			expect(writing.otherNames({ a: 1, b: 2 }, new Set(["a"]))).to.deep.equal(["b"]);
			expect(writing.otherNames({ a: undefined, b: 2 }, undefined, true)).to.deep.equal(["b"]);
		});

		const lies: Readonly<Record<string, readonly [Uint8Array, (from: BodyReader) => unknown]>> = {
			"a text longer than the body": [octets(0xa5, 0x61), (from) => from.text()],
			"a text of 4 GiB": [octets(0xdb, 0xff, 0xff, 0xff, 0xff), (from) => from.text()],
			"octets of 4 GiB": [octets(0xc6, 0xff, 0xff, 0xff, 0xff), (from) => from.bytes()],
			"a list of 4 thousand million": [octets(0xdd, 0xff, 0xff, 0xff, 0xff, 0), (from) => from.array()],
			"a list with one element more than octets": [octets(0x93, 0, 0), (from) => from.array()],
			"a map with one property more than pairs of octets": [octets(0x82, 0, 0, 0), (from) => from.map()],
			"the length of a text as that of a list": [octets(0xdb, 1, 0), (from) => from.array()],
			"the length of a list as that of a map": [octets(0xdd, 0, 0, 0, 0), (from) => from.map()],
			"a length that is cut off": [octets(0xda, 0), (from) => from.text()],
			"a number that is cut off": [octets(0xcb, 0, 0), (from) => from.number()],
			"a number that is not finite": [octets(0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0), (from) => from.number()],
			"a fraction for an integer": [octets(0xcb, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0), (from) => from.integer()],
			"a text that is no UTF-8, with a replacement that was sent": [
				octets(0xa4, 0xef, 0xbf, 0xbd, 0xff),
				(from) => from.text(),
			],
			"a text that is no UTF-8": [octets(0xa2, 0xc3, 0x28), (from) => from.text()],
			"a text with half a pair": [octets(0xa3, 0xed, 0xa0, 0x80), (from) => from.text()],
			"a mark of byte order": [octets(0xa3, 0xef, 0xbb, 0xbf), (from) => from.text()],
			"an extension that is no timestamp": [octets(0xd6, 1, 0, 0, 0, 0), (from) => from.date()],
			"a time that no Date has": [
				octets(0xc7, 12, 0xff, 0, 0, 0, 0, 0, 0, 0x07, 0xdc, 0, 0, 0, 0),
				(from) => from.date(),
			],
			"what follows the value": [octets(1, 2), (from) => from.number()],
			"the name of the prototype": [octets(0xa9, ...new TextEncoder().encode("__proto__")), (from) => from.name()],
			"an object without the tag": [octets(0x81, 0xa1, 0x61, 1), (from) => from.tag(writing.keyOf("kind"))],
			"a tag that is no scalar": [octets(0x81, 0xa1, 0x61, 0x90), (from) => from.tag(writing.keyOf("a"))],
		};
		for (const [name, [body, act]] of Object.entries(lies)) {
			it(name, () => expectSurprise(() => read(body, act)));
		}

		it("tags that lie behind other values again and again: looking for them is bounded by the body's size", () => {
			// Each level's tag lies behind all levels inside it.
			let value: unknown = { inner: null, kind: "a" };
			for (let depth = 0; depth < 100; depth++) value = { inner: value, kind: "a" };
			const key = writing.keyOf("kind");
			const inner = writing.keyOf("inner");
			const body = pack(value);
			let found = 0;
			expectSurprise(() =>
				read(body, (from) => {
					for (; ; found++) {
						from.tag(key);
						from.mapOf(2);
						inner.read(from);
					}
				}),
			);
			expect(found).to.be.within(1, 10);
		});

		it("lists in one another that each claim all that is left: together they have no more elements than the body has octets", () => {
			const levels = 30;
			const body = new Uint8Array(100).fill(0xc0);
			for (let level = 0; level < levels; level++) body.set([0xdc, 0, body.length - 3 * (level + 1)], 3 * level);
			let elements = 0;
			expectSurprise(() =>
				read(body, (from) => {
					for (;;) elements += from.items();
				}),
			);
			expect(elements).to.be.within(1, body.length);
		});
	});

	describe("write a value that has too little room", () => {
		const codec = messageCodec(z.array(z.string()), {
			compiled: {
				write: (to, at, given) => {
					const list = writing.itemsOf(given);
					at = writing.writeArrayHead(to, at, list.length);
					for (const item of list) at = writing.writeString(to, at, writing.textOf(item));
					return at;
				},
				read: (from) => Array.from({ length: from.items() }, () => from.text()),
			},
		});

		for (const count of [0, 1, 3, 3000, 300_000]) {
			it(`of ${count} texts: it says how much it takes, and that is enough`, () => {
				const value = Array.from({ length: count }, (_, index) => (index % 2 === 0 ? "é" : "a").repeat(75));
				const little = new Uint8Array(4).fill(0xc1);
				const end = codec.encode(little, 3, value);
				expect(codec.encode(new Uint8Array(0), 3, value)).to.equal(end);
				if (end > little.length) expect([...little.subarray(0, 3)]).to.deep.equal([0xc1, 0xc1, 0xc1]);
				const body = new Uint8Array(end);
				expect(codec.encode(body, 3, value)).to.equal(end);
				expect(isDeepStrictEqual(codec.decode(body, 3, end), value)).to.equal(true);
			});
		}
	});

	it("take whatever a value throws for a failure of its own, also where there is too little room", () => {
		const codec = messageCodec(z.object({ text: z.string(), number: z.number() }), {
			compiled: {
				write: (to, at, given) => {
					const value = writing.fieldsOf(given);
					at = writing.writeString(to, at, writing.textOf(value["text"]));
					return writing.writeNumber(to, at, writing.numberOf(value["number"]));
				},
				read: (from) => from.text(),
			},
		});
		for (const thrown of [5, 300, -7, Number.NaN, crowding, surprise, undefined]) {
			const value = {
				text: "x".repeat(100_000),
				get number(): number {
					throw thrown;
				},
			};
			const nothing = Symbol("nothing");
			let caught: unknown = nothing;
			try {
				codec.encode(new Uint8Array(64), 0, value);
			} catch (error) {
				caught = error;
			}
			expect(caught).to.not.equal(nothing);
		}
	});

	it("know whether an object has a property, and read nothing", () => {
		const value = { list: [1, { name: 2 }], name: null };
		read(pack(value), (from) => {
			expect(from.has(writing.keyOf("name"))).to.equal(true);
			expect(from.has(writing.keyOf("nam"))).to.equal(false);
			expect(from.any(general)).to.deep.equal(value);
		});
	});

	it("write and read parts of any type, as the general codec does", () => {
		const parts = [
			"text",
			"é".repeat(50),
			1,
			-1,
			1.5,
			-0,
			2 ** 40,
			true,
			null,
			new Date(0),
			[1, ["a"]],
			{ a: { b: 1 } },
		];
		for (const part of [...parts, 2 ** 53 - 1, 2n ** 63n - 1n]) {
			const body = written((to, at) => writing.writeAny(general, to, at, part));
			expect(body).to.deep.equal(pack(part));
			expect(read(body, (from) => from.any(general))).to.deep.equal(unpack(body, 0, body.length));
		}
		expect(read(octets(0xca, 0x3f, 0x80, 0, 0), (from) => from.any(general))).to.equal(1);
		expect(written((to, at) => writing.writeAny(general, to, at, Number.NaN))).to.deep.equal(pack(Number.NaN));
	});

	it("count how deep values are, as functions say, and leave parts what is left of it", () => {
		const nested = (depth: number) => octets(...new Array<number>(depth).fill(0x91), 0xc0);
		const readAt = (levels: number, depth: number) =>
			read(nested(depth), (from) => {
				from.enter(levels);
				const value = from.any(general);
				from.leave(levels);
				return value;
			});
		readAt(0, 112);
		readAt(100, 12);
		expectSurprise(() => readAt(0, 113));
		expectSurprise(() => readAt(100, 13));
		expectSurprise(() => readAt(113, 0));
	});

	for (let length = 0; length < 40; length++) {
		it(`know a key of ${length} units by each of its octets`, () => {
			const name = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnop".slice(0, length);
			for (const key of [writing.keyOf(name), writing.startOf(1, name)]) {
				const body = written((to, at) => key.write(to, at));
				expect(body).to.deep.equal(key.octets);
				expect(read(body, (from) => key.isNext(from))).to.equal(true);
				read(body, (from) => key.read(from));
				for (let at = 0; at < body.length; at++) {
					const other = Uint8Array.from(body);
					other[at]! ^= 1;
					const from = new BodyReader().start(other, 0, other.length);
					expect(key.isNext(from)).to.equal(false);
					expect(from.at).to.equal(0);
					expectSurprise(() => key.read(from));
				}
			}
			expect(writing.keyOf(name).octets).to.deep.equal(pack(name));
		});
	}

	it("know where an object of so many properties begins", () => {
		expect(writing.startOf(2, "a").octets).to.deep.equal(octets(0x82, 0xa1, 0x61));
		expect(writing.startOf(20, "a").octets).to.deep.equal(octets(0xde, 0, 20, 0xa1, 0x61));
	});

	it("find a tag wherever it lies, and read nothing on the way", () => {
		const value = { list: [1, "two", null, true, new Date(0), new Uint8Array(3), { deep: -1.5 }], kind: "a" };
		const body = pack(value);
		read(body, (from) => {
			expect(from.tag(writing.keyOf("kind"))).to.equal("a");
			expect(from.with(general)).to.deep.equal(value);
		});
	});
});
