import { expect } from "chai";
import { mostShortBytes, shortText } from "../../../../packages/runtime/src/protocol/short-text.js";
import { surprise } from "../../../../packages/runtime/src/protocol/surprise.js";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** `undefined` where it is no UTF-8, or begins with a mark of byte order. */
function expected(octets: Uint8Array): string | undefined {
	try {
		const text = decoder.decode(octets);
		return text.startsWith("\ufeff") ? undefined : text;
	} catch {
		return undefined;
	}
}

/** Among octets that would go on well. */
function found(octets: Uint8Array): string | undefined {
	const chunk = new Uint8Array(octets.length + 8).fill(0xa9);
	chunk.set(octets, 2);
	try {
		return shortText(chunk, 2, octets.length);
	} catch (error) {
		expect(error).to.equal(surprise);
		return undefined;
	}
}

function expectSame(...values: readonly number[]): void {
	const octets = Uint8Array.from(values);
	const text = found(octets);
	if (text !== expected(octets)) expect(text, Buffer.from(octets).toString("hex")).to.equal(expected(octets));
}

describe("short texts", () => {
	it("of one octet or two are what a decoder makes of them, or surprise", () => {
		for (let first = 0; first < 0x100; first++) {
			expectSame(first);
			for (let second = 0; second < 0x100; second++) expectSame(first, second);
		}
	});

	it("whose characters have three octets or four, at every edge of what may be", () => {
		const edges = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbb, 0xbd, 0xbf, 0xc0, 0xff];
		for (let first = 0xe0; first < 0x100; first++) {
			for (const second of edges) {
				for (const third of edges) {
					expectSame(first, second, third);
					for (const fourth of edges) expectSame(first, second, third, fourth);
				}
			}
		}
	});

	it("of every length, with a character of each size at every place", () => {
		for (const character of ["a", "é", "雨", "🕊"]) {
			for (let length = 0; length <= mostShortBytes; length++) {
				const size = Buffer.byteLength(character);
				for (let at = 0; at + size <= length; at++) {
					const text = "x".repeat(at) + character + "y".repeat(length - at - size);
					expect(found(Buffer.from(text))).to.equal(text);
				}
			}
		}
	});
});
