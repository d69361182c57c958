import { expect } from "chai";
import fc from "fast-check";
import { Endpoint } from "../../../../packages/runtime/src/client/endpoint.js";
import { hashOf, scoreOf } from "../../../../packages/runtime/src/client/rendezvous.js";
import { type Chooser, Servers } from "../../../../packages/runtime/src/client/servers.js";
import type { AnyMethod } from "../../../../packages/runtime/src/service.js";
import { echo } from "../../../support/runtime/echo.js";
import { FakePeer } from "../../../support/runtime/fake-peer.js";
import { printedSeed, seed } from "../../../support/zmtp/seed.js";

const endpoints = (count: number) =>
	Array.from({ length: count }, (_, at) => new Endpoint(`tcp://10.0.0.${at}:5555`, new FakePeer(), undefined));

const call = (key: unknown = "a", affinity?: number): Chooser => ({
	method: { ...echo.say, affinity } as unknown as AnyMethod,
	args: ["before", key],
	repetition: undefined,
});

function filled(balance: "round-robin" | "least-in-flight" | "affinity", among: readonly Endpoint[]): Servers {
	const servers = new Servers(balance);
	for (const endpoint of among) servers.add(endpoint);
	return servers;
}

describe(`the choice among servers (${printedSeed})`, () => {
	it("goes round, past those that are full", () => {
		const all = endpoints(3);
		const servers = filled("round-robin", all);
		const seen = Array.from({ length: 6 }, () => all.indexOf(servers.choose(call())!));
		expect([...seen].sort()).to.deep.equal([0, 0, 1, 1, 2, 2]);
		(all[1]!.peer as FakePeer).isWritable = false;
		expect(Array.from({ length: 4 }, () => all.indexOf(servers.choose(call())!))).to.not.include(1);
		for (const { peer } of all) (peer as FakePeer).isWritable = false;
		expect(servers.choose(call())).to.equal(undefined);
	});

	it("avoids those that had the call, as long as there is another", () => {
		const all = endpoints(3);
		for (const balance of ["round-robin", "least-in-flight", "affinity"] as const) {
			const servers = filled(balance, all);
			const tried = [all[0]!.peer, all[2]!.peer];
			for (let i = 0; i < 4; i++) {
				expect(servers.choose({ ...call("a", 1), repetition: { tried } }), balance).to.equal(all[1]);
			}
			expect(servers.hasAnother(tried)).to.equal(true);
			servers.remove(all[1]!);
			expect(servers.hasAnother(tried)).to.equal(false);
			expect(tried).to.include(servers.choose({ ...call("a", 1), repetition: { tried } })!.peer);
		}
	});

	it("takes the one with the fewest calls; equals take turns", () => {
		const all = endpoints(3);
		const servers = filled("least-in-flight", all);
		[all[0]!.inFlight, all[1]!.inFlight, all[2]!.inFlight] = [5, 2, 3];
		expect(servers.choose(call())).to.equal(all[1]);
		all[1]!.inFlight = 5;
		expect(servers.choose(call())).to.equal(all[2]);
		all[2]!.inFlight = 5;
		const seen = new Set(Array.from({ length: 3 }, () => servers.choose(call())));
		expect(seen.size).to.equal(3);
	});

	it("by affinity, equal arguments go to one server, and methods without one go round", () => {
		const all = endpoints(4);
		const servers = filled("affinity", all);
		for (const key of ["a", 7, true, 2n ** 60n, Uint8Array.of(1, 2), { id: 1 }, null, undefined, new Date(7)]) {
			expect(new Set(Array.from({ length: 5 }, () => servers.choose(call(key, 1)))).size).to.equal(1);
		}
		expect(new Set(Array.from({ length: 4 }, () => servers.choose(call("a")))).size).to.equal(4);
	});

	it("by affinity, keys spread evenly: none of eight servers has twice its share of ten thousand", () => {
		const all = endpoints(8);
		const servers = filled("affinity", all);
		const counts = new Map(all.map((endpoint) => [endpoint, 0]));
		for (let key = 0; key < 10_000; key++) {
			const endpoint = servers.choose(call(`account ${key}`, 1))!;
			counts.set(endpoint, counts.get(endpoint)! + 1);
		}
		for (const count of counts.values()) expect(count).to.be.within(625, 2500);
	});

	it("by affinity, whatever servers come and go: only the keys of one that goes move, and they come back with it", () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 2, max: 9 }),
				fc.nat(),
				fc.array(fc.oneof(fc.string(), fc.integer()), { minLength: 1 }),
				(count, nth, keys) => {
					const all = endpoints(count);
					const gone = all[nth % count]!;
					const servers = filled("affinity", all);
					const places = () => keys.map((key) => servers.choose(call(key, 1)));
					const before = places();
					servers.remove(gone);
					for (const [at, place] of places().entries()) {
						if (before[at] === gone) expect(place).to.not.equal(gone);
						else expect(place).to.equal(before[at]);
					}
					servers.add(gone);
					expect(places()).to.deep.equal(before);
				},
			),
			{ seed, numRuns: 200 },
		);
	});

	it("keys and scores are the same in every process, today and tomorrow", () => {
		expect([hashOf(""), hashOf("a"), hashOf(7)]).to.deep.equal([0x811c9dc5, 0xe40c292c, hashOf(Uint8Array.of(7))]);
		expect(scoreOf(hashOf("a"), hashOf("tcp://10.0.0.1:5555"))).to.equal(230567165);
	});

	it("says why there is none", () => {
		expect(new Servers().whyNone).to.equal("no server is connected");
		const all = endpoints(1);
		(all[0]!.peer as FakePeer).isWritable = false;
		expect(filled("round-robin", all).whyNone).to.equal("no server takes more now");
		expect(() => new Servers("random" as "affinity")).to.throw(RangeError, "round-robin, least-in-flight, affinity");
	});
});
