import { expect } from "chai";
import type { ConnectionOptions, RetryEvent, RpcError } from "../../../packages/runtime/src/index.js";
import { echo } from "../../support/runtime/echo.js";
import { EchoRig } from "../../support/runtime/echo-rig.js";
import { anyPort, transports } from "../../support/runtime/endpoints.js";
import { ledger } from "../../support/runtime/ledger.js";
import { fast, QueueRig } from "../../support/runtime/queue-rig.js";
import { type Request, ScriptedServer } from "../../support/runtime/scripted-server.js";
import { deferred, failureOf, until, verdict } from "../../support/runtime/until.js";

/** Pauses that tests need not wait for. */
const quick = { initialBackoffMs: 1, maxBackoffMs: 1 };

for (const { name: transport, endpoint } of transports) {
	describe(`retries over ${transport}`, () => {
		const rig = new EchoRig(endpoint);
		let server: ScriptedServer;
		let place: string;
		let retries: RetryEvent[];
		beforeEach(async () => {
			server = rig.own(new ScriptedServer());
			place = await server.bind(endpoint());
			retries = [];
		});

		const client = (options: ConnectionOptions = {}) => {
			const connection = rig.connect(place, { ...fast, ...options });
			connection.on("retry", (retry) => retries.push(retry));
			return connection;
		};

		/** Answers the first requests in the given ways, the rest with success. */
		const script = (...ways: ((request: Request) => void)[]) => {
			server.onRequest = (request) => {
				const way = ways.shift();
				if (way === undefined) server.succeed(request, `${request.args[0]} ${request.attempt}`);
				else way(request);
			};
		};
		const refuse = (request: Request) => server.fail(request, "not-started");
		const lose = (request: Request) => server.fail(request, "unknown");
		const fail = (request: Request) => server.fail(request);
		const cut = () => server.cut();

		it("a call that was not started is made again without anybody asking for it, and its handler is told", async () => {
			script(refuse);
			const connection = client();
			expect(await connection.call(echo.risky, ["a"])).to.equal("a 1");
			expect(retries).to.have.length(1);
			expect(retries[0]).to.include({ method: "Echo.risky", attempt: 1 });
			expect(retries[0]!.error).to.include({ status: "UNAVAILABLE", outcome: "not-started", origin: "peer" });
			expect(connection.stats()).to.include({ retries: 1, inFlight: 0, waiting: 0, droppedReplies: 0 });
		});

		it("without a policy nothing is made again that may have run", async () => {
			script(lose, fail, cut);
			const connection = client();
			expect(await verdict(connection.call(echo.say, ["a"]))).to.equal("UNAVAILABLE unknown peer");
			expect(await verdict(connection.call(echo.say, ["b"]))).to.equal("UNAVAILABLE failed peer");
			expect(await verdict(connection.call(echo.say, ["c"]))).to.equal("UNAVAILABLE unknown local");
			expect(retries).to.deep.equal([]);
		});

		it("with a policy an idempotent call is made again whatever became of it; any other is sent once", async () => {
			const connection = client({ retry: quick });
			for (const way of [lose, fail, cut]) {
				script(way);
				expect(await connection.call(echo.say, ["a"])).to.equal("a 1");
				script(way);
				expect((await failureOf(connection.call(echo.risky, ["b"]))).status).to.equal("UNAVAILABLE");
			}
			expect(server.requests.map(({ args }) => args[0])).to.deep.equal(["a", "a", "b", "a", "a", "b", "a", "a", "b"]);
		});

		it("attempts are counted from 0, the last failure is the call's, and their time is one", async () => {
			script(lose, lose, lose, lose, lose);
			const connection = client({ retry: { ...quick, attempts: 5 }, timeoutMs: 60_000 });
			expect(await verdict(connection.call(echo.say, ["a"]))).to.equal("UNAVAILABLE unknown peer");
			expect(server.requests.map(({ attempt }) => attempt)).to.deep.equal([0, 1, 2, 3, 4]);
			const budgets = server.requests.map(({ budgetMs }) => budgetMs);
			expect(budgets).to.deep.equal([...budgets].sort((a, b) => b - a));
		});

		it("a call says of itself that it was not started only when no attempt may have run", async () => {
			script(refuse, refuse, refuse, lose, refuse, refuse);
			const connection = client({ retry: quick });
			expect(await verdict(connection.call(echo.say, ["a"]))).to.equal("UNAVAILABLE not-started peer");
			expect(await verdict(connection.call(echo.say, ["b"]))).to.equal("UNAVAILABLE unknown peer");
		});

		it("a status that the policy does not name ends the call", async () => {
			const aborted = (request: Request) => server.fail(request, undefined, 10);
			script(aborted, aborted);
			const connection = client({ retry: quick });
			expect(await verdict(connection.call(echo.say, ["a"]))).to.equal("ABORTED failed peer");
			const retry = { ...quick, statuses: ["ABORTED"] as const };
			expect(await connection.call(echo.say, ["b"], { retry })).to.equal("b 1");
		});

		it("a call may be kept from being made again, whatever the connection does", async () => {
			script(refuse);
			const call = client({ retry: quick }).call(echo.say, ["a"], { retry: false });
			expect(await verdict(call)).to.equal("UNAVAILABLE not-started peer");
			expect(server.requests).to.have.length(1);
		});

		it("a call that is cancelled, or whose time is up, while it pauses ends then, and is not sent again", async () => {
			const slow = { retry: { initialBackoffMs: 50_000, maxBackoffMs: 50_000 } };
			const connection = client(slow);
			for (const how of ["cancel", "close"] as const) {
				script(lose);
				const controller = new AbortController();
				const paused = new Promise((resolve) => connection.once("retry", resolve));
				const call = verdict(
					connection.call(echo.say, ["a"], { timeoutMs: Number.POSITIVE_INFINITY, signal: controller.signal }),
				);
				await paused;
				expect(connection.stats()).to.include({ waiting: 1, inFlight: 0 });
				if (how === "cancel") controller.abort();
				else void connection.close();
				expect(await call).to.equal("CANCELLED unknown local");
				expect(connection.stats()).to.include({ waiting: 0, inFlight: 0 });
			}
			expect(server.requests).to.have.length(2);
		});

		it("a listener may close the connection: the call ends once", async () => {
			script(refuse);
			const connection = client();
			connection.on("retry", () => void connection.close());
			expect(await verdict(connection.call(echo.say, ["a"]))).to.contain("CANCELLED");
		});

		it("no pause lasts beyond the deadline: the failure is told instead of a timeout", async () => {
			script(lose);
			const retry = { initialBackoffMs: 1e9, maxBackoffMs: 1e9 };
			const call = client().call(echo.say, ["a"], { retry, timeoutMs: 1000 });
			expect(await verdict(call)).to.equal("UNAVAILABLE unknown peer");
		});

		it("while most calls fail, they fail at once; successes earn the right to further attempts", async () => {
			script(...Array.from({ length: 5 }, () => lose));
			const connection = client({ retry: quick, retryBudget: { maxTokens: 4, tokenRatio: 1 } });
			expect(await verdict(connection.call(echo.say, ["a"]))).to.contain("UNAVAILABLE");
			expect(server.requests).to.have.length(2);
			for (let i = 0; i < 3; i++) expect(await verdict(connection.call(echo.say, ["b"]))).to.contain("UNAVAILABLE");
			expect(server.requests).to.have.length(5);
			expect(connection.stats().retryTokens).to.equal(0);
			for (let i = 0; i < 4; i++) await connection.call(echo.say, ["c"]);
			script(lose);
			expect(await connection.call(echo.say, ["d"])).to.equal("d 1");
		});

		it("a stream that was refused before anything was exchanged begins again; one that may have begun does not", async () => {
			const connection = client({ retry: quick });
			script(refuse);
			const items = connection.stream(ledger.list, [1]);
			const first = verdict(items.next());
			await until(() => server.requests.length === 2);
			expect(server.requests[1]).to.include({ attempt: 1 });
			script(lose);
			expect(await verdict(connection.stream(ledger.list, [1]).next())).to.equal("UNAVAILABLE unknown peer");
			await connection.close();
			expect(await first).to.contain("CANCELLED");
			expect(server.requests).to.have.length(3);
		});

		it("options that make no sense are refused: the connection's at once, a call's when it is made", async () => {
			expect(() => client({ retry: { attempts: 0 } })).to.throw(RangeError, "retry.attempts");
			expect(() => client({ retryBudget: { maxTokens: -1 } })).to.throw(RangeError, "retryBudget.maxTokens");
			const call = client().call(echo.say, ["a"], { retry: { multiplier: 0 } });
			expect(await verdict(call)).to.equal("INVALID_ARGUMENT not-started local");
		});
	});
}

describe("retries among several servers", () => {
	const rig = new QueueRig();

	it("a call that a server refuses goes to another at once; only that one for a caller that does not wait", async () => {
		const servers = [rig.own(new ScriptedServer()), rig.own(new ScriptedServer())];
		const places = await Promise.all(servers.map((server) => server.bind(anyPort)));
		for (const server of servers) server.onRequest = (request) => server.fail(request, "not-started");
		const connection = rig.connect(places, fast);
		const peers = new Set<string>();
		connection.on("peer", ({ address }) => peers.add(address));
		await until(() => peers.size === 2);
		const pauses: number[] = [];
		connection.on("retry", ({ pauseMs }) => pauses.push(pauseMs));
		const call = connection.call(echo.risky, ["a"], { waitForReady: false });
		expect(await verdict(call)).to.equal("UNAVAILABLE not-started peer");
		expect(servers.map(({ requests }) => requests.length)).to.deep.equal([1, 1]);
		expect(pauses).to.deep.equal([0]);
	});

	it("a queue adds the workers it lost to the attempts of the caller", async () => {
		await rig.start();
		const held = deferred();
		const attempts: number[] = [];
		const refused = rig.own(new ScriptedServer());
		const doomed = await rig.worker({
			say: (_, { attempt }) => {
				attempts.push(attempt);
				return held.promise;
			},
		});
		refused.onRequest = (request) => refused.fail(request, "not-started");
		const connection = rig.connect([await refused.bind(anyPort), rig.clients], fast);
		const peers = new Set<string>();
		connection.on("peer", ({ address }) => peers.add(address));
		await until(() => peers.size === 2);
		// One of the two goes to the server that refuses it first.
		const calls = ["a", "b"].map((text) => connection.call(echo.say, [text]));
		await until(() => attempts.length === 2);
		expect([...attempts].sort()).to.deep.equal([0, 1]);
		await rig.worker({ say: (_, { attempt }) => String(attempt) });
		await doomed.close();
		expect((await Promise.all(calls)).sort()).to.deep.equal(["1", "2"]);
		held.resolve();
	});

	it("whatever became of it, a call is told to its caller once", async () => {
		const server = rig.own(new ScriptedServer());
		server.onRequest = (request) => {
			server.fail(request, "not-started");
			server.succeed(request, "late");
		};
		const connection = rig.connect(await server.bind(anyPort), { ...fast, retry: quick });
		const error: RpcError = await failureOf(connection.call(echo.say, ["a"]));
		expect(error).to.include({ status: "UNAVAILABLE", outcome: "not-started" });
		expect(server.requests).to.have.length(3);
		await until(() => connection.stats().droppedReplies === 3);
	});
});
