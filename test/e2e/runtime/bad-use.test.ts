import { expect } from "chai";
import {
	type ConnectionOptions,
	connect,
	connectionOf,
	defineService,
	Queue,
	type ReplyTo,
	RpcError,
	Server,
} from "../../../packages/runtime/src/index.js";
import { encodeReplyTo } from "../../../packages/runtime/src/protocol/hand-over.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { echo, echoDescriptor, echoService } from "../../support/runtime/echo.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { ledger, ledgerService } from "../../support/runtime/ledger.js";
import { fast } from "../../support/runtime/queue-rig.js";
import { RawClient } from "../../support/runtime/raw-client.js";
import { deferred, failureOf, until } from "../../support/runtime/until.js";
import { ways } from "../../support/runtime/ways.js";
import { callHeader, failureIn, flags, pack } from "../../support/runtime/wire.js";

const [way] = ways;

/** What somebody who holds it wrong is told: each says what was done, and what to do. */
describe("bad use", () => {
	const own = closeAfterEach();
	const withEcho = () => way!.serve(own, echoService());
	const withLedger = (handlers = {}) => way!.serve(own, ledgerService(handlers));
	async function* amounts() {
		yield 1;
	}

	it("calling after close", async () => {
		const [connection] = await withEcho();
		await connection.close();
		for (const call of [
			() => connection.call(echo.say, ["hi"]),
			async () => connection.notify(echo.note, ["hi"]),
			async () => connection.stream(ledger.list, [1]).next(),
			async () => connection.survey(echo.say, ["hi"]).next(),
		]) {
			const error = await failureOf(call);
			expect(error).include({ status: "FAILED_PRECONDITION", outcome: "not-started" });
			expect(error.message).match(/^\w+\.\w+: the connection is closed$/);
		}
	});

	it("awaiting a one-way, and every other form called for another", async () => {
		const [connection] = await withEcho();
		const mistakes = [
			[() => connection.call(echo.note as never, ["hi"]), "Echo.note answers nothing: use notify()"],
			[() => connection.call(ledger.list as never, [1]), "Ledger.list answers with a stream: use stream()"],
			[() => connection.stream(echo.say as never, ["hi"]), "Echo.say answers with one value: use call()"],
			[() => connection.notify(echo.say as never, ["hi"]), "Echo.say answers with one value: use call()"],
		] as const;
		for (const [call, text] of mistakes) {
			const error = await failureOf(async () => call());
			expect(error).include({ status: "FAILED_PRECONDITION", outcome: "not-started", message: text });
		}
	});

	it("a callback kept after its call is dropped and counted; one that is waited for says so", async () => {
		const kept = deferred<[(step: number) => void, (step: number) => Promise<boolean>]>();
		const [connection, server] = await withLedger({
			audit: (_: number, onStep: (step: number) => void, approve: (step: number) => Promise<boolean>) => {
				kept.resolve([onStep, approve]);
				return "done";
			},
		});
		let steps = 0;
		const onStep = () => void steps++;
		expect(await connection.call(ledger.audit, [1], {}, [onStep, async () => true])).equal("done");
		const [late, lateAndAwaited] = await kept.promise;
		await until(() => server.stats().running === 0);
		late(1);
		const error = await failureOf(lateAndAwaited(1));
		expect(error).include({ status: "FAILED_PRECONDITION" });
		expect(error.message).equal("Ledger.audit: the call whose callback this is has ended");
		expect(server.stats().droppedCallbacks).equal(2);
		expect(steps).equal(0);
	});

	it("callbacks whose answers nobody looks at, or only when the caller has left, do not end the server", async () => {
		const unhandled: unknown[] = [];
		const note = (reason: unknown) => void unhandled.push(reason);
		process.on("unhandledRejection", note);
		try {
			const late = deferred<{ readonly answer: Promise<boolean> }>();
			const [connection, server] = await withLedger({
				async audit(count: number, _: unknown, approve: (step: number) => Promise<boolean>) {
					const answer = approve(count);
					if (count === 1) return "not waited for";
					late.resolve({ answer });
					await until(() => server.stats().running === 0);
					return "never";
				},
			});
			const never = () => new Promise<boolean>(() => {});
			expect(await connection.call(ledger.audit, [1], {}, [() => {}, never])).equal("not waited for");
			const leave = new AbortController();
			const call = failureOf(connection.call(ledger.audit, [2], { signal: leave.signal }, [() => {}, never]));
			const { answer } = await late.promise;
			leave.abort();
			expect((await call).status).equal("CANCELLED");
			await until(() => server.stats().running === 0);
			// A turn of the loop, in which Node tells of what nobody has handled.
			await new Promise((resolve) => setImmediate(resolve));
			expect(unhandled).deep.equal([]);
			expect((await failureOf(answer)).status).equal("CANCELLED");
		} finally {
			process.off("unhandledRejection", note);
		}
	});

	it("callbacks that are never waited for, with a caller that is slower", async () => {
		const [connection] = await withLedger({
			audit: (_: number, onStep: (step: number) => void) => {
				for (let i = 0; i < 1_000_000; i++) onStep(i);
				return "never";
			},
		});
		const error = await failureOf(connection.call(ledger.audit, [1], {}, [() => {}, async () => true]));
		expect(error.status).equal("RESOURCE_EXHAUSTED");
		expect(error.message).match(/Ledger\.audit: \d+ callbacks wait for a caller that is slower; await them/);
	});

	it("a caller's stream read twice by its handler", async () => {
		const read = deferred<unknown>();
		const [connection] = await withLedger({
			async sum(items: AsyncIterable<number>) {
				for await (const _ of items);
				try {
					for await (const _ of items);
				} catch (error) {
					read.resolve(error);
				}
				return 0;
			},
		});
		await connection.call(ledger.sum, [], {}, [amounts()]);
		expect(await read.promise).include({ status: "FAILED_PRECONDITION", message: "Ledger.sum: a stream is read once" });
	});

	it("something that is no stream or no function where one belongs", async () => {
		const [connection] = await withLedger();
		const mistakes = [
			[
				() => connection.call(ledger.sum, [], {}, [7 as never]),
				"Ledger.sum: a stream is an async iterable, not number",
			],
			[() => connection.call(ledger.sum, []), "Ledger.sum: a stream is an async iterable, not undefined"],
			[
				() => connection.call(ledger.audit, [1], {}, [7 as never, 8 as never]),
				"Ledger.audit: a callback is a function, not number",
			],
		] as const;
		for (const [call, text] of mistakes) {
			expect(await failureOf(call)).include({ status: "INVALID_ARGUMENT", outcome: "not-started", message: text });
		}
	});

	describe("a value that cannot travel is named with its path:", () => {
		class Account {
			readonly cents = 1;
			close(): void {}
		}
		const circular: Record<string, unknown> = {};
		circular["self"] = circular;
		const values: readonly (readonly [what: string, value: unknown, problem: string])[] = [
			["a function", () => {}, "msgpack has no form for a function"],
			["a symbol", Symbol("s"), "msgpack has no form for a symbol"],
			["an instance of a class", new Account(), "msgpack has no form for a Account where no type says so"],
			["a bigint over 64 bits", 2n ** 64n, "expected a bigint from -2^63 to 2^64 - 1, got 18446744073709551616n"],
			["an invalid date", new Date(Number.NaN), "msgpack has no form for an invalid date"],
		];
		for (const [what, value, problem] of [...values, ["a circular object", circular, "it contains itself"] as const]) {
			it(`${what}, as an argument and as a result`, async () => {
				const place = [1, { when: value }];
				const at = value === circular ? "list[1].when.self" : "list[1].when";
				const [connection, server] = await way!.serve(
					own,
					echoService({ work: (whose) => (whose === "result" ? { list: place } : whose) }),
				);
				const error = await failureOf(connection.call(echo.work, [{ list: place }]));
				expect(error).include({ status: "INVALID_ARGUMENT", outcome: "not-started", origin: "local" });
				expect(error.message).equal(`Echo.work: what.${at}: ${problem}`);
				const told = new Promise<Error>((resolve) =>
					server.once("failure", ({ error: cause }) => resolve(cause as Error)),
				);
				expect((await failureOf(connection.call(echo.work, ["result"]))).status).equal("INTERNAL");
				expect((await told).message).include(`${at}: ${problem}`);
			});
		}

		it("NaN where a number is wanted, and metadata", async () => {
			const [connection] = await withEcho();
			const nan = await failureOf(connection.call(echo.order, [{ to: "a", cents: Number.NaN }]));
			expect(nan).include({ status: "INVALID_ARGUMENT", outcome: "not-started" });
			expect(nan.message).match(/^Echo\.order: order\.cents: expected an integer.*, got NaN$/);
			const metadata = { trace: { span: () => {} } };
			const error = await failureOf(connection.call(echo.say, ["hi"], { metadata }));
			expect(error).include({ status: "INVALID_ARGUMENT", outcome: "not-started" });
			expect(error.message).include("metadata.trace.span: msgpack has no form for a function");
		});
	});

	it("a second answer to a delegated call", async () => {
		const right = deferred<ReplyTo<string>>();
		const [connection] = await way!.serve(
			own,
			echoService({
				say(_, context) {
					right.resolve(context.delegate<string>());
					return undefined as never;
				},
			}),
		);
		const call = connection.call(echo.say, ["?"]);
		const to = await right.promise;
		await connection.answer(echo.say, to, "first");
		expect(await call).equal("first");
		const second = await failureOf(connection.answer(echo.say, to, "second"));
		expect(second).include({ status: "NOT_FOUND", outcome: "not-started" });
		expect(second.message).include("nobody waits for this answer");
	});

	it("a stream of results, or a survey, consumed twice", async () => {
		const [connection] = await withLedger();
		const results = connection.stream(ledger.list, [3]);
		for await (const _ of results);
		const again = await failureOf(async () => {
			for await (const _ of results);
		});
		expect(again.status).equal("FAILED_PRECONDITION");
		expect(again.message).equal("Ledger.list: a stream is read once; call the method again");
	});

	it("awaiting what a one-way call returns gives undefined at once, whatever becomes of the call", async () => {
		const [connection] = await way!.serve(own, echoService({ note: () => new Promise(() => {}) }));
		expect(await (connection.notify(echo.note, ["hi"]) as unknown)).equal(undefined);
	});

	it("a callback that was left out and is called", async () => {
		const [connection] = await withLedger({
			audit: async (_: number, _onStep: unknown, approve: (step: number) => Promise<boolean>) =>
				(await approve(1)) ? "approved" : "refused",
		});
		const error = await failureOf(connection.call(ledger.audit, [1], {}, [() => {}] as never));
		expect(error).include({ status: "INVALID_ARGUMENT" });
		expect(error.message).equal("Ledger.audit: a callback is a function, not undefined, and the server has called it");
	});

	it("a connection without an endpoint, a policy that is none", () => {
		expect(() => connect([])).throw(RangeError, "a connection has an endpoint at least");
		for (const [given, text] of [
			[undefined, "undefined"],
			[5555, "5555"],
			[{ endpoint: anyPort }, "this object"],
		]) {
			expect(() => connect(given as never)).throw(
				TypeError,
				`connect() takes an endpoint, or a list of endpoints, not ${String(text)}`,
			);
		}
		expect(() => new Queue({ clients: anyPort, workers: anyPort, policy: "fastest" as never })).throw(
			RangeError,
			"policy must be one of least-loaded, round-robin, not fastest",
		);
	});

	describe("an option that is no number, or no such number, is named with what it takes:", () => {
		const queue = (options: object) => new Queue({ clients: anyPort, workers: anyPort, ...options });
		const makers: Readonly<Record<string, readonly [make: (options: object) => unknown, names: readonly string[]]>> = {
			connect: [(options) => own(connect(anyPort, options)), ["timeoutMs", "maxWaitingCalls", "maxWaitingBytes"]],
			Server: [(options) => new Server(options), ["concurrency", "maxWaitingCalls", "maxWaitingBytes", "clientShare"]],
			Queue: [
				queue,
				["maxWaitingCalls", "maxWaitingBytes", "clientShare", "workerHeartbeatMs", "leaseMs", "discoveryMs"],
			],
		};
		const ofLinks = ["maxFrameBytes", "heartbeatMs", "heartbeatTimeoutMs", "lingerMs", "reconnectMs", "reconnectMaxMs"];
		for (const [title, [make, names]] of Object.entries(makers)) {
			it(title, () => {
				for (const name of [...names, ...ofLinks]) {
					expect(() => make({ [name]: "5" }), name).throw(
						TypeError,
						new RegExp(`^${name} must be a number.*, not "5"$`),
					);
					expect(() => make({ [name]: {} }), name).throw(TypeError, /, not this object$/);
					expect(() => make({ [name]: Number.NaN }), name).throw(
						RangeError,
						new RegExp(`^${name} must be .*, not NaN$`),
					);
					expect(() => make({ [name]: -2 }), name).throw(RangeError, new RegExp(`^${name} must be .*, not -2$`));
				}
			});
		}

		it("one that is fine is taken, without a limit too", async () => {
			const unlimited = Number.POSITIVE_INFINITY;
			await connect("tcp://127.0.0.1:1", {
				timeoutMs: unlimited,
				maxWaitingCalls: unlimited,
				lingerMs: unlimited,
			}).close();
			await queue({ leaseMs: unlimited, maxWaitingBytes: unlimited, workerHeartbeatMs: 10 }).close();
			await new Server({ concurrency: 1, maxWaitingCalls: 0, clientShare: 1, maxFrameBytes: unlimited }).close();
		});
	});

	it("options of a call that are of another kind", async () => {
		const [connection] = await withEcho();
		const mistakes: readonly (readonly [options: object, text: string])[] = [
			[{ deadline: "x" }, 'deadline must be a Date, not "x": a duration is timeoutMs'],
			[{ deadline: 1000 }, "deadline must be a Date, not 1000: a duration is timeoutMs"],
			[{ deadline: new Date("x") }, "deadline must be a valid Date"],
			[500 as never, "a call's options are an object, such as { timeoutMs: 500 }, not 500"],
			[null as never, "a call's options are an object, such as { timeoutMs: 500 }, not null"],
			[{ timeoutMs: "5" }, 'timeoutMs must be a number of milliseconds, not "5"'],
			[{ timeoutMs: "5", deadline: new Date() }, 'timeoutMs must be a number of milliseconds, not "5"'],
			[{ timeoutMs: Number.NaN }, "timeoutMs must be a number of milliseconds, not NaN"],
			[{ signal: new AbortController() }, "signal must be an AbortSignal, not this object: an AbortController has one"],
		];
		for (const [options, text] of mistakes) {
			for (const call of [
				() => connection.call(echo.say, ["hi"], options),
				async () => connection.notify(echo.note, ["hi"], options),
				async () => connection.stream(ledger.list, [1], options).next(),
			]) {
				const error = await failureOf(call);
				expect(error).include({ status: "INVALID_ARGUMENT", outcome: "not-started" });
				expect(error.message).match(/^\w+\.\w+: /);
				expect(error.message.slice(error.message.indexOf(":") + 2)).equal(text);
			}
		}
	});

	it("what is to serve and lacks methods, or is no object, when it is added", () => {
		const add = (given: unknown) =>
			new Server().add(defineService(echoDescriptor, echoService().handlers as never, given as never));
		expect(() => add({ say: () => "", risky: () => "", work: 7 })).throw(
			TypeError,
			"what is to serve Echo lacks methods: work, order, note",
		);
		expect(() => add("say")).throw(TypeError, "Echo is served by an object that has its methods, not by string");
		expect(() => add(null)).throw(TypeError, "not by null");
		expect(() => add(undefined)).throw(TypeError, "not by undefined");
		for (const given of [undefined, {}, { say: () => "" }]) {
			expect(() => new Server().add(given as never)).throw(
				TypeError,
				"add() takes a service, as generated xxxService(",
			);
		}
		class Inherited {
			say() {}
			risky() {}
			work() {}
			order() {}
		}
		class Own extends Inherited {
			note = () => {};
		}
		add(new Own());
	});

	it("a client that is given an endpoint in place of a connection", () => {
		expect(() => connectionOf("tcp://127.0.0.1:1" as never)).throw(
			TypeError,
			'a client calls through a connection: give it connect("tcp://127.0.0.1:1"), not "tcp://127.0.0.1:1"',
		);
		expect(() => connectionOf(undefined as never)).throw(TypeError, "give it what connect() returns, not undefined");
	});

	it("a queue started twice, or when it is closed", async () => {
		const queue = own(new Queue({ clients: anyPort, workers: anyPort }));
		await queue.start();
		expect(await failureOf(queue.start())).include({
			status: "FAILED_PRECONDITION",
			message: "the queue has been started already",
		});
		await queue.close();
		expect(await failureOf(queue.start())).include({ status: "FAILED_PRECONDITION", message: "the queue is closed" });
	});

	describe("an endpoint mistaken for another:", () => {
		const startQueue = async () => {
			const queue = own(new Queue({ clients: anyPort, workers: anyPort, ...fast }));
			const { clients, workers } = await queue.start();
			return { queue, clients: clients[0]!, workers: workers[0]! };
		};
		const forWorkers = "workers join the queue at this endpoint: clients connect to its other one";
		const forClients = "clients connect to the queue at this endpoint: workers join at its other one";

		it("a client where workers join is told so, whatever it calls", async () => {
			const { workers } = await startQueue();
			const connection = own(connect(workers, { ...fast, retry: false } as ConnectionOptions));
			const key = new Uint8Array(16);
			const right = encodeReplyTo<string>({ method: echo.say.name, key, isJson: false, way: new Uint8Array(0) });
			for (const call of [
				() => connection.call(echo.say, ["hi"]),
				async () => connection.stream(ledger.list, [1]).next(),
				() => connection.answer(echo.say, right, "hi"),
				() => connection.answerError(echo.say, right, new RpcError("ABORTED", "no")),
			]) {
				expect(await failureOf(call)).include({
					status: "FAILED_PRECONDITION",
					outcome: "not-started",
					message: forWorkers,
				});
			}
			for await (const { error } of connection.survey(echo.say, ["hi"])) {
				expect(error).include({ status: "FAILED_PRECONDITION", message: forWorkers });
			}
			const raw = own(await new RawClient(workers).ready());
			raw.send("one way", "", callHeader("Echo.note", { flags: flags.ONE_WAY }), pack(["hi"]));
			raw.send("bare", "", "Echo.say", '["hi"]');
			expect((await raw.receive())[0]!.toString(), "nobody waits for a one-way call's answer").equal("bare");
			raw.send("token", "", callHeader("Echo.say"), pack(["hi"]));
			expect(failureIn(await raw.answer())).include({ status: 9, flags: flags.NOT_STARTED, message: forWorkers });
		});

		it("a server that joins where clients connect is told so, and the queue tells of it", async () => {
			const { queue, clients } = await startQueue();
			const stranger = deferred<{ readonly error: Error }>();
			queue.once("stranger", stranger.resolve);
			const server = own(new Server(fast)).add(echoService());
			const error = await failureOf(server.join(clients));
			expect(error).include({ status: "FAILED_PRECONDITION", origin: "peer", message: forClients });
			expect((await stranger.promise).error.message).equal(forClients);
			expect(queue.stats().workers).deep.equal([]);
		});

		it("a server that joins another server is told that it is no queue", async () => {
			const other = own(new Server(fast)).add(echoService());
			const server = own(new Server(fast)).add(echoService());
			const error = await failureOf(server.join(await other.bind(anyPort)));
			expect(error).include({
				status: "FAILED_PRECONDITION",
				message: "this is a server, which has no work for workers: join a queue",
			});
		});

		it("a queue that joins where clients connect says so", async () => {
			const { clients } = await startQueue();
			const lower = own(new Queue({ clients: anyPort, workers: anyPort, upstream: clients, ...fast }));
			const refused = deferred<{ readonly state: string; readonly error: Error | undefined }>();
			lower.once("upstream", refused.resolve);
			await lower.start();
			const { state, error } = await refused.promise;
			expect([state, error?.message]).deep.equal(["refused", forClients]);
		});
	});

	it("a service name registered twice, and a service added too late", async () => {
		const server = own(new Server()).add(echoService());
		expect(() => server.add(echoService())).throw("a service named Echo has been added already");
		await server.bind("inproc://added-too-late");
		expect(() => server.add(ledgerService())).throw("add Ledger before bind() and join()");
	});
});
