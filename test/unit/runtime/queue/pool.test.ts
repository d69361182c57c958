import { expect } from "chai";
import { type DispatchPolicy, Pool } from "../../../../packages/runtime/src/queue/pool.js";
import { type Waiter, WaitingRoom } from "../../../../packages/runtime/src/waiting/waiting-line.js";
import { fakeWorker } from "../../../support/runtime/workers.js";

function poolOf(policy: DispatchPolicy, concurrencies: readonly number[]) {
	const pool = new Pool<Waiter>("Echo", policy, new WaitingRoom(10, 1000), 1);
	const workers = concurrencies.map((concurrency) => fakeWorker({ concurrency }).worker);
	for (const worker of workers) pool.add(worker);
	const give = () => {
		const worker = pool.choose();
		if (worker !== undefined) worker.unfinished++;
		return worker === undefined ? -1 : workers.indexOf(worker);
	};
	return { pool, workers, give };
}

describe("pool, least loaded first", () => {
	it("gives equals their turn", () => {
		const { give } = poolOf("least-loaded", [9, 9, 9]);
		const given = Array.from({ length: 9 }, give);
		for (const at of [0, 1, 2]) expect(given.filter((each) => each === at)).to.have.length(3);
		expect(new Set(given.slice(0, 3)).size).to.equal(3);
	});

	it("prefers the worker with the fewest unfinished calls, so that a slow one gets fewer", () => {
		const { give, workers } = poolOf("least-loaded", [9, 9]);
		workers[0]!.unfinished = 5;
		expect(Array.from({ length: 5 }, give)).to.deep.equal([1, 1, 1, 1, 1]);
	});

	it("never gives more than a worker's credit", () => {
		const { give } = poolOf("least-loaded", [1, 2]);
		const given = Array.from({ length: 4 }, give);
		expect(given.slice(0, 3).sort()).to.deep.equal([0, 1, 1]);
		expect(given[3]).to.equal(-1);
	});

	it("passes over those who are suspect, draining or not reading", () => {
		const { give, workers } = poolOf("least-loaded", [9, 9, 9]);
		workers[0]!.state = "suspect";
		workers[1]!.state = "draining";
		expect([give(), give()]).to.deep.equal([2, 2]);
	});
});

describe("pool, round robin", () => {
	it("goes round, whatever the load", () => {
		const { give, workers } = poolOf("round-robin", [99, 99, 99]);
		workers[1]!.unfinished = 50;
		const given = Array.from({ length: 6 }, give);
		expect(given.slice(0, 3).sort()).to.deep.equal([0, 1, 2]);
		expect(given.slice(3)).to.deep.equal(given.slice(0, 3));
	});

	it("leaves out those without credit", () => {
		const { give } = poolOf("round-robin", [1, 9]);
		expect(Array.from({ length: 5 }, give).filter((at) => at === 0)).to.have.length(1);
	});
});

describe("pool", () => {
	it("without workers has nobody to choose, and is known once it has had one", () => {
		const { pool, workers } = poolOf("least-loaded", []);
		expect(pool.choose()).to.equal(undefined);
		expect(pool.isKnown).to.equal(false);
		const { worker } = fakeWorker();
		pool.add(worker);
		pool.remove(worker);
		pool.remove(worker);
		expect([pool.isKnown, pool.size, pool.choose(), workers.length]).to.deep.equal([true, 0, undefined, 0]);
	});
});
