import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Codec, Method } from "@homing/runtime";
import { expect } from "chai";
import { pack } from "../../packages/runtime/src/protocol/msgpack.js";
import { fixtures } from "./support/compile.js";

/** By a path that the compiler does not follow: fixtures are compiled with settings of their own, and may have enums. */
function load<Module = Generated>(path: string): Promise<Module> {
	return import(pathToFileURL(join(fixtures, path)).href);
}

/** What the files export, by name: descriptors and schemas. */
type Generated = Readonly<Record<string, { readonly methods: object } & Readonly<Record<string, Schema>>>>;

interface Schema {
	parse(value: unknown): Readonly<Record<string, unknown>>;
	safeParse(value: unknown): { readonly success: boolean };
}

type Bank = typeof import("./fixtures/expected/bank.js");

type AnyMethods = Readonly<Record<string, Method<readonly unknown[], unknown>>>;

/** What a value is at the other end: encoded and validated here, decoded and validated there. */
function sent<T>(codec: Codec<T>, value: T): T {
	const buffer = new Uint8Array(codec.encode(new Uint8Array(0), 0, value));
	return codec.decode(buffer, 0, codec.encode(buffer, 0, value));
}

/** What is said of a value that is none, before it is sent. */
function refusal(codec: Codec<never>, value: unknown): string {
	try {
		codec.encode(new Uint8Array(0), 0, value as never);
	} catch (error) {
		expect(error).to.have.property("name", "InvalidValue");
		return (error as Error).message;
	}
	throw new Error("it was accepted");
}

describe("values of generated types", () => {
	let generated: Generated;

	before(async function () {
		this.timeout(30_000);
		const names = [
			"forms",
			"bank",
			"constraints",
			"recursion",
			"wire",
			"generics",
			"constants",
			"mapped",
			"namespaces",
		].map((name) => `expected/${name}.ts`);
		const modules = await Promise.all([...names, "loose/expected/profile.ts"].map((path) => load(path)));
		generated = Object.assign({}, ...modules);
	});

	const argumentsOf = (descriptor: { readonly methods: object }, method: string) =>
		(descriptor.methods as AnyMethods)[method]!.arguments as Codec<readonly unknown[]>;
	const resultOf = (descriptor: { readonly methods: object }, method: string) =>
		(descriptor.methods as AnyMethods)[method]!.result as Codec<unknown>;

	describe("arrive as they were sent:", () => {
		const at = new Date(1_700_000_000_123);
		const date = new Date(0);
		const cases: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
			primitives: [
				["text", 0.5, true, 5n, null],
				["", -1, false, 2n ** 64n - 1n, null],
				["", 1, true, 2n ** 53n, null],
				["", 1, true, -(2n ** 53n), null],
				["", 0, false, -(2n ** 63n), null],
			],
			literals: [
				["a", 1, 42],
				["b", "one", 42],
				["a", true, 42],
				["a", null, 42],
			],
			big: [[5n]],
			enums: [
				[0, "low", 0, 5, "low"],
				[6, "high", 0, 0, "low"],
			],
			arrays: [[[], [[1], []], [0, 5]]],
			tuples: [
				[["a", 1], ["a"], [true]],
				[
					["a", 1],
					["a", 2],
					[false, "x", "y"],
				],
			],
			objects: [
				[
					{ required: "", present: undefined, nullable: null, fixed: [], nested: { deep: { deeper: at } } },
					{ a: "", "odd key": 1 },
					{},
				],
				[
					{
						required: "",
						optional: "o",
						either: "e",
						present: "p",
						nullable: "n",
						fixed: ["f"],
						nested: { deep: { deeper: at } },
					},
					{ a: "", "odd key": 1 },
					{},
				],
			],
			collections: [
				[new Map([["a", 1n]]), new Set([at, date]), new Map([[5, new Set([1n, 2n ** 60n])]])],
				[new Map(), new Set(), new Map()],
			],
			records: [
				[{ a: 1 }, { a: at }, { a: 1n, b: 2n ** 62n }, { 1: "one", 2.5: "x" }],
				[{}, {}, { a: 0n, b: 0n }, {}],
			],
			templates: [
				["v1.2", "hello you"],
				["v0.0", "hi "],
			],
			unions: [
				["text", undefined, []],
				[1, { kind: "circle", radius: 1 }, ["a", { kind: "point" }]],
				[at, { kind: "square", sides: new Set([1]) }, [{ kind: "rectangle", sides: new Set() }]],
				[null, { kind: "point" }, []],
			],
			anything: [[{ any: ["thing", 1, null] }], ["text"]],
			optional: [[1, 2n], [1], [], [undefined, 2n], [undefined, null]],
			never: [[{}]],
		};
		for (const [method, values] of Object.entries(cases)) {
			it(method, () => {
				for (const value of values)
					expect(sent(argumentsOf(generated["formsDescriptor"]!, method), value)).to.deep.equal(value);
			});
		}

		it("bytes", () => {
			const [data, maybe] = sent(argumentsOf(generated["formsDescriptor"]!, "bytes"), [new Uint8Array([1, 2]), null]);
			expect(data).to.be.instanceOf(Uint8Array);
			expect([...(data as Uint8Array)]).to.deep.equal([1, 2]);
			expect(maybe).to.equal(null);
		});

		it("results", () => {
			const primitives = {
				text: "",
				count: 1,
				flag: true,
				big: 1n,
				nothing: null,
				missing: undefined,
				either: undefined,
			};
			expect(sent(resultOf(generated["formsDescriptor"]!, "primitives"), primitives)).to.deep.equal(primitives);
			expect(sent(resultOf(generated["formsDescriptor"]!, "optional"), undefined)).to.equal(undefined);
			expect(sent(resultOf(generated["formsDescriptor"]!, "enums"), "odd")).to.equal("odd");
			expect(sent(resultOf(generated["formsDescriptor"]!, "tuples"), [at, 1n])).to.deep.equal([at, 1n]);
			expect(sent(resultOf(generated["formsDescriptor"]!, "tuples"), [at])).to.deep.equal([at]);
			expect(sent(resultOf(generated["formsDescriptor"]!, "objects"), { known: "k", other: 1 })).to.deep.equal({
				known: "k",
				other: 1,
			});
			expect(sent(resultOf(generated["genericsDescriptor"]!, "result"), { ok: true, value: undefined })).to.deep.equal({
				ok: true,
				value: undefined,
			});
		});

		it("recursive types", () => {
			const leaf = { value: 1n, children: [], neighbour: null };
			const tree = {
				value: 2n,
				children: [leaf, leaf],
				parent: leaf,
				sibling: leaf,
				neighbour: { ...leaf, children: [leaf] },
			};
			expect(sent(argumentsOf(generated["recursionDescriptor"]!, "tree"), [tree])).to.deep.equal([tree]);
			const json = [{ a: [1, "b", null, { c: true }] }];
			expect(sent(argumentsOf(generated["recursionDescriptor"]!, "json"), json)).to.deep.equal(json);
			const list = [{ head: 1, tail: { head: 2, tail: null } }];
			expect(sent(argumentsOf(generated["recursionDescriptor"]!, "list"), list)).to.deep.equal(list);
			const expression = [
				{ op: "add", left: { op: "number", value: 1n }, right: { op: "negate", of: { op: "number", value: 2n } } },
			];
			expect(sent(argumentsOf(generated["recursionDescriptor"]!, "expression"), expression)).to.deep.equal(expression);
			const ann = { name: "Ann", friends: new Map() };
			const person = [
				{ name: "Bob", friends: new Map([["Ann", ann]]), employer: { name: "Us", staff: new Set([ann]) } },
			];
			expect(sent(argumentsOf(generated["recursionDescriptor"]!, "people"), person)).to.deep.equal(person);
			const deep = { level: { deeper: { level: { deeper: undefined } } } };
			expect(sent(resultOf(generated["recursionDescriptor"]!, "nested"), deep)).to.deep.equal(deep);
			const one = { value: { a: Uint8Array.of(1), b: "h" } };
			const computed = [{ ...one, others: { ones: [one, { value: {} }] } }];
			expect(sent(argumentsOf(generated["recursionDescriptor"]!, "unnamed"), computed)).to.deep.equal(computed);
		});

		it("constants, mapped types, and what stands in namespaces", () => {
			const planets = { earth: { mass: 1, name: "Earth" }, mars: { mass: 0.1, name: "Mars" } };
			const meta = {};
			const cases: readonly (readonly [descriptor: string, method: string, args: readonly unknown[]])[] = [
				["constantsDescriptor", "travel", ["mars", planets.mars]],
				["constantsDescriptor", "level", [2, "High"]],
				["constantsDescriptor", "paths", ["https://x", "#fff", "v1.2-beta"]],
				["mappedDescriptor", "getters", [{ getCents: 1 }, { cents: 2, currency: "EUR" }]],
				[
					"mappedDescriptor",
					"pages",
					[
						{ items: [{ cents: 1 }], meta },
						{ items: [{ cents: 1 }], meta: { total: 1 } },
					],
				],
				[
					"mappedDescriptor",
					"merged",
					[
						{ a: "a", b: 1 },
						{ a: "a", b: 1, more: "m" },
					],
				],
				["mappedDescriptor", "dates", [at, null, [at, "text", null]]],
				["namespacesDescriptor", "draw", [{ kind: "flat", size: 1 }, "round", "round"]],
				["namespacesDescriptor", "plan", ["free", "paid"]],
				[
					"namespacesDescriptor",
					"convert",
					[
						{ cents: 1, currency: "EUR" },
						{ amount: 1n, in: "JPY" },
					],
				],
			];
			for (const [descriptor, method, args] of cases)
				expect(sent(argumentsOf(generated[descriptor]!, method), args), method).to.deep.equal(args);
			expect(sent(resultOf(generated["constantsDescriptor"]!, "travel"), planets)).to.deep.equal(planets);
			const pages = { items: [{ a: "a", b: 1, more: "m" }], meta };
			expect(sent(resultOf(generated["mappedDescriptor"]!, "pages"), pages)).to.deep.equal(pages);
			const draw = argumentsOf(generated["namespacesDescriptor"]!, "draw") as Codec<never>;
			expect(refusal(draw, [{ kind: "square", size: 1 }, "round", "round"])).to.match(/kind/);
			expect(refusal(draw, [{ kind: "flat", size: 2 }, "round", "round"])).to.match(/size/);
		});

		it("types whose form on the wire is another", () => {
			const cases: Readonly<Record<string, readonly unknown[]>> = {
				variants: [
					{ kind: "big", value: 1n },
					{ kind: "set", value: new Set([1n]) },
					{ kind: "plain", value: "x" },
				],
				shapes: [{ values: new Set(["a"]) }, { values: new Map([["a", 1n]]), label: "l" }, { text: "t" }],
				mixed: [1n, new Set([at]), { big: 2n }, "text", null],
				present: [
					{ always: undefined, never: undefined, nullable: undefined },
					{ always: 1n, never: undefined, nullable: null },
				],
			};
			for (const [method, values] of Object.entries(cases)) {
				for (const value of values)
					expect(sent(argumentsOf(generated["wireDescriptor"]!, method), [value])).to.deep.equal([value]);
			}
			const lists = [
				[1n, undefined, 2n],
				[
					[new Set(["a"]), "b"],
					[new Set([]), "c", 3n],
				],
			];
			expect(sent(argumentsOf(generated["wireDescriptor"]!, "lists"), lists)).to.deep.equal(lists);
			const index = [{ name: "n", other: new Set([1]) }, { a: new Set([2]) }];
			expect(sent(argumentsOf(generated["wireDescriptor"]!, "index"), index)).to.deep.equal(index);
		});

		it("members of a union that have what others lack", () => {
			const codec = argumentsOf(generated["wireDescriptor"]!, "edits");
			const noted = { text: "a", note: "b" };
			for (const edit of [noted, { text: "a" }]) {
				const edits = [edit, [edit], { edit }];
				expect(sent(codec, edits)).to.deep.equal(edits);
			}
		});

		it("what is no object, beside an object without required properties, however it was written", () => {
			const codec = argumentsOf(generated["wireDescriptor"]!, "loose");
			for (const either of [at, new Uint8Array([1]), new Map([["a", 1n]]), {}, { name: "n" }]) {
				expect(sent(codec, [{}, either, new Map()])).to.deep.equal([{}, either, new Map()]);
				// A compiled codec leaves bodies with unknown properties to the general one.
				const body = pack([{ unknown: 1 }, either instanceof Map ? [["a", 1]] : either, []]);
				expect(codec.decode(body, 0, body.length)).to.deep.equal([{}, either, new Map()]);
			}
		});

		it("instances of a program's own classes, with their fields, or without any", () => {
			class Options {
				declare name?: string;
				get label(): string {
					return `${this.name}`;
				}
			}
			const codec = argumentsOf(generated["wireDescriptor"]!, "loose");
			const named = Object.assign(new Options(), { name: "n" });
			expect(sent(codec, [named, new Options(), new Map()])).to.deep.equal([{ name: "n" }, {}, new Map()]);
		});
	});

	describe("that are none are refused with the path and what was due:", () => {
		const order = { from: "DE123456", to: "DE123457", cents: 1 };
		const cases: readonly (readonly [title: string, codec: () => Codec<never>, value: unknown, message: string])[] = [
			[
				"a number that is no integer",
				() => transfer(),
				[{ ...order, cents: 0.5 }],
				"order.cents: expected an integer >= 1, got 0.5",
			],
			[
				"a number below its minimum",
				() => transfer(),
				[{ ...order, cents: 0 }],
				"order.cents: expected an integer >= 1, got 0",
			],
			[
				"a missing property",
				() => transfer(),
				[{ from: "DE123456", cents: 1 }],
				"order.to: expected a string, got nothing",
			],
			[
				"undefined for an optional property",
				() => transfer(),
				[{ ...order, memo: undefined }],
				"order.memo: expected a string, got nothing",
			],
			[
				"text that does not match",
				() => transfer(),
				[{ ...order, from: "x" }],
				'order.from: expected a string that matches /^[A-Z]{2}[0-9]{6}$/u, got "x"',
			],
			[
				"a Map where no property is required",
				() => loose(),
				[new Map(), {}, new Map()],
				"value: expected an object, got a Map",
			],
			["a Promise", () => loose(), [Promise.resolve({}), {}, new Map()], "value: expected an object, got a Promise"],
			["a Set", () => loose(), [{}, new Set(), new Map()], "either: expected an object, got a Set"],
			[
				"a date, deeper down",
				() => loose(),
				[{}, {}, new Map([["a", [{}, new Date(0)]]])],
				"table.a[1]: expected an object, got a date",
			],
			["another type of optional argument", () => transfer(), [order, 5], "note: expected a string, got 5"],
			[
				"NaN for a number",
				() => forms("primitives"),
				["", Number.NaN, true, 1n, null],
				"count: expected a number, got NaN",
			],
			["a number for a bigint", () => forms("primitives"), ["", 1, true, 1, null], "big: expected a bigint, got 1"],
			["another literal", () => forms("literals"), ["c", 1, 42], 'value: expected one of "a", "b", got "c"'],
			["another enum value", () => forms("enums"), [1, "low", 0, 0, "low"], "color: expected one of 0, 5, 6, got 1"],
			[
				"a tuple that is too long",
				() => forms("tuples"),
				[["a", 1, 2], ["a"], [true]],
				"pair: expected at most 2 elements, got an array of 3",
			],
			[
				"another variant",
				() => expression(),
				[{ op: "divide" }],
				'expression.op: expected one of "number", "negate", "add", "multiply", got "divide"',
			],
			["an argument too many", () => forms("never"), [{}, 1], "expected at most 1 elements, got an array of 2"],
		];
		const transfer = () => argumentsOf(generated["bankDescriptor"]!, "transfer") as unknown as Codec<never>;
		const expression = () => argumentsOf(generated["recursionDescriptor"]!, "expression") as unknown as Codec<never>;
		const loose = () => argumentsOf(generated["wireDescriptor"]!, "loose") as unknown as Codec<never>;
		const forms = (method: string) => argumentsOf(generated["formsDescriptor"]!, method) as unknown as Codec<never>;
		for (const [title, codec, value, message] of cases) {
			it(title, () => expect(refusal(codec(), value)).to.equal(message));
		}
	});

	it("hold to each constraint", () => {
		const good = {
			between: 10,
			fraction: 0.5,
			halves: 1.5,
			whole: -5,
			big: 2n,
			code: "ab",
			shortCode: "abcd",
			pattern: "a@b",
			email: "a@b.co",
			uuid: "9b2f1c0e-7c1d-4d0a-8f62-0d4a2f3b5c6d",
			uri: "https://example.com",
			date: "2024-02-29",
			time: "10:00:00",
			instant: "2024-02-29T10:00:00+01:00",
			duration: "PT1H",
			ipv4: "127.0.0.1",
			ipv6: "::1",
			hostname: "example.com",
			base64: "YQ==",
			base64url: "YQ",
			tags: ["a", "b"],
			set: new Set([1]),
			map: new Map([["a", 1]]),
			memo: null,
			inline: { a: 1, b: 3 },
		};
		const bad: Readonly<Record<string, unknown>> = {
			between: 11,
			fraction: 1,
			halves: 0.7,
			whole: -6,
			big: 3n,
			code: "a",
			shortCode: "abcde",
			pattern: "a@B",
			email: "a",
			uuid: "x",
			uri: "x",
			date: "2023-02-29",
			time: "25:00:00",
			instant: "2024-02-29T10:00:00",
			duration: "1h",
			ipv4: "256.0.0.1",
			ipv6: ":",
			hostname: "-",
			base64: "Y",
			base64url: "YQ==",
			tags: ["a", "a"],
			set: new Set([1, 2, 3]),
			map: new Map(),
			memo: "",
			inline: { a: 1, b: 4 },
		};
		const codec = argumentsOf(generated["constrainedDescriptor"]!, "check");
		expect(sent(codec, [good])).to.deep.equal([good]);
		expect(Object.keys(bad)).to.deep.equal(Object.keys(good));
		for (const [name, value] of Object.entries(bad)) {
			const message = refusal(codec as unknown as Codec<never>, [{ ...good, [name]: value }]);
			expect(message, name).to.match(new RegExp(`^value\\.${name}\\b`));
		}
		expect(refusal(codec as unknown as Codec<never>, [{ ...good, tags: ["a", "a"] }])).to.equal(
			"value.tags: expected no element twice, got an array of 2",
		);
	});

	it("may have undefined for an optional property where the compiler allows it", () => {
		const codec = argumentsOf(generated["profilesDescriptor"]!, "save");
		const profile = { name: "a", nickname: undefined, parent: undefined, location: undefined };
		expect(sent(codec, [profile, [1, undefined]])).to.deep.equal([{ name: "a", location: undefined }, [1]]);
	});

	it("pass through the schemas that users see, in their TypeScript form", () => {
		const square = generated["formsSchemas"]!["Square"]!;
		const { sides } = square.parse({ kind: "square", sides: new Set([1]) }) as { readonly sides: unknown };
		expect(sides).to.deep.equal(new Set([1]));
		expect(generated["bankSchemas"]!["AccountId"]!.safeParse("x").success).to.equal(false);
	});

	it("lose no constraint of an alias that is a type argument, a base's property or a utility type's", () => {
		const codec = argumentsOf(generated["genericsDescriptor"]!, "page") as unknown as Codec<never>;
		expect(refusal(codec, [{ all: ["A"], one: "a" }])).to.match(/^query\.all\[0\]: expected a string that matches/);
		const summary = generated["genericsSchemas"]!["Summary"]!;
		expect(summary.safeParse({ id: "A", created: new Date() }).success).to.equal(false);
	});
});

describe("a generated client and a generated server", () => {
	it("talk, with defaults from the tags, and refuse a wrong argument before it is sent", async () => {
		const { BankClient, bankDescriptor, bankService } = await load<Bank>("expected/bank.ts");
		const { connect, Server } = await import("@homing/runtime");
		const lines: string[] = [];
		const server = new Server();
		server.add(
			bankService({
				balance: (account) => account.length,
				transfer: async (order, note) => ({ id: 7n, at: new Date(5), order: { ...order, memo: note ?? "none" } }),
				forget() {},
				log: (line) => void lines.push(line),
			}),
		);
		const connection = connect(await server.bind("tcp://127.0.0.1:0"));
		try {
			const bank = new BankClient(connection);
			bank.log("first");
			expect(await bank.balance("DE123456")).to.equal(8);
			const order = { from: "DE123456", to: "DE123457", cents: 1 };
			expect(await bank.transfer(order)).to.deep.equal({ id: 7n, at: new Date(5), order: { ...order, memo: "none" } });
			expect((await bank.transfer(order, "rent", { timeoutMs: 5000 })).order.memo).to.equal("rent");
			expect(await bank.forget("DE123456")).to.equal(undefined);
			expect(lines).to.deep.equal(["first"]);
			const failure = await bank.balance("x").then(
				() => undefined,
				(error: unknown) => error,
			);
			expect(failure).to.include({ status: "INVALID_ARGUMENT", origin: "local" });
			expect(bankDescriptor.methods.balance).to.include({ isIdempotent: true, timeoutMs: 500 });
			expect(bankDescriptor.methods.transfer).to.include({ isIdempotent: false, timeoutMs: 2000 });
		} finally {
			await connection.close();
			await server.close();
		}
	});
});
