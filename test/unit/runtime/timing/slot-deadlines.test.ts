import { expect } from "chai";
import { SlotDeadlines } from "../../../../packages/runtime/src/timing/slot-deadlines.js";

/** Deadlines looked at by hand. Their own timer only ever sees the same hand-set clock. */
class Rig {
	now = 1000;
	size = 1;
	readonly due: { readonly slot: number; readonly at: number }[] = [];
	onDue: (slot: number) => void = () => {};
	readonly deadlines = new SlotDeadlines(
		this,
		(slot) => {
			this.due.push({ slot, at: this.now });
			this.onDue(slot);
		},
		() => this.now,
	);

	to(now: number): void {
		this.now = now;
		this.deadlines.advance();
	}

	get slots(): number[] {
		return this.due.map(({ slot }) => slot);
	}
}

describe("deadlines of slots", () => {
	let rig: Rig;
	beforeEach(() => {
		rig = new Rig();
	});
	afterEach(() => {
		rig.deadlines.stop();
	});

	it("are told when they have passed, each once, and never before", () => {
		const deadlines = Array.from({ length: 2000 }, (_, slot) => 1000 + ((slot * 7919) % 2000) * 7.3);
		for (const [slot, deadlineAt] of deadlines.entries()) rig.deadlines.set(slot, deadlineAt);
		for (let now = 1000; now < 1000 + 2000 * 7.3 + 10; now += 3.7) rig.to(now);
		expect(new Set(rig.slots).size).to.equal(2000);
		expect(rig.due).to.have.length(2000);
		for (const { slot, at } of rig.due) {
			expect(at).to.be.at.least(deadlines[slot]!);
			expect(at - deadlines[slot]!).to.be.at.most(3.7);
		}
	});

	it("are those of who has the slot now", () => {
		rig.deadlines.set(3, 1010);
		rig.deadlines.set(3, 1500);
		rig.deadlines.set(4, 1010);
		rig.deadlines.set(4, Number.POSITIVE_INFINITY);
		rig.to(1499);
		expect(rig.slots).to.deep.equal([]);
		rig.to(1_000_000);
		expect(rig.slots).to.deep.equal([3]);
	});

	it("of times count from the end of the promise reactions in which they start, and not from before", async () => {
		rig.deadlines.start(1, 100);
		rig.now += 400;
		expect(rig.deadlines.of(1, rig.now)).to.equal(1500);
		rig.deadlines.start(2, 50);
		rig.deadlines.start(1, 60);
		await Promise.resolve();
		rig.now += 59;
		expect([1, 2].map((slot) => rig.deadlines.of(slot, rig.now))).to.deep.equal([1460, 1450]);
		rig.deadlines.advance();
		expect(rig.slots).to.deep.equal([2]);
		rig.to(1460);
		expect(rig.slots).to.deep.equal([2, 1]);
	});

	it("of times that are over, or never will be", () => {
		rig.deadlines.start(1, 0);
		rig.deadlines.start(2, -5);
		rig.deadlines.start(3, Number.POSITIVE_INFINITY);
		expect(rig.deadlines.of(3, rig.now)).to.equal(Number.POSITIVE_INFINITY);
		rig.to(1000);
		rig.to(1_000_000);
		expect(rig.slots).to.deep.equal([1, 2]);
	});

	it("may be set while they are told, also in the page that is looked through", () => {
		rig.deadlines.set(5, 1010);
		rig.onDue = (slot) => {
			if (slot !== 5) return;
			rig.deadlines.set(2, 1040);
			rig.deadlines.set(9, 1040);
			rig.deadlines.set(200, 1040);
		};
		rig.to(1020);
		rig.to(1030);
		expect(rig.slots).to.deep.equal([5]);
		rig.to(1040);
		expect(rig.slots).to.deep.equal([5, 2, 9, 200]);
	});

	it("are looked at by a timer while a slot is taken, and no longer", async () => {
		let size = 1;
		const due = new Promise<number>((resolve) => {
			const deadlines = new SlotDeadlines(
				{
					get size() {
						return size;
					},
				},
				(slot) => {
					// The timer must end by itself: the test run waits for whatever still runs.
					size = 0;
					resolve(slot);
				},
			);
			deadlines.set(70, performance.now() + 15);
		});
		expect(await due).to.equal(70);
	});
});
