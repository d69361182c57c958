import { expect } from "chai";
import { type CallContext, Queue, RpcError, Server } from "../../../packages/runtime/src/index.js";
import { Router } from "../../../packages/zmtp/src/index.js";
import { type Crossing, CrossingPrograms, type CrossingStubs, loadCrossing } from "../../support/python/crossing.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import type { PythonProcess } from "../../support/runtime/python.js";
import { needsPyzmq } from "../../support/runtime/python.js";
import { standStill } from "../../support/runtime/stand-still.js";
import { until } from "../../support/runtime/until.js";
import { servedFrom } from "../../support/runtime/versions.js";
import { kinds, pack, token, unpack } from "../../support/runtime/wire.js";

type Handlers = Parameters<CrossingStubs["crossingService"]>[0];

describe("a generated client in Python", function () {
	this.timeout(60_000);
	needsPyzmq();
	const own = closeAfterEach();
	let programs: CrossingPrograms;
	let source: Crossing;
	let stubs: CrossingStubs;
	/** What handlers have noted. */
	let notes: string[];
	let contexts: CallContext[];

	before(async () => {
		programs = new CrossingPrograms();
		[source, stubs] = await loadCrossing();
	});
	after(() => programs.remove());
	beforeEach(() => {
		notes = [];
		contexts = [];
	});

	const handlers = (): Handlers => ({
		add: (a, b) => a + b,
		echo: (value) => value,
		kinds: (value) =>
			Object.fromEntries(Object.entries(value).map(([name, one]) => [name, one?.constructor.name ?? String(one)])),
		maybe: (first, second, third) => {
			const words = `${first} ${third?.toISOString()}`;
			return second === undefined || second === null ? [words] : [words, second];
		},
		withdraw(account, cents) {
			if (account === "DE000000") throw new source.Closed("there is no such account");
			throw new source.Overdrawn(`not ${cents}`, { balance: 2n ** 60n, since: new Date(0) });
		},
		fail(how) {
			if (how === "status") throw new RpcError("NOT_FOUND", "nothing there", { details: { at: [1, 2] } });
			throw new TypeError("a secret");
		},
		note: (line) => {
			if (line === "leaving") standStill(400);
			notes.push(line);
		},
		notes: () => notes,
		work: (name, _ms, context) => {
			contexts.push(context);
			return new Promise((resolve) => context.signal.addEventListener("abort", () => resolve(name)));
		},
		risk: (_name, _ms, context) => {
			contexts.push(context);
			return new Promise(() => {});
		},
		caller: ({ method, attempt, deadline, metadata }) => ({
			method,
			attempt,
			hasDeadline: Number.isFinite(deadline),
			metadata: metadata as Record<string, string>,
		}),
		*count(to, failAt) {
			for (let index = 0; index < to; index++) {
				if (index === failAt) throw new source.Overdrawn("unlucky", { balance: 13n, since: new Date(0) });
				yield { index, at: new Date(index * 1000) };
			}
		},
		async *endless(name) {
			let sent = 0;
			try {
				for (; ; sent++) yield new Uint8Array(1000);
			} finally {
				notes.push(`left ${name} ${sent}`);
			}
		},
		sum: () => 0,
		tell: () => {},
		class: (from, self, timeoutMs) => `${from} ${self} ${timeoutMs ? "True" : "False"}`,
	});

	const serve = async (): Promise<[Server, string]> => {
		const server = own(new Server()).add(stubs.crossingService(handlers()));
		return [server, await server.bind(anyPort)];
	};

	const ways: Readonly<Record<string, () => Promise<string>>> = {
		"a server": async () => (await serve())[1],
		"a queue": async () => {
			const queue = own(new Queue({ clients: anyPort, workers: anyPort }));
			const { clients, workers } = await queue.start();
			const server = own(new Server()).add(stubs.crossingService(handlers()));
			await server.join(workers[0]!);
			await until(() => queue.stats().workers.length === 1);
			return clients[0]!;
		},
	};

	const run = (endpoint: string, scenario: string): PythonProcess => own(programs.client(endpoint, scenario));

	it("that is strict is served from its own schema, and its metadata alone arrives", async () => {
		const program = run((await serve())[1], "strict");
		expect(await program.next()).to.deep.equal(["succeeded", "3"]);
		for (let i = 0; i < 4; i++) expect(await program.next()).to.deep.equal(["succeeded", "True"]);
		expect(await program.next()).to.equal("INVALID_ARGUMENT not-started local");
	});

	it("that is strict is refused where another schema is served", async () => {
		const server = own(new Server()).add(servedFrom("1a2b", stubs.crossingService(handlers())));
		const program = run(await server.bind(anyPort), "strict");
		const [verdict, message] = await program.next<[string, string]>();
		expect(verdict).to.equal("FAILED_PRECONDITION not-started peer");
		expect(message).to.include(stubs.crossingDescriptor.schemaHash).include("1a2b");
	});

	for (const [way, start] of Object.entries(ways)) {
		describe(`of ${way}`, () => {
			it("sends and gets back values of every type as they are", async () => {
				const program = run(await start(), "values");
				const { wrong, more, kinds } = await program.next<{ wrong: string[]; more: string[]; kinds: object }>();
				expect({ wrong, more }).to.deep.equal({ wrong: [], more: [] });
				expect(kinds).to.include({
					at: "datetime",
					data: "bytes",
					big: "int",
					tags: "set",
					prices: "dict",
					byKey: "list",
					keys: "list",
					pair: "tuple",
					record: "dict",
					maybe: "NoneType",
				});
				expect(await program.next()).to.deep.equal({
					at: "Date",
					data: "Buffer",
					big: "BigInt",
					tags: "Set",
					prices: "Map",
					byKey: "Map",
					keys: "Set",
					nothing: "null",
					maybe: "undefined",
					nullable: "null",
					colour: "String",
					version: "String",
					pair: "Array",
					rest: "Array",
					shape: "Object",
					mixed: "Set",
					tree: "Object",
					record: "Object",
					loose: "Object",
					list: "Array",
					"odd-key": "Boolean",
				});
				expect(await program.next()).to.deep.equal([3, 0.75, "a 1 True"]);
				expect(await program.next()).to.deep.equal([
					["undefined undefined"],
					["x undefined"],
					["undefined undefined", 2 ** 60],
					["undefined 2026-02-03T04:05:06.789Z"],
				]);
				expect(await program.next()).to.deep.equal({
					method: "Crossing.caller",
					attempt: 0,
					hasDeadline: true,
					metadata: { who: "Python" },
				});
				expect(await program.next()).to.equal("done");
				await until(() => notes.includes("one-way"));
			});

			it("sends what it has been told to, to one who is slow to read it, before its program ends", async () => {
				expect(await run(await start(), "leave").rest()).to.deep.equal(["done"]);
				await until(() => notes.length === 2);
				expect(notes[1]!.length).to.equal(15_000_000);
			});

			it("raises declared errors as their classes, and others with status, outcome and details", async () => {
				const program = run(await start(), "failures");
				expect(await program.next()).to.deep.equal([
					["Closed", null, "FAILED_PRECONDITION: there is no such account", "failed"],
					["Overdrawn", 2 ** 60, "1970-01-01T00:00:00+00:00", "FAILED_PRECONDITION: not 500", "peer"],
				]);
				const [status, unknown, local, path, zone, size, huge, foreign, long, remote, none] = (
					await program.rest<unknown[]>()
				).slice(0, -1);
				expect(status).to.deep.equal(["NOT_FOUND failed peer", "nothing there", { at: [1, 2] }]);
				expect(unknown![0]).to.equal("INTERNAL failed peer");
				expect(unknown![1]).to.match(/^Crossing\.fail failed; the server's log has it as [-0-9a-f]+$/);
				expect(local!.slice(0, 2)).to.deep.equal([
					"INVALID_ARGUMENT not-started local",
					'Crossing.withdraw: account: expected a string that matches /^[A-Z]{2}[0-9]{6}$/u, got "x"',
				]);
				expect(path!.slice(1)).to.deep.equal([
					'Crossing.echo: value.tree.children[0].value: expected an integer from -2^63 to 2^64 - 1, got "two"',
					{
						violations: [
							{
								path: "value.tree.children[0].value",
								problem: 'expected an integer from -2^63 to 2^64 - 1, got "two"',
							},
						],
					},
				]);
				expect(zone![1]).to.include("Crossing.echo: value.at: expected a date with a timezone");
				expect(size![1]).to.equal("Crossing.echo: value.list: expected at least 1 elements, got an array of 0");
				expect(huge![1]).to.include("Crossing.add: a: expected a number, got 1000");
				for (const metadata of [foreign!, long!]) {
					expect(metadata[0]).to.equal("INVALID_ARGUMENT not-started local");
					expect(metadata[1]).to.include("Crossing.caller: metadata");
				}
				expect(remote!.slice(0, 2)).to.deep.equal([
					"INVALID_ARGUMENT not-started peer",
					'Crossing.add: b: expected a number, got "two"',
				]);
				expect(none![0]).to.equal("UNIMPLEMENTED not-started peer");
			});

			it("gives up when the time is over, cancels what it gave up, and goes on", async () => {
				const program = run(await start(), "time_is_over");
				expect((await program.next<string[]>())[0]).to.equal("DEADLINE_EXCEEDED unknown local");
				expect((await program.next<string[]>())[0]).to.equal("DEADLINE_EXCEEDED not-started local");
				expect(await program.next()).to.equal(3);
				await until(() => contexts.length === 1 && contexts[0]!.signal.aborted);
			});

			it("reads streams under credit, several at a time, and leaves them when it likes", async () => {
				const program = run(await start(), "streams");
				expect(await program.next()).to.deep.equal([3000, null, "1970-01-01T00:49:59+00:00"]);
				expect(await program.next()).to.deep.equal([13, 13]);
				expect(await program.next()).to.equal(20);
				expect(await program.next()).to.equal(true);
				expect(await program.next()).to.deep.equal([]);
				// Whichever side's clock is first.
				expect((await program.next<string[]>())[0]).to.match(/^DEADLINE_EXCEEDED/);
				await until(() => notes.filter((line) => line.startsWith("left")).length === 3);
				const left = notes.map((line) => line.split(" ") as [string, string, string]);
				// What the window lets through beyond what was read, and no more.
				expect(Number(left.find(([, name]) => name === "left")![2])).to.be.within(5000, 5000 + 1100);
				expect(Number(left.find(([, name]) => name === "closed")![2])).to.be.within(1, 1100);
			});
		});
	}

	it("is told of a lost connection at once, not at the deadline; later calls find the next one", async () => {
		const [server, endpoint] = await serve();
		const program = run(endpoint, "lost");
		expect(await program.next()).to.deep.equal(["calling"]);
		await until(() => contexts.length === 1);
		await server.close();
		expect((await program.next<string[]>())[0]).to.equal("UNAVAILABLE unknown local");
		expect((await program.next<string[]>())[0]).to.equal("DEADLINE_EXCEEDED not-started local");
		expect(await program.next()).to.deep.equal(["waiting"]);
		const second = own(new Server()).add(stubs.crossingService(handlers()));
		await second.bind(endpoint);
		expect(await program.next()).to.equal(3);
	});

	it("survives what a hostile server says, and tells each call how it ended", async () => {
		const router = own(new Router({ linger: 0 }));
		await router.bind(anyPort);
		const program = run(router.lastEndpoint!, "hostile");
		const answers: readonly (readonly (Uint8Array | string)[])[] = [
			[pack(7)],
			[Buffer.from([0xc1])],
			[Buffer.from([kinds.ERROR]), Buffer.from([0xc1])],
			[Buffer.concat([Buffer.from([kinds.OPEN, 0, 8]), token(1, 1)]), ""],
			[Buffer.from([kinds.ERROR, 0, 9]), pack({ message: "m".repeat(10_000), name: "Overdrawn", data: 1 })],
			["", pack(7)],
			[Buffer.alloc(100_000, 0x91)],
		];
		const serve = async () => {
			for await (const [id, replyToken, , header, body] of router) {
				if (header![0] !== kinds.CALL) continue;
				if (header!.includes("Crossing.count")) {
					// Without OPEN nobody can give credit.
					for (let at = 0; at < 2000; at++)
						await router.send([
							id!,
							replyToken!,
							"",
							Buffer.from([kinds.RESULT_ITEM, 0]),
							pack({ index: at, at: new Date(0) }),
						]);
					continue;
				}
				const [number] = unpack(body!) as [number];
				// Somebody else's, nobody's, and one without a delimiter.
				await router.send([id!, token(3, 3), "", pack("forged")]);
				await router.send([id!, replyToken!, pack("no delimiter")]);
				await router.send([id!, replyToken!, "", ...answers[number]!]);
				// A second one.
				await router.send([id!, replyToken!, "", pack("again")]);
			}
		};
		const serving = serve();
		const verdicts = (await program.rest<[string, string]>()).slice(0, -1);
		expect(verdicts.slice(0, 8).map(([verdict]) => verdict)).to.deep.equal([
			"succeeded",
			"INTERNAL failed local",
			"UNKNOWN failed peer",
			"FAILED_PRECONDITION unknown local",
			"FAILED_PRECONDITION failed peer",
			"INTERNAL failed local",
			"INTERNAL failed local",
			"ABORTED failed local",
		]);
		expect(verdicts[4]![1]).to.have.length(4096);
		expect(verdicts[8]).to.be.greaterThan(14);
		router.close();
		await serving;
	});

	it("has its socket configured before it connects, for PLAIN, in the context where authenticators are", async () => {
		const server = own(
			new Server({ security: { mechanism: "PLAIN", authenticate: ({ password }) => password === "right" } }),
		).add(stubs.crossingService(handlers()));
		const program = run(await server.bind(anyPort), "plain");
		expect((await program.next<string[]>())[0]).to.equal("DEADLINE_EXCEEDED not-started local");
		expect(await program.next()).to.equal(true);
		expect(await program.next()).to.deep.equal(["succeeded", "3"]);
		expect(await program.next()).to.equal(true);
		expect((await program.next<string[]>())[0]).to.equal("DEADLINE_EXCEEDED not-started local");
	});

	it("says so when two threads use one connection at a time", async () => {
		const program = run((await serve())[1], "two_threads");
		expect(await program.next()).to.deep.equal(["a Connection is for one thread at a time: give each its own"]);
	});

	it("answers a drain, finishes what it began, and waits for who comes after", async () => {
		const [server, endpoint] = await serve();
		const program = run(endpoint, "lost");
		await program.next();
		await until(() => contexts.length === 1);
		const drained = server.drain({ timeoutMs: 500 });
		expect((await program.next<string[]>())[0]).to.match(/^(UNAVAILABLE|CANCELLED)/);
		await drained;
		expect((await program.next<string[]>())[0]).to.equal("DEADLINE_EXCEEDED not-started local");
		expect(await program.next()).to.deep.equal(["waiting"]);
		const second = own(new Server()).add(stubs.crossingService(handlers()));
		await second.bind(endpoint);
		expect(await program.next()).to.equal(3);
	});
});
