import { expect } from "chai";
import fc from "fast-check";
import { SharedLine } from "../../../../packages/runtime/src/waiting/shared-line.js";
import { Shares } from "../../../../packages/runtime/src/waiting/shares.js";
import { type Waiter, WaitingRoom } from "../../../../packages/runtime/src/waiting/waiting-line.js";
import { printedSeed, seed } from "../../../support/zmtp/seed.js";

let ages = 0;
const waiter = (owner: object | undefined, priority = 128): Waiter => ({ priority, age: ages++, size: 1, owner });
const room = () => new WaitingRoom(1e6, 1e9);

describe("a line of which everybody has a share", () => {
	it("passes over whoever holds its share, until it holds less", () => {
		const [one, other] = [{}, {}];
		const line = new SharedLine<Waiter>(room(), 0.5, 2);
		const [first, second, last] = [waiter(one), waiter(one, 1), waiter(other, 200)];
		for (const each of [first, second, last]) line.add(each);
		expect(line.peek()).equal(second);
		line.remove(second);
		line.take(one);
		expect([line.peek(), line.length]).deep.equal([last, 2]);
		line.giveBack(one);
		expect(line.peek()).equal(first);
	});

	it("passes over nobody who is not counted", () => {
		const line = new SharedLine<Waiter>(room(), 0.5, 1);
		for (let i = 0; i < 10; i++) line.take(undefined);
		expect(line.isFreeFor(undefined)).equal(true);
		const call = waiter(undefined);
		line.add(call);
		expect([line.peek(), line.isFreeFor({})]).deep.equal([call, false]);
	});

	it("has no share for a part of all that is none", () => {
		for (const share of [0, -1, 1.1, Number.NaN]) expect(() => new Shares(share, 4)).throw(RangeError, /clientShare/);
	});

	for (const [places, share, part] of [
		[1, 0.75, 1],
		[3, 0.75, 3],
		[4, 0.75, 3],
		[1024, 0.75, 768],
		[1024, 1, 1024],
		[10, 0.001, 1],
	] as const) {
		it(`of ${places} places, ${share} of each, lets one have ${part}`, () => {
			const owner = {};
			const shares = new Shares(share, places);
			let held = 0;
			for (; shares.hasRoom(owner); held++) shares.take(owner);
			expect(held).equal(part);
		});
	}

	it(`gives the most urgent of those who have room, whoever comes, leaves, takes and gives back (${printedSeed})`, () => {
		const owner = fc.nat(3);
		const step = fc.oneof(
			{ weight: 3, arbitrary: fc.record({ add: owner, priority: fc.nat(3) }) },
			{ weight: 2, arbitrary: fc.record({ serve: fc.constant(true) }) },
			fc.record({ giveBack: owner }),
			fc.record({ remove: fc.nat(100) }),
			fc.record({ divide: fc.nat(12) }),
		);
		fc.assert(
			fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
				const owners = [{}, {}, {}, {}];
				const held = [0, 0, 0, 0];
				let limit = 2;
				const place = room();
				const line = new SharedLine<Waiter>(place, 0.5, 4);
				const present: Waiter[] = [];
				const expected = () =>
					present
						.filter((call) => held[owners.indexOf(call.owner!)]! < limit)
						.sort((one, other) => one.priority - other.priority || one.age - other.age)[0];
				for (const each of steps) {
					if ("add" in each) {
						const call = waiter(owners[each.add], each.priority);
						present.push(call);
						line.add(call);
					} else if ("serve" in each) {
						const call = line.peek();
						expect(call).equal(expected());
						if (call === undefined) continue;
						line.remove(call);
						line.take(call.owner);
						present.splice(present.indexOf(call), 1);
						held[owners.indexOf(call.owner!)]!++;
					} else if ("giveBack" in each) {
						if (held[each.giveBack] === 0) continue;
						held[each.giveBack]!--;
						line.giveBack(owners[each.giveBack]);
					} else if ("remove" in each) {
						const [call] = present.splice(each.remove % Math.max(1, present.length), 1);
						if (call !== undefined) expect(line.remove(call)).equal(true);
					} else {
						limit = Math.max(1, Math.ceil(each.divide / 2));
						line.divide(each.divide);
					}
					expect([line.length, place.calls]).deep.equal([present.length, present.length]);
					expect([...line].every((call) => present.includes(call))).equal(true);
				}
				expect(line.peek()).equal(expected());
			}),
			{ seed, numRuns: 500 },
		);
	});

	it(`has lines for some of its places, and a share is one of these and of all (${printedSeed})`, () => {
		const [at, owner] = [fc.nat(2), fc.nat(2)];
		const step = fc.oneof(
			{ weight: 3, arbitrary: fc.record({ add: owner, at, priority: fc.nat(3) }) },
			{ weight: 4, arbitrary: fc.record({ serve: at }) },
			{ weight: 2, arbitrary: fc.record({ giveBack: owner, at }) },
			fc.record({ divide: fc.nat(12), at }),
		);
		fc.assert(
			fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
				const owners = [{}, {}, {}];
				const whole = new SharedLine<Waiter>(room(), 0.5, 8);
				const lines = [whole, ...[4, 4].map((places) => new SharedLine<Waiter>(room(), 0.5, places, whole))];
				const limits = [4, 2, 2];
				const held = lines.map(() => owners.map(() => 0));
				const present: Waiter[][] = lines.map(() => []);
				const total = (of: number) => held.reduce((sum, each) => sum + each[of]!, 0);
				const hasRoom = (line: number, of: number) =>
					total(of) < limits[0]! && (line === 0 || held[line]![of]! < limits[line]!);
				const expected = (line: number) =>
					present[line]!.filter((call) => hasRoom(line, owners.indexOf(call.owner!))).sort(
						(one, other) => one.priority - other.priority || one.age - other.age,
					)[0];
				for (const each of steps) {
					if ("add" in each) {
						const call = waiter(owners[each.add], each.priority);
						present[each.at]!.push(call);
						lines[each.at]!.add(call);
					} else if ("serve" in each) {
						const call = lines[each.serve]!.peek();
						expect(call).equal(expected(each.serve));
						if (call === undefined) continue;
						lines[each.serve]!.remove(call);
						lines[each.serve]!.take(call.owner);
						present[each.serve]!.splice(present[each.serve]!.indexOf(call), 1);
						held[each.serve]![owners.indexOf(call.owner!)]!++;
					} else if ("giveBack" in each) {
						if (held[each.at]![each.giveBack] === 0) continue;
						held[each.at]![each.giveBack]!--;
						lines[each.at]!.giveBack(owners[each.giveBack]);
					} else {
						limits[each.at] = Math.max(1, Math.ceil(each.divide / 2));
						lines[each.at]!.divide(each.divide);
					}
					for (const [index, line] of lines.entries()) {
						expect(line.length).equal(present[index]!.length);
						for (const [of, each] of owners.entries()) {
							const isFree = expected(index) === undefined && hasRoom(index, of);
							expect(line.isFreeFor(each)).equal(isFree);
						}
					}
				}
			}),
			{ seed, numRuns: 500 },
		);
	});
});
