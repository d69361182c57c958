import { once } from "node:events";
import { expect } from "chai";
import { type CallContext, type Connection, connect, Queue, Server } from "../../../packages/runtime/src/index.js";
import type { LinkPeer } from "../../../packages/runtime/src/link/link.js";
import { Dealer, Reply } from "../../../packages/zmtp/src/index.js";
import { Port } from "../../../packages/zmtp/src/port.js";
import { blobs, blobsService, expectSame, numbered } from "../../support/runtime/blobs.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { framesOf } from "../../support/runtime/messages.js";
import { kill, startQueue, startWorker, WorkLog } from "../../support/runtime/processes.js";
import { fast } from "../../support/runtime/queue-rig.js";
import { RawClient } from "../../support/runtime/raw-client.js";
import { failureOf, until, verdict } from "../../support/runtime/until.js";
import { octets, vectors } from "../../support/runtime/vectors.js";
import { serveBehind } from "../../support/runtime/ways.js";
import { callHeader, failureIn, flags, followUp, kinds, offer, pack } from "../../support/runtime/wire.js";
import { COMMAND, MORE } from "../../support/zmtp/frames.js";
import { zmtpFraming } from "../../support/zmtp/raw-framing.js";
import { RawPeer, RawServer } from "../../support/zmtp/raw-peer.js";

const limits = { maxFrameBytes: 100_000, ...fast };

/** Bodies that do not refer to just the frames beside them. */
const broken = vectors<{
	readonly name: string;
	readonly body: string;
	readonly frames: readonly string[];
	readonly flaw?: string;
}>("beside")
	.filter(({ flaw }) => flaw !== undefined)
	.map(({ name, body, frames }) => ({ name, body: octets(body), frames: frames.map(octets) }));

const listOfOne = (body: Uint8Array) => Buffer.concat([Buffer.of(0x91), body]);
const reference = Buffer.of(0xd4, 0x01, 0x00);
const large = numbered(60_000);

for (const what of ["a server", "a queue"]) {
	describe(`hostile octets beside bodies at ${what}, and a bystander that loses nothing`, () => {
		const own = closeAfterEach();
		let endpoint: string;
		let hostile: RawClient;

		beforeEach(async () => {
			// Reads nothing, until nobody waits for it.
			const join = async (_: unknown, { signal }: CallContext) => {
				await once(signal, "abort");
				throw signal.reason;
			};
			const server = own(new Server(limits)).add(blobsService({ join }));
			server.on("failure", () => {});
			if (what === "a server") {
				endpoint = await server.bind(anyPort);
			} else {
				const queue = own(new Queue({ clients: anyPort, workers: anyPort, discoveryMs: 1, ...limits }));
				const { clients, workers } = await queue.start();
				await server.join(workers[0]!);
				await until(() => queue.stats().workers.length === 1);
				endpoint = clients[0]!;
			}
			const bystander = own(connect(endpoint, limits));
			let isOver = false;
			const bystanding = (async () => {
				for (let calls = 0; !isOver; calls++) {
					const given = numbered(40_000 + calls, calls);
					expectSame(await bystander.call(blobs.echo, [given]), given);
				}
			})();
			own({
				close: async () => {
					isOver = true;
					await bystanding;
					expect(bystander.stats()).to.include({ droppedReplies: 0, inFlight: 0 });
				},
			});
			hostile = await own(new RawClient(endpoint)).ready();
		});

		for (const { name, body, frames } of broken) {
			it(`${name}: INVALID_ARGUMENT, not started`, async () => {
				hostile.send("token", "", callHeader("Blobs.any"), listOfOne(body), ...frames);
				expect(failureIn(await hostile.answer())).to.include({ status: 3, flags: flags.NOT_STARTED });
			});
		}

		it("a frame where the method takes none, beside JSON, or of another type is INVALID_ARGUMENT", async () => {
			const calls: [Uint8Array, Uint8Array | string][] = [
				[callHeader("Blobs.pieces"), Buffer.concat([Buffer.of(0x92, 0x01), reference])],
				[callHeader("Blobs.any", { flags: flags.JSON }), "[1]"],
				[callHeader("homing.describe"), listOfOne(reference)],
				[callHeader("homing.describe", { flags: flags.JSON }), "[]"],
			];
			for (const [header, body] of calls) {
				hostile.send("token", "", header, body, large);
				expect(failureIn(await hostile.answer()).status).to.equal(3);
			}
		});

		it("five hundred frames beside one body are INVALID_ARGUMENT, also when the body refers to 256", async () => {
			const references = Array.from({ length: 256 }, (_, i) => Buffer.of(0xd4, 0x01, i));
			for (const body of [Buffer.of(0x90), Buffer.concat([Buffer.of(0xdc, 1, 0), ...references])]) {
				hostile.send("token", "", callHeader("Blobs.any"), listOfOne(body), ...new Array(500).fill("x"));
				expect(failureIn(await hostile.answer()).status).to.equal(3);
			}
		});

		it("frames that are together larger than one may be cost the sender its connection", async () => {
			hostile.send("token", "", callHeader("Blobs.any"), listOfOne(Buffer.of(0x90)), large, large, large);
			await until(() => !hostile.isConnected);
		});

		it("an item that does not refer to its frames ends the call it belongs to", async () => {
			const route = await hostile.open(callHeader("Blobs.join"), pack([]));
			hostile.send("token", "", followUp(kinds.ITEM, route), pack(7), large);
			expect(failureIn(await hostile.answerOf(kinds.ERROR))).to.include({ status: 3 });
		});

		it("large items count with their frames: who sends more than the window is cut off", async () => {
			const route = await hostile.open(callHeader("Blobs.join"), pack([]));
			// A mebibyte, the one that crosses it, and one more.
			for (let i = 0; i < 12; i++) hostile.send("token", "", followUp(kinds.ITEM, route), reference, numbered(99_000));
			expect(failureIn(await hostile.answerOf(kinds.ERROR))).to.include({ status: 10 });
		});
	});
}

describe("hostile octets from the answering side", () => {
	const own = closeAfterEach();

	/** A server, or worker, that says it is of ours and answers with whatever the test wants. */
	async function answering(
		...frames: readonly Uint8Array[]
	): Promise<{ readonly endpoint: string; readonly port: Port }> {
		const handler = {
			onPeerReady: () => {},
			onPeerLost: () => {},
			onWritable: () => {},
			onMessage: (peer: LinkPeer, message: Parameters<typeof framesOf>[0]) => {
				const [token] = framesOf(message);
				const writer = peer.begin();
				const answer = [token!, Buffer.alloc(0), ...frames];
				for (const [i, frame] of answer.entries()) writer.frame(frame, i < answer.length - 1);
				peer.commit();
			},
		};
		const port = own(new Port("ROUTER", { linger: 0 }, handler, [["X-Homing", Buffer.from("1")]]));
		return { endpoint: await port.bind(anyPort), port };
	}

	for (const { name, body, frames } of broken) {
		it(`${name}: the call ends with INTERNAL`, async () => {
			const { endpoint } = await answering(Buffer.of(kinds.RESULT, 0), body, ...frames);
			const connection = own(connect(endpoint, fast));
			expect(await verdict(connection.call(blobs.any, [1]))).to.equal("INTERNAL failed local");
			expect(connection.stats()).to.include({ inFlight: 0, droppedReplies: 0 });
		});
	}

	it("frames behind an error, or behind what has none, are dropped and counted; the call goes on", async () => {
		const odd = [
			[Buffer.of(kinds.ERROR, 0, 13), pack({ message: "no" }), large],
			[Buffer.of(kinds.END, 0), pack(1), large],
		];
		for (const frames of odd) {
			const { endpoint } = await answering(...frames);
			const connection = own(connect(endpoint, fast));
			const ending = verdict(connection.call(blobs.any, [1], { timeoutMs: 60_000 }));
			await until(() => connection.stats().droppedReplies === 1);
			expect(connection.stats().inFlight).to.equal(1);
			await connection.close();
			expect(await ending).to.equal("CANCELLED unknown local");
		}
	});
});

describe("octets that stop in the middle of their frame", () => {
	const own = closeAfterEach();
	const frameOf = (octets: Uint8Array) => zmtpFraming.encode({ flags: 0, body: Buffer.from(octets) });
	const whole = frameOf(large);
	const half = whole.length >>> 1;
	const more = (...bodies: (Uint8Array | string)[]) => bodies.map((body) => ({ flags: MORE, body: Buffer.from(body) }));

	for (const queues of [0, 1]) {
		it(`of a call${queues === 0 ? "" : ", at a queue"}: it begins when the rest is there, never if it does not come, and others go on`, async () => {
			const begun: number[] = [];
			const echo = (octets: Uint8Array) => {
				begun.push(octets.length);
				return octets;
			};
			const [connection, , entrance] = await serveBehind(queues, own, blobsService({ echo }), fast);
			const peers = [1, 2].map(() => RawPeer.ready(entrance, "DEALER"));
			const [slow, gone] = (await Promise.all(peers)).map(own) as [RawPeer, RawPeer];
			for (const peer of [slow, gone]) {
				peer.say(...more("token", "", callHeader("Blobs.echo"), listOfOne(reference)));
				peer.write(whole.subarray(0, half));
			}
			for (let size = 1; size <= 40_000; size *= 10) await connection.call(blobs.echo, [numbered(size)]);
			gone.end();
			await gone.closed;
			slow.write(whole.subarray(half));
			const answer = [];
			while (answer.length < 3) answer.push((await slow.readFrame()).body);
			expectSame(answer[2]!, pack(large));
			expect(begun).to.deep.equal([1, 10, 100, 1000, 10_000, large.length]);
		});
	}

	it("of an answer: the call has its deadline, the rest is dropped and counted, and the connection goes on", async () => {
		const server = own(await RawServer.listen());
		const connection = own(connect(server.endpoint, { ...fast, heartbeatMs: 0 }));
		const late = verdict(connection.call(blobs.any, [1], { timeoutMs: 100 }));
		const peer = await server.accept();
		await peer.shakeHands("ROUTER");
		const nextToken = async () => {
			const [token] = await readFrames(peer);
			return token!;
		};
		peer.say(...more(await nextToken(), "", Buffer.of(kinds.RESULT, 0), reference));
		peer.write(whole.subarray(0, half));
		expect(await late).to.equal("DEADLINE_EXCEEDED unknown local");
		const next = connection.call(blobs.any, [2]);
		peer.write(whole.subarray(half));
		peer.say(...more(await nextToken(), ""), { flags: 0, body: Buffer.from(pack("here")) });
		expect(await next).to.equal("here");
		expect(connection.stats()).to.include({ droppedReplies: 1, inFlight: 0 });
	});
});

/** The next message that is a call; commands and what follows calls up are skipped. */
async function readFrames(peer: RawPeer): Promise<Buffer[]> {
	for (;;) {
		const frames: Buffer[] = [];
		for (let isMore = true; isMore; ) {
			const { flags, body } = await peer.readFrame();
			if ((flags & COMMAND) !== 0) continue;
			frames.push(body);
			isMore = (flags & MORE) !== 0;
		}
		if (frames[2]?.[0] === kinds.CALL) return frames;
	}
}

describe("a queue that has to put octets into bodies", () => {
	const own = closeAfterEach();

	it("refuses arguments that do not refer to them, and gives a REP worker none of it", async () => {
		const queue = own(new Queue({ clients: anyPort, workers: anyPort, repWorkers: anyPort, ...fast }));
		const { clients, repWorkers } = await queue.start();
		const hostile = await own(new RawClient(clients[0]!)).ready();
		// One call that waits for the worker, and others that find it there.
		hostile.send("early", "", callHeader("Blobs.any"), listOfOne(reference));
		hostile.send("token", "", callHeader("Blobs.any"), listOfOne(Buffer.of(1)), large);
		await until(() => queue.stats().waiting === 2);
		const worker = own(new Reply());
		const received: Buffer[][] = [];
		worker.connect(repWorkers[0]!);
		void (async () => {
			for await (const frames of worker) {
				received.push(frames);
				await worker.send(pack(received.length));
			}
		})();
		// Nothing beside it, so nothing to look at: the worker sees a body like any other.
		expect(await hostile.answer("early")).to.deep.equal([pack(1)]);
		expect(failureIn(await hostile.answer())).to.include({ status: 3, flags: flags.NOT_STARTED });
		for (const { body, frames } of broken.filter((each) => each.frames.length > 0)) {
			hostile.send("token", "", callHeader("Blobs.any"), listOfOne(body), ...frames);
			expect(failureIn(await hostile.answer())).to.include({ status: 3, flags: flags.NOT_STARTED });
		}
		hostile.send("token", "", callHeader("Blobs.any"), listOfOne(reference), large);
		expect(await hostile.answer()).to.deep.equal([pack(2)]);
		expect(received).to.have.length(2);
		expect(queue.stats()).to.include({ inFlight: 0, waiting: 0 });
	});

	it("tells a caller that takes none that its worker's answer is broken", async () => {
		const queue = own(new Queue({ clients: anyPort, workers: anyPort, discoveryMs: 1, ...fast }));
		const { clients, workers } = await queue.start();
		const worker = await own(new RawClient(workers[0]!)).ready();
		worker.send("", Buffer.of(kinds.READY), offer({ Blobs: "" }));
		await until(() => queue.stats().workers.length === 1);
		worker.onMessage = ([token, replyToken, empty, ...rest]) => {
			if (rest.length === 0) return;
			worker.send(token!, replyToken!, empty!, Buffer.of(kinds.RESULT, 0), Buffer.of(1), large);
		};
		const caller = own(new Dealer({ linger: 0 }));
		caller.connect(clients[0]!);
		await caller.send(["token", "", callHeader("Blobs.any"), pack([1])]);
		expect(failureIn(await caller.receive())).to.include({ status: 13 });
		expect(queue.stats().inFlight).to.equal(0);
	});
});

describe("large octets of a call whose worker is killed", () => {
	const own = closeAfterEach();

	it("go to another worker as they came", async () => {
		const queue = await startQueue();
		own({ close: () => kill(queue.child) });
		const log = own(new WorkLog());
		const doomed = await startWorker(queue.endpoints.workers[0]!, log, 60_000);
		own({ close: () => kill(doomed) });
		const connection: Connection = own(connect(queue.endpoints.clients));
		const given = numbered(3_000_000);
		const call = connection.call(blobs.echo, [given]);
		await until(() => log.read().some(({ pid, text }) => pid === doomed.pid && text === "3000000 octets"));
		const heir = await startWorker(queue.endpoints.workers[0]!, log, 0);
		own({ close: () => kill(heir) });
		await kill(doomed);
		expectSame(await call, given);
		expect((await queue.stats()).redelivered).to.equal(1);
		expect((await failureOf(connection.call(blobs.echo, [numbered(17 * 1024 * 1024)]))).status).to.equal(
			"RESOURCE_EXHAUSTED",
		);
	});
});
