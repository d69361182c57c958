import { expect } from "chai";
import type { Connection, ConnectionOptions, HedgeEvent } from "../../../packages/runtime/src/index.js";
import { echo } from "../../support/runtime/echo.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { ledger } from "../../support/runtime/ledger.js";
import { fast, QueueRig } from "../../support/runtime/queue-rig.js";
import { type Request, ScriptedServer } from "../../support/runtime/scripted-server.js";
import { until, verdict } from "../../support/runtime/until.js";

/** All attempts at once, so that no test waits for a delay. */
const atOnce = { delayMs: 0 };
/** A delay that never ends. */
const never = { delayMs: 1e9 };

describe("hedged calls", () => {
	const rig = new QueueRig();
	let servers: ScriptedServer[];
	let hedges: HedgeEvent[];

	/** So many servers that answer nothing unless the test says so, and a connection to them all. */
	async function start(count: number, options: ConnectionOptions = {}): Promise<Connection> {
		servers = Array.from({ length: count }, () => rig.own(new ScriptedServer()));
		hedges = [];
		const connection = rig.connect(await Promise.all(servers.map((server) => server.bind(anyPort))), {
			...fast,
			...options,
		});
		connection.on("hedge", (hedge) => hedges.push(hedge));
		await until(() => connection.stats().endpoints.every(({ state }) => state === "ready"));
		return connection;
	}

	const all = (): Request[] => servers.flatMap(({ requests }) => requests);
	const serverOf = (request: Request) => servers.find(({ requests }) => requests.includes(request))!;
	const byAttempt = (attempt: number) => all().find((request) => request.attempt === attempt)!;

	it("go to another server when the first is slow, the first answer wins, and the loser is cancelled", async () => {
		const connection = await start(2);
		for (const winner of [0, 1]) {
			for (const server of servers) server.requests.length = server.cancelled.length = 0;
			const call = connection.call(echo.say, ["a"], { hedge: { delayMs: 1 } });
			await until(() => all().length === 2);
			expect(servers.map(({ requests }) => requests.length)).to.deep.equal([1, 1]);
			expect(all().map(({ attempt }) => attempt)).to.have.members([0, 1]);
			const [won, lost] = [byAttempt(winner), byAttempt(1 - winner)];
			serverOf(won).succeed(won, `by ${winner}`);
			expect(await call).to.equal(`by ${winner}`);
			await until(() => serverOf(lost).cancelled.length === 1);
			expect(serverOf(lost).cancelled[0]).to.deep.equal(lost.replyToken);
			expect(serverOf(won).cancelled).to.deep.equal([]);
			serverOf(lost).succeed(lost, "too late");
		}
		await until(() => connection.stats().droppedReplies === 2);
		expect(connection.stats()).to.include({ hedges: 2, hedgesWon: 1, inFlight: 0, retries: 0 });
		expect(hedges).to.have.length(2);
		expect(hedges[0]).to.include({ method: "Echo.say", attempt: 1 });
	});

	it("are one request when the first server answers in time", async () => {
		const connection = await start(2, { hedge: never });
		for (const server of servers) server.onRequest = (request) => server.succeed(request, "soon");
		for (let i = 0; i < 10; i++) expect(await connection.call(echo.say, ["a"])).to.equal("soon");
		expect(all()).to.have.length(10);
		expect(connection.stats()).to.include({ hedges: 0, inFlight: 0 });
	});

	it("go to the same server when there is no other", async () => {
		const connection = await start(1);
		const call = connection.call(echo.say, ["a"], { hedge: { ...atOnce, maxAttempts: 3 } });
		await until(() => all().length === 3);
		servers[0]!.succeed(byAttempt(2), "third");
		expect(await call).to.equal("third");
		await until(() => servers[0]!.cancelled.length === 2);
	});

	it("an attempt that says nothing of the call leaves the word to the others; the next follows at once", async () => {
		const connection = await start(2, { retry: false });
		for (const how of ["unknown", "not-started", undefined] as const) {
			for (const server of servers) server.requests.length = 0;
			const call = connection.call(echo.say, ["a"], { hedge: never });
			await until(() => all().length === 1);
			const first = byAttempt(0);
			serverOf(first).fail(first, how);
			await until(() => all().length === 2);
			const second = byAttempt(1);
			expect(serverOf(second)).to.not.equal(serverOf(first));
			serverOf(second).succeed(second, "well");
			expect(await call).to.equal("well");
		}
	});

	it("an answer of the handler's is the answer, also when it is an error", async () => {
		const connection = await start(2);
		const call = verdict(connection.call(echo.say, ["a"], { hedge: atOnce }));
		await until(() => all().length === 2);
		const judge = byAttempt(1);
		serverOf(judge).fail(judge, undefined, 5);
		expect(await call).to.equal("NOT_FOUND failed peer");
		await until(() => serverOf(byAttempt(0)).cancelled.length === 1);
	});

	it("when all attempts fail the last one's failure is told, not started only when none was", async () => {
		const connection = await start(2);
		for (const [hows, outcome] of [
			[["not-started", "not-started"], "not-started"],
			[["unknown", "not-started"], "unknown"],
			[["not-started", "unknown"], "unknown"],
		] as const) {
			for (const server of servers) server.requests.length = 0;
			const call = verdict(connection.call(echo.say, ["a"], { hedge: atOnce }));
			await until(() => all().length === 2);
			for (const [attempt, how] of hows.entries()) {
				const request = byAttempt(attempt);
				serverOf(request).fail(request, how);
				if (attempt === 0) await until(() => connection.stats().inFlight === 1);
			}
			expect(await call).to.equal(`UNAVAILABLE ${outcome} peer`);
		}
		expect(all()).to.have.length(2);
	});

	it("cancelling the call, or its deadline, ends all its attempts, and its servers hear of a cancellation", async () => {
		const connection = await start(2);
		const controller = new AbortController();
		const call = verdict(connection.call(echo.say, ["a"], { hedge: atOnce, signal: controller.signal }));
		await until(() => all().length === 2);
		controller.abort();
		expect(await call).to.equal("CANCELLED unknown local");
		await until(() => servers.every(({ cancelled }) => cancelled.length === 1));
		const late = connection.call(echo.say, ["a"], { hedge: atOnce, timeoutMs: 20 });
		expect(await verdict(late)).to.equal("DEADLINE_EXCEEDED unknown local");
		const closed = verdict(connection.call(echo.say, ["a"], { hedge: atOnce }));
		await until(() => all().length === 6);
		await connection.close();
		expect(await closed).to.equal("CANCELLED unknown local");
		expect(connection.stats()).to.include({ inFlight: 0, waiting: 0 });
		expect(connection.stats().endpoints.map(({ inFlight }) => inFlight)).to.deep.equal([0, 0]);
	});

	it("a connection hedges what can be hedged and nothing else; asked for by a call, the rest is refused", async () => {
		const connection = await start(2, { hedge: atOnce });
		for (const server of servers) server.onRequest = (request) => server.succeed(request, "once");
		expect(await connection.call(echo.risky, ["a"])).to.equal("once");
		expect(await connection.call(echo.say, ["a"], { hedge: false })).to.equal("once");
		expect(all()).to.have.length(2);
		const risky = connection.call(echo.risky, ["a"], { hedge: atOnce });
		expect(await verdict(risky)).to.equal("INVALID_ARGUMENT not-started local");
		const audit = connection.call(ledger.audit, [1], { hedge: atOnce }, [() => {}, async () => true]);
		expect(await verdict(audit)).to.equal("INVALID_ARGUMENT not-started local");
		for (const bad of [{ delayMs: -1 }, { delayMs: 1, maxAttempts: 1 }, { delayMs: 1, maxAttempts: 17 }]) {
			const call = connection.call(echo.say, ["a"], { hedge: bad });
			expect(await verdict(call)).to.equal("INVALID_ARGUMENT not-started local");
			expect(() => rig.connect(anyPort, { hedge: bad })).to.throw(RangeError, "hedge.");
		}
	});

	it("a call that waits for a server is not made twice for that", async () => {
		const endpoint = await rig.deserted();
		const connection = rig.connect(endpoint, fast);
		const call = connection.call(echo.say, ["a"], { hedge: { delayMs: 1 } });
		const server = await rig.server();
		await server.bind(endpoint);
		expect(await call).to.equal("a");
		expect(connection.stats().waiting).to.equal(0);
	});

	it("while all servers are slow hedges win nothing, and soon are no longer made", async () => {
		const connection = await start(2, { retryBudget: { maxTokens: 7, tokenRatio: 0.01 } });
		// The first attempt answers first, whatever came beside it.
		for (const server of servers) {
			server.onRequest = (request) => {
				if (request.attempt === 0) setImmediate(() => server.succeed(request, "slow"));
			};
		}
		for (let i = 0; i < 20; i++) await connection.call(echo.say, ["a"], { hedge: atOnce });
		expect(connection.stats()).to.include({ hedges: 4, hedgesWon: 0 });
	});

	it("one slow worker in four makes a quarter of the calls slow; hedged, none has to wait for it", async () => {
		const connection = await start(4);
		const held: (() => void)[] = [];
		for (const [at, server] of servers.entries()) {
			const answer = (request: Request) => server.succeed(request, at === 0 ? "slow" : "quick");
			server.onRequest = at === 0 ? (request) => held.push(() => answer(request)) : answer;
		}
		const plain = Array.from({ length: 40 }, () => connection.call(echo.say, ["a"]));
		await until(() => connection.stats().inFlight === 10);
		for (const release of held.splice(0)) release();
		expect((await Promise.all(plain)).filter((by) => by === "slow")).to.have.length(10);
		const hedged = Array.from({ length: 40 }, () => connection.call(echo.say, ["a"], { hedge: { delayMs: 1 } }));
		expect((await Promise.all(hedged)).filter((by) => by === "slow")).to.have.length(0);
		expect(connection.stats()).to.include({ inFlight: 0 });
		// On a busy machine further attempts of other calls come to it too.
		expect(held.length).to.be.at.least(10);
		await until(() => servers[0]!.cancelled.length === held.length);
	});
});
