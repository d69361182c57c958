import { expect } from "chai";
import fc from "fast-check";
import { type Waiter, WaitingLine, WaitingRoom } from "../../../../packages/runtime/src/waiting/waiting-line.js";
import { printedSeed, seed } from "../../../support/zmtp/seed.js";

let ages = 0;
const waiter = (priority = 128, size = 10): Waiter => ({ priority, age: ages++, size, owner: undefined });

function drain(line: WaitingLine<Waiter>): Waiter[] {
	const drained: Waiter[] = [];
	for (let next = line.peek(); next !== undefined; next = line.peek()) {
		drained.push(next);
		line.remove(next);
	}
	return drained;
}

describe("the queue's waiting line", () => {
	it("goes by priority, then by age", () => {
		const line = new WaitingLine<Waiter>(new WaitingRoom(10, 1000));
		const [late, urgent, first, second] = [waiter(200), waiter(1), waiter(), waiter()];
		for (const each of [second, late, first, urgent]) line.add(each);
		expect(drain(line)).to.deep.equal([urgent, first, second, late]);
	});

	it("lets calls leave from the middle", () => {
		const line = new WaitingLine<Waiter>(new WaitingRoom(10, 1000));
		const calls = Array.from({ length: 5 }, () => waiter());
		for (const each of calls) line.add(each);
		expect(line.remove(calls[2]!)).to.equal(true);
		expect(line.remove(calls[2]!)).to.equal(false);
		expect(drain(line)).to.deep.equal([calls[0], calls[1], calls[3], calls[4]]);
	});

	it("counts calls and octets of all lines of a room together", () => {
		const room = new WaitingRoom(3, 100);
		const [one, other] = [new WaitingLine<Waiter>(room), new WaitingLine<Waiter>(room)];
		const large = waiter(128, 60);
		one.add(large);
		other.add(waiter(128, 30));
		expect([room.calls, room.bytes]).to.deep.equal([2, 90]);
		expect([room.hasRoomFor(10), room.hasRoomFor(11)]).to.deep.equal([true, false]);
		other.add(waiter(128, 10));
		expect(room.hasRoomFor(0)).to.equal(false);
		one.remove(large);
		expect([room.calls, room.bytes, room.hasRoomFor(60)]).to.deep.equal([2, 40, true]);
	});

	it("stands half a million calls that leave unserved", () => {
		const line = new WaitingLine<Waiter>(new WaitingRoom(1e6, 1e9));
		const calls = Array.from({ length: 500_000 }, () => waiter());
		for (const each of calls) line.add(each);
		for (let at = 0; at < calls.length; at += 3) {
			line.remove(calls[at]!);
			line.remove(calls[at + 1]!);
		}
		expect(line.peek()).to.equal(calls[2]);
		expect(line.length).to.equal(166_666);
	});

	it(`behaves as a sorted list does, whoever comes, leaves and comes back (${printedSeed})`, () => {
		const step = fc.oneof(
			fc.record({ add: fc.integer({ min: 0, max: 3 }) }),
			fc.record({ remove: fc.nat(200) }),
			fc.record({ again: fc.nat(200) }),
			fc.constant({ take: true }),
		);
		fc.assert(
			fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
				const line = new WaitingLine<Waiter>(new WaitingRoom(1e6, 1e9));
				const all: Waiter[] = [];
				const model = new Set<Waiter>();
				const sorted = () => [...model].sort((one, other) => one.priority - other.priority || one.age - other.age);
				for (const each of steps) {
					if ("add" in each) {
						const call = waiter(each.add);
						all.push(call);
						line.add(call);
						model.add(call);
					} else if ("remove" in each) {
						const call = all[each.remove % all.length];
						if (call !== undefined) expect(line.remove(call)).to.equal(model.delete(call));
					} else if ("again" in each) {
						const call = all[each.again % all.length];
						if (call === undefined || model.has(call)) continue;
						line.add(call);
						model.add(call);
					} else {
						const next = line.peek();
						expect(next).to.equal(sorted()[0]);
						if (next === undefined) continue;
						line.remove(next);
						model.delete(next);
					}
					expect(line.length).to.equal(model.size);
				}
				expect(drain(line)).to.deep.equal(sorted());
			}),
			{ seed, numRuns: 300 },
		);
	});
});
