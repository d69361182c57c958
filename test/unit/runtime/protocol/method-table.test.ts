import { expect } from "chai";
import { MethodTable } from "../../../../packages/runtime/src/protocol/method-table.js";

function find<Value>(table: MethodTable<Value>, name: string): Value | undefined {
	const chunk = Buffer.from(`<${name}>`);
	return table.find(chunk, 1, chunk.length - 1);
}

describe("method table", () => {
	it("finds each of a thousand names by its octets, and no other", () => {
		const table = new MethodTable<number>();
		for (let i = 0; i < 1000; i++) expect(table.add(Buffer.from(`Service${i % 7}.method${i}`), i)).to.equal(true);
		for (let i = 0; i < 1000; i++) {
			expect(find(table, `Service${i % 7}.method${i}`)).to.equal(i);
			expect(find(table, `Service${i % 7}.method${i}x`)).to.equal(undefined);
		}
		expect(table.size).to.equal(1000);
	});

	it("keeps the value that a name got first", () => {
		const table = new MethodTable<string>();
		table.add(Buffer.from("a.b"), "first");
		expect(table.add(Buffer.from("a.b"), "second")).to.equal(false);
		expect(find(table, "a.b")).to.equal("first");
	});

	// H72: what every JavaScript object has is no method.
	for (const name of ["__proto__", "constructor", "then", "toString", "hasOwnProperty", "", "a\0b", "a\nb"]) {
		it(`does not find ${JSON.stringify(name)} unless it was put in`, () => {
			const table = new MethodTable<number>();
			table.add(Buffer.from("Echo.say"), 1);
			expect(find(table, name)).to.equal(undefined);
			table.add(Buffer.from(name), 2);
			expect(find(table, name)).to.equal(2);
			expect(find(table, "Echo.say")).to.equal(1);
		});
	}

	it("copies the names it is given", () => {
		const table = new MethodTable<number>();
		const name = Buffer.from("Echo.say");
		table.add(name, 1);
		name.fill(0);
		expect(find(table, "Echo.say")).to.equal(1);
	});

	it("forgets everything when it is cleared, the name found last too", () => {
		const table = new MethodTable<number>();
		table.add(Buffer.from("Echo.say"), 1);
		expect(find(table, "Echo.say")).to.equal(1);
		table.clear();
		expect(find(table, "Echo.say")).to.equal(undefined);
		expect(table.size).to.equal(0);
	});
});
