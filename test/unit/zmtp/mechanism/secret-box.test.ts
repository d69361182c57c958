import { randomFillSync } from "node:crypto";
import { poly1305 } from "@noble/ciphers/_poly1305.js";
import { hsalsa, xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { expect } from "chai";
import fc from "fast-check";
import sodium from "libsodium-wrappers";
import type { SecretBox } from "../../../../packages/zmtp/src/mechanism/ciphers.js";
import { nodeCiphers } from "../../../../packages/zmtp/src/mechanism/node-ciphers.js";
import { findSodium } from "../../../../packages/zmtp/src/mechanism/node-secret-box.js";
import { makeTag, readWord, tag } from "../../../../packages/zmtp/src/mechanism/poly1305.js";
import { FixedPrefixBox } from "../../../../packages/zmtp/src/mechanism/secret-box.js";
import { seed } from "../../../support/zmtp/seed.js";

const prefix = "0123456789abcdef";
const boxAt = 8;
const textAt = 24;

type CreateBox = (key: Uint8Array) => SecretBox;

/** Ours alone: HSalsa20 by the library, everything else by hand. */
function createOurBox(key: Uint8Array): SecretBox {
	const words = (octets: Uint8Array) => new Uint32Array(Uint8Array.from(octets).buffer);
	const derived = words(key);
	hsalsa(words(Buffer.from("expand 32-byte k")), derived, words(Buffer.from(prefix)), derived);
	return new FixedPrefixBox(derived);
}

/** Nonce, room for the tag, text: as `seal` takes it. */
function layOut(short: Uint8Array, text: Uint8Array): Uint8Array {
	const buffer = new Uint8Array(textAt + text.length);
	buffer.set(short);
	buffer.set(text, textAt);
	return buffer;
}

function nobly(key: Uint8Array, short: Uint8Array, text: Uint8Array): Buffer {
	const nonce = Uint8Array.from([...Buffer.from(prefix), ...short]);
	return Buffer.from(xsalsa20poly1305(Uint8Array.from(key), nonce).encrypt(Uint8Array.from(text)));
}

/** The tag of `text` under a Poly1305 key, in hex. */
function tagOf(key: Uint8Array, text: Uint8Array): string {
	const words = Uint32Array.from({ length: 8 }, (_, index) => readWord(key, 4 * index));
	makeTag(words, text, 0, text.length);
	const octets = Buffer.alloc(16);
	for (const [index, word] of tag.entries()) octets.writeUInt32LE(word, 4 * index);
	return octets.toString("hex");
}

const bytes = (most: number) => fc.uint8Array({ maxLength: most });
const exactly = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });

const boxes: readonly [name: string, create: CreateBox][] = [
	["by itself", createOurBox],
	["with libsodium", (key) => nodeCiphers.createSecretBox(key, prefix)],
];

for (const [name, createBox] of boxes) {
	const sealed = (key: Uint8Array, short: Uint8Array, text: Uint8Array) => {
		const buffer = layOut(short, text);
		createBox(key).seal(buffer, 0, boxAt, buffer.length);
		return buffer;
	};

	describe(`zmtp secret box, ${name}`, () => {
		before(() => findSodium());

		it("seals as @noble/ciphers and libsodium do, for every length up to 300", async () => {
			await sodium.ready;
			const key = randomFillSync(new Uint8Array(32));
			const short = randomFillSync(new Uint8Array(8));
			const nonce = Uint8Array.from([...Buffer.from(prefix), ...short]);
			for (let length = 0; length <= 300; length++) {
				const text = randomFillSync(new Uint8Array(length));
				const box = Buffer.from(sealed(key, short, text).subarray(boxAt));
				expect(box.equals(nobly(key, short, text)), `${length} octets`).equal(true);
				expect(box.equals(sodium.crypto_secretbox_easy(text, nonce, key)), `${length} octets`).equal(true);
			}
		});

		it("seals whatever it is given as @noble/ciphers does, and opens it again", () => {
			fc.assert(
				fc.property(exactly(32), exactly(8), bytes(5000), (key, short, text) => {
					const buffer = sealed(key, short, text);
					expect(Buffer.from(buffer.subarray(boxAt)).equals(nobly(key, short, text))).equal(true);
					expect(createBox(key).open(buffer, 0, boxAt, buffer.length)).equal(true);
					expect(Buffer.from(buffer.subarray(textAt)).equals(text)).equal(true);
				}),
				{ seed, numRuns: 300 },
			);
		});

		it("seals a text of a megabyte as @noble/ciphers does, and opens it", () => {
			const text = randomFillSync(new Uint8Array(1 << 20));
			const key = Buffer.alloc(32, 7);
			const short = Buffer.alloc(8, 9);
			const buffer = sealed(key, short, text);
			expect(Buffer.from(buffer.subarray(boxAt)).equals(nobly(key, short, text))).equal(true);
			const box = createBox(key);
			const damaged = Uint8Array.from(buffer);
			damaged[1 << 19]! ^= 1;
			expect(box.open(damaged, 0, boxAt, damaged.length)).equal(false);
			expect(box.open(buffer, 0, boxAt, buffer.length)).equal(true);
			expect(Buffer.from(buffer.subarray(textAt)).equals(text)).equal(true);
		});

		it("touches nothing outside nonce, box and text", () => {
			const buffer = new Uint8Array(200).fill(0xaa);
			createBox(Buffer.alloc(32, 1)).seal(buffer, 50, 70, 150);
			const outside = [...buffer.subarray(0, 70), ...buffer.subarray(150)];
			expect(outside.every((octet) => octet === 0xaa)).equal(true);
		});

		it("opens nothing in which any bit of nonce, tag or text is another, nor under another key or prefix", () => {
			const key = Buffer.alloc(32, 3);
			const box = createBox(key);
			const buffer = sealed(key, Buffer.alloc(8, 4), Buffer.alloc(70, 5));
			for (let bit = 0; bit < buffer.length * 8; bit++) {
				const damaged = Uint8Array.from(buffer);
				damaged[bit >> 3]! ^= 1 << (bit & 7);
				const before = Buffer.from(damaged);
				expect(box.open(damaged, 0, boxAt, damaged.length), `bit ${bit}`).equal(false);
				expect(before.equals(damaged), "what does not open is left as it was").equal(true);
			}
			for (const other of [createBox(Buffer.alloc(32, 2)), nodeCiphers.createSecretBox(key, "0123456789abcdeF")]) {
				expect(other.open(Uint8Array.from(buffer), 0, boxAt, buffer.length)).equal(false);
			}
			expect(box.open(Uint8Array.from(buffer), 0, boxAt, buffer.length - 1)).equal(false);
			expect(box.open(Uint8Array.from(buffer), 0, boxAt, buffer.length)).equal(true);
		});
	});
}

describe("zmtp Poly1305", () => {
	// RFC 8439, A.3, numbers 7 to 11: where sums reach and pass 2^130 - 5.
	const ones = "ff".repeat(16);
	const zeros = "00".repeat(16);
	const start = (first: string, rest = "00") => first + rest.repeat(16 - first.length / 2);
	const vectors: readonly [r: string, s: string, text: string, tag: string][] = [
		[start("02"), zeros, ones, start("03")],
		[start("02"), ones, start("02"), start("03")],
		[start("01"), zeros, ones + start("f0", "ff") + start("11"), start("05")],
		[start("01"), zeros, ones + start("fb", "fe") + "01".repeat(16), zeros],
		[start("02"), zeros, start("fd", "ff"), start("fa", "ff")],
	];
	for (const [index, [r, s, text, expected]] of vectors.entries()) {
		it(`RFC 8439 A.3 number ${index + 7}`, () => {
			expect(tagOf(Buffer.from(r + s, "hex"), Buffer.from(text, "hex"))).equal(expected);
		});
	}

	it("makes the tags of @noble/ciphers, also where all limbs are full", () => {
		const extreme = fc.constantFrom(0, 1, 0xfe, 0xff);
		const octets = (size: fc.ArrayConstraints) => fc.array(fc.oneof(extreme, fc.nat(255)), size);
		fc.assert(
			fc.property(octets({ minLength: 32, maxLength: 32 }), octets({ maxLength: 100 }), (key, text) => {
				const expected = poly1305(Uint8Array.from(text), Uint8Array.from(key));
				expect(tagOf(Uint8Array.from(key), Uint8Array.from(text))).equal(Buffer.from(expected).toString("hex"));
			}),
			{ seed, numRuns: 2000 },
		);
	});
});
