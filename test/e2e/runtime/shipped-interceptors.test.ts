import { expect } from "chai";
import {
	authenticatedUser,
	type BearerAuthOptions,
	bearerAuth,
	bearerToken,
	type CallContext,
	type CallEnded,
	type CallRecord,
	type CallStarted,
	concurrencyLimit,
	curveKeyPair,
	formatCallRecord,
	type Interceptor,
	logging,
	metrics,
	type RefusedCall,
	RpcError,
	rateLimit,
	type ServerInterceptor,
	type ServerOptions,
} from "../../../packages/runtime/src/index.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { echo } from "../../support/runtime/echo.js";
import { EchoRig } from "../../support/runtime/echo-rig.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { ledger, ledgerService } from "../../support/runtime/ledger.js";
import { RawClient } from "../../support/runtime/raw-client.js";
import { deferred, failureOf, until, verdict } from "../../support/runtime/until.js";
import { ways } from "../../support/runtime/ways.js";
import { callHeader, flags, kinds, pack } from "../../support/runtime/wire.js";

const whoami = {
	say: (_: string, { values }: CallContext) => {
		const user = values.get(authenticatedUser);
		return user === undefined ? "nobody" : `${user.id} by ${user.by}`;
	},
};

describe("bearerAuth", () => {
	const rig = new EchoRig(() => anyPort);
	const verify: BearerAuthOptions["verify"] = async (token) => {
		if (token === "banned") throw new RpcError("PERMISSION_DENIED", "not you");
		if (token === "broken") throw new Error("the directory is down");
		return token === "good" ? "ada" : undefined;
	};

	async function ask(token: string | (() => string | Promise<string>), options: Partial<BearerAuthOptions> = {}) {
		const interceptors: ServerInterceptor[] = [bearerAuth({ verify, ...options })];
		const client = bearerToken(typeof token === "string" ? () => token : token);
		const [connection] = await rig.pair(whoami, { interceptors }, { interceptors: [client] });
		return connection.call(echo.say, ["who am I?"], { metadata: { tenant: "a" } });
	}

	it("tells the handler whose token came with the call, however that was found", async () => {
		expect(await ask("good")).equal("ada by token");
		expect(await ask(async () => "good")).equal("ada by token");
	});

	it("refuses tokens that are no good, and what the check refuses with reaches the caller", async () => {
		expect(await verdict(ask("bad"))).equal("UNAUTHENTICATED not-started peer");
		expect(await verdict(ask("two words"))).equal("UNAUTHENTICATED not-started peer");
		expect(await verdict(ask("banned"))).equal("PERMISSION_DENIED failed peer");
		expect(await verdict(ask("broken"))).equal("INTERNAL failed peer");
	});

	it("fails a call whose token cannot be had, at the client", async () => {
		expect(await verdict(ask(() => Promise.reject(new Error("expired"))))).equal("INTERNAL not-started local");
	});

	it("refuses calls without a token but those that anybody may make", async () => {
		const isPublic = (method: string) => method === "Echo.say";
		const [connection] = await rig.pair(whoami, { interceptors: [bearerAuth({ verify, isPublic })] });
		expect(await connection.call(echo.say, [""])).equal("nobody");
		expect(await verdict(connection.call(echo.risky, [""]))).equal("UNAUTHENTICATED not-started peer");
	});

	it("takes the user of the connection where there is no token and it is accepted, never instead of a bad one", async () => {
		const [keyPair, own] = [curveKeyPair(), curveKeyPair()];
		const serve = async (acceptsPeer?: () => boolean) => {
			const options: ServerOptions = {
				interceptors: [bearerAuth({ verify, ...(acceptsPeer === undefined ? {} : { acceptsPeer }) })],
				security: { keyPair, authenticate: () => ({ userId: "pigeon" }) },
			};
			const security = { serverKey: keyPair.publicKey, keyPair: own };
			return (await rig.pair(whoami, options, { security }))[0];
		};
		const connection = await serve();
		expect(await connection.call(echo.say, [""])).equal("pigeon by connection");
		const bad = { metadata: { authorization: "Bearer bad" } };
		expect(await verdict(connection.call(echo.say, [""], bad))).equal("UNAUTHENTICATED not-started peer");
		expect(await verdict((await serve(() => false)).call(echo.say, [""]))).equal("UNAUTHENTICATED not-started peer");
	});

	it("refuses one-way calls without a word to their caller, and nothing is run", async () => {
		const noted: string[] = [];
		const note = (text: string) => void noted.push(text);
		const [connection, server] = await rig.pair({ note }, { interceptors: [bearerAuth({ verify })] });
		connection.notify(echo.note, ["a"]);
		await until(() => server.stats().served === 1);
		expect(noted).deep.equal([]);
	});
});

for (const { name, serve } of ways) {
	describe(`logging and metrics, ${name}`, () => {
		const own = closeAfterEach();

		it("each call is told of once by each side, with what became of it", async () => {
			const records: CallRecord[] = [];
			const started: CallStarted[] = [];
			const ended: CallEnded[] = [];
			const interceptors: Interceptor[] = [
				logging((record) => records.push(record)),
				metrics({ onStart: (call) => started.push(call), onEnd: (call) => ended.push(call) }),
			];
			const sum = () => {
				throw new Error("a secret");
			};
			const ends = { client: { interceptors }, server: { interceptors } };
			const [connection] = await serve(own, ledgerService({ sum }), {}, ends);
			let items = 0;
			for await (const _ of connection.stream(ledger.list, [5])) items++;
			expect(items).equal(5);
			const failure = await failureOf(connection.call(ledger.sum, [], {}, [[1, 2]] as never));
			await until(() => records.length === 4 && ended.length === 4);
			const briefly = ({ side, method, status, items }: CallRecord) => [side, method, status, items];
			expect(records.map(briefly)).have.deep.members([
				["server", "Ledger.list", "OK", 5],
				["client", "Ledger.list", "OK", 5],
				["server", "Ledger.sum", "INTERNAL", undefined],
				["client", "Ledger.sum", "INTERNAL", undefined],
			]);
			const { errorId } = failure.details as { errorId: string };
			expect(records.slice(2).map((record) => record.errorId)).deep.equal([errorId, errorId]);
			expect(records.every(({ side, peer }) => (peer !== undefined) === (side === "server"))).equal(true);
			expect(records.every(({ durationMs }) => durationMs >= 0)).equal(true);
			expect(JSON.stringify(records)).not.include("secret");
			expect(started.map(({ inFlight }) => inFlight)).deep.equal([1, 1, 1, 1]);
			expect(ended.map(({ inFlight }) => inFlight)).deep.equal([0, 0, 0, 0]);
			expect(ended.map(({ status }) => status)).have.members(["OK", "OK", "INTERNAL", "INTERNAL"]);
			expect(ended.every(({ firstMs, durationMs }) => firstMs <= durationMs)).equal(true);
			expect(ended.map((call) => call.items)).have.members([5, 5, 0, 0]);
		});
	});
}

describe("logging", () => {
	const rig = new EchoRig(() => anyPort);

	it("writes a line that a caller's text cannot break", () => {
		const line = formatCallRecord({
			side: "server",
			method: "Echo.say",
			form: "unary",
			status: "NOT_FOUND",
			durationMs: 1.25,
			peer: { address: "tcp://127.0.0.1:1", userId: "ada\nroot" },
			message: "no\r\nEcho.say OK",
			errorId: "id",
		});
		expect(line).equal("Echo.say NOT_FOUND 1.3 ms from ada root at tcp://127.0.0.1:1 id no  Echo.say OK");
	});

	it("tells of a stream that its reader left", async () => {
		const records: CallRecord[] = [];
		const interceptors = [logging((record) => records.push(record))];
		const own = rig.own;
		const [connection] = await ways[0]!.serve(own, ledgerService(), {}, { client: { interceptors } });
		for await (const _ of connection.stream(ledger.list, [1000])) break;
		expect(records.map(({ status, items }) => [status, items])).deep.equal([["OK", 1]]);
	});
});

describe("calls that a server refuses", () => {
	const rig = new EchoRig(() => anyPort);

	it("are told of once each: by the event those that no interceptor heard of", async () => {
		const records: CallRecord[] = [];
		const refused: RefusedCall[] = [];
		const gate = deferred<string>();
		const [server, endpoint] = await rig.serve(
			{ risky: () => gate.promise },
			{ concurrency: 1, maxWaitingCalls: 2, interceptors: [logging((record) => records.push(record))] },
		);
		server.on("refused", (call) => refused.push(call));
		const client = await rig.own(new RawClient(endpoint)).ready();
		const text = pack(["x"]);
		const call = (token: string, method: string, parts = {}, body: Uint8Array = text) =>
			client.send(token, "", callHeader(method, parts), body);

		call("1", "Echo.nothing");
		call("2", "Echo.say", {}, pack([7]));
		call("3", "Echo.say", { metadata: Buffer.alloc(9000) });
		client.send("4", "", "Echo.nothing", text);
		call("5", "Echo.risky");
		call("6", "Echo.say", { budgetMs: 1 });
		call("7", "Echo.say");
		call("8", "Echo.say");
		call("9", "Echo.note", { flags: flags.ONE_WAY });
		client.send("7", "", Buffer.of(kinds.CANCEL, 0));
		for (const token of ["1", "2", "3", "4", "8", "7"]) await client.answer(token);
		// Until the time of the sixth is over.
		for (const end = performance.now() + 2; performance.now() < end; );
		gate.resolve("done");
		for (const token of ["5", "6"]) await client.answer(token);
		await server.drain();

		expect(records.map(({ method, status }) => [method, status])).deep.equal([["Echo.risky", "OK"]]);
		expect(refused.map(({ method, status }) => [method, status])).deep.equal([
			[undefined, "UNIMPLEMENTED"],
			["Echo.say", "INVALID_ARGUMENT"],
			["Echo.say", "INVALID_ARGUMENT"],
			[undefined, "UNIMPLEMENTED"],
			["Echo.say", "RESOURCE_EXHAUSTED"],
			["Echo.note", "RESOURCE_EXHAUSTED"],
			["Echo.say", "CANCELLED"],
			["Echo.say", "DEADLINE_EXCEEDED"],
		]);
		expect(refused.every(({ peer }) => peer.address.startsWith("tcp://127.0.0.1:"))).equal(true);
		expect(refused[0]!.message).equal('there is no method "Echo.nothing" here');
		expect(formatCallRecord(refused[0]!)).match(/^unknown method UNIMPLEMENTED refused from tcp:.* there is no method/);
	});

	it("for want of the right arguments say so, not started, also where the call would stay open", async () => {
		const [connection, server] = await ways[0]!.serve(rig.own, ledgerService());
		const refused: string[] = [];
		server.on("refused", ({ method, status }) => refused.push(`${method} ${status}`));
		const list = { ...ledger.list, arguments: echo.say.arguments } as never as typeof ledger.list;
		const read = connection.stream(list, ["x"] as never).next();
		expect(await verdict(read)).equal("INVALID_ARGUMENT not-started peer");
		expect(refused).deep.equal(["Ledger.list INVALID_ARGUMENT"]);
	});

	it("while it drains are told of too", async () => {
		const gate = deferred<string>();
		const [server, endpoint] = await rig.serve({ risky: () => gate.promise });
		const refused: string[] = [];
		server.on("refused", ({ method, status }) => refused.push(`${method} ${status}`));
		const client = await rig.own(new RawClient(endpoint)).ready();
		client.send("1", "", callHeader("Echo.risky"), pack(["x"]));
		await until(() => server.stats().running === 1);
		const drained = server.drain();
		await until(async () => {
			client.send("2", "", callHeader("Echo.say"), pack(["x"]));
			return (await client.answer("2")).length === 2;
		});
		expect(refused).deep.equal(["Echo.say UNAVAILABLE"]);
		gate.resolve("done");
		await drained;
	});
});

describe("rateLimit", () => {
	const rig = new EchoRig(() => anyPort);

	it("refuses what is beyond the rate, not started, for each key, and lets calls in again as time goes", async () => {
		let now = 0;
		let served = 0;
		const limit = rateLimit({
			perSecond: 2,
			burst: 3,
			keyOf: ({ metadata }) => String(metadata["tenant"]),
			clock: () => now,
		});
		const [connection] = await rig.pair({ say: () => String(++served) }, { interceptors: [limit] });
		const say = (tenant: string) => connection.call(echo.say, [""], { metadata: { tenant } });
		for (let i = 0; i < 3; i++) await say("a");
		expect(await verdict(say("a"))).equal("RESOURCE_EXHAUSTED not-started peer");
		expect(await say("b")).equal("4");
		now = 500;
		expect(await say("a")).equal("5");
		expect(await verdict(say("a"))).equal("RESOURCE_EXHAUSTED not-started peer");
		now = 1_000_000;
		for (let i = 0; i < 3; i++) await say("a");
		expect(await verdict(say("a"))).equal("RESOURCE_EXHAUSTED not-started peer");
		expect(served).equal(8);
	});

	it("remembers no more keys than it was told, and forgets those that have been silent longest", async () => {
		const limit = rateLimit({ perSecond: 1, keyOf: ({ args }) => String(args[0]), maxKeys: 2, clock: () => 0 });
		const [connection] = await rig.pair({}, {}, { interceptors: [limit] });
		await connection.call(echo.say, ["a"]);
		await connection.call(echo.say, ["b"]);
		expect(await verdict(connection.call(echo.say, ["a"]))).equal("RESOURCE_EXHAUSTED not-started local");
		await connection.call(echo.say, ["c"]);
		expect(await verdict(connection.call(echo.say, ["a"]))).equal("RESOURCE_EXHAUSTED not-started local");
		expect(await connection.call(echo.say, ["b"])).equal("b");
	});

	it("stops one-way calls where they are made", async () => {
		const limit = rateLimit({ perSecond: 1, clock: () => 0 });
		const [connection] = await rig.pair({}, {}, { interceptors: [limit] });
		connection.notify(echo.note, ["a"]);
		expect(() => connection.notify(echo.note, ["b"])).throw(RpcError, "calls a second");
	});

	it("is not made of nonsense", () => {
		expect(() => rateLimit({ perSecond: 0 })).throw(RangeError);
		expect(() => rateLimit({ perSecond: 1, burst: 0 })).throw(RangeError);
		expect(() => concurrencyLimit({ max: 0 })).throw(RangeError);
	});
});

describe("concurrencyLimit", () => {
	const rig = new EchoRig(() => anyPort);

	/** Holds each call until it is let go. */
	function holding() {
		const held: (() => void)[] = [];
		let most = 0;
		let running = 0;
		const work = async (what: unknown) => {
			most = Math.max(most, ++running);
			await new Promise<void>((resolve) => held.push(resolve));
			running--;
			return what;
		};
		return { work, held, most: () => most };
	}

	it("lets so many calls go on at a time, has a bounded number wait in order, and refuses more, not started", async () => {
		const { work, held, most } = holding();
		const interceptors = [concurrencyLimit({ max: 2, maxWaiting: 2 })];
		const [connection] = await rig.pair({ work }, { interceptors });
		const calls = [1, 2, 3, 4].map((what) => connection.call(echo.work, [what]));
		await until(() => held.length === 2);
		expect(await verdict(connection.call(echo.work, [5]))).equal("RESOURCE_EXHAUSTED not-started peer");
		const answers = Promise.all(calls);
		let isDone = false;
		void answers.then(() => {
			isDone = true;
		});
		await until(() => {
			held.shift()?.();
			return isDone;
		});
		expect(await answers).deep.equal([1, 2, 3, 4]);
		expect(most()).equal(2);
	});

	it("holds for each method where it was told so", async () => {
		const { work, held } = holding();
		const [connection] = await rig.pair({ work }, { interceptors: [concurrencyLimit({ max: 1, isPerMethod: true })] });
		const call = connection.call(echo.work, [1]);
		await until(() => held.length === 1);
		expect(await connection.call(echo.say, ["a"])).equal("a");
		expect(await verdict(connection.call(echo.work, [2]))).equal("RESOURCE_EXHAUSTED not-started peer");
		held[0]!();
		expect(await call).equal(1);
	});

	it("a call that is cancelled leaves the line, and the next one has its place", async () => {
		const { work, held } = holding();
		const [connection, server] = await rig.pair(
			{ work },
			{ interceptors: [concurrencyLimit({ max: 1, maxWaiting: 1 })] },
		);
		const first = connection.call(echo.work, [1]);
		await until(() => held.length === 1);
		const controller = new AbortController();
		const second = verdict(connection.call(echo.work, [2], { signal: controller.signal }));
		await until(() => server.stats().running === 2);
		controller.abort();
		expect(await second).equal("CANCELLED unknown local");
		await until(() => server.stats().running === 1);
		const third = connection.call(echo.work, [3]);
		await until(() => server.stats().running === 2);
		held.shift()!();
		await until(() => held.length === 1);
		held.shift()!();
		expect(await Promise.all([first, third])).deep.equal([1, 3]);
	});

	it("counts a stream until it has been read or left, at a client too", async () => {
		const interceptors = [concurrencyLimit({ max: 1 })];
		const [connection] = await ways[0]!.serve(rig.own, ledgerService(), {}, { client: { interceptors } });
		for await (const item of connection.stream(ledger.list, [3])) {
			expect(item).least(0);
			expect(
				await verdict(async () => {
					for await (const _ of connection.stream(ledger.list, [3]));
				}),
			).equal("RESOURCE_EXHAUSTED not-started local");
			break;
		}
		let count = 0;
		for await (const _ of connection.stream(ledger.list, [3])) count++;
		expect(count).equal(3);
	});

	it("gives its place on when a call fails at once", async () => {
		const done = deferred();
		const interceptors = [concurrencyLimit({ max: 1, maxWaiting: 10 })];
		const work = async () => {
			await done.promise;
			throw new RpcError("ABORTED", "no");
		};
		const [connection] = await rig.pair({ work }, { interceptors });
		const calls = Array.from({ length: 5 }, () => verdict(connection.call(echo.work, [1])));
		done.resolve();
		expect(await Promise.all(calls)).deep.equal(Array(5).fill("ABORTED failed peer"));
	});
});
