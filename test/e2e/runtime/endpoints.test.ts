import { expect } from "chai";
import {
	type BreakerEvent,
	type Connection,
	type ConnectionOptions,
	type EndpointStats,
	type Method,
	unary,
} from "../../../packages/runtime/src/index.js";
import { echo } from "../../support/runtime/echo.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { fast, QueueRig } from "../../support/runtime/queue-rig.js";
import { type Request, ScriptedServer } from "../../support/runtime/scripted-server.js";
import { deferred, until, verdict } from "../../support/runtime/until.js";

const keyed: Method<[string], string> = unary({
	name: "Echo.say",
	affinity: 0,
	arguments: echo.say.arguments,
	result: echo.say.result,
});

describe("several endpoints", () => {
	const rig = new QueueRig();
	let servers: ScriptedServer[];
	let places: string[];

	/** So many servers, and a connection to them all. Each answers with its place unless the test says otherwise. */
	async function start(count: number, options: ConnectionOptions = {}): Promise<Connection> {
		servers = Array.from({ length: count }, () => rig.own(new ScriptedServer()));
		places = await Promise.all(servers.map((server) => server.bind(anyPort)));
		for (const [at, server] of servers.entries()) {
			server.onRequest = (request) => server.succeed(request, places[at]);
		}
		const connection = rig.connect(places, { ...fast, ...options });
		await allReady(connection);
		return connection;
	}

	const allReady = (connection: Connection) =>
		until(() => connection.stats().endpoints.every(({ state }) => state === "ready"));
	const counts = () => servers.map(({ requests }) => requests.length);
	const of = (connection: Connection, at: number): EndpointStats => connection.stats().endpoints[at]!;

	it("the calls in flight of each are counted, through success, failure and loss", async () => {
		const connection = await start(2);
		for (const server of servers) server.onRequest = () => {};
		const calls = Array.from({ length: 6 }, () => connection.call(echo.say, ["a"], { retry: false }));
		const ends = Promise.all(calls.map((call) => call.catch(({ status }) => status)));
		await until(() => counts().every((count) => count === 3));
		expect(connection.stats().endpoints).to.deep.equal(
			places.map((endpoint) => ({ endpoint, state: "ready", inFlight: 3, breaker: "closed" })),
		);
		servers[0]!.succeed(servers[0]!.requests[0]!, "done");
		servers[0]!.fail(servers[0]!.requests[1]!);
		await until(() => of(connection, 0).inFlight === 1);
		servers[0]!.cut();
		servers[1]!.cut();
		await ends;
		expect(connection.stats().endpoints.map(({ inFlight }) => inFlight)).to.deep.equal([0, 0]);
	});

	it("least-in-flight: a server that does not answer gets no more than the others have", async () => {
		const connection = await start(3, { balance: "least-in-flight" });
		servers[0]!.onRequest = () => {};
		const stuck = new Set<Promise<unknown>>();
		for (let i = 0; i < 30; i++) {
			const call = connection.call(echo.say, ["a"]);
			stuck.add(call);
			void call.then(() => stuck.delete(call)).catch(() => {});
			await until(() => stuck.size <= 1);
		}
		expect(counts()[0]).to.equal(1);
		expect(counts().reduce((a, b) => a + b)).to.equal(30);
	});

	it("affinity: equal keys go to one server; when it is lost its keys alone move, and come back with it", async () => {
		const connection = await start(3, { balance: "affinity" });
		const keys = Array.from({ length: 40 }, (_, at) => `account ${at}`);
		const homes = () => Promise.all(keys.map((key) => connection.call(keyed, [key])));
		const before = await homes();
		expect(new Set(before).size).to.equal(3);
		expect(await homes()).to.deep.equal(before);
		await servers[1]!.close();
		await until(() => of(connection, 1).state === "connecting");
		for (const [at, home] of (await homes()).entries()) {
			if (before[at] === places[1]) expect(home).to.not.equal(places[1]);
			else expect(home).to.equal(before[at]);
		}
		const again = rig.own(new ScriptedServer());
		again.onRequest = (request) => again.succeed(request, places[1]);
		await again.bind(places[1]!);
		await allReady(connection);
		expect(await homes()).to.deep.equal(before);
	});

	it("a server that drains is said to", async () => {
		const held = deferred<string>();
		const [server, endpoint] = await rig.serve({ say: () => held.promise });
		const connection = rig.connect(endpoint, fast);
		const call = connection.call(echo.say, ["a"]);
		await until(() => server.stats().running === 1);
		const drained = server.drain();
		await until(() => of(connection, 0).state === "draining");
		expect(of(connection, 0)).to.include({ inFlight: 1 });
		held.resolve("finished");
		expect(await call).to.equal("finished");
		await drained;
	});

	it("ready() resolves when a server is there, and tells why not", async () => {
		const endpoint = await rig.deserted();
		const connection = rig.connect(endpoint, fast);
		expect(await verdict(connection.ready({ timeoutMs: 1 }))).to.equal("DEADLINE_EXCEEDED not-started local");
		expect(await verdict(connection.ready({ signal: AbortSignal.abort() }))).to.equal("CANCELLED not-started local");
		const controller = new AbortController();
		const cancelled = verdict(connection.ready({ signal: controller.signal }));
		controller.abort();
		expect(await cancelled).to.equal("CANCELLED not-started local");
		const ready = Array.from({ length: 20 }, () => connection.ready({ timeoutMs: Number.POSITIVE_INFINITY }));
		await rig.server().bind(endpoint);
		await Promise.all(ready);
		await connection.ready();
		const lost = rig.connect(await rig.deserted(), fast);
		const closed = verdict(lost.ready());
		await lost.close();
		expect(await closed).to.equal("FAILED_PRECONDITION not-started local");
		expect(await verdict(lost.ready())).to.equal("FAILED_PRECONDITION not-started local");
	});

	describe("with a circuit breaker", () => {
		const breaker = { failures: 3, openMs: 60_000 };
		const fail = (server: ScriptedServer) => (request: Request) => server.fail(request);

		it("an endpoint that fails one call after another gets no more while another is there", async () => {
			const connection = await start(2, { breaker });
			const events: BreakerEvent[] = [];
			connection.on("breaker", (event) => events.push(event));
			servers[0]!.onRequest = fail(servers[0]!);
			for (let i = 0; i < 20; i++) await connection.call(echo.say, ["a"]).catch(() => {});
			expect(counts()).to.deep.equal([3, 17]);
			expect(events).to.deep.equal([{ endpoint: places[0], state: "open" }]);
			expect(of(connection, 0)).to.include({ state: "ready", breaker: "open" });
			expect(connection.stats().breakersOpened).to.equal(1);
		});

		it("calls that are made when it opens have all their time, also while others end for want of it", async () => {
			const connection = await start(2, { breaker: { failures: 1, openMs: 60_000 } });
			servers[0]!.onRequest = () => {};
			const made: Promise<unknown>[] = [];
			connection.on("breaker", () => {
				for (let i = 0; i < 8; i++) made.push(connection.call(echo.say, ["a"], { timeoutMs: 60_000 }));
			});
			// Both servers have had some, so that slots are free before and behind that of the call that ends.
			const options = { timeoutMs: 20, retry: false } as const;
			await Promise.all(Array.from({ length: 6 }, () => connection.call(echo.say, ["a"], options).catch(() => {})));
			expect(made).to.have.length(8);
			await Promise.all(made);
		});

		it("with none left, a call that does not wait fails with the breaker's name, not started", async () => {
			const connection = await start(1, { breaker });
			servers[0]!.onRequest = fail(servers[0]!);
			for (let i = 0; i < 3; i++) await verdict(connection.call(echo.say, ["a"]));
			const call = connection.call(echo.say, ["a"], { waitForReady: false });
			await call.then(
				() => expect.fail("it succeeded"),
				(error) => {
					expect(error).to.include({ status: "UNAVAILABLE", outcome: "not-started", origin: "local" });
					expect(error.message).to.equal(`Echo.say: the circuit breaker is open for ${places[0]}`);
				},
			);
			expect(counts()).to.deep.equal([3]);
		});

		it("with none left, calls wait; after its time one tries, and its answer lets the others go", async () => {
			const connection = await start(1, { breaker: { failures: 3, openMs: 1 } });
			const states: string[] = [];
			connection.on("breaker", ({ state }) => states.push(state));
			servers[0]!.onRequest = fail(servers[0]!);
			for (let i = 0; i < 3; i++) await verdict(connection.call(echo.say, ["a"]));
			servers[0]!.onRequest = () => {};
			const calls = Array.from({ length: 5 }, () => connection.call(echo.say, ["b"]));
			await until(() => counts()[0] === 4);
			expect(connection.stats()).to.include({ waiting: 4, inFlight: 1 });
			servers[0]!.onRequest = (request) => servers[0]!.succeed(request, "well again");
			servers[0]!.succeed(servers[0]!.requests[3]!, "well again");
			expect(new Set(await Promise.all(calls)).size).to.equal(1);
			expect(states).to.deep.equal(["open", "half-open", "closed"]);
		});

		it("who tries and fails opens it again, and who tries and is cancelled makes room for another", async () => {
			const connection = await start(1, { breaker: { failures: 1, openMs: 1 }, retry: false });
			const states: string[] = [];
			connection.on("breaker", ({ state }) => states.push(state));
			servers[0]!.onRequest = fail(servers[0]!);
			await verdict(connection.call(echo.say, ["opens it"]));
			expect(await verdict(connection.call(echo.say, ["tries"]))).to.equal("UNAVAILABLE failed peer");
			expect(states.filter((state) => state === "open")).to.have.length(2);
			servers[0]!.onRequest = () => {};
			const controller = new AbortController();
			const tries = verdict(connection.call(echo.say, ["tries"], { signal: controller.signal }));
			await until(() => counts()[0] === 3);
			const next = connection.call(echo.say, ["next"]);
			servers[0]!.onRequest = (request) => servers[0]!.succeed(request, "well");
			controller.abort();
			expect(await tries).to.contain("CANCELLED");
			expect(await next).to.equal("well");
			expect(of(connection, 0).breaker).to.equal("closed");
		});

		it("answers that are errors of other kinds are answers, and deadlines that pass are failures", async () => {
			const connection = await start(1, { breaker, retry: false });
			servers[0]!.onRequest = (request) => servers[0]!.fail(request, undefined, 5);
			for (let i = 0; i < 5; i++) await verdict(connection.call(echo.say, ["a"]));
			expect(of(connection, 0).breaker).to.equal("closed");
			servers[0]!.onRequest = () => {};
			await Promise.all([1, 2, 3].map(() => verdict(connection.call(echo.say, ["a"], { timeoutMs: 1 }))));
			expect(of(connection, 0).breaker).to.equal("open");
			await connection.close();
		});
	});
});
