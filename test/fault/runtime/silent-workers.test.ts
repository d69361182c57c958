import type { ChildProcess } from "node:child_process";
import { expect } from "chai";
import { Router } from "../../../packages/zmtp/src/index.js";
import { echo } from "../../support/runtime/echo.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { kill, startWorker, WorkLog } from "../../support/runtime/processes.js";
import { QueueRig } from "../../support/runtime/queue-rig.js";
import { deferred, until, verdict } from "../../support/runtime/until.js";
import { callHeader, kinds, pack, token } from "../../support/runtime/wire.js";

const terms = { workerHeartbeatMs: 40, leaseMs: 1000 };

describe("workers that fall silent", () => {
	const rig = new QueueRig();
	let log: WorkLog;
	let changes: string[];

	beforeEach(async () => {
		log = rig.own(new WorkLog());
		changes = [];
		await rig.start(terms);
		rig.queue.on("worker", ({ change }) => changes.push(change));
	});

	async function spawn(pauseMs: number): Promise<ChildProcess> {
		const child = await startWorker(rig.workers, log, pauseMs);
		rig.own({ close: () => kill(child) });
		return child;
	}

	// H85
	it("a stopped worker is suspect, then given up; its calls go elsewhere or are unknown; what it says later is dropped", async () => {
		const stopped = await spawn(50);
		const client = rig.client();
		await client.call(echo.say, ["warm"]);
		const say = client.call(echo.say, ["again"], { timeoutMs: 60_000 });
		const risky = verdict(client.call(echo.risky, ["once"], { timeoutMs: 60_000 }));
		await until(() => log.read().length === 3);
		stopped.kill("SIGSTOP");
		await until(() => changes.includes("suspect"));
		const other = await spawn(1);
		// A suspect gets no new work.
		for (let i = 0; i < 20; i++) expect(await client.call(echo.say, ["x"])).to.equal(`x by ${other.pid}`);
		expect(await say).to.equal(`again by ${other.pid}`);
		expect(await risky).to.equal("UNAVAILABLE unknown peer");
		expect(changes).to.include("left");
		stopped.kill("SIGCONT");
		await until(() => rig.queue.stats().workers.length === 2);
		expect(await client.call(echo.say, ["back"])).to.match(/^back by/);
		expect(client.stats()).to.include({ droppedReplies: 0, inFlight: 0 });
		expect(log.read().filter(({ text }) => text === "once")).to.have.length(1);
	});

	it("a worker that is stopped for less than its lease keeps its calls and answers them", async () => {
		const worker = await spawn(100);
		const client = rig.client();
		await client.call(echo.say, ["warm"]);
		const call = client.call(echo.risky, ["once"]);
		await until(() => log.read().length === 2);
		worker.kill("SIGSTOP");
		await until(() => changes.includes("suspect"));
		worker.kill("SIGCONT");
		expect(await call).to.equal(`once by ${worker.pid}`);
		await until(() => changes.at(-1) === "ready");
		expect(rig.queue.stats()).to.include({ lost: 0, redelivered: 0 });
	});

	// T7
	it("a worker whose loop is blocked for less than its lease is suspect meanwhile and loses nothing", async () => {
		const worker = await spawn(1);
		const client = rig.client();
		const blocked = client.call(echo.work, [500]);
		await until(() => changes.includes("suspect"));
		const waiting = client.call(echo.say, ["waits"]);
		expect(await blocked).to.equal(worker.pid);
		expect(await waiting).to.equal(`waits by ${worker.pid}`);
		expect(changes).to.not.include("left");
	});

	// H91
	it("a queue whose own loop is blocked for many heartbeats blames no worker", async () => {
		await Promise.all([spawn(1), spawn(1), spawn(1)]);
		const client = rig.client();
		await client.call(echo.say, ["before"]);
		const joined = changes.length;
		for (const end = performance.now() + 0.6 * terms.leaseMs; performance.now() < end; );
		await Promise.all(Array.from({ length: 50 }, () => client.call(echo.say, ["after"])));
		expect(changes.slice(joined)).to.deep.equal([]);
		expect(rig.queue.stats().workers).to.have.length(3);
		expect(rig.queue.stats()).to.include({ lost: 0, redelivered: 0 });
	});

	// H90: the queue hears the worker, and the worker hears nothing.
	it("a worker that hears nothing from its queue for a lease leaves, drops its work, and offers itself again", async () => {
		const mute = rig.own(new Router({ linger: 0 }));
		await mute.bind(anyPort);
		const aborted = deferred();
		const worker = rig.server({
			work: (_, { signal }) => new Promise(() => signal.addEventListener("abort", () => aborted.resolve())),
		});
		const joined = worker.join(mute.lastEndpoint!);
		const [id, , ready] = await mute.receive();
		expect(ready).to.deep.equal(Buffer.of(kinds.READY));
		await joined;
		await mute.send([id!, "", Buffer.of(kinds.WELCOME), pack({ heartbeatMs: 20, leaseMs: 100 })]);
		await mute.send([id!, token(0, 0), "t", "", callHeader("Echo.work"), pack([1])]);
		await aborted.promise;
		for (;;) {
			const [nextId, , kind] = await mute.receive();
			if (kind![0] !== kinds.READY) continue;
			expect(nextId).to.not.deep.equal(id);
			break;
		}
	});
});
