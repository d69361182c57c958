import { expect } from "chai";
import { SlotDeadlines } from "../../../../packages/runtime/src/timing/slot-deadlines.js";

/** Deadlines looked at by hand. Their own timer only ever sees the same hand-set clock. */
class Rig {
	now = 1000;
	readonly due: { readonly slot: number; readonly at: number }[] = [];
	onDue: (slot: number) => void = () => {};
	readonly deadlines = new SlotDeadlines(
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

	of(slot: number): number {
		return this.deadlines.of(slot, this.now);
	}

	get slots(): number[] {
		return this.due.map(({ slot }) => slot);
	}
}

const turn = () => Promise.resolve();

describe("deadlines of slots", () => {
	let rig: Rig;
	beforeEach(() => {
		rig = new Rig();
	});
	afterEach(() => {
		rig.deadlines.stop();
	});

	it("are told when they have passed, each once, and never before", async () => {
		const times = Array.from({ length: 2000 }, (_, slot) => 1 + ((slot * 7919) % 2000) * 7.3);
		for (const [slot, leftMs] of times.entries()) rig.deadlines.start(slot, leftMs);
		await turn();
		for (let now = 1000; now < 1000 + 2000 * 7.3 + 10; now += 3.7) rig.to(now);
		expect(new Set(rig.slots).size).to.equal(2000);
		expect(rig.due).to.have.length(2000);
		for (const { slot, at } of rig.due) {
			expect(at).to.be.at.least(1000 + times[slot]!);
			expect(at - 1000 - times[slot]!).to.be.at.most(3.7);
		}
	});

	it("are those of who has the slot now", async () => {
		for (const slot of [3, 4]) rig.deadlines.start(slot, 10);
		await turn();
		for (const slot of [3, 4]) rig.deadlines.clear(slot);
		rig.deadlines.clear(4);
		rig.deadlines.start(3, 500);
		await turn();
		expect([3, 4].map((slot) => rig.of(slot))).to.deep.equal([1500, Number.POSITIVE_INFINITY]);
		rig.to(1499);
		expect(rig.slots).to.deep.equal([]);
		rig.to(1_000_000);
		expect(rig.slots).to.deep.equal([3]);
	});

	it("count from the end of the promise reactions in which they are set", async () => {
		rig.deadlines.start(1, 100);
		rig.now += 400;
		expect(rig.of(1)).to.equal(1500);
		rig.deadlines.start(2, 50);
		// As when a call fails in the course in which it was made, and the next one gets its slot.
		rig.deadlines.clear(1);
		rig.deadlines.start(1, 60);
		await turn();
		rig.now += 59;
		expect([1, 2].map((slot) => rig.of(slot))).to.deep.equal([1460, 1450]);
		rig.deadlines.advance();
		expect(rig.slots).to.deep.equal([2]);
		rig.to(1460);
		expect(rig.slots).to.deep.equal([2, 1]);
	});

	it("may have passed already, or never come", async () => {
		rig.deadlines.start(1, 0);
		rig.deadlines.start(2, -5);
		rig.deadlines.start(3, Number.POSITIVE_INFINITY);
		rig.deadlines.start(1000, Number.POSITIVE_INFINITY);
		await turn();
		expect([3, 1000].map((slot) => rig.of(slot))).to.deep.equal([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
		rig.to(1000);
		rig.to(1_000_000);
		expect(rig.slots).to.deep.equal([1, 2]);
	});

	it("that are set while others are told have all their time, wherever they are", async () => {
		rig.deadlines.start(5, 10);
		rig.deadlines.start(70, 10);
		await turn();
		rig.onDue = (slot) => {
			if (slot === 5) for (const other of [2, 5, 9, 71, 200]) rig.deadlines.start(other, 20);
		};
		rig.to(1020);
		expect(rig.slots).to.deep.equal([5, 70]);
		await turn();
		rig.to(1039);
		expect(rig.slots).to.deep.equal([5, 70]);
		rig.onDue = () => {};
		rig.to(1041);
		expect(rig.slots.slice(2).sort((one, other) => one - other)).to.deep.equal([2, 5, 9, 71, 200]);
	});

	describe("are looked at by a timer", () => {
		const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

		it("while there are any, and no longer", async () => {
			// The test's own is there by then.
			await turn();
			const before = timers();
			let deadlines!: SlotDeadlines;
			const due = await new Promise<number>((resolve) => {
				deadlines = new SlotDeadlines(resolve);
				deadlines.start(70, 15);
			});
			expect(due).to.equal(70);
			deadlines.advance();
			expect(timers()).to.equal(before);
		});

		it("but not where there is none, or all have been taken away", async () => {
			// The test's own is there by then.
			await turn();
			const before = timers();
			const deadlines = new SlotDeadlines(() => {});
			deadlines.start(1, Number.POSITIVE_INFINITY);
			await turn();
			expect(timers()).to.equal(before);
			deadlines.start(2, 3_600_000);
			await turn();
			expect(timers()).to.equal(before + 1);
			deadlines.clear(2);
			deadlines.advance();
			expect(timers()).to.equal(before);
		});
	});
});
