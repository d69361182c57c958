import { execFile } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { poly1305 } from "@noble/ciphers/_poly1305.js";
import { hsalsa, xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { expect } from "chai";
import fc from "fast-check";
import sodium from "libsodium-wrappers";
import { curveModule } from "../../../../packages/zmtp/src/mechanism/generated/curve-module.js";
import { nodeCiphers } from "../../../../packages/zmtp/src/mechanism/node-ciphers.js";
import { seed } from "../../../support/zmtp/seed.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../../../", import.meta.url));
const bytes = (most: number) => fc.uint8Array({ maxLength: most });
const exactly = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });

describe("zmtp CURVE's module", () => {
	it("is what its source makes", async () => {
		await run(process.execPath, ["scripts/wasm-modules.mjs", "curve", "--check"], { cwd: root });
	});

	it("is said to be missing, with ENOTSUP, by bind and connect where there is no WebAssembly; all else works", async () => {
		const program = `
			import { Dealer, curveKeyPair } from "./packages/zmtp/src/index.ts";
			const { publicKey, secretKey } = curveKeyPair();
			const codes = [];
			const note = ({ code }) => codes.push(code);
			const server = new Dealer({ curveServer: true, curveSecretKey: secretKey });
			await server.bind("tcp://127.0.0.1:*").catch(note);
			const client = new Dealer({ curveServerKey: publicKey, curveSecretKey: secretKey });
			try { client.connect("tcp://127.0.0.1:1"); } catch (error) { note(error); }
			const plain = new Dealer();
			await plain.bind("tcp://127.0.0.1:*");
			for (const socket of [server, client, plain]) socket.close();
			console.log(typeof WebAssembly, ...codes);
		`;
		const options = ["--jitless", "--conditions=homing-source", "--import=tsx", "--input-type=module", "-e", program];
		const { stdout } = await run(process.execPath, options, { cwd: root });
		expect(stdout.trim()).equal("undefined ENOTSUP ENOTSUP");
	});
});

describe("zmtp CURVE's boxes", () => {
	const nobly = (key: Uint8Array, nonce: Uint8Array, text: Uint8Array) =>
		Buffer.from(xsalsa20poly1305(Uint8Array.from(key), Uint8Array.from(nonce)).encrypt(Uint8Array.from(text)));

	it("are those of @noble/ciphers and libsodium, for every length up to 300", async () => {
		await sodium.ready;
		const key = randomFillSync(new Uint8Array(32));
		const nonce = randomFillSync(new Uint8Array(24));
		for (let length = 0; length <= 300; length++) {
			const text = randomFillSync(new Uint8Array(length));
			const box = Buffer.from(nodeCiphers.seal(key, nonce, text));
			expect(box.equals(nobly(key, nonce, text)), `${length} octets`).equal(true);
			expect(box.equals(sodium.crypto_secretbox_easy(text, nonce, key)), `${length} octets`).equal(true);
			expect(Buffer.from(nodeCiphers.open(key, nonce, box)!).equals(text), `${length} octets`).equal(true);
		}
	});

	it("are those of @noble/ciphers for whatever they are given, and open again", () => {
		fc.assert(
			fc.property(exactly(32), exactly(24), bytes(5000), (key, nonce, text) => {
				const box = Buffer.from(nodeCiphers.seal(key, nonce, text));
				expect(box.equals(nobly(key, nonce, text))).equal(true);
				expect(Buffer.from(nodeCiphers.open(key, nonce, box)!).equals(text)).equal(true);
			}),
			{ seed, numRuns: 300 },
		);
	});

	for (const around of [127 * 64, 8 * 127 * 64, 65_536, 16 * 127 * 64, 1_200_000]) {
		it(`are those of libsodium where parts, areas and pages end: around ${around} octets`, async () => {
			await sodium.ready;
			const key = Buffer.alloc(32, 7);
			const nonce = Buffer.alloc(24, 9);
			for (const length of [-65, -64, -63, -33, -32, -31, -1, 0, 1, 31, 32, 33, 64].map((more) => around + more)) {
				const text = randomFillSync(new Uint8Array(length));
				const box = nodeCiphers.seal(key, nonce, text);
				const expected = sodium.crypto_secretbox_easy(text, nonce, key);
				expect(Buffer.compare(box, expected), `${length} octets`).equal(0);
				expect(Buffer.compare(nodeCiphers.open(key, nonce, box)!, text), `${length} octets`).equal(0);
			}
		});
	}

	it("do not open with any bit of nonce, tag or text another, nor cut, nor under another key; and are left as they were", () => {
		const key = Buffer.alloc(32, 3);
		const octets = Buffer.concat([
			Buffer.alloc(24, 4),
			nodeCiphers.seal(key, Buffer.alloc(24, 4), Buffer.alloc(70, 5)),
		]);
		const open = (all: Uint8Array, by: Uint8Array = key) => nodeCiphers.open(by, all.subarray(0, 24), all.subarray(24));
		for (let bit = 0; bit < octets.length * 8; bit++) {
			const damaged = Buffer.from(octets);
			damaged[bit >> 3]! ^= 1 << (bit & 7);
			const before = Buffer.from(damaged);
			expect(open(damaged), `bit ${bit}`).equal(undefined);
			expect(before.equals(damaged)).equal(true);
		}
		for (let length = 24; length < octets.length; length++) {
			expect(open(octets.subarray(0, length)), `${length} octets`).equal(undefined);
		}
		expect(open(octets, Buffer.alloc(32, 2))).equal(undefined);
		expect(open(octets)?.length).equal(70);
	});

	it("derive keys as HSalsa20 of @noble/ciphers does", () => {
		const words = (octets: Uint8Array) => new Uint32Array(Uint8Array.from(octets).buffer);
		fc.assert(
			fc.property(exactly(32), fc.string({ unit: "binary-ascii", minLength: 16, maxLength: 16 }), (key, prefix) => {
				const expected = new Uint32Array(8);
				hsalsa(words(Buffer.from("expand 32-byte k")), words(key), words(Buffer.from(prefix)), expected);
				const derived = nodeCiphers.deriveKey(key, prefix);
				expect(Buffer.compare(derived, new Uint8Array(expected.buffer))).equal(0);
			}),
			{ seed, numRuns: 300 },
		);
	});
});

describe("zmtp Poly1305", () => {
	// By itself: the ways in through a box leave nobody the choice of its key. Offsets: packages/zmtp/wasm/layout.ts.
	interface Module {
		readonly memory: { readonly buffer: ArrayBuffer };
		tagOf(length: number): void;
	}
	const host = globalThis as unknown as {
		readonly WebAssembly: {
			readonly Module: new (octets: Uint8Array) => object;
			readonly Instance: new (module: object) => { readonly exports: Module };
		};
	};
	const { Module, Instance } = host.WebAssembly;
	const module = new Instance(new Module(Buffer.from(curveModule, "base64"))).exports;
	const memory = Buffer.from(module.memory.buffer);
	const [tagAt, inputAt, outputAt] = [1056, 0x5000, 0x5000 + 0x1_0000 + 64];

	function tagOf(key: Uint8Array, text: Uint8Array): string {
		// What lies behind a text is not part of it.
		memory.fill(0xff, inputAt, inputAt + text.length + 64);
		memory.set(key, outputAt);
		memory.set(text, inputAt);
		module.tagOf(text.length);
		return memory.toString("hex", tagAt, tagAt + 16);
	}

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
		const full = fc.nat(3000).map((length) => new Array<number>(length).fill(0xff));
		const text = fc.oneof({ weight: 9, arbitrary: octets({ maxLength: 100 }) }, { weight: 1, arbitrary: full });
		const key = fc.oneof(
			{ weight: 4, arbitrary: octets({ minLength: 32, maxLength: 32 }) },
			{ weight: 1, arbitrary: fc.constant(new Array<number>(32).fill(0xff)) },
		);
		fc.assert(
			fc.property(key, text, (key, text) => {
				const expected = poly1305(Uint8Array.from(text), Uint8Array.from(key));
				expect(tagOf(Uint8Array.from(key), Uint8Array.from(text))).equal(Buffer.from(expected).toString("hex"));
			}),
			{ seed, numRuns: 3000 },
		);
	});
});
