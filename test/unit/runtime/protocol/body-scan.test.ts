import { expect } from "chai";
import { scanBody } from "../../../../packages/runtime/src/protocol/body-scan.js";
import { unpack } from "../../../../packages/runtime/src/protocol/msgpack.js";
import { octets, vectors } from "../../../support/runtime/vectors.js";

interface BodyVector {
	readonly name: string;
	readonly hex: string;
	readonly value?: unknown;
	readonly flaw?: string;
}

describe("body scan", () => {
	for (const { name, hex, value, flaw } of vectors<BodyVector>("body")) {
		it(`${name}: ${flaw === undefined ? "is accepted" : "is refused"}`, () => {
			const body = octets(hex);
			const chunk = Buffer.concat([Buffer.alloc(3, 0xc0), body, Buffer.alloc(3, 0xc0)]);
			const found = scanBody(chunk, 3, 3 + body.length);
			if (flaw === undefined) {
				expect(found).to.equal(undefined);
				expect(unpack(chunk, 3, 3 + body.length)).to.deep.equal(value);
			} else {
				expect(found).to.contain(flaw);
				expect(() => unpack(chunk, 3, 3 + body.length)).to.throw(Error, flaw);
			}
		});
	}

	it("takes nesting of 128 and not of 129", () => {
		const nested = (depth: number) => Buffer.concat([Buffer.alloc(depth, 0x91), Buffer.of(0xc0)]);
		expect(scanBody(nested(128), 0, 129)).to.equal(undefined);
		expect(scanBody(nested(129), 0, 130)).to.contain("nested");
		expect(scanBody(nested(10_000), 0, 10_001)).to.contain("nested");
	});

	it("takes 2^20 values and not one more", () => {
		const list = (elements: number) => {
			const body = Buffer.alloc(5 + elements, 0xc0);
			body[0] = 0xdd;
			body.writeUInt32BE(elements, 1);
			return body;
		};
		const most = list(2 ** 20 - 1);
		expect(scanBody(most, 0, most.length)).to.equal(undefined);
		const tooMany = list(2 ** 20);
		expect(scanBody(tooMany, 0, tooMany.length)).to.contain("more than");
	});

	it("lets every timestamp through", () => {
		for (const date of [new Date(0), new Date(1.7e12), new Date(1.7e12 + 1), new Date(-1), new Date(8.64e15)]) {
			const body = octets(Buffer.from(packDate(date)).toString("hex"));
			expect(scanBody(body, 0, body.length)).to.equal(undefined);
			expect(unpack(body, 0, body.length)).to.deep.equal(date);
		}
	});

	it("has no memory of the body before: a refused map leaves nothing behind", () => {
		const refused = octets("82 a161 82 a162 c1");
		expect(scanBody(refused, 0, refused.length)).to.not.equal(undefined);
		const list = octets("92 92 90 c0 c0");
		expect(scanBody(list, 0, list.length)).to.equal(undefined);
	});
});

describe("a timestamp of 96 bits", () => {
	const scan = (date: Uint8Array) => scanBody(date, 0, date.length);
	const packed = (seconds: bigint, nanoseconds = 0) => {
		const body = Buffer.from("c70cff000000000000000000000000", "hex");
		body.writeUInt32BE(nanoseconds, 3);
		body.writeBigInt64BE(seconds, 7);
		return body;
	};
	const last = 8_640_000_000_000n;

	it("may be whatever a Date can be", () => {
		for (const seconds of [0n, -1n, last, -last, last - 1n]) expect(scan(packed(seconds))).equal(undefined);
		expect(scan(packed(last - 1n, 999_999_999))).equal(undefined);
	});

	it("is refused when it is no Date, whatever type is expected there", () => {
		for (const seconds of [last + 1n, -last - 1n, 2n ** 63n - 1n, -(2n ** 63n), 0x9001_0000_0000n]) {
			expect(scan(packed(seconds))).equal("it holds a time that is no Date");
		}
		expect(scan(packed(last, 1_000_000))).equal("it holds a time that is no Date");
		expect(scan(packed(last + 1n).subarray(0, 12))).equal("the value is cut off");
	});
});

/** Timestamp 96 of the msgpack specification. */
function packDate(date: Date): Uint8Array {
	const body = Buffer.alloc(15);
	body.set([0xc7, 12, 0xff]);
	const seconds = Math.floor(date.getTime() / 1000);
	body.writeUInt32BE((date.getTime() - seconds * 1000) * 1_000_000, 3);
	body.writeBigInt64BE(BigInt(seconds), 7);
	return body;
}
