import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { LongTexts } from "../../../../packages/runtime/src/protocol/long-texts.js";
import { surprise } from "../../../../packages/runtime/src/protocol/surprise.js";
import { createRandom, printedSeed } from "../../../support/zmtp/seed.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../../../", import.meta.url));
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

function found(texts: LongTexts, octets: Uint8Array, start: number, end: number): string | undefined {
	try {
		return texts.read(octets, start, end, octets.length);
	} catch (error) {
		expect(error).equal(surprise);
		return undefined;
	}
}

const right = [
	"of ASCII alone, as most are",
	"von großer Länge",
	"из дому вышел человек",
	"雨ニモマケズ",
	"🕊🕊🕊🕊",
	"sent as \ufffd",
];
const wrong = [
	"\ufeffmarked at its front",
	...["ff", "c3", "eda080", "c0af", "f4908080"].flatMap((hex) => {
		const octets = Buffer.from(hex, "hex");
		return [octets, Buffer.concat([octets, Buffer.from(" and ö \ufffd")])];
	}),
].map((octets) => Buffer.concat([Buffer.from(octets), Buffer.from(" of no use")]));

describe("long texts", () => {
	it(`are what a decoder makes of them, or surprise, whichever came before: ${printedSeed}`, () => {
		const random = createRandom();
		const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!;
		const texts = new LongTexts();
		for (let body = 0; body < 300; body++) {
			// Often one kind many times: it decides how the next ones are read.
			const pieces = Array.from({ length: 12 }, () => pick([right, right, wrong])).flatMap((list) =>
				new Array<Buffer>(Math.floor(random() * 20)).fill(Buffer.from(pick<string | Buffer>(list) as string)),
			);
			const octets = Buffer.concat(pieces);
			let end = 0;
			for (const piece of pieces) {
				end += piece.length;
				const text = found(texts, octets, end - piece.length, end);
				if (text !== expected(piece)) expect(text, piece.toString("hex")).equal(expected(piece));
			}
			texts.release();
		}
	});

	it("of any length", () => {
		const texts = new LongTexts();
		for (const character of ["a", "é", "雨"]) {
			for (const length of [16, 0x3fff, 0x4000, 0x4001, 0x8000, 0x8001, 100_000]) {
				const text = character.repeat(length);
				const octets = Buffer.from(text);
				expect(found(texts, octets, 0, octets.length) === text, `${length} of ${character}`).equal(true);
				texts.release();
				octets[length >> 1] = 0xff;
				expect(found(texts, octets, 0, octets.length)).equal(undefined);
				texts.release();
			}
		}
	});

	it("are read where there is no WebAssembly", async () => {
		const program = `
			import { LongTexts } from "./packages/runtime/src/protocol/long-texts.ts";
			const texts = new LongTexts();
			const octets = Buffer.from("größer als alles andere");
			const read = () => texts.read(octets, 0, octets.length, octets.length);
			console.log(typeof WebAssembly, read(), read());
		`;
		const options = ["--jitless", "--conditions=homing-source", "--import=tsx", "--input-type=module", "-e", program];
		const { stdout } = await run(process.execPath, options, { cwd: root });
		expect(stdout.trim()).equal("undefined größer als alles andere größer als alles andere");
	});
});
