import { expect } from "chai";
import * as z from "zod";
import {
	type Connection,
	callback,
	connect,
	defineService,
	type LinkOptions,
	messageCodec,
	Queue,
	RpcError,
	Server,
	type Service,
	stream,
} from "../../../packages/runtime/src/index.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { ledger, ledgerService } from "../../support/runtime/ledger.js";
import { RawClient } from "../../support/runtime/raw-client.js";
import { failureOf, until } from "../../support/runtime/until.js";
import { ways } from "../../support/runtime/ways.js";
import { callHeader, flags, itemsIn, kinds, pack, unpack } from "../../support/runtime/wire.js";

const int = messageCodec(z.int());
const count = messageCodec(z.tuple([z.int()]), { parameters: ["count"] });

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
		result: messageCodec(z.string()),
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
	},
);

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
				queue.on("worker", () => losses++);
				queue.on("upstream", () => losses++);
			}
			isLost = () => losses > 0;
		});

		function client(): Connection {
			return own(connect(entrance, limitsOf(-1)));
		}

		it("arrive all the same, and nobody loses a connection", async () => {
			const caller = client();
			// Those that go together would be larger than such frames.
			const sizes = Array.from({ length: 900 }, () => 100);
			const got: number[] = [];
			for await (const text of caller.stream(methods.texts, [sizes])) got.push(text.length);
			expect(got).deep.equal(sizes);
			expect(isLost()).equal(false);
			expect(caller.stats()).include({ retries: 0, droppedReplies: 0 });
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
