import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Codec, connect, type Method, Server } from "@homing/runtime";
import { expect } from "chai";
import { closeAfterEach } from "../support/runtime/cleanup.js";
import { anyPort } from "../support/runtime/endpoints.js";
import { fixtures } from "./support/compile.js";

type Defaults = typeof import("./fixtures/expected/defaults.js");

const after = new Date(0);

/** A query of which everything was left out that can be. */
const filled = {
	text: "x",
	limit: 20,
	order: "price",
	tags: [],
	range: { low: 0, high: 100 },
	colour: "red",
	memo: null,
	isExact: true,
	more: {},
	after,
} as const;

describe("@default", () => {
	const own = closeAfterEach();
	let generated: Defaults;

	before(async () => {
		// By a path that the compiler does not follow: fixtures are compiled with settings of their own.
		generated = await import(pathToFileURL(join(fixtures, "expected/defaults.ts")).href);
	});

	type Handlers = Parameters<Defaults["catalogueService"]>[0];

	/** A client of a server with these handlers. */
	async function catalogue(handlers: Partial<Handlers>) {
		const all: Handlers = {
			search: (query) => [query],
			page: () => ({ text: "", after }),
			watch() {},
			either: (one) => one,
			tree: (root) => root,
			...handlers,
		};
		const server = own(new Server()).add(generated.catalogueService(all));
		return new generated.CatalogueClient(own(connect(await server.bind(anyPort))));
	}

	it("is what a handler finds in the place of parameters and properties that were left out", async () => {
		const found: unknown[] = [];
		const client = await catalogue({
			search(query, limit, order) {
				found.push(query, limit, order);
				return [];
			},
		});
		await client.search({ text: "x", after });
		expect(found).to.deep.equal([filled, 20, "name"]);
	});

	it("is not what a handler finds where something was given, null and the falsy included", async () => {
		const given = { ...filled, limit: 1, order: "rank", tags: ["a"], range: { low: 1, high: 0 }, colour: "blue" };
		const query = { ...given, memo: "", isExact: false, more: { a: 1 } } as Parameters<Handlers["search"]>[0];
		const client = await catalogue({ search: (one, limit, order) => [one, { text: `${limit} ${order}`, after }] });
		const [first, second] = await client.search(query, 0, "rank");
		expect(first).to.deep.equal(query);
		expect(second?.text).to.equal("0 rank");
	});

	it("stands for parameters between others, and leaves the others as they are", async () => {
		const client = await catalogue({
			page: (...args) => ({ text: JSON.stringify(args.slice(0, -1).map((one) => one ?? String(one))), after }),
		});
		const texts = [client.page(), client.page(1), client.page(1, undefined, null, "m"), client.page(undefined, 5)];
		expect((await Promise.all(texts)).map(({ text }) => JSON.parse(text))).to.deep.equal([
			["undefined", 10, "undefined", "undefined"],
			[1, 10, "undefined", "undefined"],
			[1, 10, "null", "m"],
			["undefined", 5, "undefined", "undefined"],
		]);
	});

	it("is what a caller finds in results and in what callbacks are told", async () => {
		const client = await catalogue({ watch: (_query, onHit) => onHit("a"), search: () => [{ text: "x", after }] });
		const told: unknown[] = [];
		await client.watch({ text: "x", after }, (...hit) => told.push(hit));
		expect(told).to.deep.equal([["a", 1]]);
		expect(await client.search({ text: "x", after })).to.deep.equal([filled]);
	});

	it("is that of the alternative, and of each level, that was sent", async () => {
		const client = await catalogue({});
		expect(await client.either({ kind: "circle" })).to.deep.equal({ kind: "circle", radius: 1 });
		expect(await client.either({ kind: "square" })).to.deep.equal({ kind: "square", side: 2 });
		expect(await client.tree({ children: [{}] })).to.deep.equal({
			name: "leaf",
			children: [{ name: "leaf", children: [] }],
		});
	});

	it("is a value of its own each time, which a handler may change", async () => {
		const client = await catalogue({
			search(query) {
				query.tags?.push("changed");
				query.range!.low = 7;
				return [];
			},
		});
		await client.search({ text: "x", after });
		const { catalogueDescriptor } = generated;
		const [again] = sent(catalogueDescriptor.methods.search.arguments, [{ text: "x", after }]);
		expect(again).to.deep.equal(filled);
	});

	it("does not travel", () => {
		const codec = generated.catalogueDescriptor.methods.search.arguments;
		expect(octets(codec, [{ text: "x", after }])).to.have.length.below(24);
	});

	it("is what JSON peers find too, and what JSON Schema says", () => {
		const { tree, page } = generated.catalogueDescriptor.methods as unknown as Record<string, AnyMethod>;
		expect(tree!.arguments.decodeJson("[{}]")).to.deep.equal([{ name: "leaf", children: [] }]);
		expect(page!.arguments.decodeJson("[null,null,3]")).to.deep.equal([undefined, 10, 3]);
		const schema = page!.arguments.jsonSchema!() as { prefixItems: Record<string, unknown>[] };
		expect(schema.prefixItems[1]).to.include({ title: "size", type: "integer", default: 10 });
		const result = page!.result!.jsonSchema!() as { properties: Record<string, unknown>; required: string[] };
		expect(result.properties["range"]).to.deep.include({ default: { low: 0, high: 100 } });
		expect(result.properties["memo"]).to.deep.include({ default: null });
		expect(result.required).to.deep.equal(["text", "after"]);
	});
});

type AnyMethod = Method<readonly unknown[], unknown>;

function octets<T>(codec: Codec<T>, value: T): Uint8Array {
	const buffer = new Uint8Array(1000);
	return buffer.subarray(0, codec.encode(buffer, 0, value));
}

function sent<T>(codec: Codec<T>, value: T): T {
	const body = octets(codec, value);
	return codec.decode(body, 0, body.length);
}
