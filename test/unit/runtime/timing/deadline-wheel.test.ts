import { expect } from "chai";
import { DeadlineWheel, type Timed } from "../../../../packages/runtime/src/timing/deadline-wheel.js";

class Entry implements Timed {
	deadlineAt: number;
	wheelNext: Timed | undefined;
	wheelPrevious: Timed | undefined;

	constructor(deadlineAt: number) {
		this.deadlineAt = deadlineAt;
	}
}

/** A wheel that is turned by hand. Its own timer only ever sees the same hand-set clock. */
class Rig {
	now = 1000;
	readonly expired: { readonly entry: Entry; readonly at: number }[] = [];
	onExpired: (entry: Entry) => void = () => {};
	readonly wheel = new DeadlineWheel<Entry>(
		(entry) => {
			this.expired.push({ entry, at: this.now });
			this.onExpired(entry);
		},
		() => this.now,
	);

	add(deadlineAt: number): Entry {
		const entry = new Entry(deadlineAt);
		this.wheel.add(entry);
		return entry;
	}

	to(now: number): void {
		this.now = now;
		this.wheel.advance();
	}

	stepTo(end: number, step = 10): void {
		while (this.now < end) this.to(Math.min(end, this.now + step));
	}
}

describe("deadline wheel", () => {
	let rig: Rig;
	beforeEach(() => {
		rig = new Rig();
	});
	afterEach(() => {
		rig.wheel.stop();
	});

	it("is never early, and late by a tick at most while it is turned", () => {
		for (let i = 0; i < 2000; i++) rig.add(1000 + i * 7.3);
		rig.stepTo(1000 + 2000 * 7.3 + 10, 3.7);
		expect(rig.expired).to.have.length(2000);
		for (const { entry, at } of rig.expired) {
			expect(at).to.be.at.least(entry.deadlineAt);
			expect(at - entry.deadlineAt).to.be.at.most(10 + 3.7);
		}
	});

	it("keeps deadlines many rounds away until they come", () => {
		const far = rig.add(1000 + 24 * 3600 * 1000);
		const near = rig.add(2000);
		rig.stepTo(60_000);
		expect(rig.expired.map(({ entry }) => entry)).to.deep.equal([near]);
		rig.to(far.deadlineAt - 1);
		expect(rig.expired).to.have.length(1);
		rig.stepTo(far.deadlineAt + 10);
		expect(rig.expired.map(({ entry }) => entry)).to.deep.equal([near, far]);
	});

	it("finds everything that passed while the loop was held up for longer than a round", () => {
		for (let i = 0; i < 600; i++) rig.add(1000 + i * 10);
		rig.to(1000 + 60_000);
		expect(rig.expired).to.have.length(600);
	});

	it("tells a deadline that has passed already with the next turn", () => {
		rig.add(10);
		rig.to(1010);
		expect(rig.expired).to.have.length(1);
	});

	it("leaves out what has no deadline", () => {
		const entry = rig.add(Number.POSITIVE_INFINITY);
		rig.stepTo(20_000);
		expect(rig.expired).to.have.length(0);
		rig.wheel.remove(entry);
	});

	it("forgets what is removed, as often as it is removed", () => {
		const entry = rig.add(1050);
		rig.add(1050);
		rig.wheel.remove(entry);
		rig.wheel.remove(entry);
		rig.stepTo(1200);
		expect(rig.expired).to.have.length(1);
	});

	it("tells no entry that was removed when another of the same moment was told", () => {
		const entries = Array.from({ length: 10 }, () => rig.add(1050));
		rig.onExpired = () => {
			for (const entry of entries) rig.wheel.remove(entry);
		};
		rig.stepTo(2000);
		expect(rig.expired).to.have.length(1);
	});

	it("stands entries that move to another deadline while others are told", () => {
		const [first, second, third] = [rig.add(1050), rig.add(1050), rig.add(1050)];
		let isMoved = false;
		rig.onExpired = () => {
			if (isMoved) return;
			isMoved = true;
			for (const entry of [second, third]) {
				rig.wheel.remove(entry);
				entry.deadlineAt = 1500;
				rig.wheel.add(entry);
			}
		};
		rig.stepTo(1400);
		expect(rig.expired.map(({ entry }) => entry)).to.deep.equal([first]);
		rig.stepTo(1600);
		expect(rig.expired).to.have.length(3);
	});

	it("stands an entry that is put in again, expired, when it is told", () => {
		rig.add(1050);
		let times = 0;
		rig.onExpired = (entry) => {
			if (++times < 5) rig.wheel.add(entry);
		};
		rig.stepTo(1500);
		expect(rig.expired).to.have.length(5);
	});

	it("works again after it has been idle and stopped", () => {
		rig.add(1050);
		rig.stepTo(3000);
		rig.to(3500);
		rig.add(3600);
		rig.stepTo(3700);
		expect(rig.expired).to.have.length(2);
	});

	it("holds 100 000 entries, of which half leave early, and tells the other half once each", () => {
		const entries = Array.from({ length: 100_000 }, (_, index) => rig.add(1000 + (index % 10_000)));
		for (let i = 0; i < entries.length; i += 2) rig.wheel.remove(entries[i]!);
		rig.stepTo(12_000);
		expect(rig.expired).to.have.length(50_000);
		expect(new Set(rig.expired.map(({ entry }) => entry)).size).to.equal(50_000);
	});
});
