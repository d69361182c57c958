import type { ChildProcess } from "node:child_process";
import { expect } from "chai";
import type { RpcError } from "../../../packages/runtime/src/index.js";
import { echo } from "../../support/runtime/echo.js";
import { kill, startQueue, startWorker, WorkLog } from "../../support/runtime/processes.js";
import { QueueRig } from "../../support/runtime/queue-rig.js";
import { until, verdict } from "../../support/runtime/until.js";

describe("queues below that are killed or fall silent", () => {
	const rig = new QueueRig();
	let log: WorkLog;

	beforeEach(() => {
		log = rig.own(new WorkLog());
	});

	/** A queue and its worker, each in a process of its own; the worker has joined, and the queue above knows. */
	async function site(workMs: number): Promise<{ readonly queue: ChildProcess; readonly worker: ChildProcess }> {
		const serving = () => {
			const workers = rig.queue.stats().workers.filter(({ services }) => services.includes("Echo"));
			return workers.map(({ instance }) => instance);
		};
		const before = new Set(serving());
		const queue = await startQueue(rig.workers);
		rig.own({ close: () => kill(queue.child) });
		const worker = await startWorker(queue.endpoints.workers[0]!, log, workMs);
		rig.own({ close: () => kill(worker) });
		await until(() => serving().some((instance) => !before.has(instance)));
		return { queue: queue.child, worker };
	}

	it("no idempotent call is lost or fails when one of two is killed again and again, no other runs twice", async () => {
		await rig.start();
		const sites = [await site(5), await site(5)];
		const client = rig.client();
		const failures: string[] = [];
		const answered: string[] = [];
		let isOver = false;
		let started = 0;
		const loop = async () => {
			while (!isOver) {
				const number = started++;
				const isIdempotent = number % 2 === 0;
				const text = `${isIdempotent ? "again" : "once"} ${number}`;
				await client.call(isIdempotent ? echo.say : echo.risky, [text], { timeoutMs: 20_000 }).then(
					(answer) => answered.push(answer),
					(error: RpcError) => failures.push(`${text.split(" ")[0]}: ${error.status} ${error.outcome}`),
				);
			}
		};
		const loops = Array.from({ length: 64 }, loop);
		const progress = () => {
			const goal = answered.length + 500;
			return until(() => answered.length >= goal);
		};
		for (let round = 0; round < 3; round++) {
			await progress();
			const [victim] = sites.splice(0, 1);
			await kill(victim!.queue);
			await progress();
			await kill(victim!.worker);
			sites.push(await site(5));
		}
		isOver = true;
		await Promise.all(loops);
		expect(failures.filter((failure) => failure.startsWith("again"))).deep.equal([]);
		expect(new Set(failures)).deep.equal(new Set(["once: UNAVAILABLE unknown"]));
		const runs = new Map<string, number>();
		for (const { text } of log.read()) runs.set(text, (runs.get(text) ?? 0) + 1);
		expect([...runs].filter(([text, times]) => text.startsWith("once") && times > 1)).deep.equal([]);
		expect(rig.queue.stats().redelivered).above(0);
		expect(rig.queue.stats()).include({ inFlight: 0, waiting: 0, poisoned: 0 });
		expect(client.stats()).include({ droppedReplies: 0, inFlight: 0 });
	}).timeout(60_000);

	it("a stopped one is suspect and gets no new calls, then is given up; what it says later is dropped", async () => {
		await rig.start({ workerHeartbeatMs: 40, leaseMs: 1000 });
		const changes: string[] = [];
		rig.queue.on("worker", ({ change }) => changes.push(change));
		const stopped = await site(300);
		const client = rig.client();
		const say = client.call(echo.say, ["again"], { timeoutMs: 60_000 });
		const risky = verdict(client.call(echo.risky, ["once"], { timeoutMs: 60_000 }));
		await until(() => log.read().length === 2);
		stopped.queue.kill("SIGSTOP");
		await until(() => changes.includes("suspect"));
		const other = await site(1);
		for (let i = 0; i < 20; i++) {
			expect(await client.call(echo.say, ["x"])).equal(`x by ${other.worker.pid}`);
		}
		expect(await say).equal(`again by ${other.worker.pid}`);
		expect(await risky).equal("UNAVAILABLE unknown peer");
		expect(changes).include("left");
		stopped.queue.kill("SIGCONT");
		await until(() => rig.queue.stats().workers.filter(({ services }) => services.includes("Echo")).length === 2);
		expect(client.stats()).include({ droppedReplies: 0, inFlight: 0 });
		expect(log.read().filter(({ text }) => text === "once")).length(1);
	});
});
