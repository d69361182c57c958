import { expect } from "chai";
import { type Drain, pump } from "../../../../packages/runtime/src/stream/pump.js";
import { Outflow, window } from "../../../../packages/runtime/src/stream/window.js";
import { deferred } from "../../../support/runtime/until.js";

class Sink implements Drain<number> {
	readonly outflow = new Outflow();
	readonly got: number[] = [];
	isOver = false;
	onOver: (() => void) | undefined;
	held: Promise<void> | undefined;
	throwsAt = -1;

	hold(): Promise<void> | undefined {
		return this.held;
	}

	send(item: number): number {
		if (item === this.throwsAt) throw new RangeError("too large");
		this.got.push(item);
		return 1;
	}

	end(): void {
		this.isOver = true;
		this.onOver?.();
	}
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

function* numbers(ended: () => void, count = Number.POSITIVE_INFINITY): Generator<number> {
	try {
		for (let i = 0; i < count; i++) yield i;
	} finally {
		ended();
	}
}

describe("a pump", () => {
	it("sends all there is, of iterables of both kinds", async () => {
		const sources = [
			[1, 2, 3],
			new Set([1, 2, 3]),
			(async function* () {
				yield* [1, 2, 3];
			})(),
		];
		for (const source of sources) {
			const sink = new Sink();
			expect(await pump(source, sink)).equal(true);
			expect(sink.got).deep.equal([1, 2, 3]);
			expect(sink.onOver).equal(undefined);
		}
	});

	it("takes no value out before it can be sent", async () => {
		const sink = new Sink();
		let ended = 0;
		const pumped = pump(
			numbers(() => ended++),
			sink,
		);
		await turn();
		expect(sink.got).length(window.items);
		sink.outflow.consumed(10);
		await turn();
		expect(sink.got).length(window.items + 10);
		const held = deferred();
		sink.held = held.promise;
		sink.outflow.consumed(10);
		await turn();
		expect(sink.got).length(window.items + 10);
		sink.held = undefined;
		held.resolve();
		await turn();
		expect(sink.got).length(window.items + 20);
		sink.end();
		expect(await pumped).equal(false);
		expect(ended).equal(1);
	});

	it("tells an iterable at once that nobody wants more, though it waits for something", async () => {
		const sink = new Sink();
		const told = deferred();
		const source: AsyncIterable<number> = {
			[Symbol.asyncIterator]: () => ({
				next: () => told.promise.then(() => ({ value: undefined, done: true as const })),
				return: async () => {
					told.resolve();
					return { value: undefined, done: true as const };
				},
			}),
		};
		const pumped = pump(source, sink);
		await turn();
		sink.end();
		expect(await pumped).equal(false);
		expect(sink.got).deep.equal([]);
	});

	it("tells an iterable once, and runs its finally, when one of its values cannot be sent", async () => {
		const sink = new Sink();
		sink.throwsAt = 2;
		let ended = 0;
		const reason = await pump(
			numbers(() => ended++),
			sink,
		).catch((error: Error) => error.message);
		expect([reason, ended, sink.got]).deep.equal(["too large", 1, [0, 1]]);
	});

	it("passes on what an iterable throws", async () => {
		const source = (function* () {
			yield 1;
			throw new Error("broken");
		})();
		expect(await pump(source, new Sink()).catch((error: Error) => error.message)).equal("broken");
	});
});
