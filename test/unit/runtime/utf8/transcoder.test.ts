import { isUtf8 } from "node:buffer";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { roomBytes, Transcoder, unitsAt } from "../../../../packages/runtime/src/utf8/transcoder.js";
import { createRandom, printedSeed } from "../../../support/zmtp/seed.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../../../", import.meta.url));
const transcoder = new Transcoder();
const units = Buffer.from(transcoder.memory.buffer);

/** `undefined` where it is no UTF-8. */
function textOf(at: number, length: number): string | undefined {
	const count = transcoder.toUtf16(at, length);
	return count < 0 ? undefined : units.toString("utf16le", unitsAt, unitsAt + 2 * count);
}

/** As the host has it; among octets that would go on well. */
function expectSame(octets: Buffer): void {
	const chunk = Buffer.alloc(octets.length + 40, 0xa9);
	octets.copy(chunk, 20);
	transcoder.bring(chunk);
	const found = textOf(20, octets.length);
	const expected = isUtf8(octets) ? octets.toString() : undefined;
	if (found !== expected) expect(found, octets.toString("hex")).equal(expected);
}

describe("UTF-8 to UTF-16", () => {
	it("is what its source makes", async () => {
		await run(process.execPath, ["scripts/wasm-modules.mjs", "utf8", "--check"], { cwd: root });
	});

	it("is done and refused as by the host, at every edge of what may be, wherever a vector ends", () => {
		const edges = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf];
		const leads = [...edges, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xff];
		for (const before of [0, 12, 13, 14, 15]) {
			const octets = Buffer.alloc(before + 4, "x");
			for (const first of leads) {
				octets[before] = first;
				for (const second of leads) {
					octets[before + 1] = second;
					for (const third of edges) {
						octets[before + 2] = third;
						for (const fourth of edges) {
							octets[before + 3] = fourth;
							expectSame(octets);
						}
					}
				}
			}
		}
	});

	it("is done for a character of each size at every place, and refused for one that is cut off, goes on or lacks an octet there", () => {
		for (const character of ["a", "é", "߿", "ࠀ", "雨", "\ud7ff", "\ue000", "\uffff", "𐀀", "🕊", "\u{10ffff}"]) {
			const inside = Buffer.from(character);
			for (let before = 0; before <= 34; before++) {
				for (const after of [0, 1, 15, 16, 17]) {
					const [front, back] = [Buffer.alloc(before, "x"), Buffer.alloc(after, "y")];
					expectSame(Buffer.concat([front, inside, back]));
					expectSame(Buffer.concat([front, inside, Buffer.of(0x80), back]));
					for (let cut = 1; cut < inside.length; cut++) {
						expectSame(Buffer.concat([front, inside.subarray(0, cut), back]));
						expectSame(Buffer.concat([front, inside.subarray(cut), back]));
					}
				}
			}
		}
	});

	it(`is done and refused as by the host for mixtures by chance, and for those with octets changed: ${printedSeed}`, () => {
		const random = createRandom();
		const below = (bound: number) => Math.floor(random() * bound);
		const bounds = [0x80, 0x800, 0x1_0000, 0x11_0000];
		let refused = 0;
		for (let round = 0; round < 20_000; round++) {
			const variety = 1 + below(bounds.length);
			const points = Array.from({ length: below(90) }, () => below(bounds[below(variety)]!));
			const octets = Buffer.from(points.map((point) => String.fromCodePoint(point)).join(""));
			for (let changes = below(4); changes > 0 && octets.length > 0; changes--)
				octets[below(octets.length)] = below(0x100);
			if (!isUtf8(octets)) refused++;
			expectSame(octets);
		}
		expect(refused).within(1000, 19_000);
	});

	it("never leaves its room, however much there is in it", () => {
		const reach = 64;
		const end = unitsAt + 2 * roomBytes + reach;
		for (const octet of ["a", "é", "雨", "🕊", "\ud800"]
			.map((text) => Buffer.from(text))
			.concat(Buffer.of(0xff), Buffer.of(0x80))) {
			const octets = Buffer.alloc(roomBytes, octet);
			transcoder.memory.fill(0xee, end);
			const tables = units.toString("hex", 0, unitsAt - roomBytes - reach);
			transcoder.bring(octets);
			const expected = isUtf8(octets) ? octets.toString() : undefined;
			expect(textOf(0, roomBytes) === expected, octet.toString("hex")).equal(true);
			expect(units.toString("hex", 0, unitsAt - roomBytes - reach)).equal(tables);
			expect(transcoder.memory.subarray(end).every((untouched) => untouched === 0xee)).equal(true);
		}
	});
});
