import { expect } from "chai";
import { assert, property, uint8Array } from "fast-check";
import { decodeZ85, encodeZ85 } from "../../../../packages/zmtp/src/wire/z85.js";
import { thrownCode } from "../../../support/zmtp/errors.js";

describe("zmtp Z85", () => {
	it("has the RFC's words for the RFC's octets", () => {
		const octets = Buffer.from("864fd26fb559f75b", "hex");
		expect(encodeZ85(octets)).equal("HelloWorld");
		expect(Buffer.from(decodeZ85("HelloWorld")!)).deep.equal(octets);
	});

	it("gives back what was encoded, at whatever offset it lay", () => {
		assert(
			property(uint8Array({ maxLength: 64 }), (octets) => {
				const whole = octets.subarray(octets.length % 4);
				expect(Buffer.from(decodeZ85(encodeZ85(whole))!)).deep.equal(Buffer.from(whole));
			}),
		);
	});

	it("is not text of another length, with other characters, or of more than 32 bits a group", () => {
		for (const text of ["a", "Hell", "HelloWorl", "Hello Worl", '"ello', "\\ello", "Hellö", "%nSc1", "#####"]) {
			expect(decodeZ85(text), text).equal(undefined);
		}
		expect(Buffer.from(decodeZ85("%nSc0")!).toString("hex")).equal("ffffffff");
	});

	it("is made of whole groups of four octets only", () => {
		expect(thrownCode(() => encodeZ85(new Uint8Array(3)))).equal("EINVAL");
	});
});
