import { expect } from "chai";
import fc from "fast-check";
import * as z from "zod";
import { platform as browser } from "../../../../packages/runtime/src/platform/browser.js";
import { platform as node } from "../../../../packages/runtime/src/platform/node.js";

const octets = fc.uint8Array({ maxLength: 300 });
const hex = (found: Uint8Array) => Buffer.from(found).toString("hex");

describe("the platforms of the runtime", () => {
	it("make the same octets of a text, halves of characters included", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary" }), (text) => {
				expect(hex(browser.encodeText(text))).equal(hex(node.encodeText(text)));
			}),
		);
		expect(hex(browser.encodeText("\ud800x"))).equal(hex(node.encodeText("\ud800x")));
	});

	it("make the same text of any octets, be they UTF-8 or not, with a mark of byte order or without", () => {
		fc.assert(
			fc.property(octets, fc.nat(300), fc.nat(300), (chunk, one, other) => {
				const start = Math.min(one, other, chunk.length);
				const end = Math.min(Math.max(one, other), chunk.length);
				expect(browser.decodeText(chunk, start, end)).equal(node.decodeText(chunk, start, end));
			}),
		);
		const marked = Uint8Array.of(0xef, 0xbb, 0xbf, 0x61);
		expect(browser.decodeText(marked, 0, 4))
			.equal("\ufeffa")
			.equal(node.decodeText(marked, 0, 4));
	});

	it("read each other's base64url", () => {
		fc.assert(
			fc.property(octets, (given) => {
				const text = browser.encodeBase64url(given);
				expect(text).equal(node.encodeBase64url(given));
				for (const host of [browser, node]) expect(hex(host.decodeBase64url(text))).equal(hex(given));
			}),
		);
	});

	it("judge values alike by a schema", () => {
		const schema = z.object({ at: z.date(), cents: z.int().gte(1), tags: z.array(z.string()).max(2) });
		const values = [{ at: new Date(0), cents: 1, tags: ["a"] }, { at: 0, cents: 0.5, tags: ["a", "b", "c"] }, null];
		const judged = (host: typeof node) =>
			values.map((value) => {
				const { data, error } = host.compileSchema(schema).safeParse(value);
				return data ?? error!.issues.map(({ code, path }) => ({ code, path }));
			});
		expect(judged(browser)).deep.equal(judged(node));
		expect(judged(node)[0]).deep.equal(values[0]);
	});

	it("compile no schema that another version of zod made", () => {
		const schema = z.object({ name: z.string() });
		expect(node.compileSchema(schema)).not.equal(schema);
		for (const other of [{ major: 5 }, { minor: 99 }, { patch: 99 }]) {
			const foreign = z.object({ name: z.string() });
			Object.assign(foreign._zod, { version: { ...foreign._zod.version, ...other } });
			expect(node.compileSchema(foreign)).equal(foreign);
		}
	});

	it("give memory of the size that was asked for, shared with nothing", () => {
		for (const host of [browser, node]) expect(host.allocate(100).buffer.byteLength).equal(100);
	});

	it("follow what a function starts on Node alone", async () => {
		expect(browser.createStorage).equal(undefined);
		const storage = node.createStorage!<string>();
		expect(await storage.run("mine", () => Promise.resolve().then(() => storage.getStore()))).equal("mine");
		expect(storage.getStore()).equal(undefined);
	});
});
