import { expect } from "chai";
import fc from "fast-check";
import { scanBody } from "../../../packages/runtime/src/protocol/body-scan.js";
import { parseJson } from "../../../packages/runtime/src/protocol/json.js";
import { pack, packInto, unpack } from "../../../packages/runtime/src/protocol/msgpack.js";
import { msgpackr } from "../../support/runtime/msgpackr.js";
import { printedSeed, seed } from "../../support/zmtp/seed.js";

/** What the profile carries. An invalid date is none of it. */
const value = fc.letrec<{ any: unknown }>((tie) => ({
	any: fc.oneof(
		{ depthSize: "medium", withCrossShrink: true },
		fc.constantFrom(null, true, false),
		fc.integer(),
		fc.maxSafeInteger(),
		fc.double({ noNaN: true }),
		fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
		fc.string({ unit: "grapheme" }),
		fc.string({ minLength: 32, maxLength: 300 }),
		fc.uint8Array({ maxLength: 300 }),
		fc.date({ noInvalidDate: true }),
		fc.array(tie("any"), { maxLength: 20 }),
		fc.dictionary(fc.string(), tie("any"), { maxKeys: 20 }),
	),
})).any;

/** Octets that look like msgpack: random ones hardly get past the first length. */
const almostMsgpack = fc.oneof(
	fc.uint8Array({ maxLength: 64 }),
	fc
		.array(
			fc.oneof(
				fc.constantFrom(0x80, 0x81, 0x82, 0x90, 0x91, 0x92, 0xa0, 0xa1, 0xc0, 0xc4, 0xc7, 0xca, 0xcb, 0xcf, 0xd3),
				fc.constantFrom(0xd4, 0xd6, 0xd7, 0xff, 0xd9, 0xda, 0xdc, 0xde, 0, 1, 2, 12, 0x61),
				fc.integer({ min: 0, max: 255 }),
			),
			{ maxLength: 48 },
		)
		.map((list) => Uint8Array.from(list)),
	fc.tuple(value, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([packed, at, octet]) => {
		const body = pack(packed);
		body[at % body.length] = octet;
		return body;
	}),
);

describe(`msgpack bodies (${printedSeed})`, () => {
	it("whatever the scan accepts, msgpackr decodes without throwing", () => {
		fc.assert(
			fc.property(almostMsgpack, (body) => {
				if (scanBody(body, 0, body.length) !== undefined) return;
				unpack(body, 0, body.length);
			}),
			{ seed, numRuns: 20_000 },
		);
	});

	it("any octets give a value or an Error that says why, and never a changed prototype", () => {
		fc.assert(
			fc.property(almostMsgpack, (body) => {
				try {
					const decoded = unpack(body, 0, body.length);
					if (typeof decoded === "object" && decoded !== null && !Array.isArray(decoded)) {
						expect([Object.prototype, Uint8Array.prototype, Buffer.prototype, Date.prototype]).to.include(
							Object.getPrototypeOf(decoded),
						);
					}
				} catch (error) {
					expect(error).to.be.instanceOf(Error);
					expect(error).to.not.be.instanceOf(RangeError);
				}
				expect(Object.keys(Object.prototype)).to.deep.equal([]);
			}),
			{ seed, numRuns: 5000 },
		);
	});

	it("whatever the profile packs, the scan accepts, and what comes out went in", () => {
		fc.assert(
			fc.property(value, (original) => {
				const body = pack(original);
				expect(scanBody(body, 0, body.length)).to.equal(undefined);
				expect(normal(unpack(body, 0, body.length))).to.deep.equal(normal(original));
			}),
			{ seed, numRuns: 2000 },
		);
	});

	it("whatever msgpackr packs without records, structures or types of its own, the scan accepts", () => {
		const foreign = new msgpackr.Packr({ useRecords: false, structuredClone: false, moreTypes: false });
		fc.assert(
			fc.property(value, (original) => {
				const body = foreign.pack(original);
				expect(scanBody(body, 0, body.length)).to.equal(undefined);
			}),
			{ seed, numRuns: 1000 },
		);
	});

	it("is packed in place exactly as on its own, or says how much room it takes and writes nothing", () => {
		fc.assert(
			fc.property(value, fc.nat(40), fc.nat(400), (original, offset, room) => {
				const body = pack(original);
				const buffer = new Uint8Array(offset + room).fill(0xee);
				const end = packInto(buffer, offset, original);
				expect(end).to.equal(offset + body.length);
				const isWritten = end <= buffer.length;
				expect(Buffer.from(buffer.subarray(0, offset)).equals(Buffer.alloc(offset, 0xee))).to.equal(true);
				const rest = buffer.subarray(offset, isWritten ? end : undefined);
				expect(Buffer.from(rest).equals(isWritten ? body : Buffer.alloc(rest.length, 0xee))).to.equal(true);
			}),
			{ seed, numRuns: 1000 },
		);
	});
});

describe(`JSON bodies (${printedSeed})`, () => {
	it("are read as JSON.parse reads them, whatever stands in their strings", () => {
		fc.assert(
			fc.property(fc.json(), (text) => {
				expect(parseJson(text)).to.deep.equal(JSON.parse(text));
			}),
			{ seed },
		);
	});

	it("that are deeper than 128 are refused before they are parsed", () => {
		expect(() => parseJson("[".repeat(1_000_000))).to.throw("nested deeper");
		expect(parseJson(`${"[".repeat(128)}${"]".repeat(128)}`)).to.be.an("array");
		expect(parseJson(JSON.stringify(["[".repeat(200), '\\"'.repeat(100)]))).to.be.an("array");
	});
});

/** What msgpack does not tell apart, made the same: -0, safe bigints, own `__proto__`, kinds of octets. */
function normal(given: unknown): unknown {
	if (typeof given === "number") return given + 0;
	if (typeof given === "bigint") return Number.isSafeInteger(Number(given)) ? Number(given) : given;
	if (given instanceof Uint8Array) return Buffer.from(given);
	if (given instanceof Date || typeof given !== "object" || given === null) return given;
	if (Array.isArray(given)) return given.map(normal);
	const entries = Object.entries(given).map(([key, each]) => [key === "__proto__" ? "__proto_" : key, normal(each)]);
	return Object.fromEntries(entries);
}
