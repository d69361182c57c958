import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { CallContext, Codec, Connection, Server, Service } from "@homing/runtime";
import { expect } from "chai";
import { fixtures } from "./support/compile.js";

type Runtime = typeof import("@homing/runtime");
type Bank = typeof import("./fixtures/expected/channels.js");
type BankSource = typeof import("./fixtures/channels.js");
type Edges = typeof import("./fixtures/expected/channel-edges.js");
type EdgesSource = typeof import("./fixtures/channel-edges.js");

/** By a path that the compiler does not follow: fixtures are compiled with settings of their own. */
function load<Module>(path: string): Promise<Module> {
	return import(pathToFileURL(join(fixtures, path)).href);
}

function unused(): never {
	throw new Error("no test calls this");
}

async function* from<T>(items: readonly T[]): AsyncGenerator<T, void, undefined> {
	yield* items;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
	const found: T[] = [];
	for await (const item of items) found.push(item);
	return found;
}

async function failureOf(work: () => Promise<unknown>): Promise<unknown> {
	try {
		await work();
	} catch (error) {
		return error;
	}
	throw new Error("it did not fail");
}

/** What a value is at the other end. */
function sent<T>(codec: Codec<T>, value: T): T {
	const buffer = new Uint8Array(codec.encode(new Uint8Array(0), 0, value));
	return codec.decode(buffer, 0, codec.encode(buffer, 0, value));
}

const at = new Date(1_700_000_000_123);

describe("generated streams, callbacks and errors", () => {
	/** The copy that the fixtures have: an error is told by its class. */
	let runtime: Runtime;
	let bank: Bank;
	let source: BankSource;
	let edges: Edges;
	let edgesSource: EdgesSource;
	let server: Server;
	let connection: Connection;

	before(async function () {
		this.timeout(30_000);
		runtime = await import("@homing/runtime");
		bank = await load("expected/channels.ts");
		source = await load("channels.ts");
		edges = await load("expected/channel-edges.ts");
		edgesSource = await load("channel-edges.ts");
	});

	afterEach(async () => {
		await connection?.close();
		await server?.close();
	});

	async function serve(service: Service): Promise<Connection> {
		server = new runtime.Server();
		server.add(service);
		connection = runtime.connect(await server.bind("tcp://127.0.0.1:0"));
		return connection;
	}

	describe("carry, of the types that the wire knows otherwise,", () => {
		it("items of streams", () => {
			const { statement, exchange } = bank.bankDescriptor.methods;
			const entry = { at, cents: 2n ** 60n, tags: new Set(["a"]) };
			expect(sent(statement.result, entry)).to.deep.equal(entry);
			const trade = { parts: new Map([["DE123456", 1n]]) };
			expect(sent(exchange.result, trade)).to.deep.equal(trade);
			const { inline, maybe } = edges.streamsDescriptor.methods;
			expect(sent(inline.result, [at, new Set([1n])])).to.deep.equal([at, new Set([1n])]);
			expect(sent(inline.result, null)).to.equal(null);
			expect(sent(inline.channels[0].item, { id: "a", big: 1n })).to.deep.equal({ id: "a", big: 1n });
			expect(sent(maybe.channels[0].item, undefined)).to.equal(undefined);
			expect(sent(maybe.channels[0].item, 5n)).to.equal(5n);
			expect(sent(edges.streamsDescriptor.methods.signals.result, undefined)).to.equal(undefined);
		});

		it("arguments and results of callbacks", () => {
			const { structures, asks, mixed } = edges.callbacksDescriptor.methods;
			const [see] = structures.channels;
			const map = new Map([["a", 1n]]);
			expect(sent(see.arguments, [map, new Set([at]), { values: new Set(["b"]) }])).to.deep.equal([
				map,
				new Set([at]),
				{ values: new Set(["b"]) },
			]);
			expect(sent(see.arguments, [map, undefined, null])).to.deep.equal([map, undefined, null]);
			expect(sent(see.arguments, [map])).to.deep.equal([map]);
			expect(sent(see.result!, new Set([3n]))).to.deep.equal(new Set([3n]));
			expect(sent(see.result!, undefined)).to.equal(undefined);
			expect(sent(asks.channels[0].arguments, ["a", at])).to.deep.equal(["a", at]);
			expect(mixed.channels[1].result).to.equal(undefined);
		});

		it("errors' data", () => {
			const { several, imported, derived } = edges.failingDescriptor.methods;
			const details = { at, amounts: new Map([["a", 1n]]), ids: new Set(["a"]), big: 5n };
			expect(sent(several.errors["Detailed"]!.data, details)).to.deep.equal(details);
			expect(sent(several.errors["Empty"]!.data, undefined)).to.equal(undefined);
			expect(sent(imported.errors["Gone"]!.data, [1n])).to.deep.equal([1n]);
			expect(sent(imported.errors["TooLate"]!.data, { by: 1n })).to.deep.equal({ by: 1n });
			expect(sent(derived.errors["Inner"]!.data, { count: 1, hidden: { secret: 1n } })).to.deep.equal({
				count: 1,
				hidden: { secret: 1n },
			});
		});
	});

	it("say which argument's equals want the same worker, and what goes first", () => {
		const { undefinable, optional } = edges.callbacksDescriptor.methods;
		expect(undefinable).to.include({ affinity: 1, priority: 0 });
		expect(optional).to.include({ affinity: undefined, priority: undefined });
		expect(edges.failingDescriptor.methods.sorted).to.include({ affinity: 0, priority: 255 });
	});

	describe("keep the constraints of aliases in", () => {
		const refusal = (codec: Codec<never>, value: unknown) => {
			try {
				codec.encode(new Uint8Array(0), 0, value as never);
			} catch (error) {
				return (error as Error).message;
			}
			return "none";
		};
		const mismatch = /expected a string that matches \/\^\[a-z\]\+\$\/u, got "A"$/;

		it("streams, also behind an alias", () => {
			const { names, pages } = edges.streamsDescriptor.methods;
			expect(refusal(names.channels[0].item as Codec<never>, "A")).to.match(mismatch);
			expect(refusal(names.result as Codec<never>, "A")).to.match(mismatch);
			expect(refusal(pages.channels[0].item as Codec<never>, "A")).to.match(mismatch);
			expect(refusal(pages.result as Codec<never>, ["A"])).to.match(/^\[0\]: expected a string that matches/);
		});

		it("callbacks, also of a generic type, told with the parameter's name", () => {
			const { asks, generic, named } = edges.callbacksDescriptor.methods;
			expect(refusal(asks.channels[0].arguments as unknown as Codec<never>, ["A", at])).to.match(/^id: expected/);
			expect(refusal(asks.channels[0].result as unknown as Codec<never>, { values: new Set(["A"]) })).to.match(
				/^values: expected a string that matches/,
			);
			expect(refusal(generic.channels[0].arguments as unknown as Codec<never>, ["A"])).to.match(/^about: expected/);
			expect(refusal(generic.channels[0].result as unknown as Codec<never>, "A")).to.match(mismatch);
			expect(refusal(named.channels[0].arguments as unknown as Codec<never>, ["A"])).to.match(/^event: expected/);
		});

		it("what a service inherits with a type parameter filled in", () => {
			const { find, hold } = edges.registryDescriptor.methods;
			const [keys, onHeld] = hold.channels;
			for (const codec of [keys.item, onHeld.result, hold.result]) {
				expect(refusal(codec as Codec<never>, "A")).to.match(/expected .*a string that matches/);
			}
			expect(refusal(onHeld.arguments as unknown as Codec<never>, ["A"])).to.match(
				/^key: expected a string that matches/,
			);
			expect(refusal(find.arguments as unknown as Codec<never>, ["A"])).to.match(
				/^key: expected a string that matches/,
			);
			expect(refusal(find.result as unknown as Codec<never>, ["A"])).to.match(/^\[0\]: expected a string that matches/);
		});

		it("errors", () => {
			const { line } = edges.failingDescriptor.methods;
			expect(refusal(line.errors["Alias"]!.data as Codec<never>, "A")).to.match(mismatch);
		});
	});

	it("work between a client and a server", async () => {
		const service = bank.bankService({
			balance: unused,
			log: unused,
			transfer: ({ cents }) => {
				throw new source.InsufficientFunds("not enough", { balance: cents - 1 });
			},
			statement: (_account, since) => [{ at: since, cents: 1n, tags: new Set("a") }],
			deposit: async (coins) => (await all(coins)).reduce<number>((sum, coin) => sum + coin, 0),
			async *exchange(offers) {
				for await (const { give, want } of offers) yield { parts: new Map([["DE123456", BigInt(give - want)]]) };
			},
			audit: (year, onProgress) => {
				onProgress(0.5);
				onProgress(1);
				return { year, findings: [] };
			},
		});
		const client = new bank.BankClient(await serve(service));
		expect(await all(client.statement("DE123456", at))).to.deep.equal([{ at, cents: 1n, tags: new Set("a") }]);
		expect(await client.deposit(from([1, 2, 50]))).to.equal(53);
		expect(await all(client.exchange(from([{ give: 5, want: 2 }])))).to.deep.equal([
			{ parts: new Map([["DE123456", 3n]]) },
		]);
		const progress: number[] = [];
		expect(await client.audit(2024, (done) => void progress.push(done))).to.deep.equal({ year: 2024, findings: [] });
		expect(progress).to.deep.equal([0.5, 1]);
		const order = { from: "DE123456", to: "DE123457", cents: 7 };
		const failure = await failureOf(() => client.transfer(order));
		expect(failure).to.be.instanceOf(source.InsufficientFunds);
		expect(failure).to.deep.include({ data: { balance: 6 }, origin: "peer", status: "FAILED_PRECONDITION" });
	});

	it("hand each parameter on in the interface's order, and say which callbacks were given", async () => {
		const seen: unknown[] = [];
		const service = edges.callbacksService({
			mixed: async (onStart, name, onItem, limit) => {
				onStart();
				onItem({ id: "a", big: 1n }, 2);
				seen.push(name, limit);
			},
			asks: async (question) => BigInt((await question("a", at)).values.size),
			async *waits(onStep) {
				await onStep(1n);
				yield { id: "a", big: 1n };
			},
			async either(onStep, other) {
				onStep(1n);
				await onStep(2n);
				await other?.("a");
			},
			optional: (year, onProgress) => {
				onProgress?.(year);
				return onProgress === undefined ? 0 : 1;
			},
			optionalAmong: (first, onProgress, hasOnProgress) => {
				onProgress?.(Number(first ?? 0n));
				seen.push(first, typeof onProgress, hasOnProgress);
			},
			undefinable: (onProgress, year) => void seen.push(typeof onProgress, year),
			named: (listener, other) => {
				listener("b");
				listener("c", 1);
				seen.push(typeof other);
			},
			generic: unused,
			interfaced: (listener) => void seen.push(typeof listener),
			unnamed: unused,
			structures: async (see) => void seen.push(await see(new Map([["a", 1n]]), undefined, null)),
			async *both(values, onSeen) {
				for await (const { id } of values) {
					onSeen?.(id);
					yield id;
				}
			},
			patterns: unused,
		});
		const client = new edges.CallbacksClient(await serve(service));
		const told: unknown[] = [];
		const tell = (...args: readonly unknown[]) => void told.push(args);
		const taken = () => [seen.splice(0), told.splice(0)];

		await client.mixed(tell, "name", tell, 3);
		expect(taken()).to.deep.equal([
			["name", 3],
			[[], [{ id: "a", big: 1n }, 2]],
		]);
		expect(await client.asks(async (id, when) => ({ values: new Set(when > new Date(0) ? [id] : []) }))).to.equal(1n);
		expect(await all(client.waits(async (done) => tell(done)))).to.deep.equal([{ id: "a", big: 1n }]);
		expect(taken()).to.deep.equal([[], [[1n]]]);
		let isWaitedFor = false;
		await client.either(tell, async (id) => {
			await Promise.resolve();
			isWaitedFor = true;
			tell(id);
		});
		expect(isWaitedFor).to.equal(true);
		expect(taken()).to.deep.equal([[], [[1n], [2n], ["a"]]]);
		expect(await client.optional(5)).to.equal(0);
		expect(await client.optional(5, tell)).to.equal(1);
		expect(taken()).to.deep.equal([[], [[5]]]);
		await client.optionalAmong();
		await client.optionalAmong(undefined, tell);
		await client.optionalAmong(2n, undefined, true);
		expect(taken()).to.deep.equal([
			[undefined, "undefined", undefined, undefined, "function", undefined, 2n, "undefined", true],
			[[0]],
		]);
		await client.undefinable(undefined, 1);
		await client.undefinable(tell, 2);
		await client.named(tell);
		await client.interfaced(tell);
		expect(taken()).to.deep.equal([
			["undefined", 1, "function", 2, "undefined", "function"],
			[["b"], ["c", 1]],
		]);
		await client.structures(async (map, maybe, last) => {
			tell(map, maybe, last);
			return new Set([1n]);
		});
		expect(taken()).to.deep.equal([[new Set([1n])], [[new Map([["a", 1n]]), undefined, null]]]);
		expect(await all(client.both(from([{ id: "a", big: 1n }]), tell))).to.deep.equal(["a"]);
		expect(await all(client.both(from([{ id: "b", big: 1n }])))).to.deep.equal(["b"]);
		expect(taken()).to.deep.equal([[], [["a"]]]);
	});

	it("throw errors of every declared class, and others as what they are", async () => {
		const { Empty, Detailed, Narrow } = edgesSource;
		const details = { at, amounts: new Map([["a", 1n]]), ids: new Set(["a"]), big: 5n };
		const thrown: Error[] = [
			new Empty("nothing"),
			new Detailed("too much", details),
			new Narrow("not declared here", { kind: "narrow" }),
		];
		const service = edges.failingService({
			several: () => {
				throw thrown.shift()!;
			},
			line: unused,
			async *imported() {
				yield { id: "a", big: 1n };
				const { Frozen } = await load<typeof import("./fixtures/shared/failures.js")>("shared/failures.ts");
				throw new Frozen("cold", { since: at });
			},
			derived: () => {
				throw new Narrow("narrow", { kind: "narrow", until: at });
			},
			sorted: unused,
			told: unused,
			spaced: async () => {
				const { Frozen } = await load<typeof import("./fixtures/shared/failures.js")>("shared/failures.ts");
				throw new Frozen("cold", { since: at });
			},
		});
		const client = new edges.FailingClient(await serve(service));
		const empty = await failureOf(() => client.several());
		expect(empty).to.be.instanceOf(Empty).and.include({ message: "nothing", data: undefined });
		const detailed = await failureOf(() => client.several());
		expect(detailed).to.be.instanceOf(Detailed).and.deep.include({ data: details });
		const other = await failureOf(() => client.several());
		expect(other).to.be.instanceOf(runtime.RpcError).and.not.instanceOf(Narrow);
		const spaced = await failureOf(() => client.spaced());
		expect(spaced)
			.to.be.instanceOf(runtime.ServiceError)
			.and.deep.include({ data: { since: at } });
		const narrow = await failureOf(() => client.derived(() => {}));
		expect(narrow)
			.to.be.instanceOf(Narrow)
			.and.deep.include({ status: "NOT_FOUND", data: { kind: "narrow", until: at } });
		const items: unknown[] = [];
		const frozen = await failureOf(async () => {
			for await (const item of client.imported()) items.push(item);
		});
		expect(items).to.deep.equal([{ id: "a", big: 1n }]);
		expect(frozen).to.deep.include({ name: "Frozen", data: { since: at } });
	});

	it("give a generator that calls when it is first asked, and cancels when it is left", async () => {
		const events: string[] = [];
		let onEnd: () => void;
		const ended = new Promise<void>((resolve) => {
			onEnd = resolve;
		});
		async function* endless({ signal }: CallContext) {
			events.push("start");
			signal.addEventListener("abort", () => onEnd());
			for (;;) yield { id: "a", big: 1n };
		}
		const service = edges.streamsService({
			plain: unused,
			iterator: unused,
			generator: endless,
			aliased: unused,
			unnamed: unused,
			unnamedGenerator: unused,
			inline: unused,
			maybe: unused,
			signals: unused,
			names: unused,
			pages: unused,
			clash: (options, context, handlers, { method }) => {
				events.push(`${context} ${handlers} ${method}`);
				return options;
			},
		});
		const client = new edges.StreamsClient(await serve(service));
		const never = client.generator();
		expect(await never.return(undefined)).to.deep.equal({ done: true, value: undefined });
		expect(await all(client.clash(from([1, 2]), 3, "x"))).to.deep.equal([1, 2]);
		expect(events.splice(0)).to.deep.equal(["3 x Streams.clash"]);
		const generator = client.generator();
		expect(await generator.next()).to.deep.equal({ done: false, value: { id: "a", big: 1n } });
		for await (const { id } of generator) {
			expect(id).to.equal("a");
			break;
		}
		await ended;
		expect(events).to.deep.equal(["start"]);
	});
});
