import { expect } from "chai";
import { type Connection, connect, Queue, Server } from "../../../packages/runtime/src/index.js";
import { window } from "../../../packages/runtime/src/stream/window.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { type LedgerHandlers, ledger, ledgerService } from "../../support/runtime/ledger.js";
import { RawClient } from "../../support/runtime/raw-client.js";
import { deferred, until } from "../../support/runtime/until.js";
import { callHeader, failureIn, flags, followUp, kinds, pack, run } from "../../support/runtime/wire.js";

interface Target {
	readonly endpoint: string;
	/** Follow-ups and malformed messages that were dropped, wherever. */
	dropped(): number;
	/** Calls under way. */
	busy(): number;
	/** Calls in line. */
	waiting(): number;
}

const subjects: readonly {
	readonly name: string;
	start(own: ReturnType<typeof closeAfterEach>, server: Server): Promise<Target>;
}[] = [
	{
		name: "a server",
		async start(_, server) {
			const stats = () => server.stats();
			return {
				endpoint: await server.bind(anyPort),
				dropped: () => stats().droppedFollowUps + stats().malformed,
				busy: () => stats().running + stats().waiting,
				waiting: () => stats().waiting,
			};
		},
	},
	{
		name: "a queue",
		async start(own, server) {
			const queue = own(new Queue({ clients: anyPort, workers: anyPort, discoveryMs: 0 }));
			const { clients, workers } = await queue.start();
			await server.join(workers[0]!);
			await until(() => queue.stats().workers.length === 1);
			const all = () => [queue.stats(), server.stats()];
			return {
				endpoint: clients[0]!,
				dropped: () => all().reduce((sum, stats) => sum + stats.droppedFollowUps + stats.malformed, 0),
				busy: () => queue.stats().inFlight + queue.stats().waiting + server.stats().running,
				waiting: () => queue.stats().waiting,
			};
		},
	},
];

/** Nobody ends it but its caller: waits until then, and says how it ended. */
function held() {
	const started = deferred();
	const ended = deferred<string>();
	const hold = async (signal: AbortSignal) => {
		started.resolve();
		await new Promise((resolve) => signal.addEventListener("abort", resolve));
		ended.resolve((signal.reason as { status: string }).status);
	};
	return { started: started.promise, ended: ended.promise, hold };
}

for (const { name, start } of subjects) {
	describe(`hostile callers of ${name}'s calls that stay open, and a bystander that loses nothing`, () => {
		const own = closeAfterEach();
		let handlers: LedgerHandlers;
		let target: Target;
		let hostile: RawClient;

		beforeEach(async () => {
			handlers = {};
			// A handler of the test's is looked up when its call comes, not before.
			const late = new Proxy({}, { get: (_, key) => handlers[key as keyof LedgerHandlers] });
			const server = own(new Server({ concurrency: 64 })).add(ledgerService(late));
			server.on("failure", () => {});
			target = await start(own, server);
			const bystander = standBy(own(connect(target.endpoint)));
			hostile = await own(new RawClient(target.endpoint)).ready();
			// Closed first: the youngest.
			own({
				async close() {
					await bystander.end();
					await until(() => target.busy() === 0);
				},
			});
		});

		const running = (token?: string) => hostile.open(callHeader("Ledger.running"), pack([]), token);
		const sum = (token?: string) => hostile.open(callHeader("Ledger.sum"), pack([]), token);
		const say = (kind: number, route: Uint8Array, number = 0, body: Uint8Array | string = "", token = "token") =>
			hostile.send(token, "", followUp(kind, route, number), body);

		for (const credit of [1, 64, window.items, 2 ** 31, 2 ** 32 - 1]) {
			it(`H76: credit of ${credit} for what was never sent ends its call, ABORTED`, async () => {
				say(kinds.CREDIT, await running(), credit);
				expect(failureIn(await hostile.answerOf(kinds.ERROR))).include({ status: 10 });
			});
		}

		it("H76: credit of 0, again and again, and headers cut short, change nothing", async () => {
			const route = await running();
			for (let i = 0; i < 1000; i++) say(kinds.CREDIT, route, 0);
			for (const kind of [kinds.CREDIT, kinds.ANSWER, kinds.ITEM]) hostile.send("token", "", Buffer.of(kind, 0), "");
			say(kinds.ITEM, route, 0, pack(7));
			say(kinds.END_OF_INPUT, route);
			expect(await hostile.answerOf(kinds.RESULT_ITEM)).deep.equal([Buffer.of(kinds.RESULT_ITEM, 0), pack(7)]);
			await hostile.answerOf(kinds.END);
		});

		it("H77: items without credit end their call, ABORTED, and its handler", async () => {
			const { ended, hold } = held();
			handlers.sum = async (_, { signal }) => {
				await hold(signal);
				return 0;
			};
			const route = await sum();
			for (let i = 0; i < window.items + 1; i++) say(kinds.ITEM, route, 0, pack(i));
			expect(await ended).equal("ABORTED");
		});

		it("H66: an item that is no value of the stream's, however large, ends its call, INVALID_ARGUMENT", async () => {
			for (const item of [pack("one"), Buffer.of(0xc1), Buffer.alloc(0), Buffer.alloc(window.bytes, 0x91)]) {
				const route = await sum();
				say(kinds.ITEM, route, 0, item);
				expect(failureIn(await hostile.answerOf(kinds.ERROR))).include({ status: 3 });
			}
		});

		/** The handler of `sum` reads nothing, and fails with why it is told to end; returns how it ends. */
		const unread = () => {
			const { ended, hold } = held();
			handlers.sum = async (_, { signal }) => {
				await hold(signal);
				throw signal.reason;
			};
			return ended;
		};

		it("H77: items together without credit end their call, ABORTED: each counts by itself", async () => {
			const ended = unread();
			const route = await sum();
			const most = Array.from({ length: 64 }, (_, item) => pack(item));
			for (let sent = 0; sent < window.items; sent += most.length) say(kinds.ITEMS_OF_INPUT, route, 0, run(...most));
			say(kinds.ITEMS_OF_INPUT, route, 0, run(pack(1), pack(2)));
			expect(await ended).equal("ABORTED");
			expect(failureIn(await hostile.answerOf(kinds.ERROR)).message).match(/more than it had credit for/);
		});

		it("H77: of items together the last may be the one that there is no credit for", async () => {
			const ended = unread();
			const route = await sum();
			for (let i = 0; i < window.items - 1; i++) say(kinds.ITEM, route, 0, pack(i));
			say(kinds.ITEMS_OF_INPUT, route, 0, run(pack(1), pack(2)));
			expect(await ended).equal("ABORTED");
			expect(failureIn(await hostile.answerOf(kinds.ERROR)).message).match(/more than it had credit for/);
		});

		const full = pack("a".repeat(1000));
		for (const [what, ...body] of [
			["nothing", ""],
			["half a size", Buffer.of(0)],
			["a size without an item", Buffer.of(0, 1)],
			["an item that is longer than what is left", Buffer.of(0, 1, 7, 0xff, 0xff, 7)],
			["an octet behind the last item", Buffer.concat([run(pack(7)), Buffer.of(7)])],
			["more octets than such a message may have", run(full, full, full, full, full)],
			["a frame beside it", run(pack(7)), Buffer.alloc(40_000)],
		] as const) {
			it(`H77: items together, of ${what}, end the call, ABORTED, and none of them is taken`, async () => {
				const got: number[] = [];
				handlers.sum = async (amounts) => {
					for await (const amount of amounts) got.push(amount);
					return 0;
				};
				const route = await sum();
				say(kinds.ITEM, route, 0, pack(1));
				hostile.send("token", "", followUp(kinds.ITEMS_OF_INPUT, route), ...body);
				const failure = failureIn(await hostile.answerOf(kinds.ERROR));
				expect(failure).include({ status: 10 });
				expect(failure.message).match(/sizes do not add up/);
				expect(got).deep.equal([1]);
			});
		}

		for (const [what, bad] of [
			["that is empty", Buffer.alloc(0)],
			["of another type", pack("x")],
			["that is no msgpack", Buffer.of(0xc1)],
			["with octets left over", Buffer.of(7, 7)],
		] as const) {
			it(`H66: an item ${what} among others ends the call, INVALID_ARGUMENT`, async () => {
				const route = await sum();
				say(kinds.ITEMS_OF_INPUT, route, 0, run(pack(7), bad, pack(8)));
				expect(failureIn(await hostile.answerOf(kinds.ERROR))).include({ status: 3 });
			});
		}

		it("H71: items together, to a method that takes none, end their call; behind END they are not there", async () => {
			const route = await sum();
			say(kinds.ITEMS_OF_INPUT, route, 0, run(pack(1), pack(2)));
			say(kinds.END_OF_INPUT, route);
			say(kinds.ITEMS_OF_INPUT, route, 0, run(pack(100), pack(200)));
			expect(await hostile.answer()).deep.equal([pack(3)]);
			const { ended, hold } = held();
			handlers.list = async function* (_, { signal }) {
				yield 0;
				await hold(signal);
			};
			const other = await hostile.open(callHeader("Ledger.list"), pack([5]));
			say(kinds.ITEMS_OF_INPUT, other, 0, run(pack(1)));
			expect(await ended).equal("ABORTED");
		});

		it("H71: items behind END, and a second END, are not there", async () => {
			const route = await sum();
			say(kinds.ITEM, route, 0, pack(1));
			say(kinds.END_OF_INPUT, route);
			for (let i = 0; i < 5; i++) say(kinds.ITEM, route, 0, pack(1000));
			say(kinds.END_OF_INPUT, route);
			expect(await hostile.answer()).deep.equal([pack(1)]);
		});

		it("H71: items to a method that takes none end their call; END and ANSWER mean nothing there", async () => {
			const { started, ended, hold } = held();
			handlers.list = async function* (_, { signal }) {
				yield 0;
				await hold(signal);
			};
			const route = await hostile.open(callHeader("Ledger.list"), pack([5]));
			await started;
			say(kinds.END_OF_INPUT, route);
			say(kinds.ANSWER, route, 1, pack(true));
			say(kinds.ITEM, route, 0, pack(1));
			expect(await ended).equal("ABORTED");
			expect(failureIn(await hostile.answerOf(kinds.ERROR))).include({ status: 10 });
		});

		it("H71: ANSWERs to nothing, to nobody, twice and with nonsense are dropped; the right one counts", async () => {
			const route = await hostile.open(callHeader("Ledger.audit"), pack([2]));
			for (let round = 1; round <= 2; round++) {
				const [header] = await hostile.answerOf(kinds.CALLBACK);
				const id = header!.readUInt32BE(2);
				expect(header![6]).equal(1);
				for (const other of [0, id + 1, 2 ** 32 - 1]) say(kinds.ANSWER, route, other, pack(false));
				say(kinds.ANSWER, route, id, pack(true));
				say(kinds.ANSWER, route, id, pack(false));
				say(kinds.ANSWER, route, id, Buffer.of(0xc1));
				await hostile.answerOf(kinds.CALLBACK);
			}
			expect(await hostile.answer()).deep.equal([pack("2 of 2")]);
		});

		it("H71: an ANSWER that is not what the interface says fails that callback", async () => {
			const route = await hostile.open(callHeader("Ledger.audit"), pack([1]));
			await hostile.answerOf(kinds.CALLBACK);
			say(kinds.ANSWER, route, 1, pack("yes"));
			expect(failureIn(await hostile.answerOf(kinds.ERROR))).include({ status: 3 });
		});

		it("H70: routes and tokens of another client's call reach nothing", async () => {
			const victim = await own(new RawClient(target.endpoint)).ready();
			const route = await victim.open(callHeader("Ledger.running"), pack([]));
			const before = target.dropped();
			const thefts = [kinds.CREDIT, kinds.ITEM, kinds.END_OF_INPUT, kinds.ANSWER, kinds.CANCEL];
			for (const kind of thefts) say(kind, route, 1, pack(666));
			say(kinds.ITEMS_OF_INPUT, route, 0, run(pack(666)));
			await until(() => target.dropped() - before === thefts.length + 1);
			victim.send("token", "", followUp(kinds.ITEM, route), pack(7));
			expect((await victim.answerOf(kinds.RESULT_ITEM))[1]).deep.equal(pack(7));
			victim.send("token", "", followUp(kinds.END_OF_INPUT, route), "");
			await victim.answerOf(kinds.END);
		});

		it("H70: a route of another call of the same client, and one that is cut or padded, reach nothing", async () => {
			const route = await running();
			const other = await running("other");
			const before = target.dropped();
			say(kinds.ITEM, other, 0, pack(666));
			say(kinds.CANCEL, route, 0, "", "other");
			for (let length = 1; length < route.length; length++) {
				say(kinds.ITEM, route.subarray(0, length), 0, pack(666));
			}
			say(kinds.ITEM, Buffer.concat([Buffer.of(8), Buffer.alloc(8, 0xff), route]), 0, pack(666));
			await until(() => target.dropped() - before === route.length + 2);
			for (const [token, way] of [
				["token", route],
				["other", other],
			] as const) {
				say(kinds.ITEM, way, 0, pack(7), token);
				expect((await hostile.answerOf(kinds.RESULT_ITEM, token))[1]).deep.equal(pack(7));
				say(kinds.CANCEL, way, 0, "", token);
			}
		});

		it("H70: follow-ups of a call that is over, a hundred times each, are dropped and counted", async () => {
			const route = await sum();
			say(kinds.END_OF_INPUT, route);
			expect(await hostile.answer()).deep.equal([pack(0)]);
			await until(() => target.busy() <= 1);
			const before = target.dropped();
			for (let i = 0; i < 100; i++) {
				for (const kind of [kinds.CREDIT, kinds.ITEM, kinds.END_OF_INPUT, kinds.ANSWER, kinds.CANCEL]) {
					say(kind, route, 1, pack(1));
				}
				say(kinds.ITEMS_OF_INPUT, route, 0, run(pack(1)));
			}
			await until(() => target.dropped() - before === 600);
		});

		it("H78: a caller that gives no credit holds the producer up, until the deadline runs its finally", async () => {
			let made = 0;
			const stopped = deferred<number>();
			handlers.list = function* () {
				try {
					for (; ; made++) yield made;
				} finally {
					stopped.resolve(made);
				}
			};
			await hostile.open(callHeader("Ledger.list", { budgetMs: 200 }), pack([1_000_000]));
			expect(await stopped.promise).within(window.items - 1, window.items);
			expect(failureIn(await hostile.answerOf(kinds.ERROR))).include({ status: 4 });
		});

		it("H80: CANCEL before OPEN has come, and again with the route, ends the call, and its handler if it began", async () => {
			let open = 0;
			handlers.running = async function* (_, { signal }) {
				open++;
				try {
					yield 0;
					await new Promise((resolve) => signal.addEventListener("abort", resolve));
				} finally {
					open--;
				}
			};
			for (let i = 0; i < 50; i++) {
				hostile.send("token", "", callHeader("Ledger.running"), pack([]));
				for (let times = 0; times < 2; times++) hostile.send("token", "", Buffer.of(kinds.CANCEL, 0));
			}
			const route = await running("another");
			say(kinds.CANCEL, route, 0, "", "another");
			say(kinds.CANCEL, route, 0, "", "another");
			say(kinds.END_OF_INPUT, await sum("last"), 0, "", "last");
			expect(await hostile.answer("last")).deep.equal([pack(0)]);
			await until(() => open === 0);
		});

		it("H75: opens that nobody ends take their client's share of the places, then wait, are refused, and end with their client", async () => {
			const flood = await own(new RawClient(target.endpoint)).ready();
			const stopped = deferred();
			let open = 0;
			handlers.running = async function* (_, { signal }) {
				open++;
				try {
					yield 0;
					await new Promise((resolve) => signal.addEventListener("abort", resolve));
				} finally {
					if (--open === 0) stopped.resolve();
				}
			};
			const share = 0.75 * 64;
			for (let i = 0; i < 100; i++) flood.send(`t${i}`, "", callHeader("Ledger.running"), pack([]));
			await until(() => open === share && target.waiting() === 100 - share);
			await flood.close();
			await stopped.promise;
		});
	});
}

describe("hostile callers of a server whose frames are smaller than items that go together may be", () => {
	const own = closeAfterEach();

	it("H77: items together end their call, ABORTED: they were not asked for", async () => {
		const server = own(new Server({ maxFrameBytes: 4095 })).add(ledgerService());
		const endpoint = await server.bind(anyPort);
		const hostile = await own(new RawClient(endpoint)).ready();
		const { flags: asked, route } = await hostile.opened(callHeader("Ledger.sum"), pack([]));
		expect(asked & flags.TAKES_ITEMS).equal(0);
		hostile.send("token", "", followUp(kinds.ITEMS_OF_INPUT, route), run(pack(1), pack(2)));
		const failure = failureIn(await hostile.answerOf(kinds.ERROR));
		expect(failure).include({ status: 10 });
		expect(failure.message).match(/one by one/);
		await until(() => server.stats().running === 0);
	});
});

/** Streams and calls with callbacks, of methods that no test serves otherwise, until it is told to end; none may fail. */
function standBy(connection: Connection): { end(): Promise<void> } {
	let isOver = false;
	const standing = (async () => {
		let rounds = 0;
		for (; !isOver; rounds++) {
			for await (const block of connection.stream(ledger.bytes, [2])) expect(block.length).equal(100_000);
			expect(await connection.call(ledger.audit, [3], {}, [() => {}, async () => true])).equal("3 of 3");
		}
		return rounds;
	})();
	return {
		async end() {
			isOver = true;
			expect(await standing).above(0);
			expect(connection.stats()).include({ droppedReplies: 0, inFlight: 0 });
		},
	};
}
