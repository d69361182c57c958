import { expect } from "chai";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { type LedgerHandlers, ledger, ledgerService, upwards } from "../../support/runtime/ledger.js";
import { deferred, until, verdict } from "../../support/runtime/until.js";
import { ways } from "../../support/runtime/ways.js";

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
	const got: T[] = [];
	for await (const item of items) got.push(item);
	return got;
}

for (const { name, serve } of ways) {
	describe(`calls that stay open, ${name}`, () => {
		const own = closeAfterEach();
		const pair = (handlers: LedgerHandlers) => serve(own, ledgerService(handlers));

		it("a server's stream arrives whole and in order, empty ones and long ones", async () => {
			const [connection, server] = await pair({});
			for (const count of [0, 1, 1023, 1024, 1025, 10_000]) {
				expect(await all(connection.stream(ledger.list, [count]))).deep.equal([...upwards(count)]);
			}
			expect(connection.stats()).include({ inFlight: 0, droppedReplies: 0 });
			await until(() => server.stats().running === 0);
		});

		it("items larger than the window arrive", async () => {
			const [connection] = await pair({
				bytes: function* () {
					yield new Uint8Array(3_000_000).fill(1);
					yield new Uint8Array(2_000_000);
				},
			});
			expect((await all(connection.stream(ledger.bytes, [0]))).map(({ length }) => length)).deep.equal([
				3_000_000, 2_000_000,
			]);
		});

		it("a client's stream reaches its handler, whose result comes back", async () => {
			const [connection] = await pair({});
			for (const count of [0, 1, 1025, 5000]) {
				async function* amounts() {
					yield* upwards(count);
				}
				expect(await connection.call(ledger.sum, [], {}, [amounts()])).equal((count * (count - 1)) / 2);
			}
		});

		it("both ways at a time, ping-pong", async () => {
			const [connection] = await pair({});
			const balls: number[] = [];
			let next = deferred<number>();
			async function* amounts() {
				yield 1;
				for (let i = 0; i < 50; i++) yield await next.promise;
			}
			for await (const sum of connection.stream(ledger.running, [], {}, [amounts()])) {
				balls.push(sum);
				const { resolve } = next;
				next = deferred();
				resolve(1);
			}
			expect(balls).deep.equal([...upwards(52)].slice(1));
		});

		it("a consumer that stops holds the producer up within the window, and loses nothing", async () => {
			let made = 0;
			const [connection] = await pair({
				*list(count) {
					for (; made < count; made++) yield made;
				},
			});
			const items = connection.stream(ledger.list, [5000])[Symbol.asyncIterator]();
			expect((await items.next()).value).equal(0);
			let before = -1;
			await until(() => {
				const isStill = before === made;
				before = made;
				return isStill;
			});
			expect(made).below(2100);
			const rest: number[] = [];
			for await (const item of items) rest.push(item);
			expect(rest).deep.equal([...upwards(5000)].slice(1));
		});

		it("leaving the loop stops the producer and runs its finally", async () => {
			const ended = deferred<string>();
			const [connection, server] = await pair({
				async *list(_, context) {
					try {
						for (let i = 0; ; i++) yield i;
					} finally {
						ended.resolve(context.signal.aborted ? "aborted" : "not aborted");
					}
				},
			});
			for await (const item of connection.stream(ledger.list, [0])) if (item === 300) break;
			expect(await ended.promise).equal("aborted");
			await until(() => server.stats().running === 0);
			expect(connection.stats().inFlight).equal(0);
		});

		it("an error in the middle comes behind the items before it", async () => {
			const [connection] = await pair({
				*list() {
					yield 1;
					yield 2;
					throw new TypeError("secret");
				},
			});
			const got: number[] = [];
			expect(
				await verdict(
					(async () => {
						for await (const item of connection.stream(ledger.list, [0])) got.push(item);
					})(),
				),
			).equal("INTERNAL failed peer");
			expect(got).deep.equal([1, 2]);
		});

		it("a result before the caller's stream is over ends that stream, and runs its finally", async () => {
			const [connection] = await pair({
				async sum(amounts) {
					for await (const amount of amounts) return amount;
					return -1;
				},
			});
			const ended = deferred();
			async function* amounts() {
				try {
					for (let i = 7; ; i++) yield i;
				} finally {
					ended.resolve();
				}
			}
			expect(await connection.call(ledger.sum, [], {}, [amounts()])).equal(7);
			await ended.promise;
		});

		it("what the caller's stream throws ends the call on both sides", async () => {
			const heard = deferred<unknown>();
			const [connection] = await pair({
				async sum(amounts) {
					try {
						for await (const _ of amounts);
					} catch (error) {
						heard.resolve(error);
						throw error;
					}
					return 0;
				},
			});
			async function* amounts() {
				yield 1;
				throw new Error("mine");
			}
			expect(await verdict(connection.call(ledger.sum, [], {}, [amounts()]))).equal("CANCELLED failed local");
			expect(await heard.promise).property("status", "CANCELLED");
		});

		it("callbacks are called in order, and what they return comes back", async () => {
			const [connection] = await pair({});
			const progress: number[] = [];
			expect(
				await connection.call(ledger.audit, [1000], {}, [
					(done) => void progress.push(done),
					async (amount) => amount % 2 === 0,
				]),
			).equal("500 of 1000");
			expect(progress).deep.equal([...upwards(1001)].slice(1));
		});

		it("a stream is read once", async () => {
			const [connection] = await pair({});
			const items = connection.stream(ledger.list, [3]);
			expect(await all(items)).length(3);
			expect(await verdict(() => all(items))).equal("FAILED_PRECONDITION failed local");
		});

		it("cancelling by signal ends it at once", async () => {
			const ended = deferred();
			const [connection] = await pair({
				async *list() {
					try {
						for (let i = 0; ; i++) yield i;
					} finally {
						ended.resolve();
					}
				},
			});
			const abort = new AbortController();
			const got: number[] = [];
			expect(
				await verdict(
					(async () => {
						for await (const item of connection.stream(ledger.list, [0], { signal: abort.signal })) {
							got.push(item);
							if (item === 10) abort.abort();
						}
					})(),
				),
			).equal("CANCELLED unknown local");
			expect(got).length(11);
			await ended.promise;
		});
	});
}
