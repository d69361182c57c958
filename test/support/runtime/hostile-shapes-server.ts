/**
 * A server of generated stubs, whoever sends it hostile bodies, and a bystander, in one process with little memory. Says, as JSON, what
 * became of the bodies, by the number of the attack.
 */
import { connect, Server } from "../../../packages/runtime/src/index.js";
import { anyPort } from "./endpoints.js";
import { ShapesClient, shapesService } from "./generated/hostile-shapes.js";
import type { Contact, Drawing, Tree } from "./hostile-shapes.js";
import { RawClient } from "./raw-client.js";
import { callHeader, failureIn, pack } from "./wire.js";

const of = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");
const repeated = (hex: string, times: number, end = "") => Buffer.concat([...Array(times).fill(of(hex)), of(end)]);
const text = (value: string | Buffer) => {
	const octets = Buffer.from(value);
	const head = Buffer.from([0xdb, 0, 0, 0, 0]);
	head.writeUInt32BE(octets.length, 1);
	return Buffer.concat([head, octets]);
};
const megabyte = 1_000_000;

const contact: Contact = { id: "6f1d0a52-3c63-4c7f-9d56-0a2b1d4c8e7f", email: "ada@example.org" };
const contactWith = (part: Partial<Contact>) => pack({ ...contact, ...part });
const tree = (depth: number) => repeated("82 a46e616d65 a174 a86368696c6472656e 91", depth, "c0");
const group = (depth: number) => repeated("82 a46b696e64 a567726f7570 a57061727473 91", depth, "c0");
const soundTree = (depth: number): Tree => ({ name: "t", children: depth === 0 ? [] : [soundTree(depth - 1)] });
const soundGroup = (depth: number): Drawing => ({ kind: "group", parts: depth === 0 ? [] : [soundGroup(depth - 1)] });
const nearly = (start: string, pump: string, end: string) => start + pump.repeat(megabyte / pump.length) + end;

const methods = [
	"texts",
	"numbers",
	"counts",
	"octets",
	"names",
	"pairs",
	"tree",
	"drawing",
	"anything",
	"contact",
] as const satisfies readonly (keyof ShapesClient)[];
type Method = (typeof methods)[number];

/** To every method, where none is named. */
type Attack = readonly [body: Uint8Array, ...methods: Method[]];

const attacks: Readonly<Record<string, readonly Attack[]>> = {
	H61: ["dd01312d00", "dfffffffff", "c6ffffffff", "dbffffffff", "c9ffffffffff"].map((hex) => [of(hex)]),
	H62: ["dcffff", "deffff", "ddffffffff"].map((hex) => [repeated(hex, 24_000)]),
	H63: ["91", "81a161"].map((hex) => [repeated(hex, 10_000, "c0")]),
	H64: [
		"d662ffffffff",
		"d4650093ab636f6e7374727563746f72a178c0",
		"d4780092a428612b29a0",
		"d4730001",
		"d669000000019481d67000000001",
		"d47440",
		"d4724091a16101",
		"81d67000000001c0",
	].map((hex) => [of(hex)]),
	H65: [
		...["__proto__", "constructor", "prototype"].flatMap((name): Attack[] => {
			const key = Buffer.concat([Buffer.of(0xa0 | name.length), Buffer.from(name)]);
			return [[Buffer.concat([of("81"), key, of("81a17801")])], [Buffer.concat([of("81"), key, of("01")])]];
		}),
		[of("8190 01")],
		[of("82a16101a16102"), "names"],
		[
			Buffer.concat([
				of("df00030d40"),
				...Array.from({ length: 200_000 }, (_, i) => pack({ [i * 65_536]: 1 }).subarray(1)),
			]),
		],
	],
	H66: [
		...["c1", "", "c0c0", "cb7ff8000000000000", "cf0020000000000001", "cb8000000000000000", "d6ffffffffff"].map(
			(hex): Attack => [of(hex)],
		),
		[of("91a2c080"), "texts"],
		[of("91a3eda080"), "texts"],
		[of("92cb7ff0000000000000cb8000000000000000"), "numbers"],
		[of("91cfffffffffffffffff"), "numbers"],
		[of("c7 0c ff 3b9aca00 7fffffffffffffff"), "anything"],
	],
	H67: [
		[Buffer.concat([of("dd000f4240"), Buffer.alloc(megabyte, 0xc0)]), "texts", "numbers"],
		// Each is a number, and too small.
		[Buffer.concat([of("dd000f4240"), Buffer.alloc(megabyte, 0xff)]), "counts"],
		[
			Buffer.concat([
				of("df000186a0"),
				...Array.from({ length: 100_000 }, (_, i) => pack({ [`k${i}`]: 1 }).subarray(1)),
			]),
			"contact",
			"tree",
		],
	],
	H68: [
		[contactWith({ email: nearly("a", "a.", "@") }), "contact"],
		[contactWith({ page: nearly("http://", "a:", "[") }), "contact"],
		[contactWith({ address: nearly("1.1.1.", "1", ".") }), "contact"],
		[contactWith({ since: nearly("2026-01-01T00:00:00.", "0", "") }), "contact"],
		[contactWith({ label: nearly("a", "a-", "A") }), "contact"],
		[contactWith({ id: nearly("6f1d0a52-", "3c63-", "z") }), "contact"],
	],
	H69: [
		[tree(10_000), "tree"],
		[group(10_000), "drawing"],
		[pack(soundTree(100)), "tree"],
		[pack(soundGroup(100)), "drawing"],
		[pack(soundTree(40)), "tree"],
		[pack(soundGroup(40)), "drawing"],
		[Buffer.concat([text("x")]), "tree", "drawing"],
	],
};

const server = new Server().add(
	shapesService({
		texts: (texts) => texts.length,
		numbers: (numbers) => numbers.length,
		counts: (counts) => counts.length,
		octets: (octets) => octets.length,
		names: (names) => Object.keys(names).length,
		pairs: (pairs) => pairs.size,
		tree: ({ children }) => children.length,
		drawing: () => 1,
		anything: () => 1,
		contact: () => 1,
		echo: (contact) => contact,
	}),
);
/** Of the method that a compiled codec left to the general one. */
const surprised: Record<string, number> = {};
server.on("surprise", ({ method }) => {
	surprised[method] = (surprised[method] ?? 0) + 1;
});
const endpoint = await server.bind(anyPort);
const bystander = connect(endpoint);
const shapes = new ShapesClient(bystander);
const client = await new RawClient(endpoint).ready();

const seen: Record<string, { refused: number; taken: number; other: number }> = {};
for (const [name, bodies] of Object.entries(attacks)) {
	const tally = { refused: 0, taken: 0, other: 0 };
	for (const [body, ...only] of bodies) {
		for (const method of only.length === 0 ? methods : only) {
			client.send("token", "", callHeader(`Shapes.${method}`), Buffer.concat([of("91"), body]));
			const [frames, answer] = await Promise.all([client.answer(), shapes.echo(contact)]);
			if (answer.id !== contact.id) throw new Error("the bystander had another answer");
			if (frames.length === 1) tally.taken++;
			else if (failureIn(frames).status === 3) tally.refused++;
			else tally.other++;
		}
	}
	seen[name] = tally;
}
await client.close();
await bystander.close();
await server.close();
process.stdout.write(JSON.stringify({ seen, surprised, polluted: "x" in {} }));
