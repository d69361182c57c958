import { expect } from "chai";
import type { CallContext, RpcError } from "../../../packages/runtime/src/index.js";
import { echo } from "../../support/runtime/echo.js";
import { EchoRig } from "../../support/runtime/echo-rig.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { type Deferred, deferred, failureOf, until, verdict } from "../../support/runtime/until.js";

describe("time and cancellation", () => {
	const rig = new EchoRig(() => anyPort);
	let started: Deferred<CallContext>;
	let release: Deferred<void>;
	beforeEach(() => {
		started = deferred();
		release = deferred();
	});
	afterEach(() => release.resolve());

	/** Says that it runs, and goes on until it is released. */
	const hold = async (what: unknown, context: CallContext) => {
		started.resolve(context);
		await release.promise;
		return what;
	};
	/** Runs until its signal aborts, and tells why. */
	const obey = (_: unknown, context: CallContext) =>
		new Promise((_resolve, reject) => {
			context.signal.addEventListener("abort", () => reject(context.signal.reason));
			started.resolve(context);
		});

	it("a call that nobody answers in time is DEADLINE_EXCEEDED, its outcome unknown", async () => {
		const [connection] = await rig.pair({ work: hold });
		// What is sent to a server that is there leaves at once, however busy the machine is.
		await connection.call(echo.say, ["a"]);
		expect(await verdict(connection.call(echo.work, [1], { timeoutMs: 30 }))).to.equal(
			"DEADLINE_EXCEEDED unknown local",
		);
	});

	it("a call that could not even be sent in time was not started", async () => {
		const connection = rig.connect(await rig.deserted());
		expect(await verdict(connection.call(echo.say, ["a"], { timeoutMs: 30 }))).to.equal(
			"DEADLINE_EXCEEDED not-started local",
		);
		expect(connection.stats()).to.include({ waiting: 0, inFlight: 0 });
	});

	it("the handler's signal aborts at the caller's deadline", async () => {
		const [connection, server] = await rig.pair({ work: obey });
		const call = failureOf(connection.call(echo.work, [1], { timeoutMs: 40 }));
		const context = await started.promise;
		expect(context.remainingMs).to.be.within(0, 40);
		await call;
		await until(() => context.signal.aborted);
		expect((context.signal.reason as RpcError).status).to.equal("DEADLINE_EXCEEDED");
		expect(context.remainingMs).to.equal(0);
		await until(() => server.stats().running === 0);
	});

	it("a call's time runs while the server is busy with those that came with it", async () => {
		const busyMs = 50;
		const block = (_: unknown, { remainingMs }: CallContext) => {
			for (const until = performance.now() + busyMs; performance.now() < until; );
			return remainingMs;
		};
		const [connection] = await rig.pair({ work: block });
		await connection.ready();
		const options = { timeoutMs: 10_000 };
		const [, second] = await Promise.all([1, 2].map((i) => connection.call(echo.work, [i], options)));
		expect(second).to.be.at.most(options.timeoutMs - busyMs + 1);
	});

	it("a late reply is dropped and counted", async () => {
		const [connection] = await rig.pair({ work: hold });
		await failureOf(connection.call(echo.work, [1], { timeoutMs: 30 }));
		release.resolve();
		await until(() => connection.stats().droppedReplies === 1);
		expect(await connection.call(echo.say, ["a"])).to.equal("a");
	});

	// H79
	const times: [name: string, options: { timeoutMs?: number; deadline?: Date }, expected: string][] = [
		["a timeout of 0", { timeoutMs: 0 }, "DEADLINE_EXCEEDED not-started local"],
		["a negative timeout", { timeoutMs: -5 }, "DEADLINE_EXCEEDED not-started local"],
		["a timeout of NaN", { timeoutMs: Number.NaN }, "INVALID_ARGUMENT not-started local"],
		["a deadline in the past", { deadline: new Date(0) }, "DEADLINE_EXCEEDED not-started local"],
		["a deadline that is no date", { deadline: new Date(Number.NaN) }, "INVALID_ARGUMENT not-started local"],
	];
	for (const [name, options, expected] of times) {
		it(`${name} ends the call before anything is sent`, async () => {
			const [connection, server] = await rig.pair();
			await connection.call(echo.say, ["ready"]);
			expect(await verdict(connection.call(echo.say, ["a"], options))).to.equal(expected);
			await connection.call(echo.say, ["behind it"]);
			expect(server.stats().served).to.equal(2);
			expect(connection.stats().inFlight).to.equal(0);
		});
	}

	for (const timeoutMs of [2 ** 32, 2 ** 53, Number.POSITIVE_INFINITY]) {
		it(`a timeout of ${timeoutMs} ms is no deadline`, async () => {
			const [connection] = await rig.pair({ work: (_, { deadline }) => String(deadline) });
			expect(await connection.call(echo.work, [1], { timeoutMs })).to.equal("Infinity");
		});
	}

	it("the sooner of timeout and deadline counts, and what a parent call has left", async () => {
		const [connection] = await rig.pair({ work: (_, { remainingMs }) => remainingMs });
		const remaining = async (options: object) => (await connection.call(echo.work, [1], options)) as number;
		expect(await remaining({ timeoutMs: 5000, deadline: new Date(Date.now() + 1000) })).to.be.at.most(1000);
		expect(await remaining({ timeoutMs: 1000, deadline: new Date(Date.now() + 5000) })).to.be.at.most(1000);
		const parent = { remainingMs: 500, signal: new AbortController().signal } as CallContext;
		expect(await remaining({ timeoutMs: 5000, parent })).to.be.at.most(500);
	});

	it("a call cancelled before it was made is not started", async () => {
		const [connection, server] = await rig.pair();
		const error = await failureOf(connection.call(echo.say, ["a"], { signal: AbortSignal.abort("because") }));
		expect(error).to.include({ status: "CANCELLED", outcome: "not-started", origin: "local", cause: "because" });
		await connection.call(echo.say, ["b"]);
		expect(server.stats().served).to.equal(1);
	});

	it("a call cancelled while it waits for a server is not started, and leaves the line", async () => {
		const connection = rig.connect(await rig.deserted());
		const controller = new AbortController();
		const call = verdict(connection.call(echo.say, ["a"], { signal: controller.signal }));
		expect(connection.stats().waiting).to.equal(1);
		controller.abort();
		expect(await call).to.equal("CANCELLED not-started local");
		expect(connection.stats()).to.include({ waiting: 0, inFlight: 0 });
	});

	it("a call cancelled in flight ends at once, and its handler's signal aborts", async () => {
		const [connection, server] = await rig.pair({ work: obey });
		const controller = new AbortController();
		const call = verdict(connection.call(echo.work, [1], { signal: controller.signal }));
		const context = await started.promise;
		controller.abort();
		expect(await call).to.equal("CANCELLED unknown local");
		await until(() => context.signal.aborted);
		expect((context.signal.reason as RpcError).status).to.equal("CANCELLED");
		await until(() => server.stats().running === 0);
		await until(() => connection.stats().droppedReplies === 1);
	});

	it("a handler that asks for its signal late finds it aborted already", async () => {
		const [connection] = await rig.pair({ work: hold });
		const controller = new AbortController();
		const call = failureOf(connection.call(echo.work, [1], { signal: controller.signal }));
		const context = await started.promise;
		controller.abort();
		await call;
		// Behind the CANCEL on the same connection.
		await connection.call(echo.say, ["b"]);
		expect(context.signal.aborted).to.equal(true);
	});

	it("cancelling after the answer, or twice, changes nothing and leaves no listener", async () => {
		const [connection] = await rig.pair();
		const controller = new AbortController();
		let listeners = 0;
		const { signal } = controller;
		const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
		signal.addEventListener = (...args: Parameters<typeof add>) => {
			listeners++;
			add(...args);
		};
		signal.removeEventListener = (...args: Parameters<typeof remove>) => {
			listeners--;
			remove(...args);
		};
		expect(await connection.call(echo.say, ["a"], { signal })).to.equal("a");
		expect(listeners).to.equal(0);
		controller.abort();
		controller.abort();
		expect(await connection.call(echo.say, ["b"])).to.equal("b");
		expect(connection.stats()).to.include({ inFlight: 0, droppedReplies: 0 });
	});

	it("a parent's cancellation holds for the calls made on its behalf", async () => {
		const [connection] = await rig.pair({ work: obey });
		const controller = new AbortController();
		const parent = { remainingMs: 5000, signal: controller.signal } as CallContext;
		const call = verdict(connection.call(echo.work, [1], { parent }));
		await started.promise;
		controller.abort();
		expect(await call).to.equal("CANCELLED unknown local");
	});

	it("a call cancelled in the server's line never starts", async () => {
		const ran: unknown[] = [];
		const [connection, server] = await rig.pair(
			{
				work: (what, context) => {
					ran.push(what);
					return hold(what, context);
				},
			},
			{ concurrency: 1 },
		);
		const first = connection.call(echo.work, [1]);
		await started.promise;
		const controller = new AbortController();
		const second = verdict(connection.call(echo.work, [2], { signal: controller.signal }));
		await until(() => server.stats().waiting === 1);
		controller.abort();
		expect(await second).to.equal("CANCELLED unknown local");
		await until(() => server.stats().waiting === 0);
		release.resolve();
		expect(await first).to.equal(1);
		expect(ran).to.deep.equal([1]);
	});

	it("a call whose deadline passes in the server's line never starts", async () => {
		const ran: unknown[] = [];
		const [connection, server] = await rig.pair(
			{
				work: (what, context) => {
					ran.push(what);
					return hold(what, context);
				},
			},
			{ concurrency: 1 },
		);
		const first = connection.call(echo.work, [1]);
		await started.promise;
		expect(await verdict(connection.call(echo.work, [2], { timeoutMs: 30 }))).to.contain("DEADLINE_EXCEEDED");
		expect(server.stats().waiting).to.equal(1);
		release.resolve();
		expect(await first).to.equal(1);
		await until(() => server.stats().waiting === 0);
		expect(ran).to.deep.equal([1]);
	});

	it("a client that goes away aborts its handlers and takes its calls out of the line", async () => {
		const [connection, server] = await rig.pair({ work: obey }, { concurrency: 1 });
		const calls = [connection.call(echo.work, [1]), connection.call(echo.work, [2])].map((call) => verdict(call));
		const context = await started.promise;
		await until(() => server.stats().waiting === 1);
		await connection.close();
		expect(await Promise.all(calls)).to.deep.equal(["CANCELLED unknown local", "CANCELLED unknown local"]);
		await until(() => context.signal.aborted);
		await until(() => server.stats().running === 0 && server.stats().waiting === 0);
	});

	it("five thousand calls cancelled at once end at once, and the server forgets them", async () => {
		const [connection, server] = await rig.pair({ work: obey }, { concurrency: 100_000 });
		const controller = new AbortController();
		const { signal } = controller;
		const calls = Array.from({ length: 5000 }, (_, at) => verdict(connection.call(echo.work, [at], { signal })));
		await until(() => server.stats().running === 5000);
		controller.abort();
		for (const each of await Promise.all(calls)) expect(each).to.equal("CANCELLED unknown local");
		await until(() => server.stats().running === 0);
	});
});
