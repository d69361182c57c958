import { expect } from "chai";
import { fakeWorker } from "../../../support/runtime/workers.js";

const heartbeatMs = 100;
const leaseMs = 1000;

describe("liveness of a worker, by a given clock", () => {
	const { worker: unused } = fakeWorker();
	let worker = unused;
	const look = (now: number, wasLate = false) => worker.look(now, heartbeatMs, leaseMs, wasLate);
	beforeEach(() => {
		worker = fakeWorker().worker;
		look(0);
	});

	it("is ready while it speaks between two looks", () => {
		for (let now = 100; now < 5000; now += 100) {
			worker.heard();
			expect(look(now)).to.equal(false);
			expect(worker.state).to.equal("ready");
		}
	});

	it("is suspect after more than three silent heartbeats, and gets no work", () => {
		for (const now of [100, 200, 300]) look(now);
		expect(worker.state).to.equal("ready");
		look(400);
		expect(worker.state).to.equal("suspect");
		expect(worker.hasCredit).to.equal(false);
	});

	it("is ready again with its first word", () => {
		look(400);
		worker.heard();
		expect(look(500)).to.equal(false);
		expect(worker.state).to.equal("ready");
		expect(worker.hasCredit).to.equal(true);
	});

	it("is given up when the lease is over, and not before", () => {
		for (let now = 100; now <= 1000; now += 100) expect(look(now), String(now)).to.equal(false);
		expect(look(1100)).to.equal(true);
	});

	// H91: what workers said while the queue's own loop was blocked lies unread.
	it("is not blamed for a pause of the queue's own", () => {
		look(100);
		expect(look(60_000, true)).to.equal(false);
		expect(worker.state).to.equal("ready");
		expect(look(60_100)).to.equal(false);
		expect(look(61_200)).to.equal(true);
	});

	it("stays draining, silent or not, until its lease is over", () => {
		worker.state = "draining";
		expect(look(500)).to.equal(false);
		expect(worker.state).to.equal("draining");
		worker.heard();
		look(600);
		expect(worker.state).to.equal("draining");
		expect(look(1700)).to.equal(true);
	});

	it("has no credit while it does not read", () => {
		const { worker: reading, peer } = fakeWorker();
		expect(reading.hasCredit).to.equal(true);
		peer.isWritable = false;
		expect(reading.hasCredit).to.equal(false);
	});
});
