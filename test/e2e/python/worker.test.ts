import { expect } from "chai";
import {
	type Codec,
	connect,
	Queue,
	type QueueOptions,
	statusNumbers,
	unary,
} from "../../../packages/runtime/src/index.js";
import { anyCodec } from "../../../packages/runtime/src/protocol/codec.js";
import { Dealer } from "../../../packages/zmtp/src/index.js";
import {
	type Crossing,
	CrossingPrograms,
	type CrossingStubs,
	everything,
	loadCrossing,
} from "../../support/python/crossing.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { needsPyzmq, type PythonProcess } from "../../support/runtime/python.js";
import { RawClient } from "../../support/runtime/raw-client.js";
import { standStill } from "../../support/runtime/stand-still.js";
import { failureOf, until, verdict } from "../../support/runtime/until.js";
import { generatedFrom } from "../../support/runtime/versions.js";
import {
	callHeader,
	failureIn,
	flags,
	followUp,
	kinds,
	pack,
	run as runOf,
	token,
	unpack,
} from "../../support/runtime/wire.js";

describe("a generated worker in Python", function () {
	this.timeout(60_000);
	needsPyzmq();
	const own = closeAfterEach();
	let programs: CrossingPrograms;
	let source: Crossing;
	let stubs: CrossingStubs;
	let queue: Queue;
	let clients: string;
	let workers: string;

	before(async () => {
		programs = new CrossingPrograms();
		[source, stubs] = await loadCrossing();
	});
	after(() => programs.remove());

	const startQueue = async (options: Partial<QueueOptions> = {}): Promise<void> => {
		queue = own(new Queue({ clients: anyPort, workers: anyPort, ...options }));
		const bound = await queue.start();
		[clients, workers] = [bound.clients[0]!, bound.workers[0]!];
	};
	const client = (endpoint = clients) => new stubs.CrossingClient(own(connect(endpoint)));

	/** One that is ready, and where. */
	const start = async (mode: "queue" | "bind", concurrency = 1, isLogged = true): Promise<[PythonProcess, string]> => {
		const endpoint = mode === "queue" ? workers : anyPort;
		const worker = own(programs.worker(mode, endpoint, concurrency, isLogged));
		const [word, bound] = await worker.next<[string, string]>();
		expect(word).to.equal("ready");
		return [worker, bound];
	};

	const ways: Readonly<Record<string, (concurrency?: number, isLogged?: boolean) => Promise<[PythonProcess, string]>>> =
		{
			"behind a queue": async (concurrency, isLogged) => {
				await startQueue();
				const [worker] = await start("queue", concurrency, isLogged);
				return [worker, clients];
			},
			"at an endpoint of its own": (concurrency, isLogged) => start("bind", concurrency, isLogged),
		};

	for (const [way, serve] of Object.entries(ways)) {
		describe(way, () => {
			it("gets and sends back values of every type as they are", async () => {
				const [, endpoint] = await serve();
				const crossing = client(endpoint);
				const { maybe, ...same } = await crossing.echo(everything);
				const { maybe: _, ...sent } = everything;
				expect(maybe).to.equal(undefined);
				expect({ ...same, data: [...same.data] }).to.deep.equal({ ...sent, data: [...sent.data] });
				expect(await crossing.kinds(everything)).to.include({
					at: "datetime",
					data: "bytes",
					big: "int",
					tags: "set",
					prices: "dict",
					byKey: "list",
					keys: "list",
					nothing: "NoneType",
					maybe: "NoneType",
					pair: "tuple",
					mixed: "set",
				});
				expect(await crossing.add(0.5, 0.25)).to.equal(0.75);
				expect(await crossing.maybe()).to.deep.equal(["None None"]);
				expect(await crossing.maybe("x", 2n ** 63n, new Date(123))).to.deep.equal([
					"x 1970-01-01T00:00:00.123000+00:00",
					2n ** 63n,
				]);
				expect(await crossing.maybe(undefined, null, new Date(0))).to.deep.equal(["None 1970-01-01T00:00:00+00:00"]);
				expect(await crossing.class("a", 1, true)).to.equal("a 1 True");
			});

			it("gets large octets in the body, and sends them so", async () => {
				const [, endpoint] = await serve();
				const data = Buffer.alloc(300_000, "large ");
				const found = await client(endpoint).echo({ ...everything, data });
				expect(Buffer.compare(found.data, data)).to.equal(0);
			});

			it("raises declared errors that arrive as their classes, data and all", async () => {
				const [, endpoint] = await serve();
				const overdrawn = await failureOf(client(endpoint).withdraw("DE123456", 500));
				expect(overdrawn).to.be.instanceOf(source.Overdrawn);
				expect(overdrawn).to.deep.include({
					message: "only 100 left",
					data: { balance: 100n, since: new Date("2026-01-02T03:04:05.678Z") },
					origin: "peer",
				});
				expect(await failureOf(client(endpoint).withdraw("DE000000", 1))).to.be.instanceOf(source.Closed);
				expect(await client(endpoint).withdraw("DE123456", 1)).to.equal(99n);
			});

			it("tells what its handlers mean to tell, and of anything else an id only", async () => {
				const [, endpoint] = await serve(1, false);
				const crossing = client(endpoint);
				const told = await failureOf(crossing.fail("status"));
				expect(told).to.include({ status: "NOT_FOUND", message: "nothing there", outcome: "failed" });
				expect(told.details).to.deep.equal({ at: [1, 2] });
				for (const how of ["secret", "undeclared", "exit"]) {
					const { status, message, details } = await failureOf(crossing.fail(how));
					expect(status).to.equal("INTERNAL");
					expect(message).to.match(/^Crossing\.fail failed; the server's log has it as [-0-9a-f]{36}$/);
					expect(message).to.include((details as { errorId: string }).errorId);
				}
				expect(await crossing.add(1, 2)).to.equal(3);
			});

			it("says of arguments that are none where they are wrong, before its handler runs", async () => {
				const [, endpoint] = await serve();
				const raw = own(connect(endpoint));
				const unchecked = (name: string) =>
					unary<readonly unknown[], unknown>({
						name,
						arguments: anyCodec as Codec<readonly unknown[]>,
						result: anyCodec,
					});
				const cases: readonly (readonly [method: string, args: readonly unknown[], message: string])[] = [
					["add", [1, "two"], 'b: expected a number, got "two"'],
					["add", [1], "b: expected a number, got nothing"],
					["add", [1, 2, 3], "expected at most 2 elements, got an array of 3"],
					["add", [1, null], "b: expected a number, got nothing"],
					["withdraw", ["DE123456", 0], "cents: expected an integer >= 1, got 0"],
					[
						"withdraw",
						["DE123456\n", 1],
						'account: expected a string that matches /^[A-Z]{2}[0-9]{6}$/u, got "DE123456\\n"',
					],
					["withdraw", ["DE123456", 0.5], "cents: expected an integer >= 1, got 0.5"],
					["echo", [{}], "value.at: expected a date, got nothing"],
					["maybe", [1], "first: expected a string, got 1"],
				];
				for (const [method, args, message] of cases) {
					const error = await failureOf(raw.call(unchecked(`Crossing.${method}`), args));
					expect(error).to.include({ status: "INVALID_ARGUMENT", outcome: "not-started" });
					expect(error.message).to.equal(`Crossing.${method}: ${message}`);
				}
				expect(await verdict(raw.call(unchecked("Crossing.none"), []))).to.equal("UNIMPLEMENTED not-started peer");
				expect(await verdict(raw.call(unchecked("Crossing.tell"), [[]]))).to.equal("UNIMPLEMENTED not-started peer");
			});

			it("takes one-way calls", async () => {
				const [worker, endpoint] = await serve();
				const crossing = client(endpoint);
				for (const line of ["a", "b"]) crossing.note(line);
				expect([await worker.next(), await worker.next()]).to.deep.equal([
					["note", "a"],
					["note", "b"],
				]);
				expect(await crossing.notes()).to.deep.equal(["a", "b"]);
			});

			it("knows of a call what its caller said", async () => {
				const [, endpoint] = await serve();
				expect(await client(endpoint).caller({ metadata: { who: "TypeScript" } })).to.deep.equal({
					method: "Crossing.caller",
					attempt: 0,
					hasDeadline: true,
					metadata: { who: "TypeScript" },
				});
			});

			it("serves strict callers of its own schema, and their metadata alone arrives", async () => {
				const [, endpoint] = await serve();
				const crossing = new stubs.CrossingClient(own(connect(endpoint, { schemaCheck: "strict" })));
				expect(await crossing.add(1, 2)).to.equal(3);
				expect((await crossing.caller()).metadata).to.deep.equal({});
				expect((await crossing.caller({ metadata: { who: "me" } })).metadata).to.deep.equal({ who: "me" });
			});

			it("answers with streams under credit, which can be left, and fail", async () => {
				const [worker, endpoint] = await serve(4, false);
				const crossing = client(endpoint);
				let index = 0;
				for await (const entry of crossing.count(3000)) {
					expect(entry).to.deep.equal({ index, at: new Date(index * 1000) });
					index++;
				}
				expect(index).to.equal(3000);
				const seen: number[] = [];
				const failure = await failureOf(async () => {
					for await (const entry of crossing.count(20, 13)) seen.push(entry.index);
				});
				expect(failure).to.be.instanceOf(source.Overdrawn);
				expect(seen).to.have.length(13);
				expect(
					await verdict(async () => {
						for await (const _ of crossing.count(20, 5));
					}),
				).to.equal("INTERNAL failed peer");
				let read = 0;
				for await (const item of crossing.endless("left")) {
					expect(item).to.have.length(1000);
					if (++read === 5000) break;
				}
				const [word, name, sent] = await worker.next<[string, string, number]>();
				expect([word, name]).to.deep.equal(["left", "left"]);
				expect(sent).to.be.within(4999, 5000 + 1100);
			});

			it("hears of a cancellation while it works", async () => {
				const [worker, endpoint] = await serve();
				const stop = new AbortController();
				const call = client(endpoint).work("long", 60_000, { signal: stop.signal });
				expect(await worker.next()).to.deep.equal(["work", "long"]);
				stop.abort();
				expect(await verdict(call)).to.match(/^CANCELLED/);
				expect(await worker.next()).to.deep.equal(["cancelled", "long"]);
			});

			it("never starts what nobody waits for any more", async () => {
				const [worker, endpoint] = await serve();
				const crossing = client(endpoint);
				const first = crossing.risk("first", 300);
				expect(await worker.next()).to.deep.equal(["work", "first"]);
				expect(await verdict(crossing.risk("late", 0, { timeoutMs: 50 }))).to.match(/^DEADLINE_EXCEEDED/);
				await first;
				await crossing.risk("last", 0);
				expect(await worker.next()).to.deep.equal(["work", "last"]);
			});

			it("finishes what it has when it is drained, and takes nothing new", async () => {
				const [worker, endpoint] = await serve();
				const crossing = client(endpoint);
				const running = crossing.risk("running", 300);
				expect(await worker.next()).to.deep.equal(["work", "running"]);
				worker.signal("SIGTERM");
				expect(await running).to.equal(`running by ${worker.pid}`);
				expect(await worker.rest()).to.deep.equal([["drained"]]);
			});

			it("sends its last answer, to one who is slow to read it, before its program ends", async () => {
				const [worker, endpoint] = await serve();
				const large = "x".repeat(15_000_000);
				const running = client(endpoint).risk(large, 300);
				expect(await worker.next()).to.deep.equal(["work", large]);
				worker.signal("SIGTERM");
				standStill(800);
				expect(await running).to.equal(`${large} by ${worker.pid}`);
			});

			it("serves a REQ's two strings, in JSON and in msgpack", async () => {
				const [, endpoint] = await serve();
				const raw = own(await new RawClient(endpoint).ready());
				raw.send(token(5, 7), "", "Crossing.add", "[20,22]");
				expect((await raw.receive()).map(String).slice(2)).to.deep.equal(["42"]);
				raw.send(token(5, 8), "", "Crossing.add", pack([20, 22]));
				expect(unpack((await raw.receive())[2]!)).to.equal(42);
				raw.send(token(5, 9), "", "Crossing.add", '["x",22]');
				expect(failureIn((await raw.receive()).slice(2))).to.include({
					status: 3,
					flags: flags.NOT_STARTED | flags.JSON,
					message: 'Crossing.add: a: expected a number, got "x"',
				});
				for (const text of ["[NaN,1]", `[${"1".repeat(400)},1]`, `${"[".repeat(100_000)}`]) {
					raw.send(token(5, 9), "", "Crossing.add", text);
					expect(failureIn((await raw.receive()).slice(2))).to.include({ status: 3 });
				}
				raw.send(token(5, 10), "", "Crossing.count", "[1]");
				expect(failureIn((await raw.receive()).slice(2))).to.include({ status: 9 });
			});
		});
	}

	it("runs as many handlers at a time as it says", async () => {
		await startQueue();
		const [worker] = await start("queue", 3);
		const calls = ["a", "b", "c"].map((name) => client().risk(name, 200));
		const begun = [await worker.next<string[]>(), await worker.next<string[]>(), await worker.next<string[]>()];
		expect(begun.map(([, name]) => name).sort()).to.deep.equal(["a", "b", "c"]);
		expect(queue.stats().workers[0]).to.include({ concurrency: 3 });
		await Promise.all(calls);
	});

	it("has calls wait by priority, then age", async () => {
		const [worker, endpoint] = await start("bind");
		const raw = own(await new RawClient(endpoint).ready());
		const names = ["first", "low", "normal", "high", "normal too"];
		for (const [index, priority] of [128, 200, 128, 5, 128].entries())
			raw.send(
				token(1, index),
				"",
				callHeader("Crossing.risk", { priority }),
				pack([names[index], index === 0 ? 300 : 0]),
			);
		const begun: string[] = [];
		for (const _ of names) begun.push((await worker.next<[string, string]>())[1]);
		expect(begun).to.deep.equal(["first", "high", "normal", "normal too", "low"]);
	});

	it("that is killed hands its idempotent call to another; the outcome of others is unknown", async () => {
		await startQueue();
		const [first] = await start("queue", 2);
		const crossing = client();
		const [work, risk] = [crossing.work("again", 60_000), crossing.risk("once", 60_000)];
		const begun = [await first.next<string[]>(), await first.next<string[]>()];
		expect(begun.map(([, name]) => name).sort()).to.deep.equal(["again", "once"]);
		const [second] = await start("queue");
		first.signal("SIGKILL");
		expect(await verdict(risk)).to.equal("UNAVAILABLE unknown peer");
		expect(await second.next()).to.deep.equal(["work", "again"]);
		// It is for another to do now, and not done yet.
		expect(await Promise.race([work, Promise.resolve("pending")])).to.equal("pending");
	});

	it("keeps its place by signs of life while its handler is busy", async () => {
		await startQueue({ workerHeartbeatMs: 100, leaseMs: 1500 });
		const [worker] = await start("queue");
		expect(await client().risk("slow", 3000)).to.equal(`slow by ${worker.pid}`);
		expect(queue.stats().lost).to.equal(0);
	});

	it("joins a queue again that comes back", async () => {
		await startQueue();
		const place = workers;
		const [worker] = await start("queue");
		await queue.close();
		queue = own(new Queue({ clients: anyPort, workers: place }));
		clients = (await queue.start()).clients[0]!;
		expect((await worker.next<string[]>())[0]).to.equal("ready");
		expect(await client().add(1, 2)).to.equal(3);
	});

	it("that was stopped for longer than the lease runs nothing that others have been given", async () => {
		await startQueue({ workerHeartbeatMs: 100, leaseMs: 1500 });
		const [first] = await start("queue");
		first.signal("SIGSTOP");
		const work = client().work("moved", 0);
		const [second] = await start("queue");
		expect(await work).to.equal(`moved by ${second.pid}`);
		first.signal("SIGCONT");
		expect((await first.next<string[]>())[0]).to.equal("ready");
		await until(() => queue.stats().workers.length === 2);
	});

	it("cancels the calls of a client that is gone, and has its handlers for others", async () => {
		const [worker, endpoint] = await start("bind");
		for (const method of ["endless", "work"]) {
			const raw = own(await new RawClient(endpoint).ready());
			const mine = token(1, 1);
			const args = pack(method === "endless" ? ["gone"] : ["gone", 3_600_000]);
			raw.send(mine, "", callHeader(`Crossing.${method}`), args);
			// Until no more is sent to whoever does not say that it has read it.
			if (method === "endless") {
				await raw.answerOf(kinds.OPEN, mine);
				for (let count = 0; count < 1024; count++) await raw.answerOf(kinds.RESULT_ITEM, mine);
			} else {
				expect(await worker.next()).to.deep.equal(["work", "gone"]);
			}
			await raw.close();
			const [word, name] = await worker.next<string[]>();
			expect([word, name]).to.deep.equal([method === "endless" ? "left" : "cancelled", "gone"]);
			expect(await client(endpoint).add(1, 2)).to.equal(3);
		}
		// Longer than it takes to see whether who waits is there.
		const connection = own(connect(endpoint));
		expect(await new stubs.CrossingClient(connection).risk("slow", 2500)).to.equal(`slow by ${worker.pid}`);
		expect(connection.stats().droppedReplies).to.equal(0);
	});

	it("ends a stream where a foreign peer would have to give credit", async () => {
		const [, endpoint] = await start("bind");
		const dealer = own(new Dealer({ linger: 0 }));
		dealer.connect(endpoint);
		await dealer.send([token(1, 1), "", callHeader("Crossing.count"), pack([5000])]);
		const seen: number[] = [];
		let last: Buffer[] = [];
		for await (const frames of dealer) {
			last = frames;
			if (frames[2]![0] !== kinds.RESULT_ITEM) break;
			seen.push((unpack(frames[3]!) as { index: number }).index);
		}
		expect(seen).to.deep.equal(Array.from({ length: 1024 }, (_, index) => index));
		expect(failureIn(last)).to.include({ status: 9 });
	});

	it("is described by name and schema hash, and answers for its health", async () => {
		const [, endpoint] = await start("bind");
		const raw = own(await new RawClient(endpoint).ready());
		const ask = async (method: string): Promise<Record<string, unknown>> => {
			raw.send(token(1, 1), "", method, "[]");
			return JSON.parse(String((await raw.receive())[2]));
		};
		expect(await ask("homing.health")).to.deep.equal({
			status: "SERVING",
			services: { Crossing: "SERVING", Harbour: "SERVING" },
		});
		expect((await ask("homing.ping"))["role"]).to.equal("server");
		expect((await ask("homing.describe"))["services"]).to.deep.equal([
			{ name: "Crossing", schemaHashes: [stubs.crossingDescriptor.schemaHash] },
			{ name: "Harbour", schemaHashes: [stubs.harbourDescriptor.schemaHash] },
		]);
	});

	it("refuses strict callers of another schema, and headers without the hash that they say there is", async () => {
		const [, endpoint] = await start("bind");
		const connection = own(connect(endpoint, { schemaCheck: "strict" }));
		const { add } = generatedFrom("1a2b", stubs.crossingDescriptor.methods);
		const error = await failureOf(connection.call(add, [1, 2]));
		expect(error).to.include({ status: "FAILED_PRECONDITION", outcome: "not-started" });
		const { schemaHash } = stubs.crossingDescriptor;
		expect(error.details).to.deep.equal({ schemaHash: "1a2b", servedHashes: [schemaHash] });
		const client = await own(new RawClient(endpoint)).ready();
		const head = [0xde, 0, 1, 0xad, ...Buffer.from("homing.schema"), 0xd9];
		for (const metadata of [[], [0x80], head, [...head, 0], [...head, 255, 0x61], [...head, 65, ...Buffer.alloc(65)]]) {
			const header = callHeader("Crossing.add", { flags: flags.SCHEMA_HASH, metadata: Buffer.from(metadata) });
			client.send("token", "", header, pack([1, 2]));
			expect(failureIn(await client.answer()).status).to.equal(statusNumbers.INVALID_ARGUMENT);
		}
	});

	it("stands beside others in one process", async () => {
		const [, endpoint] = await start("bind");
		const connection = own(connect(endpoint));
		const at = new Date("2026-05-06T07:08:09.010Z");
		expect(await new stubs.HarbourClient(connection).tide(at)).to.deep.equal({ index: 2026, at });
		expect(await new stubs.CrossingClient(connection).add(1, 2)).to.equal(3);
	});

	describe("survives what an enemy says:", () => {
		const hostile: Readonly<Record<string, readonly (Uint8Array | string)[]>> = {
			"no delimiter": ["a", "b"],
			"no header": [token(1, 1), "", "", ""],
			"a header that is cut off": [token(1, 1), "", Buffer.from([kinds.CALL, 0, 0]), ""],
			"a method's name that is cut off": [token(1, 1), "", callHeader("Crossing.add").subarray(0, 12), pack([1, 2])],
			"too many addresses": [...Array.from({ length: 17 }, () => "x"), "", callHeader("Crossing.add"), pack([1, 2])],
			"an address that is too long": ["x".repeat(256), "", callHeader("Crossing.add"), pack([1, 2])],
			"kinds that are none": [token(1, 1), "", Buffer.from([0x2f, 0]), ""],
			"a credit for nothing": [token(1, 1), "", followUp(kinds.CREDIT, Buffer.from([8, ...token(1, 1)]), 9), ""],
			"a cancel of nothing": [token(1, 1), "", followUp(kinds.CANCEL, Buffer.alloc(0)), ""],
			"a route that is cut off": [token(1, 1), "", followUp(kinds.CANCEL, Buffer.from([200, 1])), ""],
		};
		const bodies: Readonly<Record<string, Uint8Array>> = {
			"an array of four thousand million": Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]),
			"a map with lists for keys": Buffer.from([0x81, 0x90, 0x01]),
			"an extension": Buffer.from([0x92, 0xd4, 0x05, 0x00, 0x01]),
			"two values": Buffer.from([0x92, 1, 2, 3]),
			"text that is no UTF-8": Buffer.from([0x92, 0xa1, 0xff, 0x01]),
			nothing: Buffer.alloc(0),
			"lists a hundred thousand deep": Buffer.alloc(100_000, 0x91),
			NaN: Buffer.from([0x92, 0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0, 0x01]),
		};

		for (const [title, frames] of Object.entries(hostile)) {
			it(title, async () => {
				const [, endpoint] = await start("bind");
				const raw = own(await new RawClient(endpoint).ready());
				raw.send(...frames);
				expect(await client(endpoint).add(1, 2)).to.equal(3);
			});
		}

		it("bodies that are none, each of which is told", async () => {
			const [, endpoint] = await start("bind");
			const raw = own(await new RawClient(endpoint).ready());
			for (const [title, body] of Object.entries(bodies)) {
				raw.send(token(1, 1), "", callHeader("Crossing.add"), body);
				expect(failureIn((await raw.receive()).slice(2)), title).to.include({ status: 3, flags: flags.NOT_STARTED });
			}
			raw.send(token(1, 1), "", callHeader("Crossing.echo"), pack([{ loose: 1 }]));
			expect(failureIn((await raw.receive()).slice(2))).to.include({ status: 3 });
			expect(await client(endpoint).add(1, 2)).to.equal(3);
		});

		it("metadata that is none, or too much", async () => {
			const [, endpoint] = await start("bind");
			const raw = own(await new RawClient(endpoint).ready());
			for (const metadata of [pack([1]), Buffer.from([0x81]), pack({ a: "x".repeat(9000) })]) {
				raw.send(token(1, 1), "", callHeader("Crossing.add", { metadata }), pack([1, 2]));
				expect(failureIn((await raw.receive()).slice(2))).to.include({ status: 3, flags: flags.NOT_STARTED });
			}
		});

		it("credit for what was not sent, which ends the call", async () => {
			const [worker, endpoint] = await start("bind");
			const raw = own(await new RawClient(endpoint).ready());
			const mine = token(1, 1);
			const route = await raw.open(callHeader("Crossing.endless"), pack(["broken"]), mine);
			// A generator has a `finally` to run only once it has begun, which OPEN does not say.
			await raw.answerOf(kinds.RESULT_ITEM, mine);
			raw.send(mine, "", followUp(kinds.CREDIT, route, 5_000_000), "");
			expect((await worker.next<string[]>()).slice(0, 2)).to.deep.equal(["left", "broken"]);
			expect(failureIn(await raw.answerOf(kinds.ERROR, mine)).status).to.equal(statusNumbers.CANCELLED);
		});

		it("items of a caller, one or several, which it has not asked for and drops", async () => {
			const [worker, endpoint] = await start("bind");
			const raw = own(await new RawClient(endpoint).ready());
			const mine = token(1, 1);
			const { flags: asked, route } = await raw.opened(callHeader("Crossing.endless"), pack(["mine"]), mine);
			expect(asked).to.equal(0);
			for (let count = 0; count < 1024; count++) await raw.answerOf(kinds.RESULT_ITEM, mine);
			raw.send(mine, "", followUp(kinds.ITEM, route), pack(1));
			raw.send(mine, "", followUp(kinds.ITEMS_OF_INPUT, route), runOf(pack(1), pack(2)));
			raw.send(mine, "", followUp(kinds.CREDIT, route, 1), "");
			expect((await raw.answer(mine))[0]![0]).to.equal(kinds.RESULT_ITEM);
			raw.send(mine, "", followUp(kinds.CANCEL, route), "");
			expect(await worker.next()).to.deep.equal(["left", "mine", 1024]);
		});

		it("follow-ups behind another's envelope, which count for nothing", async () => {
			const [worker, endpoint] = await start("bind");
			const raw = own(await new RawClient(endpoint).ready());
			const thief = own(await new RawClient(endpoint).ready());
			const mine = token(1, 1);
			const route = await raw.open(callHeader("Crossing.endless"), pack(["mine"]), mine);
			// As many as come without credit: another one says that the call still stands.
			for (let count = 0; count < 1024; count++) await raw.answerOf(kinds.RESULT_ITEM, mine);
			const cancel = followUp(kinds.CANCEL, route);
			thief.send(mine, "", cancel, "");
			thief.send(mine, "", followUp(kinds.CREDIT, route, 5_000_000), "");
			thief.send(token(1, 2), "", "homing.ping", "[]");
			await thief.receive();
			raw.send(mine, "", followUp(kinds.CREDIT, route, 1), "");
			expect((await raw.answer(mine))[0]![0]).to.equal(kinds.RESULT_ITEM);
			raw.send(mine, "", cancel, "");
			expect(await worker.next()).to.deep.equal(["left", "mine", 1024]);
		});
	});
});
