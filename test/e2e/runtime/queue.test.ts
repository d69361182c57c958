import { expect } from "chai";
import { type QueueStats, RpcError, unary } from "../../../packages/runtime/src/index.js";
import { anyCodec, type Codec } from "../../../packages/runtime/src/protocol/codec.js";
import { echo } from "../../support/runtime/echo.js";
import { fast, QueueRig } from "../../support/runtime/queue-rig.js";
import { deferred, failureOf, until, verdict } from "../../support/runtime/until.js";

const any = (name: string) => unary({ name, arguments: anyCodec as Codec<readonly unknown[]>, result: anyCodec });

describe("queue", () => {
	const rig = new QueueRig();
	let held: (() => void)[];
	let ran: unknown[];
	beforeEach(() => {
		held = [];
		ran = [];
	});
	afterEach(() => {
		for (const release of held) release();
	});

	/** Runs until it is released; writes down what ran. */
	const hold = (what: unknown) => {
		ran.push(what);
		return new Promise((resolve) => held.push(() => resolve(what)));
	};
	const release = () => {
		for (const each of held.splice(0)) each();
	};

	it("passes calls on and answers back, of any number of clients and workers", async () => {
		await rig.start();
		await Promise.all([rig.worker({ say: (text) => `${text}!` }), rig.worker({ say: async (text) => `${text}!` })]);
		const clients = [rig.client(), rig.client(), rig.client()];
		const calls = clients.flatMap((client) =>
			Array.from({ length: 200 }, (_, at) => client.call(echo.say, [String(at)])),
		);
		expect(await Promise.all(calls)).to.deep.equal(
			[0, 1, 2].flatMap(() => Array.from({ length: 200 }, (_, at) => `${at}!`)),
		);
		const stats = rig.queue.stats();
		expect(stats).to.include({
			answered: 600,
			dispatched: 600,
			inFlight: 0,
			waiting: 0,
			clients: 3,
			droppedReplies: 0,
		});
		expect(stats.workers.map(({ served }) => served).reduce((sum, served) => sum + served)).to.equal(600);
		for (const { served } of stats.workers) expect(served).to.be.greaterThan(100);
	});

	it("passes failures, metadata and one-way calls on", async () => {
		await rig.start();
		const noted = deferred<string>();
		await rig.worker({
			note: (text) => noted.resolve(text),
			say: () => {
				throw new RpcError("NOT_FOUND", "no", { details: 7 });
			},
			work: (_, { metadata, attempt }) => [metadata, attempt],
		});
		const client = rig.client();
		expect(await failureOf(client.call(echo.say, ["a"]))).to.include({
			status: "NOT_FOUND",
			details: 7,
			origin: "peer",
		});
		expect(await client.call(echo.work, [0], { metadata: { a: 1 } })).to.deep.equal([{ a: 1 }, 0]);
		client.notify(echo.note, ["hear"]);
		expect(await noted.promise).to.equal("hear");
		await until(() => rig.queue.stats().inFlight === 0);
	});

	it("gives a worker no more than its credit: the rest waits, and goes on as credit returns", async () => {
		await rig.start();
		await rig.worker({ work: hold }, { concurrency: 2 });
		const client = rig.client();
		const calls = [0, 1, 2, 3, 4].map((at) => client.call(echo.work, [at]));
		await until(() => ran.length === 2 && rig.queue.stats().waiting === 3);
		release();
		await until(() => ran.length === 4);
		release();
		await until(() => ran.length === 5);
		release();
		expect(await Promise.all(calls)).to.deep.equal([0, 1, 2, 3, 4]);
		expect(ran).to.deep.equal([0, 1, 2, 3, 4]);
	});

	// H94
	it("gives a slow worker fewer calls", async () => {
		await rig.start();
		const slow = await rig.worker({ work: hold });
		const quick = await rig.worker({ work: (what) => what });
		const client = rig.client();
		const calls = Array.from({ length: 100 }, (_, at) => client.call(echo.work, [at]));
		await until(() => rig.queue.stats().answered > 0);
		for (let at = 0; at < 100; at++) calls.push(client.call(echo.say, ["more"]));
		await until(() => quick.stats().served + slow.stats().served >= 100);
		release();
		await Promise.all(calls);
		expect(quick.stats().served + slow.stats().served).to.equal(200);
	});

	it("refuses calls beyond its waiting line at once, not started", async () => {
		await rig.start({ maxWaitingCalls: 2 });
		await rig.worker({ work: hold }, { concurrency: 1 });
		const client = rig.client();
		const calls = [0, 1, 2, 3].map((at) => client.call(echo.work, [at]));
		expect(await verdict(calls[3]!)).to.equal("RESOURCE_EXHAUSTED not-started peer");
		const stop = setInterval(release, 5);
		expect(await Promise.all(calls.slice(0, 3))).to.deep.equal([0, 1, 2]);
		clearInterval(stop);
	});

	it("counts the deadline down while a call waits, and drops it when it has passed", async () => {
		await rig.start();
		await rig.worker({ work: (what) => (what === "first" ? hold(what) : ran.push(what)) }, { concurrency: 1 });
		const client = rig.client();
		const first = client.call(echo.work, ["first"]);
		await until(() => ran.length === 1);
		const late = verdict(client.call(echo.work, ["late"], { timeoutMs: 40 }));
		expect(await late).to.match(/^DEADLINE_EXCEEDED/);
		await until(() => rig.queue.stats().expired === 1);
		release();
		await first;
		expect(ran).to.deep.equal(["first"]);
		expect(rig.queue.stats().waiting).to.equal(0);
	});

	it("tells a worker what is left of a deadline, not what there was", async () => {
		await rig.start();
		await rig.worker(
			{ work: (what, { remainingMs }) => (what === "first" ? hold(what) : remainingMs) },
			{ concurrency: 1 },
		);
		const client = rig.client();
		const first = client.call(echo.work, ["first"]);
		await until(() => held.length === 1);
		const second = client.call(echo.work, ["second"], { timeoutMs: 10_000 });
		await until(() => rig.queue.stats().waiting === 1);
		const before = performance.now();
		await until(() => performance.now() - before > 20);
		release();
		await first;
		expect(await second).to.be.within(1, 9_980);
	});

	it("answers for an unknown service at once, for an unknown method of a known one too", async () => {
		await rig.start({ discoveryMs: 0 });
		await rig.worker();
		const client = rig.client();
		await client.call(echo.say, ["ready"]);
		for (const name of ["Nobody.knows", "__proto__.x", "constructor", "toString.call"]) {
			expect(await verdict(client.call(any(name), [])), name).to.equal("UNIMPLEMENTED not-started peer");
		}
		expect(await verdict(client.call(any("Echo.nothing"), []))).to.equal("UNIMPLEMENTED not-started peer");
	});

	it("lets calls of services that it does not know yet wait while it is young", async () => {
		await rig.start({ discoveryMs: 60_000 });
		const call = rig.client().call(echo.say, ["early"]);
		await until(() => rig.queue.stats().waiting === 1);
		await rig.worker();
		expect(await call).to.equal("early");
	});

	it("answers those calls when its youth is over", async () => {
		await rig.start({ discoveryMs: 50 });
		expect(await verdict(rig.client().call(echo.say, ["early"]))).to.equal("UNIMPLEMENTED not-started peer");
	});

	it("lets calls of a service whose workers have all left wait for one to come back", async () => {
		await rig.start({ discoveryMs: 0 });
		const worker = await rig.worker();
		const client = rig.client();
		await client.call(echo.say, ["a"]);
		await worker.close();
		await until(() => rig.queue.stats().workers.length === 0);
		expect(await verdict(client.call(echo.say, ["b"], { waitForReady: false }))).to.equal(
			"UNAVAILABLE not-started peer",
		);
		const call = client.call(echo.say, ["c"]);
		await rig.worker();
		expect(await call).to.equal("c");
	});

	it("tells of workers and clients that come and go, and counts them", async () => {
		await rig.start();
		const changes: string[] = [];
		rig.queue.on("worker", ({ worker, change }) => changes.push(`${change} ${worker.services.join()}`));
		const worker = await rig.worker({}, { concurrency: 7 });
		const client = rig.client();
		await client.call(echo.say, ["a"]);
		const [stats] = rig.queue.stats().workers;
		expect(stats).to.include({ state: "ready", concurrency: 7, inFlight: 0, served: 1 });
		expect(stats!.instance).to.match(/^[0-9a-f]{16}$/);
		expect(rig.queue.stats().clients).to.equal(1);
		await worker.drain();
		await client.close();
		await until(() => rig.queue.stats().clients === 0 && changes.length === 3);
		expect(changes).to.deep.equal(["joined Echo", "draining Echo", "left Echo"]);
	});

	// H89
	it("is found again by clients and workers after a restart; callers in flight are told", async () => {
		const { clients, workers } = await (async () => {
			await rig.start();
			return rig;
		})();
		await rig.worker({ work: hold });
		const client = rig.client();
		const running = verdict(client.call(echo.work, [1]));
		await until(() => ran.length === 1);
		await rig.queue.close();
		expect(await running).to.equal("UNAVAILABLE unknown local");
		const meanwhile = client.call(echo.say, ["meanwhile"]);
		await rig.start({ clients, workers, repWorkers: [] as unknown as string });
		expect(await meanwhile).to.equal("meanwhile");
		expect((rig.queue.stats() as QueueStats).workers).to.have.length(1);
	});

	it("a worker may serve several queues and direct clients at once", async () => {
		await rig.start();
		const [firstClients, firstWorkers] = [rig.clients, rig.workers];
		await rig.start();
		const server = rig.server({}, fast);
		await Promise.all([server.join(firstWorkers), server.join(rig.workers)]);
		const direct = await server.bind("tcp://127.0.0.1:0");
		for (const endpoint of [firstClients, rig.clients, direct]) {
			expect(await rig.connect(endpoint).call(echo.say, [endpoint])).to.equal(endpoint);
		}
	});
});
