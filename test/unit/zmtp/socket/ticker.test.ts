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
});
