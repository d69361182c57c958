import { expect } from "chai";
import {
	encodeCallHeader,
	isJsonRequest,
	newCallHeader,
	readCallHeader,
	setAttempt,
	setBudget,
} from "../../../../packages/runtime/src/protocol/header.js";
import { incoming } from "../../../support/runtime/messages.js";
import { octets, vectors } from "../../../support/runtime/vectors.js";
import { callHeader, flags } from "../../../support/runtime/wire.js";

interface HeaderVector {
	readonly name: string;
	readonly hex: string;
	readonly method?: string;
	readonly flags?: number;
	readonly budgetMs?: number;
	readonly attempt?: number;
	readonly priority?: number;
	readonly metadata?: string;
}

describe("CALL header", () => {
	for (const vector of vectors<HeaderVector>("header")) {
		it(`${vector.name}: ${vector.method === undefined ? "is none" : "is read"}`, () => {
			const octetsOfIt = octets(vector.hex);
			const chunk = Buffer.concat([Buffer.alloc(5, 0xff), octetsOfIt, Buffer.alloc(5, 0xff)]);
			const header = newCallHeader();
			const isHeader = readCallHeader(chunk, 5, 5 + octetsOfIt.length, header);
			expect(isHeader).to.equal(vector.method !== undefined);
			if (!isHeader) return;
			const { methodStart, methodEnd, metadataEnd, ...fields } = header;
			expect(fields).to.deep.equal({
				flags: vector.flags,
				budgetMs: vector.budgetMs,
				attempt: vector.attempt,
				priority: vector.priority,
			});
			expect(chunk.toString("utf8", methodStart, methodEnd)).to.equal(vector.method);
			expect(chunk.toString("hex", methodEnd, metadataEnd)).to.equal(vector.metadata);
		});
	}

	it("is written as the vector says", () => {
		expect(encodeCallHeader({ name: "Echo.say" }, 0)).to.deep.equal(new Uint8Array(callHeader("Echo.say")));
	});

	it("takes names of 1 to 255 octets that start like text, and no others", () => {
		expect(() => encodeCallHeader({ name: "" }, 0)).to.throw(RangeError);
		for (const priority of [-1, 256, 1.5, Number.NaN]) {
			expect(() => encodeCallHeader({ name: "Echo.say", priority }, 0)).to.throw(RangeError, /priority of Echo\.say/);
		}
		expect(() => encodeCallHeader({ name: "é".repeat(128) }, 0)).to.throw(RangeError);
		expect(() => encodeCallHeader({ name: "\u0001.a" }, 0)).to.throw(RangeError);
		expect(encodeCallHeader({ name: "x".repeat(255) }, 0)).to.have.length(9 + 255);
	});

	it("never lowers a budget to 0, which would lift the deadline", () => {
		const header = Buffer.from(callHeader("a.b", { budgetMs: 77 }));
		const cases: [number, number][] = [
			[-5, 1],
			[0, 1],
			[0.2, 1],
			[1.1, 2],
			[0xffff_fffd, 0xffff_fffd],
			[Number.POSITIVE_INFINITY, 0],
			[2 ** 53, 0],
		];
		for (const [budgetMs, written] of cases) {
			setBudget(header, 0, budgetMs);
			expect(header.readUInt32BE(2), String(budgetMs)).to.equal(written);
		}
	});

	it("has its attempt set in place", () => {
		const header = Buffer.from(callHeader("a.b"));
		setAttempt(header, 0, 3);
		expect(header).to.deep.equal(callHeader("a.b", { attempt: 3 }));
	});
});

describe("codec of a request", () => {
	it("is told by the flag of a header", () => {
		expect(isJsonRequest(incoming("", callHeader("a.b", { flags: flags.JSON }), "[]"), 1)).to.equal(true);
		expect(isJsonRequest(incoming("", callHeader("a.b"), "[]"), 1)).to.equal(false);
	});

	it("is JSON for a bare request whose arguments start with a bracket", () => {
		expect(isJsonRequest(incoming("", "Echo.say", '["a"]'), 1)).to.equal(true);
		expect(isJsonRequest(incoming("", "Echo.say", Buffer.of(0x91, 0xa0)), 1)).to.equal(false);
		expect(isJsonRequest(incoming("", "Echo.say", ""), 1)).to.equal(false);
		expect(isJsonRequest(incoming("", "Echo.say"), 1)).to.equal(false);
	});
});
