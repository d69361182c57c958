import { expect } from "chai";
import type { ZmtpErrorCode } from "../../../../packages/zmtp/src/errors.js";
import { encodeGreeting, type Greeting, GreetingReader } from "../../../../packages/zmtp/src/wire/greeting.js";
import { chunkings } from "../../../support/zmtp/chunking.js";
import { thrownCode } from "../../../support/zmtp/errors.js";
import { greeting } from "../../../support/zmtp/frames.js";

function read(chunks: readonly Uint8Array[]): Greeting | undefined {
	const reader = new GreetingReader();
	for (const chunk of chunks) {
		const result = reader.push(chunk);
		if (result !== undefined) return result;
	}
	return undefined;
}

describe("zmtp greeting", () => {
	it("is 64 octets: signature, version 3.1, mechanism, as-server, zeros", () => {
		expect(Buffer.from(encodeGreeting("NULL", false)).toString("hex")).equal(
			`ff00000000000000007f0301${Buffer.from("NULL").toString("hex")}${"00".repeat(16)}00${"00".repeat(31)}`,
		);
		expect(encodeGreeting("PLAIN", true)[32]).equal(1);
	});

	for (const { name, cut } of chunkings) {
		describe(`arriving ${name}`, () => {
			it("is read back", () => {
				expect(read(cut(encodeGreeting("NULL", false)))).deep.equal({
					minor: 1,
					mechanism: "NULL",
					asServer: false,
					hasLength: false,
				});
				expect(read(cut(encodeGreeting("CURVE", true)))).deep.equal({
					minor: 1,
					mechanism: "CURVE",
					asServer: true,
					hasLength: false,
				});
			});

			it("is accepted with whatever padding and filler, as libzmq pads with a length", () => {
				const padding = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 9);
				expect(read(cut(greeting({ padding, filler: 0xa5, asServer: 7 })))).deep.equal({
					minor: 1,
					mechanism: "NULL",
					asServer: false,
					hasLength: true,
				});
				const longest = Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 0);
				expect(read(cut(greeting({ padding: longest })))?.hasLength).equal(true);
			});

			it("of 3.0 is spoken to as 3.0, of anything newer than 3.1 as 3.1", () => {
				expect(read(cut(greeting({ minor: 0 })))?.minor).equal(0);
				for (const [major, minor] of [
					[3, 1],
					[3, 9],
					[4, 0],
					[255, 255],
				] as const) {
					expect(read(cut(greeting({ major, minor })))?.minor, `${major}.${minor}`).equal(1);
				}
			});

			const refused: [what: string, octets: Uint8Array, code: ZmtpErrorCode][] = [
				["text", Buffer.from("asdf\r\n"), "ZMTP_NOT_ZMTP"],
				["HTTP", Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "ZMTP_NOT_ZMTP"],
				["a TLS hello", Buffer.from("16030100a5010000a10303", "hex"), "ZMTP_NOT_ZMTP"],
				["a short ZMTP 1.0 greeting", Buffer.from("0100", "hex"), "ZMTP_NOT_ZMTP"],
				["a long ZMTP 1.0 identity", Buffer.from("ff7fffffffffffffff00", "hex"), "ZMTP_VERSION_UNSUPPORTED"],
				["ZMTP 2.0", greeting({ major: 1 }).subarray(0, 12), "ZMTP_VERSION_UNSUPPORTED"],
				["version 0", greeting({ major: 0 }).subarray(0, 11), "ZMTP_VERSION_UNSUPPORTED"],
				["version 2", greeting({ major: 2 }).subarray(0, 11), "ZMTP_VERSION_UNSUPPORTED"],
				["a lower-case mechanism", greeting({ mechanism: "null" }), "ZMTP_MECHANISM_MISMATCH"],
				["an empty mechanism", greeting({ mechanism: "" }), "ZMTP_MECHANISM_MISMATCH"],
				["octets behind the mechanism's null", greeting({ mechanism: "NULL\0x" }), "ZMTP_MECHANISM_MISMATCH"],
			];
			for (const [what, octets, code] of refused) {
				it(`refuses ${what} with ${code}`, () => {
					expect(thrownCode(() => read(cut(octets)))).equal(code);
				});
			}
		});
	}

	it("refuses at the first octet that tells, without waiting for the rest", () => {
		expect(thrownCode(() => new GreetingReader().push(Uint8Array.of(0x47)))).equal("ZMTP_NOT_ZMTP");
		const reader = new GreetingReader();
		expect(reader.push(greeting().subarray(0, 9))).equal(undefined);
		expect(thrownCode(() => reader.push(Uint8Array.of(0x7e)))).equal("ZMTP_VERSION_UNSUPPORTED");
	});

	it("takes a mechanism name of all twenty octets", () => {
		expect(read([greeting({ mechanism: "A".repeat(20) })])?.mechanism).equal("A".repeat(20));
	});

	it("says how many octets of the last piece were the greeting's", () => {
		const reader = new GreetingReader();
		reader.push(greeting().subarray(0, 60));
		expect(reader.push(Buffer.concat([greeting().subarray(60), Buffer.from("frames")]))).not.equal(undefined);
		expect(reader.consumed).equal(4);
	});
});
