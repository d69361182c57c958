import { expect } from "chai";
import * as z from "zod";
import {
	type Connection,
	callback,
	connect,
	defineService,
	input,
	type LinkOptions,
	messageCodec,
	Queue,
	RpcError,
	Server,
	type Service,
	stream,
	unary,
} from "../../../packages/runtime/src/index.js";
import { Router } from "../../../packages/zmtp/src/index.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { ledger, ledgerService } from "../../support/runtime/ledger.js";
import { fast } from "../../support/runtime/queue-rig.js";
import { RawClient } from "../../support/runtime/raw-client.js";
import { deferred, failureOf, until } from "../../support/runtime/until.js";
import { ways } from "../../support/runtime/ways.js";
import { callHeader, flags, followUp, itemsIn, kinds, pack, run, token, unpack } from "../../support/runtime/wire.js";

const int = messageCodec(z.int());
const count = messageCodec(z.tuple([z.int()]), { parameters: ["count"] });
const text = messageCodec(z.string());

const methods = {
	/** Tells of each item behind it. */
	told: stream<[count: number], number, [onItem: (item: number) => void]>({
		name: "Mixed.told",
		arguments: count,
		result: int,
		channels: [callback(count)],
	}),
	/** Fails behind the last. */
	broken: stream<[count: number], number>({ name: "Mixed.broken", arguments: count, result: int }),
	texts: stream<[sizes: number[]], string>({
		name: "Mixed.texts",
		arguments: messageCodec(z.tuple([z.array(z.int())]), { parameters: ["sizes"] }),
		result: text,
	}),
	/** Answers the lengths of what it is sent. */
	lengths: unary<[], number[], [texts: AsyncIterable<string>]>({
		name: "Mixed.lengths",
		arguments: messageCodec(z.tuple([])),
		result: messageCodec(z.array(z.int())),
		channels: [input(text)],
	}),
	/** What it does is for a server without stubs. */
	asking: unary<[], number, [items: AsyncIterable<number>, sign: () => Promise<number>]>({
		name: "Mixed.asking",
		arguments: messageCodec(z.tuple([])),
		result: int,
		channels: [input(int), callback(messageCodec(z.tuple([])), int)],
	}),
} as const;

const mixed: Service = defineService(
	{ name: "Mixed", schemaHash: "m", methods },
	{
		async *told([items], _, onItem) {
			for (let item = 0; item < items; item++) {
				yield item;
				void (onItem as (item: number) => unknown)(item);
			}
		},
		*broken([items]) {
			for (let item = 0; item < items; item++) yield item;
			throw new RpcError("DATA_LOSS", "no more");
		},
		async *texts([sizes]) {
			for (const size of sizes) yield "x".repeat(size);
		},
		async lengths(_, __, texts) {
			const lengths: number[] = [];
			for await (const { length } of texts as AsyncIterable<string>) lengths.push(length);
			return lengths;
		},
		asking: () => 0,
	},
);

/** A stream of a caller's that counts what has been taken from it. */
class Source<T> implements AsyncIterable<T> {
	readonly #items: Iterable<T>;
	made = 0;
	isReturned = false;

	constructor(items: Iterable<T>) {
		this.#items = items;
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<T> {
		try {
			for (const item of this.#items) {
				this.made++;
				yield item;
			}
		} finally {
			this.isReturned = true;
		}
	}
}

for (const { name, serve } of ways) {
	describe(`small items that go together, ${name}`, () => {
		const own = closeAfterEach();

		it("arrive in their order, one by one, before the error that ends them", async () => {
			const [client] = await serve(own, mixed);
			const items: number[] = [];
			const error = await failureOf(async () => {
				for await (const item of client.stream(methods.broken, [3000])) items.push(item);
			});
			expect(error).include({ status: "DATA_LOSS", message: "no more", origin: "peer" });
			expect(items).deep.equal(Array.from({ length: 3000 }, (_, item) => item));
		});

		it("stay in order with callbacks", async () => {
			const [client] = await serve(own, mixed);
			const [items, told]: number[][] = [[], []];
			const stream = client.stream(methods.told, [500], {}, [(item: number) => void told!.push(item)]);
			for await (const item of stream) items!.push(item);
			expect(items).deep.equal(Array.from({ length: 500 }, (_, item) => item));
			expect(told).deep.equal(items);
		});

		it("are of any size, in any order of sizes", async () => {
			const [client] = await serve(own, mixed);
			const sizes = [1, 1022, 1021, 1, 5000, 0, 3, 70_000, 1, 1, 1024, 1023, 4000, 200_000, 2, 2];
			const got: number[] = [];
			for await (const text of client.stream(methods.texts, [sizes])) got.push(text.length);
			expect(got).deep.equal(sizes);
		});

		it("are as many as there is credit for, while nobody reads", async () => {
			let made = 0;
			const list = function* (items: number) {
				for (let item = 0; item < items; item++) {
					made++;
					yield item;
				}
			};
			const [client, server] = await serve(own, ledgerService({ list }));
			const stream = client.stream(ledger.list, [5000])[Symbol.asyncIterator]();
			expect((await stream.next()).value).equal(0);
			// One has been read, and may not have been told.
			await until(() => made >= 1024);
			expect(made).most(1025 + 256);
			for (let item = 1; item < 5000; item++) expect((await stream.next()).value).equal(item);
			expect((await stream.next()).done).equal(true);
			expect(made).equal(5000);
			await until(() => server.stats().running === 0);
		});

		it("arrive in their order from callers, of any size, from iterables of both kinds", async () => {
			const [client] = await serve(own, mixed);
			const sizes = [1, 1022, 1021, 1, 5000, 0, 3, 70_000, 1, 1, 1024, 1023, 4000, 200_000, 2, 2];
			const texts = sizes.map((size) => "x".repeat(size));
			expect(await client.call(methods.lengths, [], {}, [new Source(texts)])).deep.equal(sizes);
			expect(await client.call(methods.lengths, [], {}, [texts as never])).deep.equal(sizes);
			expect(await client.call(methods.lengths, [], {}, [new Source([])])).deep.equal([]);
		});

		it("go both ways at once", async () => {
			const [client] = await serve(own, ledgerService());
			const sums: number[] = [];
			const ones = new Source(Array.from({ length: 3000 }, () => 1));
			for await (const sum of client.stream(ledger.running, [], {}, [ones])) sums.push(sum);
			expect(sums).deep.equal(Array.from({ length: 3000 }, (_, item) => item + 1));
		});

		it("are as many from a caller as there is credit for, while its handler does not read", async () => {
			const reads = deferred();
			const sum = async (amounts: AsyncIterable<number>) => {
				await reads.promise;
				let all = 0;
				for await (const amount of amounts) all += amount;
				return all;
			};
			const [client] = await serve(own, ledgerService({ sum }));
			const source = new Source(Array.from({ length: 5000 }, (_, item) => item));
			const call = client.call(ledger.sum, [], {}, [source]);
			// One is in the generator's hands, and there is no credit for it.
			await until(() => source.made >= 1024);
			expect(source.made).most(1025);
			reads.resolve();
			expect(await call).equal((5000 * 4999) / 2);
			expect(source.made).equal(5000);
		});

		it("that wait when a caller's stream breaks are sent, and those of a call that has ended are not", async () => {
			let got: number[] = [];
			const ended = deferred<string>();
			const sum = async (amounts: AsyncIterable<number>) => {
				try {
					for await (const amount of amounts) if (got.push(amount) === 7) return 7;
				} catch (error) {
					ended.resolve((error as RpcError).status);
				}
				return 0;
			};
			const [client, server] = await serve(own, ledgerService({ sum }));
			async function* broken() {
				yield* [1, 2, 3];
				throw new Error("no more");
			}
			const error = await failureOf(client.call(ledger.sum, [], {}, [broken()]));
			expect(error).include({ status: "CANCELLED", origin: "local" });
			expect(await ended.promise).equal("CANCELLED");
			await until(() => server.stats().running === 0);
			got = [];
			const source = new Source(Array.from({ length: 100_000 }, (_, item) => item));
			expect(await client.call(ledger.sum, [], {}, [source])).equal(7);
			expect(got).deep.equal([0, 1, 2, 3, 4, 5, 6]);
			await until(() => source.isReturned);
			expect(source.made).most(2000);
			// The connection has taken no harm.
			expect(await client.call(ledger.sum, [], {}, [new Source([1, 2, 3])])).equal(0);
		});
	});
}

/** A row of queues, where one hop takes smaller frames than the others, or the client or the server does. */
const small = { maxFrameBytes: 2000 };
const places = [
	{ name: "a client's", queues: 0, smallHop: -1 },
	{ name: "a server's", queues: 0, smallHop: 0 },
	{ name: "a client's behind a queue", queues: 1, smallHop: -1 },
	{ name: "a queue's", queues: 1, smallHop: 0 },
	{ name: "a server's behind a queue", queues: 1, smallHop: 1 },
	{ name: "the first queue's of two", queues: 2, smallHop: 0 },
	{ name: "the second queue's of two", queues: 2, smallHop: 1 },
] as const;

for (const { name, queues, smallHop } of places) {
	describe(`small items where ${name} frames are smaller than items that go together may be`, () => {
		const own = closeAfterEach();
		let entrance: string;
		let isLost: () => boolean;

		/** Hops are counted from the client on: the queues, then the server. */
		const limitsOf = (hop: number): LinkOptions => (hop === smallHop ? small : {});

		beforeEach(async () => {
			const row: Queue[] = [];
			let upstream: string[] = [];
			let clients: string | undefined;
			while (row.length < queues) {
				const limits = limitsOf(row.length);
				const queue = own(new Queue({ clients: anyPort, workers: anyPort, upstream, discoveryMs: 1, ...limits }));
				const bound = await queue.start();
				clients ??= bound.clients[0]!;
				upstream = [bound.workers[0]!];
				row.push(queue);
			}
			const server = own(new Server(limitsOf(queues)))
				.add(ledgerService())
				.add(mixed);
			if (upstream.length === 0) clients = await server.bind(anyPort);
			else await server.join(upstream[0]!);
			await until(() => row.every((queue) => queue.stats().workers.some(({ services }) => services.includes("Mixed"))));
			entrance = clients!;
			let losses = 0;
			for (const queue of row) {
				queue.on("worker", ({ change }) => {
					if (change === "left") losses++;
				});
				queue.on("upstream", ({ state }) => {
					if (state !== "joined") losses++;
				});
			}
			isLost = () => losses > 0;
		});

		function client(): Connection {
			return own(connect(entrance, limitsOf(-1)));
		}

		it("arrive all the same, in either direction, and nobody loses a connection", async () => {
			const caller = client();
			// Those that go together would be larger than such frames.
			const sizes = Array.from({ length: 900 }, () => 100);
			const got: number[] = [];
			for await (const text of caller.stream(methods.texts, [sizes])) got.push(text.length);
			expect(got).deep.equal(sizes);
			const texts = new Source(sizes.map((size) => "x".repeat(size)));
			expect(await caller.call(methods.lengths, [], {}, [texts])).deep.equal(sizes);
			expect(isLost()).equal(false);
			expect(caller.stats()).include({ retries: 0, droppedReplies: 0 });
		});

		it("are not asked of a caller, but where only its own frames are small", async () => {
			const caller = await own(new RawClient(entrance)).ready();
			const { flags: asked } = await caller.opened(callHeader("Ledger.sum"), pack([]));
			expect(asked).equal(smallHop === -1 ? flags.TAKES_ITEMS : 0);
		});
	});
}

for (const [where, isBehind] of [
	["a server", false],
	["a queue", true],
] as const) {
	describe(`what ${where} sends of small items`, () => {
		const own = closeAfterEach();
		let endpoint: string;

		beforeEach(async () => {
			const server = own(new Server()).add(ledgerService()).add(mixed);
			if (!isBehind) {
				endpoint = await server.bind(anyPort);
				return;
			}
			const queue = own(new Queue({ clients: anyPort, workers: anyPort }));
			const { clients, workers } = await queue.start();
			await server.join(workers[0]!);
			await until(() => queue.stats().workers.length === 1);
			endpoint = clients[0]!;
		});

		/** All answers to a call of Ledger.list, without OPEN. */
		async function answers(client: RawClient, header: Uint8Array, body: Uint8Array): Promise<Buffer[][]> {
			await client.ready();
			client.send("token", "", header, body);
			const all: Buffer[][] = [];
			for (;;) {
				const [head, ...rest] = await client.answer();
				if (head![0] === kinds.OPEN) continue;
				if (head![0] === kinds.END) return all;
				all.push([head!, ...rest]);
			}
		}

		for (const takesOctets of [true, false]) {
			it(`is several in a message to who says that it takes them${takesOctets ? "" : ", octets beside bodies or not"}`, async () => {
				const client = own(new RawClient(endpoint, { takesOctets }));
				const got = await answers(client, callHeader("Ledger.list", { flags: flags.TAKES_ITEMS }), pack([100]));
				expect(got.map(([header]) => header)).deep.equal([Buffer.of(kinds.ITEMS, 0), Buffer.of(kinds.ITEMS, 0)]);
				expect(got.map(([, body]) => itemsIn(body!).length)).deep.equal([64, 36]);
				expect(got.flatMap(([, body]) => itemsIn(body!).map((item) => unpack(item)))).deep.equal(
					Array.from({ length: 100 }, (_, item) => item),
				);
			});
		}

		it("is one in a message to who does not say so, and to who speaks JSON", async () => {
			const client = own(new RawClient(endpoint));
			const silent = await answers(client, callHeader("Ledger.list"), pack([3]));
			expect(silent).deep.equal([0, 1, 2].map((item) => [Buffer.of(kinds.RESULT_ITEM, 0), pack(item)]));
			const json = callHeader("Ledger.list", { flags: flags.TAKES_ITEMS | flags.JSON });
			expect(await answers(client, json, Buffer.from("[3]"))).deep.equal(
				[0, 1, 2].map((item) => [Buffer.of(kinds.RESULT_ITEM, flags.JSON), Buffer.from(String(item))]),
			);
		});

		it("says in OPEN that it takes several of a caller's, where that streams any, and takes them", async () => {
			const client = await own(new RawClient(endpoint)).ready();
			const { flags: asked, route } = await client.opened(callHeader("Ledger.sum"), pack([]));
			expect(asked).equal(flags.TAKES_ITEMS);
			const items = (...amounts: number[]) =>
				client.send("token", "", followUp(kinds.ITEMS_OF_INPUT, route), run(...amounts.map(pack)));
			items(1);
			items(10, 100, 1000);
			client.send("token", "", followUp(kinds.ITEM, route), pack(10_000));
			items(100_000, 1_000_000);
			client.send("token", "", followUp(kinds.END_OF_INPUT, route), "");
			expect(await client.answer()).deep.equal([pack(1_111_111)]);
			const silent = await client.opened(callHeader("Ledger.list"), pack([1]), "other");
			expect(silent.flags).equal(0);
		});

		it("keeps its order with callbacks", async () => {
			const client = own(new RawClient(endpoint));
			const got = await answers(client, callHeader("Mixed.told", { flags: flags.TAKES_ITEMS }), pack([3]));
			const said = got.map(([header, body]) => [header![0], unpack(body!) as unknown]);
			expect(said).deep.equal(
				[0, 1, 2].flatMap((item) => [
					[kinds.RESULT_ITEM, item],
					[kinds.CALLBACK, [item]],
				]),
			);
		});

		it("is what it would be without the flag where a call streams nothing", async () => {
			const client = own(new RawClient(endpoint));
			await client.ready();
			const header = callHeader("Ledger.audit", { flags: flags.TAKES_ITEMS });
			client.send("token", "", header, pack([0]));
			await client.answerOf(kinds.OPEN);
			expect(typeof unpack((await client.answer())[0]!)).equal("string");
		});
	});
}

describe("what a client sends of small items", () => {
	const own = closeAfterEach();
	const address = Buffer.concat([Buffer.of(8), token(3, 4)]);
	let server: Router;
	let client: Connection;
	/** Who calls, and the token of its call. */
	let envelope: Buffer[];

	beforeEach(async () => {
		server = own(new Router({ linger: 0 }));
		await server.bind(anyPort);
		client = own(connect(server.lastEndpoint!, fast));
	});

	/** The next message of the client's, behind token and delimiter: kind, and what its route is behind. */
	async function heard(): Promise<{ readonly header: Buffer; readonly body: Buffer }> {
		const [id, replyToken, , header, body] = await server.receive();
		envelope = [id!, replyToken!];
		return { header: header!, body: body! };
	}

	const say = (...frames: (Uint8Array | string)[]) => server.send([...envelope, "", ...frames]);
	const open = (asked: number) => say(Buffer.concat([Buffer.of(kinds.OPEN, asked), address]), "");
	const numbers = (count: number) => new Source(Array.from({ length: count }, (_, item) => item));

	/** What the call sends up to its END: of each message the items, and the header behind which they came. */
	async function sent(): Promise<{ readonly headers: Buffer[]; readonly items: unknown[][] }> {
		const [headers, items]: [Buffer[], unknown[][]] = [[], []];
		for (;;) {
			const { header, body } = await heard();
			if (header[0] === kinds.END_OF_INPUT) return { headers, items };
			headers.push(header);
			items.push((header[0] === kinds.ITEM ? [body] : itemsIn(body)).map((item) => unpack(item) as unknown));
		}
	}

	it("is several in a message to who asks for them in OPEN, behind the route", async () => {
		const call = client.call(ledger.sum, [], {}, [numbers(100)]);
		await heard();
		await open(flags.TAKES_ITEMS);
		const { headers, items } = await sent();
		expect(headers).deep.equal(Array(2).fill(followUp(kinds.ITEMS_OF_INPUT, address)));
		expect(items.map(({ length }) => length)).deep.equal([64, 36]);
		expect(items.flat()).deep.equal(Array.from({ length: 100 }, (_, item) => item));
		await say(pack(7));
		expect(await call).equal(7);
	});

	it("is one in a message to who does not ask, whatever else its flags say", async () => {
		for (const asked of [0, 0xff & ~flags.TAKES_ITEMS]) {
			const call = client.call(ledger.sum, [], {}, [numbers(3)]);
			await heard();
			await open(asked);
			const { headers, items } = await sent();
			expect(headers).deep.equal(Array(3).fill(followUp(kinds.ITEM, address)));
			expect(items).deep.equal([[0], [1], [2]]);
			await say(pack(7));
			expect(await call).equal(7);
		}
	});

	it("is within its own limit of a frame, and in order with what is larger", async () => {
		const limited = own(connect(server.lastEndpoint!, { ...fast, maxFrameBytes: 1500 }));
		const texts = Array.from({ length: 40 }, (_, index) => "x".repeat(index % 10 === 5 ? 1200 : 100));
		const call = limited.call(methods.lengths, [], {}, [texts as never]);
		await heard();
		await open(flags.TAKES_ITEMS);
		const { headers, items } = await sent();
		expect(items.flat()).deep.equal(texts);
		for (const [index, [kind]] of headers.entries()) {
			expect(kind).equal(items[index]!.length === 1 ? kinds.ITEM : kinds.ITEMS_OF_INPUT);
			expect(items[index]!.length).most(items[index]![0] === texts[5] ? 1 : 14);
		}
		expect(items.length).below(20);
		await say(pack([]));
		await call;
	});

	it("comes before the answer to a callback that was given behind it", async () => {
		const given = deferred();
		async function* items() {
			yield* [1, 2, 3];
			given.resolve();
			await new Promise<never>(() => {});
		}
		const sign = async () => {
			await given.promise;
			return 7;
		};
		const call = client.call(methods.asking, [], {}, [items(), sign]);
		await heard();
		const callback = Buffer.of(kinds.CALLBACK, 0, 0, 0, 0, 1, 1);
		await say(callback, pack([]));
		await open(flags.TAKES_ITEMS);
		const first = await heard();
		expect(first.header).deep.equal(followUp(kinds.ITEMS_OF_INPUT, address));
		expect(itemsIn(first.body)).deep.equal([1, 2, 3].map(pack));
		expect((await heard()).header).deep.equal(followUp(kinds.ANSWER, address, 1));
		await say(pack(0));
		expect(await call).equal(0);
	});

	it("is nothing once the call is cancelled: what waits then is not sent", async () => {
		const abort = new AbortController();
		async function* items() {
			yield* [1, 2, 3];
			abort.abort();
			yield 4;
		}
		const call = failureOf(client.call(ledger.sum, [], { signal: abort.signal }, [items()]));
		await heard();
		await open(flags.TAKES_ITEMS);
		expect(await call).include({ status: "CANCELLED" });
		expect((await heard()).header).deep.equal(followUp(kinds.CANCEL, address));
		const next = client.call(ledger.sum, [], {}, [numbers(1)]);
		expect((await heard()).header[0]).equal(kinds.CALL);
		await say(pack(7));
		expect(await next).equal(7);
	});
});
