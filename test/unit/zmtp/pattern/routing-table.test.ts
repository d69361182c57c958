import { expect } from "chai";
import { RoutingTable } from "../../../../packages/zmtp/src/pattern/routing-table.js";
import { FakePipe } from "../../../support/zmtp/fake-pipe.js";

const hex = (id: Uint8Array) => Buffer.from(id).toString("hex");

describe("zmtp routing table", () => {
	it("finds peers by the ids it minted and by those they chose", () => {
		const table = new RoutingTable();
		const minted = Array.from({ length: 1000 }, () => new FakePipe());
		for (const pipe of minted) expect(table.mint(pipe)).equal(true);
		const chosen = new FakePipe();
		table.enter(chosen, Buffer.from("abcde"));
		for (const pipe of [...minted, chosen]) expect(table.find(pipe.routingId)).equal(pipe);
		expect(new Set(minted.map((pipe) => hex(pipe.routingId))).size).equal(1000);
	});

	it("finds nobody under an id that it never gave", () => {
		const table = new RoutingTable();
		const pipe = new FakePipe();
		table.mint(pipe);
		const other = Buffer.from(pipe.routingId);
		other[1]! ^= 0x40;
		for (const id of [other, Buffer.of(0, 0xff, 0xff, 0xff, 0xff), Buffer.alloc(0), Buffer.alloc(4), Buffer.alloc(6)]) {
			expect(table.find(id), hex(id)).equal(undefined);
		}
	});

	it("finds nobody under the id of a peer that left, whoever came after it", () => {
		const table = new RoutingTable();
		const old: Uint8Array[] = [];
		for (let i = 0; i < 20_000; i++) {
			const pipe = new FakePipe();
			table.mint(pipe);
			for (const id of old.slice(-5)) expect(table.find(id)).equal(undefined);
			table.remove(pipe);
			old.push(pipe.routingId);
		}
		expect(new Set(old.map(hex)).size).equal(20_000);
	});

	it("brings no id back before millions of peers have come and gone", () => {
		const table = new RoutingTable();
		const first = new FakePipe();
		table.mint(first);
		table.remove(first);
		const place = first.routingId[4];
		let returns = 0;
		const pipe = new FakePipe();
		for (let i = 0; i < 100_000; i++) {
			table.mint(pipe);
			if (pipe.routingId[4] === place && (pipe.routingId[2]! & 15) === 0 && pipe.routingId[3] === 0) returns++;
			table.remove(pipe);
		}
		// One place comes back once in 1025 peers, with 4096 generations: 4.2 million peers before an id is seen again.
		expect(returns).within(95, 99);
	});

	it("removes only the peer that has the id", () => {
		const table = new RoutingTable();
		const former = new FakePipe();
		const newest = new FakePipe();
		table.enter(former, Buffer.from("bob"));
		table.remove(former);
		expect(table.find(Buffer.from("bob"))).equal(undefined);
		table.enter(newest, Buffer.from("bob"));
		table.remove(former);
		expect(table.find(Buffer.from("bob"))).equal(newest);
		table.remove(newest);
		table.remove(newest);
		expect(table.find(Buffer.from("bob"))).equal(undefined);
	});
});
