import { expect } from "chai";
import {
	decodeCommand,
	decodeErrorReason,
	decodePing,
	encodeCommand,
	encodeError,
	encodePing,
} from "../../../../packages/zmtp/src/wire/command.js";
import { thrownCode } from "../../../support/zmtp/errors.js";

const decode = (octets: Uint8Array) => decodeCommand(octets, 0, octets.length);

describe("zmtp command", () => {
	it("is the name's length in one octet, the name, the data", () => {
		expect(Buffer.from(encodeCommand("READY", Buffer.from("xy"))).toString("latin1")).equal("\x05READYxy");
		const { name, data } = decode(Buffer.from("\x05READYxy"));
		expect(name).equal("READY");
		expect(Buffer.from(data).toString()).equal("xy");
	});

	it("is read from the middle of a buffer without looking past its end", () => {
		const buffer = Buffer.from("..\x04PINGabc..");
		expect(Buffer.from(decodeCommand(buffer, 2, 10).data).toString()).equal("abc");
		expect(thrownCode(() => decodeCommand(buffer, 2, 5))).equal("ZMTP_COMMAND_MALFORMED");
	});

	for (const [what, octets] of [
		["without an octet", []],
		["with an empty name", [0]],
		["with an empty name and data", [0, 65]],
		["whose name runs past its end", [9, 65, 66]],
		["whose name holds a digit", [2, 65, 0x31]],
		["whose name holds a null", [2, 65, 0]],
	] as const) {
		it(`${what} is malformed`, () => {
			expect(thrownCode(() => decode(Uint8Array.from(octets)))).equal("ZMTP_COMMAND_MALFORMED");
		});
	}

	it("may have a name of 255 letters", () => {
		expect(decode(encodeCommand("a".repeat(255), new Uint8Array(3))).name).length(255);
	});

	describe("PING", () => {
		it("tells its TTL in tenths of a second, rounded up", () => {
			const cases: [ms: number, hex: string][] = [
				[0, "0000"],
				[1, "0001"],
				[100, "0001"],
				[101, "0002"],
				[65_500, "028f"],
			];
			for (const [ms, hex] of cases) {
				expect(Buffer.from(encodePing(ms)).toString("hex")).equal(`0450494e47${hex}`);
			}
		});

		it("gives back TTL and context", () => {
			const { ttlMs, context } = decodePing(Buffer.from("ffff0102", "hex"));
			expect(ttlMs).equal(6_553_500);
			expect([...context]).deep.equal([1, 2]);
			expect(decodePing(Buffer.alloc(18)).context).length(16);
		});

		it("of fewer than two octets, or with a context above sixteen, is malformed", () => {
			for (const size of [0, 1, 19, 200]) {
				expect(
					thrownCode(() => decodePing(Buffer.alloc(size))),
					`${size} octets`,
				).equal("ZMTP_COMMAND_MALFORMED");
			}
		});
	});

	describe("ERROR", () => {
		const reasonOf = (octets: Uint8Array) => decodeErrorReason(decode(octets).data);

		it("carries a reason there and back, cut to 255 octets", () => {
			expect(reasonOf(encodeError("no"))).equal("no");
			expect(reasonOf(encodeError(""))).equal("");
			expect(reasonOf(encodeError("x".repeat(400)))).equal("x".repeat(255));
		});

		it("cannot write to a terminal: control octets become question marks", () => {
			expect(decodeErrorReason(Buffer.from("\x06\x1b[2J\r\n"))).equal("?[2J??");
		});

		it("is understood as libzmq's PLAIN server spells it, with 5e in front where 05 and E should be", () => {
			const { name, data } = decode(Buffer.from("5e52524f5203343030", "hex"));
			expect([name, decodeErrorReason(data)]).deep.equal(["ERROR", "400"]);
			for (const octets of ["5e", "5e52524f", "5e52524e5203343030"]) {
				expect(thrownCode(() => decode(Buffer.from(octets, "hex")))).equal("ZMTP_COMMAND_MALFORMED");
			}
		});

		it("whose reason is longer or shorter than said is malformed", () => {
			for (const octets of [[], [1], [2, 65], [1, 65, 66]]) {
				expect(thrownCode(() => decodeErrorReason(Uint8Array.from(octets)))).equal("ZMTP_COMMAND_MALFORMED");
			}
		});
	});
});
