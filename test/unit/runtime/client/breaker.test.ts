import { expect } from "chai";
import { Breaker, type BreakerState } from "../../../../packages/runtime/src/client/breaker.js";

/** A breaker whose time passes by hand. */
class Rig {
	readonly changes: BreakerState[] = [];
	readonly scheduled: { run: () => void; afterMs: number; isTakenBack: boolean }[] = [];
	readonly breaker = new Breaker(
		{ failures: 3, openMs: 70 },
		(state) => this.changes.push(state),
		(run, afterMs) => {
			const entry = { run, afterMs, isTakenBack: false };
			this.scheduled.push(entry);
			return () => {
				entry.isTakenBack = true;
			};
		},
	);

	fail(times: number): void {
		for (let i = 0; i < times; i++) this.breaker.onFailed({});
	}

	/** Open, and its time over. */
	halfOpen(): void {
		this.fail(3);
		this.scheduled.at(-1)!.run();
	}
}

describe("a circuit breaker", () => {
	it("opens after so many failures one after another, and lets nothing pass", () => {
		const rig = new Rig();
		rig.fail(2);
		rig.breaker.onAnswered({});
		rig.fail(2);
		expect(rig.breaker).to.include({ state: "closed", isPassable: true });
		rig.fail(1);
		expect(rig.breaker).to.include({ state: "open", isPassable: false });
		expect(rig.scheduled.map(({ afterMs }) => afterMs)).to.deep.equal([70]);
		expect(rig.changes).to.deep.equal(["open"]);
	});

	it("half-open, it lets one call pass: its answer closes it, its failure opens it again", () => {
		const rig = new Rig();
		for (const isWell of [false, true]) {
			rig.halfOpen();
			expect(rig.breaker).to.include({ state: "half-open", isPassable: true });
			const probe = {};
			rig.breaker.onSent(probe);
			expect(rig.breaker.isPassable).to.equal(false);
			if (isWell) rig.breaker.onAnswered(probe);
			else {
				rig.breaker.onFailed(probe);
				expect(rig.breaker.state).to.equal("open");
				rig.scheduled.at(-1)!.run();
				const second = {};
				rig.breaker.onSent(second);
				rig.breaker.onAnswered(second);
			}
			expect(rig.breaker).to.include({ state: "closed", isPassable: true });
		}
	});

	it("what becomes of calls that were sent before says nothing while it is not closed", () => {
		const rig = new Rig();
		rig.fail(3);
		rig.fail(5);
		rig.breaker.onAnswered({});
		expect(rig.changes).to.deep.equal(["open"]);
		rig.scheduled[0]!.run();
		rig.breaker.onSent({});
		rig.fail(5);
		rig.breaker.onAnswered({});
		expect(rig.breaker.state).to.equal("half-open");
	});

	it("a call that tried and was given up makes room for another", () => {
		const rig = new Rig();
		rig.halfOpen();
		const probe = {};
		rig.breaker.onSent(probe);
		rig.breaker.onReleased({});
		expect(rig.breaker.isPassable).to.equal(false);
		rig.breaker.onReleased(probe);
		expect(rig.breaker.isPassable).to.equal(true);
		expect(rig.changes).to.deep.equal(["open", "half-open", "half-open"]);
	});

	it("a lost connection is one failure, and the end of who tries", () => {
		const rig = new Rig();
		rig.breaker.onLost();
		rig.fail(1);
		expect(rig.breaker.state).to.equal("closed");
		rig.breaker.onLost();
		expect(rig.breaker.state).to.equal("open");
		rig.breaker.onLost();
		rig.scheduled[0]!.run();
		rig.breaker.onSent({});
		rig.breaker.onLost();
		expect(rig.breaker.state).to.equal("open");
		expect(rig.scheduled).to.have.length(2);
	});

	it("closed for good, it leaves no timer behind; values that make no sense are refused", () => {
		const rig = new Rig();
		rig.fail(3);
		rig.breaker.close();
		expect(rig.scheduled[0]!.isTakenBack).to.equal(true);
		for (const bad of [{ failures: 0 }, { failures: 1.5 }, { openMs: -1 }, { openMs: Number.POSITIVE_INFINITY }]) {
			expect(() => new Breaker(bad, () => {}), JSON.stringify(bad)).to.throw(RangeError, "breaker.");
		}
	});
});
