import { expect } from "chai";
import {
	type CallContext,
	connect,
	curveKeyPair,
	Queue,
	type ReplyTo,
	Server,
} from "../../../packages/runtime/src/index.js";
import { Dealer, Reply } from "../../../packages/zmtp/src/index.js";
import { blobs, blobsService, expectSame, numbered } from "../../support/runtime/blobs.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { fast } from "../../support/runtime/queue-rig.js";
import { RawClient } from "../../support/runtime/raw-client.js";
import { failureOf, until } from "../../support/runtime/until.js";
import { serveBehind, ways } from "../../support/runtime/ways.js";
import { callHeader, flags, followUp, kinds, pack, unpack } from "../../support/runtime/wire.js";

const MiB = 1024 * 1024;

for (const { name, serve } of ways) {
	describe(`large octets ${name}`, () => {
		const own = closeAfterEach();

		for (const size of [0, 1, 32 * 1024 - 1, 32 * 1024, 65_536, MiB, 3 * MiB + 1]) {
			it(`come back as they went: ${size}`, async () => {
				const [connection] = await serve(own, blobsService());
				const octets = numbered(size);
				expectSame(await connection.call(blobs.echo, [octets]), octets);
				expect(await connection.call(blobs.any, [{ size, octets: numbered(3) }])).to.deep.equal({
					size,
					octets: Buffer.from(numbered(3)),
				});
			});
		}

		it("lie anywhere in a value, any number of them, beside small ones", async () => {
			const [connection] = await serve(own, blobsService());
			const parcel = {
				name: "p",
				parts: Array.from({ length: 20 }, (_, i) => ({ label: `part ${i}`, octets: numbered(i * 7000, i) })),
				seal: numbered(40_000, 99),
			};
			const found = await connection.call(blobs.forward, [parcel, 7]);
			expect(found.parts.map(({ label }) => label)).to.deep.equal(parcel.parts.map(({ label }) => label));
			for (const [i, { octets }] of found.parts.entries()) expectSame(octets, parcel.parts[i]!.octets);
			expectSame(found.seal!, parcel.seal);
		});

		it("are items of streams in both directions", async () => {
			const [connection] = await serve(own, blobsService());
			let count = 0;
			for await (const piece of connection.stream(blobs.pieces, [40, 100_000]))
				expectSame(piece, numbered(100_000, count++));
			expect(count).to.equal(40);
			async function* pieces() {
				for (let i = 0; i < 20; i++) yield numbered(90_000, i);
			}
			const all = Buffer.concat(Array.from({ length: 20 }, (_, i) => numbered(90_000, i)));
			expectSame(await connection.call(blobs.join, [], {}, [pieces()]), all);
		});

		it("are arguments and results of callbacks", async () => {
			const [connection] = await serve(own, blobsService());
			const asked: Uint8Array[] = [];
			const answer = async (octets: Uint8Array) => {
				asked.push(octets);
				return numbered(200_000, 5);
			};
			expectSame(await connection.call(blobs.ask, [numbered(150_000)], {}, [answer]), numbered(200_000, 5));
			expectSame(asked[0]!, numbered(150_000));
		});

		it("go one way", async () => {
			let arrived: (octets: Uint8Array) => void = () => {};
			const arrival = new Promise<Uint8Array>((resolve) => {
				arrived = resolve;
			});
			const [connection] = await serve(own, blobsService({ note: (octets) => arrived(octets) }));
			connection.notify(blobs.note, [numbered(MiB)]);
			expectSame(await arrival, numbered(MiB));
		});

		it("are answered by whoever has the right to", async () => {
			const rights: ReplyTo<Uint8Array>[] = [];
			const handlers = { echo: (_: unknown, context: CallContext) => void rights.push(context.delegate()) };
			const [connection] = await serve(own, blobsService(handlers));
			const call = connection.call(blobs.echo, [numbered(50_000)]);
			await until(() => rights.length === 1);
			await connection.answer(blobs.echo, rights[0]!, numbered(MiB, 3));
			expectSame(await call, numbered(MiB, 3));
		});

		it("are every worker's answer to a survey", async () => {
			const [connection] = await serve(own, blobsService());
			const answers = [];
			for await (const answer of connection.survey(blobs.echo, [numbered(100_000)])) answers.push(answer);
			expect(answers).to.have.length(1);
			expectSame(answers[0]!.value!, numbered(100_000));
		});

		it("together with all that the call says are bounded by maxFrameBytes, which the failure names", async () => {
			const limits = { maxFrameBytes: 100_000 };
			const [connection] = await serve(own, blobsService({ echo: () => numbered(100_001) }), limits);
			const most = { name: "", parts: [{ octets: numbered(50_000) }, { octets: numbered(49_000) }] };
			await connection.call(blobs.forward, [most, 1]);
			const more = { name: "", parts: [{ octets: numbered(50_000) }, { octets: numbered(50_001) }] };
			const refused = await failureOf(connection.call(blobs.forward, [more, 1]));
			expect(refused).to.include({ status: "RESOURCE_EXHAUSTED", outcome: "not-started" });
			expect(refused.message).to.contain("maxFrameBytes 100000");
			const unsent = await failureOf(connection.call(blobs.echo, [numbered(1)]));
			expect(unsent.status).to.equal("RESOURCE_EXHAUSTED");
			expect(unsent.message).to.contain("maxFrameBytes 100000");
		});
	});
}

describe("large octets on the wire", () => {
	const own = closeAfterEach();
	const large = numbered(100_000);
	const reference = Buffer.of(0xd4, 0x01, 0x00);

	/** A server of octets, and where a client reaches it: itself, or the queue in front. */
	async function callee(what: string): Promise<string> {
		const server = own(new Server(fast)).add(blobsService());
		if (what === "a server") return server.bind(anyPort);
		const queue = own(new Queue({ clients: anyPort, workers: anyPort, discoveryMs: 1, ...fast }));
		const { clients, workers } = await queue.start();
		await server.join(workers[0]!);
		await until(() => queue.stats().workers.length === 1);
		return clients[0]!;
	}

	for (const what of ["a server", "a queue"]) {
		it(`${what} gives them beside the body to who says X-Homing-Octets, with a header in front`, async () => {
			const client = await own(new RawClient(await callee(what))).ready();
			client.send("token", "", callHeader("Blobs.echo"), Buffer.concat([Buffer.of(0x91), reference]), large);
			const [header, body, octets, ...more] = await client.answer();
			expect([header, body, more]).to.deep.equal([Buffer.of(kinds.RESULT, 0), reference, []]);
			expectSame(octets!, large);
			client.send("token", "", callHeader("Blobs.echo"), pack([numbered(10)]));
			expect(await client.answer(), "a small result is one frame").to.deep.equal([pack(numbered(10))]);
		});

		it(`${what} gives them in the body to everybody else, and takes them beside it from everybody`, async () => {
			const endpoint = await callee(what);
			const client = own(new Dealer({ linger: 0 }));
			client.connect(endpoint);
			const ask = async (...frames: (Uint8Array | string)[]) => {
				await client.send(["token", "", ...frames]);
				return (await client.receive()).slice(2);
			};
			const whole = pack(large);
			for (const args of [[pack([large])], [Buffer.concat([Buffer.of(0x91), reference]), large]]) {
				const answer = await ask(callHeader("Blobs.echo"), ...args);
				expect(answer).to.have.length(1);
				expectSame(answer[0]!, whole);
			}
			const [bare, ...more] = await ask("Blobs.echo", pack([large]));
			expect(more).to.deep.equal([]);
			expectSame(bare!, whole);
		});

		it(`${what} gives them in the body to who keeps routes and takes no octets beside it`, async () => {
			const client = await own(new RawClient(await callee(what), { takesOctets: false })).ready();
			client.send("token", "", callHeader("Blobs.echo"), pack([large]));
			const answer = await client.answer();
			expect(answer).to.have.length(1);
			expectSame(answer[0]!, pack(large));
			const route = await client.open(callHeader("Blobs.ask"), pack([large]));
			const [, args, ...more] = await client.answerOf(kinds.CALLBACK);
			expect(more).to.deep.equal([]);
			expectSame((unpack(args!) as Uint8Array[])[0]!, large);
			client.send("token", "", followUp(kinds.ANSWER, route, 1), pack(numbered(40_000)));
			expectSame((await client.answer())[0]!, pack(numbered(40_000)));
		});

		it(`${what} streams them in the body to everybody else`, async () => {
			const client = own(new Dealer({ linger: 0 }));
			client.connect(await callee(what));
			await client.send(["token", "", callHeader("Blobs.pieces"), pack([2, 50_000])]);
			for (let i = 0; i < 2; ) {
				const [header, item, ...more] = (await client.receive()).slice(2);
				if (header![0] !== kinds.RESULT_ITEM) continue;
				expect(more).to.deep.equal([]);
				expectSame(unpack(item!) as Uint8Array, numbered(50_000, i++));
			}
		});

		it(`${what} answers a bare request in the body, whoever asks`, async () => {
			const client = await own(new RawClient(await callee(what))).ready();
			client.send("token", "", "Blobs.echo", pack([large]));
			const answer = await client.answer();
			expect(answer).to.have.length(1);
			expectSame(answer[0]!, pack(large));
		});
	}

	it("a REP worker gets them in the body, calls that waited for it too", async () => {
		const queue = own(new Queue({ clients: anyPort, workers: anyPort, repWorkers: anyPort, ...fast }));
		const { clients, repWorkers } = await queue.start();
		const connection = own(connect(clients, fast));
		const early = connection.call(blobs.echo, [large]);
		await until(() => queue.stats().waiting === 1);
		const worker = own(new Reply());
		worker.connect(repWorkers[0]!);
		void (async () => {
			for await (const [header, body, ...more] of worker) {
				expect([header![0], more]).to.deep.equal([kinds.CALL, []]);
				await worker.send(pack((unpack(body!) as unknown[])[0]));
			}
		})();
		expectSame(await early, large);
		expectSame(await connection.call(blobs.echo, [large]), large);
	});

	it("a call that waited for its server has them, whoever that is", async () => {
		for (const isOurs of [true, false]) {
			const endpoint = `tcp://127.0.0.1:${await freePort()}`;
			const connection = own(connect(endpoint, fast));
			const call = connection.call(blobs.echo, [large]);
			expect(connection.stats().waiting).to.equal(1);
			if (isOurs) {
				await own(new Server(fast).add(blobsService())).bind(endpoint);
			} else {
				const worker = own(new Reply());
				await worker.bind(endpoint);
				const [, body, ...more] = await worker.receive();
				expect(more).to.deep.equal([]);
				await worker.send(pack((unpack(body!) as unknown[])[0]));
			}
			expectSame(await call, large);
		}
	});

	for (const queues of [1, 2]) {
		it(`go with a tail call through ${queues} queues, there and back, to whoever takes them beside the body or in it`, async () => {
			const larger = numbered(MiB, 7);
			const echo = (octets: Uint8Array, context: CallContext) =>
				octets.length < MiB ? context.forward(blobs.echo, [larger]) : octets;
			const [connection, , entrance] = await serveBehind(queues, own, blobsService({ echo }), fast);
			expectSame(await connection.call(blobs.echo, [large]), larger);
			expectSame(await connection.call(blobs.echo, [numbered(1)]), larger);
			const foreign = own(new Dealer({ linger: 0 }));
			foreign.connect(entrance);
			await foreign.send(["token", "", callHeader("Blobs.echo"), pack([large])]);
			const [answer, ...more] = (await foreign.receive()).slice(2);
			expect(more).to.deep.equal([]);
			expectSame(unpack(answer!) as Uint8Array, larger);
		});
	}

	it("that a tail call takes along are bounded as arguments are", async () => {
		const echo = (_: Uint8Array, context: CallContext) => context.forward(blobs.echo, [numbered(100_001)]);
		const [connection] = await serveBehind(1, own, blobsService({ echo }), { ...fast, maxFrameBytes: 100_000 });
		const error = await failureOf(connection.call(blobs.echo, [numbered(1)]));
		expect(error.status).to.equal("RESOURCE_EXHAUSTED");
		expect(error.message).to.contain("maxFrameBytes 100000");
	});

	it("go over WebSockets as over anything else", async () => {
		const server = own(new Server(fast)).add(blobsService());
		const connection = own(connect(await server.bind("ws://127.0.0.1:0"), fast));
		for (const size of [32_768, 200_000, 3 * MiB + 1]) {
			expectSame(await connection.call(blobs.echo, [numbered(size)]), numbered(size));
		}
	});

	it("go through CURVE", async () => {
		const keyPair = curveKeyPair();
		const server = own(new Server({ ...fast, security: { keyPair } })).add(blobsService());
		const security = { serverKey: keyPair.publicKey };
		const connection = own(connect(await server.bind(anyPort), { ...fast, security }));
		expectSame(await connection.call(blobs.echo, [numbered(MiB)]), numbered(MiB));
	});

	it("pass interceptors of both sides, which see them as they are and may put others in their place", async () => {
		const seen: number[] = [];
		const server = own(
			new Server({
				...fast,
				interceptors: [
					(call, next) => {
						seen.push((call.args[0] as Uint8Array).length);
						return next(call);
					},
				],
			}),
		).add(blobsService());
		const connection = own(
			connect(await server.bind(anyPort), {
				...fast,
				interceptors: [(call, next) => next(call.with({ args: [numbered(70_000)] }))],
			}),
		);
		expectSame(await connection.call(blobs.echo, [large]), numbered(70_000));
		expect(seen).to.deep.equal([70_000]);
	});

	it("are those of every attempt: of a hedged one, and of one that is made again", async () => {
		const arrived: Uint8Array[] = [];
		const never = new Promise<never>(() => {});
		const slow = own(new Server(fast)).add(
			blobsService({
				echo: (octets) => {
					arrived.push(octets);
					return never;
				},
			}),
		);
		const quick = own(new Server(fast)).add(blobsService());
		const endpoints = [await slow.bind(anyPort), await quick.bind(anyPort)];
		const connection = own(connect(endpoints, fast));
		await until(() => connection.stats().endpoints.every(({ state }) => state === "ready"));
		for (let i = 0; i < 4; i++) {
			expectSame(await connection.call(blobs.echo, [large], { hedge: { delayMs: 1 } }), large);
		}
		expect(arrived.length).to.be.greaterThan(0);
		arrived.splice(0);
		const calls = [1, 2].map((seed) =>
			connection.call(blobs.echo, [numbered(100_000, seed)], { retry: { attempts: 4, initialBackoffMs: 1 } }),
		);
		await until(() => arrived.length > 0);
		await slow.close();
		for (const [i, call] of calls.entries()) expectSame(await call, numbered(100_000, i + 1));
	});

	for (const transport of ["tcp://127.0.0.1:0", `ipc://@homing-${process.pid}-octets`]) {
		it(`those above 64 KiB are an ArrayBuffer of just their size, over ${transport.slice(0, 3)}`, async () => {
			const received: Uint8Array[] = [];
			const server = own(new Server(fast)).add(
				blobsService({
					echo: (octets) => {
						received.push(octets);
						return octets;
					},
				}),
			);
			const connection = own(connect(await server.bind(transport), fast));
			for (const size of [70_000, MiB, 3 * MiB + 1]) {
				received.push(await connection.call(blobs.echo, [numbered(size)]));
				for (const { byteOffset, buffer } of received.splice(0)) {
					expect({ byteOffset, bytes: buffer.byteLength }).to.deep.equal({ byteOffset: 0, bytes: size });
				}
			}
		});
	}

	it("calls in JSON have none beside them", async () => {
		const client = await own(new RawClient(await callee("a server"))).ready();
		client.send("token", "", callHeader("Blobs.any", { flags: flags.JSON }), '[{"a":1}]');
		expect(String((await client.answer())[0])).to.equal('{"a":1}');
	});
});

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
	const socket = new Reply();
	await socket.bind(anyPort);
	const { port } = new URL(socket.lastEndpoint!);
	socket.close();
	return Number(port);
}
