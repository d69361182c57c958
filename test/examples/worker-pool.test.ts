import { once } from "node:events";
import { Queue } from "@homing/runtime";
import { expect } from "chai";
import { type Replacement, WorkerPool } from "../../packages/examples/src/file-census/worker-pool.js";

describe("a pool of worker processes", function () {
	this.timeout(60_000);
	let queue: Queue;
	let endpoint: string;

	beforeEach(async () => {
		queue = new Queue({ clients: "tcp://127.0.0.1:0", workers: "tcp://127.0.0.1:0" });
		endpoint = (await queue.start()).workers[0]!;
	});

	afterEach(() => queue.close());

	const unexpected = (error: Error) => {
		throw error;
	};

	it("has its workers at the queue when it has started, and none when it is closed", async () => {
		const pool = new WorkerPool(endpoint, () => {}, unexpected);
		const workers = await pool.start(2);
		expect(new Set(workers).size).to.equal(2);
		while (queue.stats().workers.length < 2) await once(queue, "worker");
		await pool.close();
		for (const worker of workers) expect(() => process.kill(worker, 0)).to.throw("ESRCH");
	});

	it("replaces a worker that dies", async () => {
		let onReplaced: (replacement: Replacement) => void = () => {};
		const replaced = new Promise<Replacement>((resolve) => {
			onReplaced = resolve;
		});
		const pool = new WorkerPool(endpoint, (replacement) => onReplaced(replacement), unexpected);
		const workers = await pool.start(2);
		const killed = pool.killOne();
		expect(workers).to.include(killed);
		const { died, replacedBy } = await replaced;
		expect(died).to.equal(killed);
		expect(workers).not.to.include(replacedBy);
		while (queue.stats().workers.length !== 2) await once(queue, "worker");
		await pool.close();
	});

	it("says so when a worker cannot join", async () => {
		const pool = new WorkerPool("nonsense", () => {}, unexpected);
		const error = await pool.start(1).catch((reason: unknown) => reason);
		expect(error).to.be.instanceOf(Error);
		expect((error as Error).message).to.include("before it had joined the queue");
	});
});
