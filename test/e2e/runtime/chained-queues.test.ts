import { randomBytes } from "node:crypto";
import { expect } from "chai";
import { connect, Queue, RpcError, Server } from "../../../packages/runtime/src/index.js";
import { Dealer } from "../../../packages/zmtp/src/index.js";
import { ChainRig, type Running } from "../../support/runtime/chain-rig.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { type EchoHandlers, echo, echoService } from "../../support/runtime/echo.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import {
	InsufficientFunds,
	ledger,
	ledgerService,
	upwards,
	vault,
	vaultService,
} from "../../support/runtime/ledger.js";
import { fast } from "../../support/runtime/queue-rig.js";
import { deferred, failureOf, until, verdict } from "../../support/runtime/until.js";
import { serveBehind } from "../../support/runtime/ways.js";
import { type CallParts, callHeader, failureIn, flags, pack } from "../../support/runtime/wire.js";

describe("three queues in a row", () => {
	const own = closeAfterEach();

	it("carry results, failures, streams both ways and cancellation", async () => {
		const ended = deferred<boolean>();
		const [connection, server] = await serveBehind(
			3,
			own,
			ledgerService({
				async *list(count, { signal }) {
					try {
						for (let i = 0; count === 0 || i < count; i++) yield i;
					} finally {
						if (count === 0) ended.resolve(signal.aborted);
					}
				},
			}),
		);
		const items: number[] = [];
		for await (const item of connection.stream(ledger.list, [2000])) items.push(item);
		expect(items).deep.equal([...upwards(2000)]);
		async function* amounts() {
			yield* upwards(2000);
		}
		expect(await connection.call(ledger.sum, [], {}, [amounts()])).equal(1_999_000);
		expect(await connection.call(ledger.audit, [10], {}, [() => {}, async (amount) => amount > 5])).match(/of 10$/);
		for await (const item of connection.stream(ledger.list, [0])) if (item === 1000) break;
		expect(await ended.promise).equal(true);
		await until(() => server.stats().running === 0);
		expect(connection.stats()).include({ inFlight: 0, droppedReplies: 0 });
	});
});

describe("a queue that joins another", () => {
	const rig = new ChainRig();
	let upper: Running;
	let lower: Running;
	let held: (() => void)[];
	let ran: unknown[];

	beforeEach(async () => {
		held = [];
		ran = [];
		upper = await rig.queue();
		lower = await rig.queue([upper]);
	});
	afterEach(() => release());

	const hold = (what: unknown) => {
		ran.push(what);
		return new Promise<unknown>((resolve) => held.push(() => resolve(what)));
	};
	const release = () => {
		for (const each of held.splice(0)) each();
	};
	/** Nothing is left of any call at either queue: all credit is back. */
	const idle = () =>
		until(() => [upper, lower].every(({ stats }) => stats().inFlight + stats().waiting === 0), "both queues are idle");

	async function worker(handlers: EchoHandlers = {}, concurrency = 16) {
		const server = await rig.worker(lower, handlers, { concurrency });
		await until(() => upper.stats().workers.some(({ services }) => services.includes("Echo")));
		return server;
	}

	it("passes calls, failures, metadata and the number of the attempt on", async () => {
		await worker({
			say: () => {
				throw new RpcError("NOT_FOUND", "no", { details: 7 });
			},
			work: (_, { metadata, attempt }) => [metadata, attempt],
		});
		const client = rig.client(upper);
		expect(await failureOf(client.call(echo.say, ["a"]))).include({ status: "NOT_FOUND", details: 7, origin: "peer" });
		expect(await client.call(echo.work, [0], { metadata: { a: 1 } })).deep.equal([{ a: 1 }, 0]);
		await idle();
		expect(lower.stats().clients).equal(0);
		expect(lower.stats().upstream).deep.equal([{ address: upper.workers, state: "joined" }]);
	});

	it("tells the queue above of the end of one-way calls, which frees their credit there", async () => {
		await worker({ note: (text) => void ran.push(text) }, 1);
		const client = rig.client(upper);
		for (let i = 0; i < 20; i++) client.notify(echo.note, [String(i)]);
		await until(() => ran.length === 20);
		await idle();
		expect(upper.stats().workers[0]!).include({ inFlight: 0, served: 20 });
	});

	it("frees the credit of a one-way call whose worker is lost", async () => {
		const doomed = await worker({ note: hold as never }, 1);
		const client = rig.client(upper);
		client.notify(echo.note, ["with the worker"]);
		await until(() => ran.length === 1);
		await doomed.close();
		await idle();
	});

	it("is cancelled by envelope, whether the call runs, waits here or waits above, and all credit comes back", async () => {
		const stoppable: EchoHandlers["work"] = (what, { signal }) => {
			signal.addEventListener("abort", release);
			return hold(what);
		};
		await worker({ work: stoppable }, 1);
		const direct = rig.client(lower).call(echo.work, ["direct"]);
		await until(() => ran.length === 1);
		const client = rig.client(upper);
		const abort = new AbortController();
		const here = verdict(client.call(echo.work, ["waits here"], { signal: abort.signal }));
		await until(() => lower.stats().waiting === 1);
		const above = verdict(client.call(echo.work, ["waits above"], { signal: abort.signal }));
		await until(() => upper.stats().waiting === 1);
		abort.abort();
		expect([await here, await above]).deep.equal(["CANCELLED unknown local", "CANCELLED unknown local"]);
		await until(() => upper.stats().inFlight + upper.stats().waiting === 0);
		expect(lower.stats().waiting).equal(0);
		release();
		await direct;
		const second = new AbortController();
		const running = verdict(client.call(echo.work, ["runs"], { signal: second.signal }));
		await until(() => ran.length === 2);
		second.abort();
		expect(await running).equal("CANCELLED unknown local");
		await idle();
		expect(ran).deep.equal(["direct", "runs"]);
	});

	it("has the work of a client that is gone cancelled", async () => {
		const aborted = deferred();
		await worker({
			work: (_, { signal }) => {
				ran.push(1);
				return new Promise((resolve) => {
					signal.addEventListener("abort", () => {
						aborted.resolve();
						resolve(0);
					});
				});
			},
		});
		const client = rig.client(upper);
		const call = verdict(client.call(echo.work, [1]));
		await until(() => ran.length === 1);
		await client.close();
		await aborted.promise;
		await call;
		await idle();
	});

	it("has its work cancelled when the queue above is gone, and joins it again when it is back", async () => {
		const aborted = deferred();
		await worker({
			work: (_, { signal }) => {
				ran.push(1);
				return new Promise((resolve) => {
					signal.addEventListener("abort", () => {
						aborted.resolve();
						resolve(0);
					});
				});
			},
		});
		const client = rig.client(upper);
		const call = verdict(client.call(echo.work, [1]));
		await until(() => ran.length === 1);
		await upper.queue.close();
		await aborted.promise;
		expect(await call).equal("UNAVAILABLE unknown local");
		await until(() => lower.stats().inFlight === 0);
		const { clients, workers } = upper;
		upper = await rig.queue([], { clients, workers, discoveryMs: 2000 });
		expect(await client.call(echo.say, ["again"])).equal("again");
	});

	it("answers a call whose deadline passes in its line, and tells workers what is left of one that does not", async () => {
		await worker({ work: (what, { remainingMs }) => (what === "direct" ? hold(what) : remainingMs) }, 1);
		const direct = rig.client(lower).call(echo.work, ["direct"]);
		await until(() => ran.length === 1);
		const client = rig.client(upper);
		expect(await verdict(client.call(echo.work, ["late"], { timeoutMs: 40 }))).match(/^DEADLINE_EXCEEDED/);
		await until(() => lower.stats().expired === 1);
		await until(() => upper.stats().inFlight === 0);
		const here = client.call(echo.work, ["waits here"], { timeoutMs: 10_000 });
		await until(() => lower.stats().waiting === 1);
		const above = client.call(echo.work, ["waits above"], { timeoutMs: 10_000 });
		await until(() => upper.stats().waiting === 1);
		const before = performance.now();
		await until(() => performance.now() - before > 20);
		release();
		await direct;
		expect(await here).within(1, 9980);
		expect(await above).within(1, 9980);
	});

	it("counts attempts on, wherever a worker was lost", async () => {
		const first = await worker({ work: hold });
		const client = rig.client(upper);
		const call = client.call(echo.work, ["often"]);
		await until(() => ran.length === 1);
		const second = await rig.worker(lower, { work: hold });
		await first.close();
		await until(() => ran.length === 2);
		// Nobody is left here: the call goes back to the queue above, and from there to its own worker.
		await second.close();
		await until(() => upper.stats().waiting === 1);
		expect(lower.stats()).include({ redelivered: 1, returned: 1 });
		await rig.worker(upper, { work: (_, { attempt }) => attempt });
		expect(await call).equal(2);
	});

	it("is a worker among others: surveys reach its own one by one", async () => {
		await worker({ say: () => "below" });
		await rig.worker(lower, { say: () => "below too" });
		await rig.worker(upper, { say: () => "above" });
		const heard: unknown[] = [];
		for await (const { value } of rig.client(upper).survey(echo.say, ["?"])) heard.push(value);
		expect(heard.sort()).deep.equal(["above", "below", "below too"]);
		await idle();
	});

	it("passes tail calls up, whose method only the queue above knows", async () => {
		await worker({ work: (_, context) => context.forward(vault.withdraw, [5]) });
		await rig.serve(
			upper,
			vaultService(() => new InsufficientFunds(1)),
		);
		const call = rig.client(upper).call({ ...echo.work, errors: vault.withdraw.errors }, [0]);
		expect(await failureOf(call)).instanceof(InsufficientFunds);
		await idle();
	});

	it("offers the services of its workers as they come and go, and their credit", async () => {
		expect(upper.stats().workers).length(1);
		expect(upper.stats().workers[0]!.services).deep.equal([]);
		expect(await verdict(rig.client(upper).call(echo.say, ["a"]))).equal("UNIMPLEMENTED not-started peer");
		const one = await rig.worker(lower, {}, { concurrency: 3 });
		await rig.offered(upper, "Echo", 3);
		const other = await rig.worker(lower, {}, { concurrency: 4 });
		await rig.offered(upper, "Echo", 7);
		const vaults = await rig.serve(
			lower,
			vaultService(() => undefined),
			{ concurrency: 5 },
		);
		await rig.offered(upper, "Vault", 12);
		await other.drain();
		await rig.offered(upper, "Echo", 8);
		await one.close();
		await rig.offered(upper, "Vault", 5);
		expect(upper.stats().workers[0]!.services).deep.equal(["Vault"]);
		await vaults.close();
		await until(() => upper.stats().workers[0]!.services.length === 0);
		// A service that was known once is waited for.
		const call = rig.client(upper).call(echo.say, ["back"]);
		await until(() => upper.stats().waiting === 1);
		await rig.worker(lower);
		expect(await call).equal("back");
	});

	it("has credit for each service: one whose workers are all busy does not take another's", async () => {
		await rig.worker(lower, { risky: hold }, { concurrency: 2 });
		await rig.serve(
			lower,
			vaultService(() => new InsufficientFunds(1)),
			{ concurrency: 2 },
		);
		await rig.offered(upper, "Vault", 4);
		const calls = [rig.client(upper), rig.client(upper)].flatMap((client) =>
			Array.from({ length: 4 }, (_, at) => client.call(echo.risky, [String(at)])),
		);
		await until(() => ran.length === 2 && upper.stats().waiting === 6);
		expect(upper.stats().workers[0]).include({ concurrency: 4, inFlight: 2 });
		expect(await failureOf(rig.client(upper).call(vault.withdraw, [1]))).instanceof(InsufficientFunds);
		for (const count of [4, 6, 8]) {
			release();
			await until(() => ran.length === count);
		}
		release();
		await Promise.all(calls);
		expect(lower.stats().workers.map(({ served }) => served)).deep.equal([8, 1]);
		await idle();
	});

	it("changes its offer without harm to calls under way", async () => {
		await worker({ risky: hold });
		const client = rig.client(upper);
		const calls = Array.from({ length: 10 }, (_, at) => client.call(echo.risky, [String(at)]));
		await until(() => ran.length === 10);
		for (let round = 0; round < 5; round++) {
			const vaults = await rig.serve(
				lower,
				vaultService(() => undefined),
			);
			await until(() => upper.stats().workers[0]!.services.includes("Vault"));
			await vaults.close();
			await until(() => !upper.stats().workers[0]!.services.includes("Vault"));
		}
		release();
		expect(await Promise.all(calls)).deep.equal(Array.from({ length: 10 }, (_, at) => String(at)));
		expect(upper.stats()).include({ lost: 0, redelivered: 0, malformed: 0 });
	});

	it("gives what waits back when its last worker leaves: another queue serves it, also what must not run twice", async () => {
		const last = await worker({ work: hold }, 2);
		const direct = [1, 2].map((at) =>
			rig
				.client(lower)
				.call(echo.work, [at])
				.catch(() => {}),
		);
		await until(() => ran.length === 2);
		const client = rig.client(upper);
		const calls = [client.call(echo.say, ["idempotent"]), client.call(echo.risky, ["once"])];
		await until(() => lower.stats().waiting === 2);
		const other = await rig.queue([upper]);
		await rig.worker(other, { say: (text) => `${text} there`, risky: (text) => `${text} there` });
		await last.close();
		expect(await Promise.all(calls)).deep.equal(["idempotent there", "once there"]);
		// Those of its own clients wait here for a worker to come back.
		expect(lower.stats()).include({ returned: 2, waiting: 2 });
		await rig.worker(lower, { work: (what) => what });
		await Promise.all(direct);
		await idle();
	});

	it("leaves what is asked about a service to its workers, and owes no credit for a one-way question", async () => {
		await lower.queue.close();
		lower = await rig.queue([upper], { isDescribed: false });
		await rig.worker(lower, {}, { concurrency: 1 });
		await rig.offered(upper, "Echo", 1);
		const raw = rig.own(new Dealer({ linger: 0 }));
		raw.connect(upper.clients);
		const ask = (parts?: CallParts) => [callHeader("homing.describe", parts), pack(["Echo"])];
		for (let i = 0; i < 3; i++) await raw.send(["none", "", ...ask({ flags: flags.ONE_WAY })]);
		await raw.send(["1", "", ...ask()]);
		expect(failureIn(await raw.receive())).include({ status: 7, message: "this queue does not describe itself" });
		await idle();
		expect(upper.stats().workers.find(({ services }) => services.includes("Echo"))).include({ inFlight: 0, served: 4 });
	});

	it("refuses a call that has come through sixteen hops", async () => {
		await worker();
		const raw = rig.own(new Dealer({ linger: 0 }));
		raw.connect(upper.clients);
		const call = [callHeader("Echo.say"), pack(["deep"])];
		await raw.send([...Array(14).fill("hop"), "", ...call]);
		expect((await raw.receive()).map(String)).deep.equal([...Array(14).fill("hop"), "", String(pack("deep"))]);
		// The first has room for its own address, the second has not.
		await raw.send([...Array(15).fill("hop"), "", ...call]);
		expect(failureIn(await raw.receive())).include({ status: 9 });
		await raw.send([...Array(16).fill("hop"), "", ...call]);
		expect(failureIn(await raw.receive())).include({ status: 9 });
		await idle();
	});
});

describe("a queue below that leaves", () => {
	const rig = new ChainRig();
	const soon = (text: string) => new Promise((resolve) => setTimeout(resolve, 1, text));

	it("by a drain finishes its calls; nobody sees an error", async () => {
		const upper = await rig.queue();
		let lower = await rig.queue([upper]);
		let server = await rig.worker(lower, { risky: soon }, { concurrency: 32 });
		await rig.offered(upper, "Echo", 32);
		const client = rig.client(upper);
		const errors: string[] = [];
		let calls = 0;
		let isOver = false;
		const loops = Array.from({ length: 64 }, async () => {
			while (!isOver) {
				await client.call(echo.risky, ["x"]).catch((error: RpcError) => errors.push(`${error}`));
				calls++;
			}
		});
		const progress = () => {
			const goal = calls + 200;
			return until(() => calls >= goal);
		};
		await progress();
		for (let round = 0; round < 3; round++) {
			const next = await rig.queue([upper]);
			const nextServer = await rig.worker(next, { risky: soon }, { concurrency: 32 });
			await rig.offered(upper, "Echo", 64);
			await Promise.all([lower.queue.drain(), progress()]);
			await server.close();
			[lower, server] = [next, nextServer];
			await progress();
		}
		isOver = true;
		await Promise.all(loops);
		expect(errors).deep.equal([]);
		expect(upper.stats()).include({ lost: 0, redelivered: 0 });
	});

	it("at once has its idempotent calls repeated elsewhere; of others the outcome is unknown", async () => {
		const upper = await rig.queue();
		const lower = await rig.queue([upper]);
		let ran = 0;
		const never = () => {
			ran++;
			return new Promise(() => {});
		};
		await rig.worker(lower, { say: never, risky: never });
		await rig.offered(upper, "Echo", 1024);
		const client = rig.client(upper);
		const [say, risky] = [client.call(echo.say, ["a"]), verdict(client.call(echo.risky, ["b"]))];
		await until(() => ran === 2);
		const other = await rig.queue([upper]);
		await rig.worker(other, { say: (text, { attempt }) => `${text} ${attempt}` });
		await lower.queue.close();
		expect(await say).equal("a 1");
		expect(await risky).equal("UNAVAILABLE unknown peer");
	});
});

describe("queues in a ring", () => {
	const rig = new ChainRig();

	const endpoint = () => `ipc://@homing-${randomBytes(6).toString("hex")}`;
	let refusals: string[];
	let strangers: string[];
	beforeEach(() => {
		refusals = [];
		strangers = [];
	});

	function queue(workers: string, upstream: string | readonly string[]): Queue {
		const made = rig.own(new Queue({ clients: anyPort, workers, upstream, discoveryMs: 1, ...fast }));
		made.on("upstream", ({ state, error }) => state === "refused" && refusals.push(error!.message));
		made.on("stranger", ({ error }) => strangers.push(error.message));
		return made;
	}

	for (const size of [1, 2, 3, 5]) {
		it(`of ${size}: whoever would close it is refused, and both sides are told why`, async () => {
			const endpoints = Array.from({ length: size }, endpoint);
			const queues = endpoints.map((workers, at) => queue(workers, endpoints[(at + 1) % size]!));
			await Promise.all(queues.map((each) => each.start()));
			await until(() => refusals.length > 0);
			expect(refusals[0]).equal("queues that join each other in a ring would send calls round in it");
			await until(() => strangers.length === refusals.length);
			expect(strangers[0]).equal(refusals[0]);
			await until(() => queues.every((each) => each.stats().upstream[0]!.state !== "connecting"));
			expect(queues.filter((each) => each.stats().upstream[0]!.state === "joined").length).below(size);
			for (const each of queues) expect(each.stats().malformed).equal(0);
		});
	}

	it("that is closed by the last of three leaves the other two as they were, and sends no call round", async () => {
		const [one, two, three] = [endpoint(), endpoint(), endpoint()];
		// The third comes last, and the first has waited for it to come.
		const first = queue(one, three);
		const { clients } = await first.start();
		const second = queue(two, one);
		await second.start();
		await until(() => second.stats().upstream[0]!.state === "joined");
		const third = queue(three, two);
		await third.start();
		await until(() => refusals.length > 0);
		const server = rig.own(new Server(fast)).add(echoService({ say: (text) => `${text}!` }));
		await server.join(two);
		const client = rig.own(connect(clients[0]!, fast));
		await until(() => first.stats().workers.some(({ services }) => services.includes("Echo")));
		for (let i = 0; i < 50; i++) expect(await client.call(echo.say, [String(i)])).equal(`${i}!`);
		expect([first, second].map((each) => each.stats().dispatched)).deep.equal([50, 50]);
		await server.close();
		await until(() => second.stats().workers.every(({ services }) => services.length === 0));
		// Nobody serves it any more: it waits, and goes nowhere.
		expect(await verdict(client.call(echo.say, ["x"], { timeoutMs: 50 }))).match(/^DEADLINE_EXCEEDED/);
		expect(third.stats().dispatched).equal(0);
	});
});
