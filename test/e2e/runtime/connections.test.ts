import { type AddressInfo, createServer } from "node:net";
import { expect } from "chai";
import { connect, type RpcError, Server } from "../../../packages/runtime/src/index.js";
import { echo, echoService } from "../../support/runtime/echo.js";
import { EchoRig } from "../../support/runtime/echo-rig.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { deferred, failureOf, until, verdict } from "../../support/runtime/until.js";

const fast = { reconnectMs: 5, reconnectMaxMs: 20 };

describe("connections", () => {
	const rig = new EchoRig(() => anyPort);

	it("a lost connection ends its calls at once, outcome unknown: they may have run", async () => {
		const held = deferred<string>();
		const started = deferred();
		const say = () => {
			started.resolve();
			return held.promise;
		};
		const [connection, server] = await rig.pair({ say }, {}, fast);
		const call = failureOf(connection.call(echo.say, ["a"], { timeoutMs: 60_000 }));
		await started.promise;
		await server.close();
		const error = await call;
		expect(error).to.include({ status: "UNAVAILABLE", outcome: "unknown", origin: "local" });
		expect(connection.state).to.equal("connecting");
		held.resolve("nobody hears this");
	});

	it("calls go on when the server is back at the same place", async () => {
		const [first, endpoint] = await rig.serve();
		const connection = rig.connect(endpoint, fast);
		expect(await connection.call(echo.say, ["one"])).to.equal("one");
		const states: string[] = [];
		connection.on("state", (state) => states.push(state));
		await first.close();
		await until(() => connection.state === "connecting");
		const call = connection.call(echo.say, ["two"]);
		await rig.server().bind(endpoint);
		expect(await call).to.equal("two");
		expect(states).to.deep.equal(["connecting", "ready"]);
	});

	it("calls over several endpoints go to each server in turn, and past one that is lost", async () => {
		const [one, two] = await Promise.all([rig.serve(), rig.serve()]);
		const connection = rig.connect([one[1], two[1]], fast);
		const peers = new Set<string>();
		connection.on("peer", ({ address, isReady }) => (isReady ? peers.add(address) : peers.delete(address)));
		await until(() => peers.size === 2);
		await Promise.all(Array.from({ length: 100 }, () => connection.call(echo.say, ["a"])));
		expect([one[0].stats().served, two[0].stats().served]).to.deep.equal([50, 50]);
		await one[0].close();
		await until(() => peers.size === 1);
		await Promise.all(Array.from({ length: 100 }, () => connection.call(echo.say, ["a"])));
		expect(two[0].stats().served).to.equal(150);
	});

	it("one server may be bound at several endpoints", async () => {
		const server = rig.server();
		const endpoints = [await server.bind(anyPort), await server.bind("inproc://several"), await server.bind(anyPort)];
		for (const endpoint of endpoints) expect(await rig.connect(endpoint).call(echo.say, [endpoint])).to.equal(endpoint);
		await until(() => server.stats().peers === 3);
	});

	it("calls that wait for a server are bounded in number and octets", async () => {
		const endpoint = await rig.deserted();
		const connection = rig.connect(endpoint, { maxWaitingCalls: 2, maxWaitingBytes: 1000, ...fast });
		expect(await verdict(connection.call(echo.say, ["x".repeat(1000)]))).to.equal(
			"RESOURCE_EXHAUSTED not-started local",
		);
		const calls = [connection.call(echo.say, ["1"]), connection.call(echo.say, ["2"])];
		expect(await verdict(connection.call(echo.say, ["3"]))).to.equal("RESOURCE_EXHAUSTED not-started local");
		expect(() => connection.notify(echo.note, ["4"])).to.throw("too many calls wait");
		await rig.server().bind(endpoint);
		expect(await Promise.all(calls)).to.deep.equal(["1", "2"]);
	});

	it("a call that does not wait for a server fails at once when there is none", async () => {
		const connection = rig.connect(await rig.deserted());
		expect(await verdict(connection.call(echo.say, ["a"], { waitForReady: false }))).to.equal(
			"UNAVAILABLE not-started local",
		);
	});

	it("one-way calls that never left are counted", async () => {
		const connection = rig.connect(await rig.deserted());
		connection.notify(echo.note, ["a"], { timeoutMs: 20 });
		await until(() => connection.stats().droppedOneWays === 1);
		connection.notify(echo.note, ["b"]);
		await connection.close();
		expect(connection.stats()).to.include({ state: "closed", droppedOneWays: 2, waiting: 0 });
	});

	it("close() ends waiting and running calls with CANCELLED, and lets one-way calls leave", async () => {
		const noted: string[] = [];
		const never = new Promise(() => {});
		const [connection, server] = await rig.pair({ note: (text) => void noted.push(text), work: () => never });
		const running = verdict(connection.call(echo.work, [1]));
		await until(() => server.stats().running === 1);
		const waiting = rig.connect(await rig.deserted());
		const line = verdict(waiting.call(echo.say, ["a"]));
		connection.notify(echo.note, ["last words"]);
		await Promise.all([connection.close(), waiting.close()]);
		expect(await running).to.equal("CANCELLED unknown local");
		expect(await line).to.equal("CANCELLED not-started local");
		await until(() => noted.length === 1);
	});

	it("a call after close() is FAILED_PRECONDITION, close() twice is one", async () => {
		const [connection] = await rig.pair();
		await connection.call(echo.say, ["a"]);
		const closing = connection.close();
		expect(connection.close()).to.equal(closing);
		await closing;
		expect(await verdict(connection.call(echo.say, ["b"]))).to.equal("FAILED_PRECONDITION not-started local");
		expect(() => connection.notify(echo.note, ["c"])).to.throw("closed");
	});

	it("await using closes", async () => {
		const [, endpoint] = await rig.serve();
		const connection = connect(endpoint);
		{
			await using using = connection;
			await using.call(echo.say, ["a"]);
		}
		expect(connection.state).to.equal("closed");
	});

	it("a malformed endpoint among good ones is told at once, and nothing stays behind", async () => {
		const [server, endpoint] = await rig.serve();
		expect(() => connect([endpoint, "carrier-pigeon://x"])).to.throw();
		await until(() => server.stats().peers === 0);
	});

	it("a server that is none is told of while its client goes on trying, and the call has its deadline", async () => {
		const { promise: told, resolve: tell } = deferred<Error>();
		const impostor = createServer((socket) => socket.on("error", () => {}).end("HTTP/1.1 400 Bad Request\r\n\r\n"));
		await new Promise<void>((resolve) => impostor.listen(0, "127.0.0.1", resolve));
		rig.own({ close: () => impostor.close() });
		const connection = rig.connect(`tcp://127.0.0.1:${(impostor.address() as AddressInfo).port}`, fast);
		connection.on("stranger", ({ error }) => tell(error));
		const call = verdict(connection.call(echo.say, ["a"], { timeoutMs: 100 }));
		expect((await told).message).to.not.equal("");
		expect(await call).to.equal("DEADLINE_EXCEEDED not-started local");
	});

	it("a server that was closed takes no more orders", async () => {
		const [server] = await rig.serve();
		await server.close();
		await server.close();
		for (const order of [() => server.bind(anyPort), () => server.join(anyPort), () => server.drain()]) {
			expect(await verdict(order)).to.equal("FAILED_PRECONDITION not-started local");
		}
	});

	it("what a server is given it is given before it is bound, and once", async () => {
		const [server] = await rig.serve();
		expect(() => server.add(echoService())).to.throw("before bind()");
		const fresh = new Server().add(echoService());
		expect(() => fresh.add(echoService())).to.throw("Echo");
		expect(() => new Server({ concurrency: 0 })).to.throw(RangeError);
		expect(() => connect(anyPort, { timeoutMs: Number.NaN })).to.throw(RangeError);
	});

	it("a server serves as many calls at a time as it was told, and refuses beyond its line", async () => {
		const held: (() => void)[] = [];
		let most = 0;
		const [connection, server] = await rig.pair(
			{
				work: (what) => {
					most = Math.max(most, server.stats().running + 1);
					return new Promise((resolve) => held.push(() => resolve(what)));
				},
			},
			{ concurrency: 3, maxWaitingCalls: 2 },
		);
		const outcomes = Array.from({ length: 7 }, (_, at) =>
			connection.call(echo.work, [at]).catch((error: RpcError) => `${error.status} ${error.outcome}`),
		);
		await until(() => server.stats().running === 3 && server.stats().waiting === 2);
		expect(await Promise.all(outcomes.slice(5))).to.deep.equal(Array(2).fill("RESOURCE_EXHAUSTED not-started"));
		while (server.stats().running > 0) {
			for (const release of held.splice(0)) release();
			await new Promise((resolve) => setImmediate(resolve));
		}
		expect(await Promise.all(outcomes.slice(0, 5))).to.deep.equal([0, 1, 2, 3, 4]);
		expect(most).to.equal(3);
	});

	it("closing a server aborts its handlers and tells their callers by the end of the connection", async () => {
		const aborted = deferred<string>();
		const started = deferred();
		const [connection, server] = await rig.pair(
			{
				work: (_, { signal }) =>
					new Promise((_resolve, reject) => {
						signal.addEventListener("abort", () => {
							aborted.resolve((signal.reason as RpcError).status);
							reject(signal.reason);
						});
						started.resolve();
					}),
			},
			{},
			fast,
		);
		const call = failureOf(connection.call(echo.work, [1]));
		await started.promise;
		await server.close();
		expect(await aborted.promise).to.equal("CANCELLED");
		expect((await call).status).to.be.oneOf(["UNAVAILABLE", "CANCELLED"]);
	});
});
