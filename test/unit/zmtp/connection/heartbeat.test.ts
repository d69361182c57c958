import { expect } from "chai";
import { Heartbeat } from "../../../../packages/zmtp/src/connection/heartbeat.js";

const options = { intervalMs: 1000, timeoutMs: 2000, timeToLiveMs: 0 };

/** Ticks in steps of `tickMs` up to `until`; returns what was due, as `1000 ping`. */
function run(heartbeat: Heartbeat, until: number, heardAt: readonly number[] = []): string[] {
	const due: string[] = [];
	const heard = [...heardAt];
	for (let now = heartbeat.tickMs; now <= until; now += heartbeat.tickMs) {
		while (heard.length > 0 && heard[0]! <= now) heartbeat.heard(heard.shift()!);
		const pulse = heartbeat.tick(now, true);
		if (pulse !== "none") due.push(`${now} ${pulse}`);
		if (pulse === "expired") break;
	}
	return due;
}

describe("zmtp heartbeat", () => {
	it("PINGs once an interval while the peer is silent, then gives it up", () => {
		expect(run(new Heartbeat(options, true, 0), 9000)).deep.equal(["1000 ping", "2000 ping", "3000 expired"]);
	});

	it("does nothing while the peer is heard", () => {
		expect(run(new Heartbeat(options, true, 0), 5000, [900, 1800, 2700, 3600, 4500])).deep.equal([]);
	});

	it("needs no tick when there is nothing to watch", () => {
		const off = new Heartbeat({ ...options, intervalMs: 0 }, true, 0);
		expect(off.tickMs).equal(Number.POSITIVE_INFINITY);
		expect(new Heartbeat(options, false, 0).tickMs).equal(Number.POSITIVE_INFINITY);
		off.obey(400);
		expect(off.tickMs).equal(200);
	});

	it("never asks for ticks finer than 20 ms", () => {
		expect(new Heartbeat({ ...options, intervalMs: 1 }, true, 0).tickMs).equal(20);
	});

	it("PINGs without end when its timeout has none", () => {
		const patient = new Heartbeat({ ...options, timeoutMs: Number.POSITIVE_INFINITY }, true, 0);
		expect(run(patient, 100_000)).length(100);
	});

	it("never tells a TTL that wraps in libzmq", () => {
		expect(new Heartbeat({ ...options, timeToLiveMs: 1e9 }, true, 0).timeToLiveMs).equal(65_500);
	});

	it("does not hold its own process's lag against the peer", () => {
		const heartbeat = new Heartbeat(options, true, 0);
		expect(heartbeat.tick(500, true)).equal("none");
		expect(heartbeat.tick(20_500, true)).equal("ping");
		expect(heartbeat.tick(21_000, true)).equal("none");
		expect(heartbeat.tick(21_500, true)).equal("ping");
		expect(heartbeat.tick(22_500, true)).equal("expired");
	});
});
