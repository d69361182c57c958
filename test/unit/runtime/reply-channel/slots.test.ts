import { expect } from "chai";
import { SlotTable, type Slotted } from "../../../../packages/runtime/src/reply-channel/slots.js";
import { token } from "../../../support/runtime/wire.js";

const entry = (): Slotted => ({ slot: -1, generation: 0 });
const find = (table: SlotTable<Slotted>, { slot, generation }: Slotted) => table.find(token(slot, generation), 0, 8);

describe("slot table", () => {
	it("finds an entry by its token, by no other generation and by no other slot", () => {
		const table = new SlotTable<Slotted>();
		const [one, two] = [entry(), entry()];
		table.add(one);
		table.add(two);
		expect(find(table, one)).to.equal(one);
		expect(find(table, two)).to.equal(two);
		expect(find(table, { slot: one.slot, generation: one.generation + 1 })).to.equal(undefined);
		expect(find(table, { slot: 2, generation: one.generation })).to.equal(undefined);
		expect(find(table, { slot: 0xff_ffff, generation: 0 })).to.equal(undefined);
	});

	it("gives a slot another generation when it is released: the old token is void", () => {
		const table = new SlotTable<Slotted>();
		const former = entry();
		table.add(former);
		const late = { ...former };
		table.remove(former);
		expect(find(table, late)).to.equal(undefined);
		const successor = entry();
		table.add(successor);
		expect(successor.slot).to.equal(late.slot);
		expect(find(table, late)).to.equal(undefined);
		expect(find(table, successor)).to.equal(successor);
	});

	it("starts at a random generation, so that tokens of another process fit none of this one", () => {
		const generations = new Set<number>();
		for (let i = 0; i < 20; i++) {
			const first = entry();
			new SlotTable<Slotted>().add(first);
			generations.add(first.generation);
		}
		expect(generations.size).to.be.greaterThan(10);
	});

	it("ignores an entry that is not in: a call cannot end twice", () => {
		const table = new SlotTable<Slotted>();
		const [one, two] = [entry(), entry()];
		table.add(one);
		table.remove(one);
		table.add(two);
		table.remove(one);
		expect(find(table, two)).to.equal(two);
		expect(table.size).to.equal(1);
	});

	it("takes no more than its capacity, and again once one has left", () => {
		const table = new SlotTable<Slotted>(2);
		const [one, two, three] = [entry(), entry(), entry()];
		expect([table.add(one), table.add(two), table.add(three)]).to.deep.equal([true, true, false]);
		table.remove(one);
		expect(table.add(three)).to.equal(true);
		expect(table.size).to.equal(2);
	});

	it("can be emptied while it is gone through", () => {
		const table = new SlotTable<Slotted>();
		const entries = Array.from({ length: 10 }, entry);
		for (const each of entries) table.add(each);
		const met: Slotted[] = [];
		for (const each of table) {
			met.push(each);
			table.remove(each);
		}
		expect(met).to.have.members(entries);
		expect(table.size).to.equal(0);
	});

	// H70: truncated, padded, empty, one megabyte.
	for (const octets of [Buffer.alloc(0), Buffer.alloc(7, 1), Buffer.alloc(9, 1), Buffer.alloc(1 << 20, 1)]) {
		it(`finds nothing by a token of ${octets.length} octets`, () => {
			const table = new SlotTable<Slotted>();
			table.add(entry());
			expect(table.find(octets, 0, octets.length)).to.equal(undefined);
		});
	}
});
