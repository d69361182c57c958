import { expect } from "chai";
import { NodeWideTexts, nodeWideTexts } from "../../../../packages/runtime/src/platform/node-wide-texts.js";

const encode = (...texts: readonly string[]) => Buffer.from(texts.join(""));

describe("texts beyond ASCII", () => {
	const texts = new NodeWideTexts();
	afterEach(() => texts.release());

	it("are what the host reads, one behind the other or in any order, near the end of what may be copied and far from it", () => {
		const words = ["Straße ", "путь ", "雨が降る ", "🕊 ", "plain ascii ", "naïve "];
		const all = Array.from({ length: 700 }, (_, index) =>
			(words[index % 6]! + words[index % 5]!).repeat(1 + (index % 4)),
		);
		const octets = encode(...all);
		const ends = all.map(
			(
				(end = 0) =>
				(text: string) =>
					(end += Buffer.byteLength(text))
			)(),
		);
		const readAll = (ahead: number) =>
			all.map((text, index) => texts.read(octets, ends[index]! - Buffer.byteLength(text), ends[index]!, ahead));
		expect(readAll(octets.length)).deep.equal(all);
		expect(readAll(0)).deep.equal(all);
		for (const index of [699, 3, 698, 0, 350, 349, 351]) {
			const start = index === 0 ? 0 : ends[index - 1]!;
			expect(texts.read(octets, start, ends[index]!, octets.length)).equal(all[index]);
		}
	});

	it("are read anew out of other octets, and out of the same ones once they were released", () => {
		const [octets, others] = [encode("größer als"), encode("kleiner é")];
		expect(texts.read(octets, 0, octets.length, octets.length)).equal("größer als");
		expect(texts.read(others, 0, others.length, others.length)).equal("kleiner é");
		expect(texts.read(octets, 0, octets.length, octets.length)).equal("größer als");
		texts.release();
		octets.write("кто там");
		expect(texts.read(octets, 0, octets.length, octets.length)).equal(octets.toString());
	});

	it("are left to the host where they are no UTF-8, or too long", () => {
		const wrong = Buffer.from("c3a9c3", "hex");
		expect(texts.read(wrong, 0, 3, 3)).equal(undefined);
		expect(texts.read(wrong, 0, 2, 3)).equal("é");
		const long = encode("é".repeat(0x4001));
		expect(texts.read(long, 0, long.length, long.length)).equal(undefined);
		expect(texts.read(long, 2, long.length, long.length)).equal("é".repeat(0x4000));
	});

	it("are left to hosts that are fast at them", () => {
		expect(nodeWideTexts() === undefined).equal(Number.parseInt(process.versions.v8, 10) >= 13);
	});
});
