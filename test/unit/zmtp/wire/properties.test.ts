import { expect } from "chai";
import { decodeProperties, encodeProperties } from "../../../../packages/zmtp/src/wire/properties.js";
import { isCompatible, type SocketType } from "../../../../packages/zmtp/src/wire/socket-type.js";
import { thrownCode } from "../../../support/zmtp/errors.js";
import { property } from "../../../support/zmtp/frames.js";

const decode = (...parts: Uint8Array[]) => {
	const octets = Buffer.concat(parts);
	return decodeProperties(octets, 0, octets.length);
};

describe("zmtp properties", () => {
	it("are name length, name, value length in four octets, value", () => {
		const octets = encodeProperties([
			["Socket-Type", Buffer.from("REQ")],
			["Identity", new Uint8Array(0)],
		]);
		expect(Buffer.from(octets).toString("latin1")).equal("\x0bSocket-Type\0\0\0\x03REQ\x08Identity\0\0\0\0");
	});

	it("compare their names without case", () => {
		expect(Buffer.from(decode(property("sOCKET-tYPE", "REP")).get("socket-type")!).toString()).equal("REP");
	});

	it("keep the first of a repeated name, and refuse a second Socket-Type or Identity", () => {
		expect(Buffer.from(decode(property("X-A", "1"), property("x-a", "2")).get("x-a")!).toString()).equal("1");
		for (const name of ["Socket-Type", "Identity", "IDENTITY"]) {
			const twice = () => decode(property(name, "a"), property(name.toLowerCase(), "b"));
			expect(thrownCode(twice)).equal("ZMTP_PROPERTIES_MALFORMED");
		}
	});

	it("are Buffers of their own, whatever they were read from: a routing id goes to the application", () => {
		const octets = Uint8Array.from(property("Identity", "me"));
		const value = decodeProperties(octets, 0, octets.length).get("identity")!;
		octets.fill(0);
		expect(value).instanceOf(Buffer);
		expect(value.toString()).equal("me");
		expect(value.buffer.byteLength).equal(2);
	});

	it("may be none at all", () => {
		expect(decode().size).equal(0);
	});

	it("named like members of Object are names like any other", () => {
		const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
		const properties = decode(...names.map((name) => property(name, "x")));
		expect([...properties.keys()]).deep.equal(names.map((name) => name.toLowerCase()));
		expect(({} as Record<string, unknown>)["x"]).equal(undefined);
	});

	it("are copies: the chunk may change afterwards", () => {
		const octets = Buffer.concat([property("X-A", "abc")]);
		const value = decodeProperties(octets, 0, octets.length).get("x-a")!;
		octets.fill(0);
		expect(Buffer.from(value).toString()).equal("abc");
	});

	const good = property("Socket-Type", "REQ");
	for (const [what, octets] of [
		["an empty name", property("", "x")],
		["a name with a space", property("a b", "x")],
		["a name past the end", Buffer.of(200, 65, 66)],
		["no value length", Buffer.of(1, 65)],
		["a value length cut short", Buffer.of(1, 65, 0, 0, 0)],
		["a value past the end", Buffer.of(1, 65, 0, 0, 0, 9, 1)],
		["a value length of 2^32-1", Buffer.of(1, 65, 255, 255, 255, 255)],
		["a trailing octet", Buffer.concat([good, Buffer.of(0)])],
		["every prefix cut in the value", good.subarray(0, good.length - 1)],
	] as const) {
		it(`with ${what} are malformed`, () => {
			expect(thrownCode(() => decode(octets))).equal("ZMTP_PROPERTIES_MALFORMED");
		});
	}
});

describe("zmtp socket types", () => {
	const partners: Record<SocketType, string> = {
		REQ: "REP ROUTER",
		REP: "REQ DEALER",
		DEALER: "REP DEALER ROUTER",
		ROUTER: "REQ DEALER ROUTER",
		PUB: "SUB XSUB",
		XPUB: "SUB XSUB",
		SUB: "PUB XPUB",
		XSUB: "PUB XPUB",
		PUSH: "PULL",
		PULL: "PUSH",
		PAIR: "PAIR",
	};
	const types = Object.keys(partners) as SocketType[];

	it("talk to the types that RFC 37 names and to no others, all 121 pairs", () => {
		for (const ours of types) {
			const compatible = types.filter((theirs) => isCompatible(ours, theirs));
			expect(compatible, ours).have.members(partners[ours].split(" "));
		}
	});

	it("agree on both sides", () => {
		for (const one of types) for (const two of types) expect(isCompatible(one, two)).equal(isCompatible(two, one));
	});

	it("do not talk to a type nobody knows", () => {
		for (const name of ["", "req", "STREAM", "__proto__", "constructor"])
			expect(isCompatible("ROUTER", name)).equal(false);
	});
});
