import { expect } from "chai";
import { RpcError } from "../../../../packages/runtime/src/index.js";
import { Inflow } from "../../../../packages/runtime/src/stream/inflow.js";
import { Intake, window } from "../../../../packages/runtime/src/stream/window.js";

function inflow() {
	const told: number[] = [];
	let returns = 0;
	const intake = new Intake((count) => told.push(count));
	const items = new Inflow<number>(intake, () => {
		returns++;
	});
	const arrive = (item: number) => {
		expect(intake.arrived(1)).equal(true);
		items.push(item, 1);
	};
	return { items, arrive, told, returns: () => returns };
}

const failure = () => new RpcError("ABORTED", "broken off");

describe("what has arrived of a stream", () => {
	it("is read in order, whether the reader or the item is first", async () => {
		const { items, arrive } = inflow();
		arrive(1);
		const [first, second, third] = [items.next(), items.next(), items.next()];
		arrive(2);
		items.end();
		expect(await Promise.all([first, second, third, items.next()])).deep.equal([
			{ value: 1, done: false },
			{ value: 2, done: false },
			{ value: undefined, done: true },
			{ value: undefined, done: true },
		]);
	});

	it("is read before its end and before its failure, which is thrown once", async () => {
		const { items, arrive } = inflow();
		arrive(1);
		items.fail(failure(), false);
		expect((await items.next()).value).equal(1);
		expect(await items.next().catch((error: RpcError) => error.status)).equal("ABORTED");
		expect(await items.next()).deep.equal({ value: undefined, done: true });
	});

	it("is forgotten by a failure at once", async () => {
		const { items, arrive } = inflow();
		arrive(1);
		items.fail(failure(), true);
		expect(await items.next().catch((error: RpcError) => error.status)).equal("ABORTED");
	});

	it("ends all who wait by a failure, the first of them with it", async () => {
		const { items } = inflow();
		const waiting = [items.next(), items.next()];
		items.fail(failure(), false);
		expect((await Promise.allSettled(waiting)).map(({ status }) => status)).deep.equal(["rejected", "fulfilled"]);
	});

	it("is told of as consumed when it is read, not when it comes", async () => {
		const { items, arrive, told } = inflow();
		for (let i = 0; i < window.items; i++) arrive(i);
		expect(told).deep.equal([]);
		for (let i = 0; i < window.items / 4; i++) await items.next();
		expect(told).deep.equal([window.items / 4]);
	});

	it("is of no use to a reader that has left, who is told of once", async () => {
		const { items, arrive, returns } = inflow();
		arrive(1);
		await items.return();
		await items.return();
		items.push(2, 1);
		expect(await items.next()).deep.equal({ value: undefined, done: true });
		expect(returns()).equal(1);
	});

	it("leaves nobody to be told when it is over before its reader leaves", async () => {
		const { items, returns } = inflow();
		items.end();
		await items.return();
		expect(returns()).equal(0);
	});
});
