import { expect } from "chai";
import * as inNode from "../../../../packages/zmtp/src/wire/octets.js";

type Module = typeof inNode;

/** The same module as it is where there is no `Buffer`. */
async function importWithoutBuffer(): Promise<Module> {
	const { Buffer } = globalThis;
	Reflect.deleteProperty(globalThis, "Buffer");
	try {
		return (await import(`../../../../packages/zmtp/src/wire/octets.js?${"without"}`)) as Module;
	} finally {
		globalThis.Buffer = Buffer;
	}
}

describe("zmtp octets", () => {
	const source = Uint8Array.of(0x7a, 0x41, 0xff, 0x00, 0x42);

	for (const [where, load, isBuffer] of [
		["in Node", async () => inNode, true],
		["without a Buffer", importWithoutBuffer, false],
	] as const) {
		describe(where, () => {
			let octets: Module;

			before(async () => {
				octets = await load();
			});

			it(`are ${isBuffer ? "Buffers" : "plain"}`, () => {
				const made = [
					octets.allocate(3),
					octets.view(source, 0, 3),
					octets.copy(source, 0, 3),
					octets.concat([source]),
					octets.utf8("x"),
				];
				for (const each of made) expect(Buffer.isBuffer(each)).equal(isBuffer);
			});

			it("are allocated in memory of their own", () => {
				expect(octets.allocate(3).buffer.byteLength).equal(3);
			});

			it("are viewed in the same memory, and copied into other memory", () => {
				const original = Uint8Array.from(source).subarray(1);
				const view = octets.view(original, 1, 4);
				const copy = octets.copy(original, 1, 4);
				original[1] = 1;
				expect([...view]).deep.equal([1, 0x00, 0x42]);
				expect([...copy]).deep.equal([0xff, 0x00, 0x42]);
			});

			it("are put together in order", () => {
				expect([...octets.concat([])]).deep.equal([]);
				expect([...octets.concat([Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3)])]).deep.equal([1, 2, 3]);
			});

			it("are made from text as UTF-8", () => {
				expect([...octets.utf8("aé")]).deep.equal([0x61, 0xc3, 0xa9]);
			});

			it("are read as Latin-1, a character each", () => {
				expect(octets.latin1(source, 1, 4)).equal("A\u00ff\u0000");
			});
		});
	}
});
