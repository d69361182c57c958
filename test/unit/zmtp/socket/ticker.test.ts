import { expect } from "chai";
import { Ticker } from "../../../../packages/zmtp/src/socket/ticker.js";

const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

function ticking(tickMs: number): { tickMs: number; ticks: number; ticked: Promise<void>; tick(now: number): void } {
	let resolve: () => void = () => {};
	const ticked = new Promise<void>((done) => {
		resolve = done;
	});
	return {
		tickMs,
		ticks: 0,
		ticked,
		tick() {
			this.ticks++;
			resolve();
		},
	};
}

describe("zmtp ticker", () => {
	it("ticks its members while they want it, with one timer, which keeps no process alive", async () => {
		const before = timers();
		const ticker = new Ticker();
		const idle = ticking(Number.POSITIVE_INFINITY);
		ticker.add(idle);
		const members = Array.from({ length: 10 }, () => ticking(20));
		for (const member of members) ticker.add(member);
		expect(timers()).equal(before);
		const alive = setTimeout(() => {}, 10_000);
		await Promise.all(members.map(({ ticked }) => ticked));
		clearTimeout(alive);
		ticker.stop();
	});

	it("hears of a member that wants more ticks than before, and forgets those removed", async () => {
		const ticker = new Ticker();
		const member = ticking(60_000);
		const removed = ticking(60_000);
		ticker.add(member);
		ticker.add(removed);
		ticker.remove(removed);
		member.tickMs = 20;
		ticker.changed(member);
		const alive = setTimeout(() => {}, 10_000);
		await member.ticked;
		clearTimeout(alive);
		expect(removed.ticks).equal(0);
		ticker.remove(member);
	});

	it("ticks a member that is in haste more often, and no other for it", async () => {
		const ticker = new Ticker();
		const calm = ticking(60_000);
		const hasty = ticking(100);
		ticker.add(calm);
		ticker.add(hasty);
		const alive = setTimeout(() => {}, 10_000);
		await hasty.ticked;
		clearTimeout(alive);
		expect(calm.ticks).equal(0);
		ticker.stop();
	});

	it("ticks a thousand members in many turns of the event loop, none of them left out", async () => {
		const ticker = new Ticker();
		let turns = 0;
		let isSameTurn = false;
		const members = Array.from({ length: 1000 }, () => {
			const member = ticking(640);
			const tick = member.tick.bind(member);
			member.tick = (now) => {
				tick(now);
				if (!isSameTurn) turns++;
				isSameTurn = true;
				setImmediate(() => {
					isSameTurn = false;
				});
			};
			return member;
		});
		for (const member of members) ticker.add(member);
		const alive = setTimeout(() => {}, 20_000);
		await Promise.all(members.map(({ ticked }) => ticked));
		clearTimeout(alive);
		expect(turns).above(3);
		ticker.stop();
	});

	it("goes on though members come, go and change during a tick", async () => {
		const ticker = new Ticker();
		const late = ticking(20);
		const leaving = ticking(20);
		const changing = ticking(20);
		leaving.tick = () => {
			ticker.remove(leaving);
			ticker.add(late);
		};
		const tick = changing.tick.bind(changing);
		changing.tick = (now) => {
			tick(now);
			changing.tickMs = Number.POSITIVE_INFINITY;
		};
		ticker.add(leaving);
		ticker.add(changing);
		const alive = setTimeout(() => {}, 10_000);
		await Promise.all([late.ticked, changing.ticked]);
		clearTimeout(alive);
		expect(changing.ticks).equal(1);
		ticker.stop();
	});
});
