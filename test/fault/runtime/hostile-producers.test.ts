import { expect } from "chai";
import { type Connection, connect } from "../../../packages/runtime/src/index.js";
import { window } from "../../../packages/runtime/src/stream/window.js";
import { Router } from "../../../packages/zmtp/src/index.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { echo } from "../../support/runtime/echo.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { ledger } from "../../support/runtime/ledger.js";
import { fast } from "../../support/runtime/queue-rig.js";
import { deferred, failureOf, until, verdict } from "../../support/runtime/until.js";
import { flags, kinds, pack, run, token } from "../../support/runtime/wire.js";

/** The server's address of a call. */
const address = Buffer.concat([Buffer.of(8), token(3, 4)]);
const open = Buffer.concat([Buffer.of(kinds.OPEN, 0), address]);
const item = Buffer.of(kinds.RESULT_ITEM, 0);
const items = Buffer.of(kinds.ITEMS, 0);
const end = Buffer.of(kinds.END, 0);

function credit(count: number): Buffer {
	const header = Buffer.from([kinds.RESULT_CREDIT, 0, 0, 0, 0, 0]);
	header.writeUInt32BE(count, 2);
	return header;
}

async function* nothing(): AsyncGenerator<number> {}

function callback(id: number, index: number): Buffer {
	const header = Buffer.from([kinds.CALLBACK, 0, 0, 0, 0, 0, index]);
	header.writeUInt32BE(id, 2);
	return header;
}

describe("hostile servers of calls that stay open", () => {
	const own = closeAfterEach();
	let server: Router;
	let client: Connection;
	/** Who calls, and the token of the call that is under way. */
	let envelope: Buffer[];

	beforeEach(async () => {
		server = own(new Router({ linger: 0 }));
		await server.bind(anyPort);
		client = own(connect(server.lastEndpoint!, fast));
	});

	/** The next message of the client's: what follows token and delimiter. */
	async function heard(): Promise<Buffer[]> {
		const [id, replyToken, , ...rest] = await server.receive();
		envelope = [id!, replyToken!];
		return rest;
	}

	const say = (...frames: (Uint8Array | string)[]) => server.send([...envelope, "", ...frames]);

	/** A later call of the same client is answered: it has come through, and all before it has been read. */
	async function goesOn(): Promise<void> {
		const call = client.call(echo.say, ["on"]);
		while (!(await heard())[0]!.includes("Echo.say"));
		await say(pack("on"));
		expect(await call).equal("on");
		expect(client.stats().inFlight).equal(0);
	}

	it("H71: parts of a stream, for a call that is none, are dropped and counted; its result counts", async () => {
		const call = client.call(echo.say, ["a"]);
		await heard();
		const strays = [
			item,
			end,
			credit(1),
			callback(1, 0),
			Buffer.of(0x16, 0),
			Buffer.of(0x17, 0),
			items,
			Buffer.of(0x1f),
		];
		for (const header of strays) await say(header, pack(1));
		await say(pack("true"));
		expect(await call).equal("true");
		expect(client.stats().droppedReplies).equal(strays.length);
		await goesOn();
	});

	it("H71: OPEN in answer to a call with one result ends it at once: the sides are of two minds, and it is cancelled", async () => {
		const call = verdict(client.call(echo.say, ["a"]));
		await heard();
		await say(open, "");
		expect(await call).equal("FAILED_PRECONDITION unknown local");
		expect((await heard())[0]).deep.equal(Buffer.of(kinds.CANCEL, 0));
		await say(item, pack(1));
		await goesOn();
	});

	it("H71: a second OPEN changes no route, and one without a route, or longer than any way, opens nothing", async () => {
		const items = client.stream(ledger.list, [1]);
		const first = items.next();
		await heard();
		await say(Buffer.of(kinds.OPEN, 0), "");
		await say(Buffer.concat([Buffer.of(kinds.OPEN, 0), ...Array(17).fill(address)]), "");
		await say(open, "");
		await say(Buffer.concat([Buffer.of(kinds.OPEN, 0, 8), token(9, 9)]), "");
		await say(item, pack(7));
		expect((await first).value).equal(7);
		expect(client.stats().droppedReplies).equal(3);
		await items.return?.();
		expect((await heard())[0]).deep.equal(Buffer.concat([Buffer.of(kinds.CANCEL, 0), address]));
		await goesOn();
	});

	it("H71: whatever comes behind the end of a stream is dropped: the first end counts", async () => {
		const items = client.stream(ledger.list, [1]);
		await heard();
		for (const header of [open, item, end]) await say(header, header === item ? pack(7) : "");
		await say(Buffer.of(kinds.ERROR, 0, 13), pack({ message: "late" }));
		await say(end, "");
		await say(item, pack(8));
		await say(pack(9));
		const got: number[] = [];
		for await (const each of items) got.push(each);
		expect(got).deep.equal([7]);
		await until(() => client.stats().droppedReplies === 4);
		await goesOn();
	});

	it("H71: a result alone ends no stream, and END no call with one result", async () => {
		const items = client.stream(ledger.list, [1]);
		await heard();
		await say(open, "");
		await say(pack(1));
		await say(item, pack(7));
		await say(end, "");
		expect((await items.next()).value).equal(7);
		expect((await items.next()).done).equal(true);
		const call = client.call(ledger.sum, [], {}, [nothing()]);
		await heard();
		await say(end, "");
		await say(pack(0));
		expect(await call).equal(0);
		expect(client.stats().droppedReplies).equal(2);
		await goesOn();
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
		it(`H77: items together, of ${what}, end the call, INTERNAL; none of them is taken, and the server is told CANCEL`, async () => {
			const stream = client.stream(ledger.list, [1]);
			const first = stream.next();
			await heard();
			await say(open, "");
			await say(items, ...body);
			const error = await failureOf(first);
			expect(error).include({ status: "INTERNAL", origin: "local" });
			expect(error.message).match(/sizes do not add up/);
			expect((await heard())[0]).deep.equal(Buffer.concat([Buffer.of(kinds.CANCEL, 0), address]));
			await goesOn();
		});
	}

	for (const [what, bad] of [
		["that is empty", Buffer.alloc(0)],
		["of another type", pack("x")],
		["that is no msgpack", Buffer.of(0xc1)],
		["with octets left over", Buffer.of(7, 7)],
	] as const) {
		it(`H66: an item ${what} among others ends the call, INTERNAL; those before it are good`, async () => {
			const stream = client.stream(ledger.list, [1]);
			const two = [stream.next(), stream.next()] as const;
			await heard();
			await say(open, "");
			await say(items, run(pack(7), bad, pack(8)));
			expect(await two[0]).deep.equal({ value: 7, done: false });
			expect(await failureOf(two[1])).include({ status: "INTERNAL", origin: "local" });
			expect((await heard())[0]).deep.equal(Buffer.concat([Buffer.of(kinds.CANCEL, 0), address]));
			await goesOn();
		});
	}

	it("H71: items together, for a call that streams nothing, are dropped and counted, and behind the end of a stream too", async () => {
		const call = client.call(ledger.sum, [], {}, [nothing()]);
		await heard();
		await say(open, "");
		await say(items, run(pack(7)));
		await say(pack(0));
		expect(await call).equal(0);
		const stream = client.stream(ledger.list, [1]);
		while (!(await heard())[0]!.includes("Ledger.list"));
		await say(open, "");
		await say(end, "");
		await say(items, run(pack(7), pack(8)));
		expect((await stream.next()).done).equal(true);
		await until(() => client.stats().droppedReplies === 2);
		await goesOn();
	});

	it("asks for items together in the header of a call that streams, unless its frames are smaller than they may be", async () => {
		const small = own(connect(server.lastEndpoint!, { ...fast, maxFrameBytes: 4095 }));
		const flagsOf = async (caller: Connection, method: "list" | "sum") => {
			const ending = deferred();
			if (method === "list") void caller.stream(ledger.list, [1], { timeoutMs: 50 }).next().catch(ending.resolve);
			else void caller.call(ledger.sum, [], { timeoutMs: 50 }, [nothing()]).catch(ending.resolve);
			for (let header = (await heard())[0]!; ; header = (await heard())[0]!) {
				if (header[0] !== kinds.CALL) continue;
				expect(header.includes(`Ledger.${method}`)).equal(true);
				await ending.promise;
				return header[1];
			}
		};
		expect(await flagsOf(client, "list")).equal(flags.TAKES_ITEMS);
		expect(await flagsOf(client, "sum")).equal(0);
		expect(await flagsOf(small, "list")).equal(0);
	});

	for (const [what, flood] of [
		["items", () => [item, pack(1)] as const],
		["items together", () => [items, run(pack(1), pack(2))] as const],
		["callbacks", () => [callback(0, 0), pack([1])] as const],
	] as const) {
		it(`H77: a server that sends ${what} without credit is told CANCEL, and its call ends, INTERNAL`, async () => {
			const never = deferred();
			own({ close: never.resolve });
			const isOver = deferred();
			// Nobody reads what comes before the flood is over.
			const read = async () => {
				const items = client.stream(ledger.list, [1]);
				await isOver.promise;
				for await (const _ of items);
			};
			const audit = () => client.call(ledger.audit, [1], {}, [() => never.promise, async () => true]);
			const ended = failureOf(what === "callbacks" ? audit() : read());
			await heard();
			await say(open, "");
			for (let i = 0; i <= window.items; i++) await say(...flood());
			const [last] = await heard();
			isOver.resolve();
			const error = await ended;
			expect(error).include({ status: "INTERNAL", origin: "local" });
			expect(error.message).match(/more than it had credit for/);
			expect(last).deep.equal(Buffer.concat([Buffer.of(kinds.CANCEL, 0), address]));
			await goesOn();
		});
	}

	for (const count of [1, 2 ** 31, 2 ** 32 - 1]) {
		it(`H76: credit of ${count} for what was not sent ends the call, INTERNAL, and the caller's stream`, async () => {
			const returned = deferred();
			const never = new Promise<never>(() => {});
			const source: AsyncIterable<number> = {
				[Symbol.asyncIterator]: () => ({
					next: () => never,
					return: async () => {
						returned.resolve();
						return { value: undefined, done: true };
					},
				}),
			};
			const call = verdict(client.call(ledger.sum, [], {}, [source]));
			await heard();
			await say(open, "");
			await say(credit(count), "");
			expect(await call).equal("INTERNAL failed local");
			await returned.promise;
			await goesOn();
		});
	}

	it("H76: a server that gives no credit holds the caller's stream up, within the window", async () => {
		let made = 0;
		async function* endless() {
			for (; ; made++) yield made;
		}
		const abort = new AbortController();
		const call = verdict(client.call(ledger.sum, [], { signal: abort.signal }, [endless()]));
		await heard();
		await say(open, "");
		for (let i = 0; i < window.items; i++) expect((await heard())[0]![0]).equal(kinds.ITEM);
		expect(made).within(window.items - 1, window.items);
		abort.abort();
		expect(await call).equal("CANCELLED unknown local");
		expect((await heard())[0]![0]).equal(kinds.CANCEL);
		await goesOn();
	});

	it("callbacks with an index of no function, cut short, or with wrong arguments call nobody", async () => {
		const called: unknown[] = [];
		const call = failureOf(
			client.call(ledger.audit, [1], {}, [(done) => called.push(done), async (amount) => called.push(amount) > 0]),
		);
		await heard();
		await say(open, "");
		const strays = [
			callback(0, 2),
			callback(1, 255),
			Buffer.of(kinds.CALLBACK, 0),
			Buffer.of(kinds.CALLBACK, 0, 0, 0, 0, 1),
		];
		for (const header of strays) await say(header, pack([1]));
		await until(() => client.stats().droppedReplies === strays.length);
		await say(callback(0, 0), pack(["one"]));
		expect(await call).include({ status: "INTERNAL", origin: "local" });
		expect(called).deep.equal([]);
		await goesOn();
	});

	it("a callback that is called when its call has ended is not called", async () => {
		const called: number[] = [];
		const call = client.call(ledger.audit, [1], {}, [(done) => called.push(done), async () => true]);
		await heard();
		await say(open, "");
		await say(callback(0, 0), pack([1]));
		await say(pack("done"));
		await say(callback(0, 0), pack([2]));
		expect(await call).equal("done");
		await until(() => client.stats().droppedReplies === 1);
		expect(called).deep.equal([1]);
		await goesOn();
	});

	it("an item that is not what the interface says ends the stream, INTERNAL, behind those before it", async () => {
		for (const nonsense of [pack("seven"), Buffer.of(0xc1), Buffer.alloc(0), Buffer.alloc(10_000, 0x91)]) {
			const items = client.stream(ledger.list, [1]);
			await heard();
			await say(open, "");
			await say(item, pack(7));
			await say(item, nonsense);
			expect((await items.next()).value).equal(7);
			expect(await verdict(items.next())).equal("INTERNAL failed local");
			expect((await heard())[0]![0]).equal(kinds.CANCEL);
		}
		await goesOn();
	});

	it("H73: errors with the names of what every object has are plain ones", async () => {
		for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty", "x".repeat(100_000)]) {
			const items = client.stream(ledger.list, [1]);
			await heard();
			await say(Buffer.of(kinds.ERROR, 0, 9), pack({ message: "m".repeat(100_000), name, data: { balance: 1 } }));
			const error = await failureOf(items.next());
			expect(error).include({ name: "RpcError", status: "FAILED_PRECONDITION", origin: "peer" });
			expect(error.message).length(4096);
			expect({}).not.property("balance");
		}
		await goesOn();
	});
});
