/** Feeds one hostile body after the other to the decoder; says how many it refused. Run with little memory. */
import { unpack } from "../../../packages/runtime/src/protocol/msgpack.js";

const of = (hex: string) => Buffer.from(hex, "hex");
const repeated = (hex: string, times: number, end = "") => Buffer.concat([...Array(times).fill(of(hex)), of(end)]);

const hostile: Buffer[] = [
	// H61
	of("dd01312d00"),
	of("dfffffffff"),
	of("c6ffffffff"),
	of("dbffffffff"),
	of("c9ffffffffff"),
	// H62: msgpackr#200
	repeated("dcffff", 24_000),
	repeated("deffff", 24_000),
	repeated("ddffffffff", 24_000),
	// H63
	repeated("91", 10_000, "c0"),
	repeated("81a161", 10_000, "c0"),
	// H64: built-in extensions of msgpackr: a large bigint, a negative size, a name on a plain object, records, references.
	Buffer.concat([of("c900100000"), of("42"), Buffer.alloc(0x10_0000, 0xff)]),
	of("d662ffffffff"),
	of("d4650093ab636f6e7374727563746f72a178c0"),
	of("d4780092a428612b29a0"),
	of("d4730001"),
	of("d669000000019481d67000000001"),
	of("d47440"),
	of("d4724091a16101"),
	// CVE-2023-52079: a reference as the key of a map.
	of("81d67000000001c0"),
];

let refused = 0;
for (const body of hostile) {
	try {
		unpack(body, 0, body.length);
	} catch {
		refused++;
	}
}

// H65. Legal, and large: keys that look dangerous, and two hundred thousand of them.
const names = ["__proto__", "constructor", "prototype"].map((name) => Buffer.from(name));
for (const name of names) {
	const body = Buffer.concat([of("81"), Buffer.of(0xa0 | name.length), name, of("81a17801")]);
	unpack(body, 0, body.length);
}
const many = Buffer.concat([
	of("df00030d40"),
	...Array.from({ length: 200_000 }, (_, index) => {
		const key = Buffer.from(String(index * 65_536));
		return Buffer.concat([Buffer.of(0xa0 | key.length), key, of("c0")]);
	}),
]);
unpack(many, 0, many.length);

process.stdout.write(JSON.stringify({ refused, polluted: "x" in {} }));
