import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Connection, connect, currentCall, messageCodec, RpcError, Server, type Service } from "@homing/runtime";
import { expect } from "chai";
import * as z from "zod";
import { closeAfterEach } from "../support/runtime/cleanup.js";
import { anyPort } from "../support/runtime/endpoints.js";
import { partly } from "../support/runtime/partly.js";
import { deferred, failureOf, until } from "../support/runtime/until.js";
import { fixtures } from "./support/compile.js";

type Rest = typeof import("./fixtures/expected/rest.js");
type SumsHandlers = Parameters<Rest["sumsService"]>[0];
type TuplesHandlers = Parameters<Rest["tuplesService"]>[0];

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
	const found: T[] = [];
	for await (const item of items) found.push(item);
	return found;
}

describe("a rest parameter", () => {
	const own = closeAfterEach();
	let generated: Rest;

	before(async () => {
		// By a path that the compiler does not follow: fixtures are compiled with settings of their own.
		generated = await import(pathToFileURL(join(fixtures, "expected/rest.ts")).href);
	});

	async function connected(service: Service): Promise<Connection> {
		const server = own(new Server({ isAmbient: true })).add(service);
		return own(connect(await server.bind(anyPort)));
	}

	const sums = async (handlers: Partial<SumsHandlers>) =>
		new generated.SumsClient(await connected(generated.sumsService(partly(handlers))));
	const tuples = async (handlers: Partial<TuplesHandlers>) =>
		new generated.TuplesClient(await connected(generated.tuplesService(partly(handlers))));

	it("gives the handler the values that it was given, and nothing behind them", async () => {
		const found: unknown[] = [];
		const client = await sums({
			sum: (...args) => found.push(args),
			optional: (...args) => found.push(args),
			structures: (...lines) => lines.map(({ at }) => at),
		});
		await client.sum("a", 1, 2, 3);
		await client.sum("b");
		await client.optional();
		await client.optional("c", undefined, 4);
		expect(found).to.deep.equal([["a", 1, 2, 3], ["b"], [undefined, undefined], ["c", undefined, 4]]);
		const at = new Date(5);
		expect(await client.structures({ at, amount: 1 }, { at, amount: 2 })).to.deep.equal([at, at]);
	});

	it("is one list on the wire, left out where there is nothing in it", () => {
		const { arguments: codec } = generated.sumsDescriptor.methods.sum;
		const octets = (args: Parameters<typeof codec.encode>[2]) => {
			const buffer = Buffer.alloc(64);
			return buffer.toString("hex", 0, codec.encode(buffer, 0, args));
		};
		expect(octets(["a", [1, 2]])).to.equal("92a161920102");
		expect(octets(["a", undefined])).to.equal("91a161");
	});

	it("is checked as a list: each value, and how many there are", async () => {
		const client = await sums({
			few: (...names) => names,
			optional: () => 1,
			sum: (_label, ...values) => values.length,
		});
		const refused = { status: "INVALID_ARGUMENT", origin: "local", outcome: "not-started" };
		const negative = await failureOf(client.optional("a", 1, 2, -3));
		expect(negative).to.include(refused);
		expect(negative.message).to.contain("values[1]: expected a number >= 0, got -3");
		expect(await failureOf(client.few("a", "b", "c", "d"))).to.include(refused);
		expect(await failureOf(client.few("a", "a"))).to.include(refused);
		const many = new Array<number>(10_000).fill(1);
		expect(await client.sum("a", ...many)).to.equal(10_000);
		expect(await failureOf(client.sum("a", ...many, 1))).to.include(refused);
	});

	it("is bounded at the server, whatever a client sends", async () => {
		const connection = await connected(generated.sumsService(partly<SumsHandlers>({ sum: () => 0 })));
		const { sum } = generated.sumsDescriptor.methods;
		const values = new Array<number>(10_001).fill(1);
		const refused = await failureOf(
			connection.call({ ...sum, arguments: messageCodec(z.tuple([z.string(), z.array(z.number())])) }, ["a", values]),
		);
		expect(refused).to.include({ status: "INVALID_ARGUMENT", origin: "peer" });
	});

	it("has its call's options from the client, which makes another of itself with some", async () => {
		const client = await sums({
			sum: () => Number(currentCall()?.metadata["tenant"] ?? 0),
			fixed: (_a, _options, context) => JSON.stringify([context.metadata["tenant"], context.remainingMs <= 5000]),
		});
		const other = client.with({ metadata: { tenant: 1 }, timeoutMs: 5000 });
		const third = other.with({ metadata: { tenant: 2 } });
		expect([await other.sum("a", 1), await third.sum("a", 1, 2)]).to.deep.equal([1, 2]);
		expect(await client.sum("a")).to.equal(0);
		expect(await third.fixed(1)).to.equal("[2,true]");
		expect(await third.fixed(1, "x", { metadata: { tenant: 3 } })).to.equal("[3,true]");
		expect(await client.fixed(1, "x", { metadata: { tenant: 4 } })).to.equal("[4,false]");
		const over = client.with({ signal: AbortSignal.abort() });
		expect(await failureOf(over.sum("a", 1))).to.include({ status: "CANCELLED" });
	});

	it("has its context from `currentCall()` at the start of its handler, on any server", async () => {
		// Of the copy of the runtime that the generated file has: mocha loads this file in another way.
		const runtime = await import("@homing/runtime");
		const tenant = () => Number(runtime.currentCall()?.metadata["tenant"] ?? 0);
		const found: number[] = [];
		const server = own(new Server());
		const handlers: Partial<SumsHandlers> = {
			sum: async () => {
				found.push(tenant());
				await Promise.resolve();
				return tenant();
			},
			few: () => {
				found.push(tenant());
				throw new RpcError("ABORTED", "at once");
			},
			note: () => void found.push(tenant()),
			async *series() {
				yield tenant();
				yield tenant();
			},
			*generator() {
				try {
					yield tenant();
				} finally {
					found.push(tenant());
				}
			},
			fixed: () => String(tenant()),
			watch: async (onValue) => onValue?.(BigInt(tenant())),
		};
		server.add(generated.sumsService(partly(handlers)));
		const client = new generated.SumsClient(own(connect(await server.bind(anyPort)))).with({ metadata: { tenant: 7 } });
		expect(await client.sum("a"), "behind an await").to.equal(0);
		expect((await failureOf(client.few())).status).to.equal("ABORTED");
		client.note("low");
		expect(await all(client.series(1))).to.deep.equal([7, 7]);
		for await (const first of client.generator(1)) {
			expect(first).to.equal(7);
			break;
		}
		const seen: bigint[] = [];
		await client.watch((value) => void seen.push(value));
		expect(seen).to.deep.equal([7n]);
		expect(await client.fixed(1), "with a context of its own").to.equal("0");
		await until(() => found.length === 4);
		expect(found).to.deep.equal([7, 7, 7, 7]);
		expect(runtime.currentCall()).to.equal(undefined);
	});

	it("goes with streams, callbacks, and calls without an answer", async () => {
		const noted = deferred<unknown>();
		const client = await sums({
			note: (...args) => noted.resolve(args),
			*series(start, ...steps) {
				for (const step of steps) yield start + step;
			},
			*generator(...steps) {
				yield* steps;
			},
			async add(amounts, ...more) {
				let sum = 0;
				for await (const amount of amounts) sum += amount;
				return more.reduce((all, one) => all + one, sum);
			},
			async watch(onValue, ...values) {
				for (const value of values) onValue?.(value);
			},
		});
		client.note("low", "a", 5n);
		expect(await noted.promise).to.deep.equal(["low", "a", 5n]);
		expect(await all(client.series(10, 1, 2))).to.deep.equal([11, 12]);
		expect(await all(client.generator(1, 2))).to.deep.equal([1, 2]);
		async function* amounts() {
			yield 1;
			yield 2;
		}
		expect(await client.add(amounts(), 3, 4)).to.equal(10);
		const seen: bigint[] = [];
		await client.watch((value) => void seen.push(value), 1n, 2n);
		await client.watch(undefined, 3n);
		expect(seen).to.deep.equal([1n, 2n]);
	});

	it("is a list where everybody is asked", async () => {
		const client = await sums({ sum: (_label, ...values) => values.length });
		const answers = await all(client.everyone.sum("a", [1, 2, 3], { timeoutMs: 5000 }));
		expect(answers.map(({ value }) => value)).to.deep.equal([3]);
		const none = await all(client.everyone.sum("a"));
		expect(none.map(({ value }) => value)).to.deep.equal([0]);
	});

	it("that is a tuple is as many parameters, checked each by its own constraints, with a context behind them", async () => {
		const client = await tuples({
			pair: (a, b, context) => JSON.stringify([a, b, context.metadata["x"]]),
			unlabelled: (_first, _amount, at) => at,
			tagged: (low, high) => low + high,
			open: (first, ...others) => first + others.length,
			of: (text, unit, ...weights) => `${text}${unit}${weights.length}`.length,
			called: async (name, onValue, signals) => {
				for await (const signal of signals) onValue(signal + name.length);
			},
			told: (onPair) => {
				onPair("a");
				onPair("b", 2);
			},
		});
		expect(await client.pair("a", 1, { metadata: { x: 2 } })).to.equal('["a",1,2]');
		expect(await client.unlabelled("a", 1, new Date(3))).to.deep.equal(new Date(3));
		expect([await client.tagged(1), await client.tagged(1, 2)]).to.deep.equal([10, 3]);
		expect((await failureOf(client.tagged(0))).message).to.contain("low: expected a number >= 1, got 0");
		expect((await failureOf(client.open(1, -1))).message).to.contain("others[0]: expected a number >= 0, got -1");
		expect(await client.open(1, 2, 3)).to.equal(3);
		expect(await client.of("a", "mm", 1, 2)).to.equal(4);
		const seen: unknown[] = [];
		async function* signals() {
			yield 1;
		}
		await client.called("abc", (value) => void seen.push(value), signals());
		await client.told((...pair) => void seen.push(pair));
		expect(seen).to.deep.equal([4, ["a"], ["b", 2]]);
	});
});
