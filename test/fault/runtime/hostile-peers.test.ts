import { expect } from "chai";
import type { Connection } from "../../../packages/runtime/src/index.js";
import { Dealer, Router } from "../../../packages/zmtp/src/index.js";
import { echo } from "../../support/runtime/echo.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { fast, QueueRig } from "../../support/runtime/queue-rig.js";
import { until, verdict } from "../../support/runtime/until.js";
import { failureIn, kinds, offer, pack, token } from "../../support/runtime/wire.js";

describe("hostile workers of a queue", () => {
	const rig = new QueueRig();
	let worker: Dealer;
	let client: Connection;

	beforeEach(async () => {
		await rig.start({ workerHeartbeatMs: 50, leaseMs: 60_000 });
		worker = rig.own(new Dealer({ linger: 0 }));
		worker.connect(rig.workers);
		client = rig.client();
	});

	const ready = (body: Uint8Array = offer({ Echo: "" })) => worker.send(["", Buffer.of(kinds.READY), body]);
	const joined = () => until(() => rig.queue.stats().workers.length === 1);

	/** The next call that the worker is given. The queue's own messages are answered with a sign of life. */
	async function nextCall(): Promise<Buffer[]> {
		for (;;) {
			const message = await worker.receive();
			if (message[0]!.length > 0) return message;
			await worker.send(["", Buffer.of(kinds.PULSE)]);
		}
	}

	it("a raw worker serves calls: READY, then the envelope back with the result", async () => {
		await ready();
		await joined();
		const call = client.call(echo.say, ["a"]);
		const [queueToken, clientToken, delimiter, header, body] = await nextCall();
		expect(delimiter).to.have.length(0);
		expect(header!.toString("latin1")).to.contain("Echo.say");
		expect(body).to.deep.equal(pack(["a"]));
		await worker.send([queueToken!, clientToken!, "", pack("answer")]);
		expect(await call).to.equal("answer");
	});

	// H87
	it("a second READY takes the place of the first, whose calls go on", async () => {
		await ready();
		await joined();
		const call = client.call(echo.say, ["a"]);
		const [queueToken, clientToken] = await nextCall();
		await ready(offer({ Other: "" }, 7));
		await worker.send([queueToken!, clientToken!, "", pack("still mine")]);
		expect(await call).to.equal("still mine");
		const stats = rig.queue.stats();
		expect(stats.malformed).to.equal(0);
		expect(stats.workers[0]).to.deep.include({ services: ["Other"], concurrency: 7, inFlight: 0 });
		expect(await verdict(client.call(echo.say, ["b"], { waitForReady: false }))).to.equal(
			"UNAVAILABLE not-started peer",
		);
	});

	it("a thousand READYs, each with another offer, leave one worker in the pools of the last", async () => {
		await ready();
		await joined();
		for (let i = 0; i < 1000; i++) await ready(offer({ [i % 2 === 0 ? "Other" : "Echo"]: "" }, i + 1));
		await until(() => rig.queue.stats().workers[0]?.concurrency === 1000);
		const call = client.call(echo.say, ["a"]);
		const [queueToken, clientToken] = await nextCall();
		await worker.send([queueToken!, clientToken!, "", pack("served")]);
		expect(await call).to.equal("served");
	});

	it("a second READY of another instance, or that makes no sense, is ignored and counted", async () => {
		await ready();
		await joined();
		await ready(offer({ Other: "" }, 1, "another"));
		await ready(offer({ Other: "" }, 0));
		await until(() => rig.queue.stats().malformed === 2);
		expect(rig.queue.stats().workers[0]).to.deep.include({ services: ["Echo"], concurrency: 16, instance: "test" });
	});

	const queued = pack({ protocol: 1, instance: "test", concurrency: 5, services: { Echo: "" }, queues: ["test"] });
	const returned = [Buffer.of(kinds.RETURN, 0, 0), ""];

	it("a queue that gives a call back for ever costs it so many rounds, and an error", async () => {
		await ready(queued);
		await joined();
		// The client itself would begin again what was not started.
		const call = verdict(client.call(echo.risky, ["a"], { retry: false }));
		for (let round = 0; round < 256; round++) {
			const [queueToken, clientToken] = await nextCall();
			await worker.send([queueToken!, clientToken!, "", ...returned]);
			// Twice is once: the second finds no call.
			await worker.send([queueToken!, clientToken!, "", ...returned]);
		}
		expect(await call).to.equal("UNAVAILABLE not-started peer");
		await until(() => rig.queue.stats().droppedReplies === 256);
		expect(rig.queue.stats()).to.include({ inFlight: 0, waiting: 0 });
		expect(rig.queue.stats().workers[0]).to.include({ inFlight: 0 });
	});

	it("a server cannot give calls back, and a queue none that has begun", async () => {
		await ready();
		await joined();
		const call = client.call(echo.risky, ["a"]);
		const [queueToken, clientToken] = await nextCall();
		await worker.send([queueToken!, clientToken!, "", ...returned]);
		await worker.send([queueToken!, clientToken!, "", pack("a")]);
		expect(await call).to.equal("a");
		expect(client.stats().droppedReplies).to.equal(1);
		await ready(queued);
		await until(() => rig.queue.stats().workers[0]!.concurrency === 5);
		const begun = verdict(client.call(echo.say, ["b"]));
		const [secondToken, secondClient] = await nextCall();
		await worker.send([secondToken!, secondClient!, "", Buffer.of(kinds.OPEN, 0, 1, 1), ""]);
		await worker.send([secondToken!, secondClient!, "", ...returned]);
		// Its caller has no use for a call that stays open; the worker is not to have it again, nor is anybody else.
		expect(await begun).to.equal("FAILED_PRECONDITION unknown local");
		await until(() => rig.queue.stats().inFlight === 0);
	});

	const lies: [string, Uint8Array][] = [
		["no msgpack", Buffer.of(0xc1)],
		["no credit", offer({ Echo: "" }, 0)],
		["credit that is no number", offer({ Echo: "" }, "many")],
		["services that are none", pack({ protocol: 1, instance: "x", concurrency: 1, services: 7 })],
		["no name", offer({ Echo: "" }, 1, 7)],
	];
	for (const [name, body] of lies) {
		it(`READY with ${name} is no offer`, async () => {
			await ready(body);
			await until(() => rig.queue.stats().malformed === 1);
			expect(rig.queue.stats().workers).to.deep.equal([]);
			await ready();
			await joined();
		});
	}

	it("READY that lies about capacity gets no more than 65 536 calls, and a service called __proto__ is one of many", async () => {
		await ready(offer(JSON.parse('{"__proto__":"x","constructor":"y","Echo":"z"}'), 1e15));
		await joined();
		expect(rig.queue.stats().workers[0]!.concurrency).to.equal(65_536);
		expect({}).to.not.have.property("x");
	});

	it("answers before READY, to no call, or twice are dropped and counted", async () => {
		await worker.send([token(0, 0), token(0, 0), "", "too early"]);
		await until(() => rig.queue.stats().malformed === 1);
		await ready();
		await joined();
		const call = client.call(echo.say, ["a"]);
		const [queueToken, clientToken] = await nextCall();
		for (let slot = 0; slot < 50; slot++) await worker.send([token(slot, 12_345), clientToken!, "", pack("forged")]);
		await worker.send([queueToken!, token(0, 1), "", pack("another call of that client")]);
		await worker.send([queueToken!, "", Buffer.of(kinds.DRAIN)]);
		await worker.send([queueToken!, clientToken!, "", pack("good")]);
		await worker.send([queueToken!, clientToken!, "", pack("again")]);
		expect(await call).to.equal("good");
		await until(() => rig.queue.stats().droppedReplies === 53);
		expect(client.stats()).to.include({ state: "ready", droppedReplies: 0 });
	});

	it("a worker cannot answer a call that another was given", async () => {
		await ready();
		await joined();
		const call = client.call(echo.risky, ["a"]);
		const [queueToken, clientToken] = await nextCall();
		const thief = rig.own(new Dealer({ linger: 0 }));
		thief.connect(rig.workers);
		await thief.send(["", Buffer.of(kinds.READY), offer({ Other: "" })]);
		await until(() => rig.queue.stats().workers.length === 2);
		await thief.send([queueToken!, clientToken!, "", pack("stolen")]);
		await until(() => rig.queue.stats().droppedReplies === 1);
		await worker.send([queueToken!, clientToken!, "", pack("mine")]);
		expect(await call).to.equal("mine");
	});

	// H88
	it("a hundred workers that say READY and go leave no ghost", async () => {
		await ready();
		await joined();
		for (let i = 0; i < 100; i++) {
			const ghost = new Dealer({ linger: 1000 });
			ghost.connect(rig.workers);
			await ghost.send(["", Buffer.of(kinds.READY), offer({ Echo: "" }, 1000)]);
			await ghost.close();
		}
		await until(() => rig.queue.stats().workers.length === 1);
		const call = client.call(echo.say, ["a"]);
		const [queueToken, clientToken] = await nextCall();
		await worker.send([queueToken!, clientToken!, "", pack("served")]);
		expect(await call).to.equal("served");
	});

	it("results and errors that are nonsense fail their own call only", async () => {
		await ready();
		await joined();
		const answers: [Buffer[], string][] = [
			[[Buffer.of(0xc1)], "INTERNAL failed local"],
			[[pack(7)], "INTERNAL failed local"],
			[[Buffer.of(kinds.ERROR, 0, 99), pack({ message: "?" })], "UNKNOWN failed peer"],
			[[Buffer.of(kinds.ERROR, 0, 5), Buffer.of(0xc1)], "NOT_FOUND failed peer"],
		];
		for (const [frames, expected] of answers) {
			const call = verdict(client.call(echo.say, ["a"]));
			const [queueToken, clientToken] = await nextCall();
			await worker.send([queueToken!, clientToken!, "", ...frames]);
			expect(await call).to.equal(expected);
		}
	});

	it("a worker that never answers costs a call its deadline, and its connection nothing", async () => {
		await ready();
		await joined();
		expect(await verdict(client.call(echo.say, ["a"], { timeoutMs: 40 }))).to.equal("DEADLINE_EXCEEDED unknown local");
		const call = client.call(echo.say, ["b"]);
		await nextCall();
		const [queueToken, clientToken] = await nextCall();
		await worker.send([queueToken!, clientToken!, "", pack("b")]);
		expect(await call).to.equal("b");
	});
});

describe("hostile servers", () => {
	const rig = new QueueRig();
	let server: Router;
	let client: Connection;

	beforeEach(async () => {
		server = rig.own(new Router({ linger: 0 }));
		await server.bind(anyPort);
		client = rig.connect(server.lastEndpoint!, fast);
	});

	it("a reply that another server of the same connection was to give is dropped", async () => {
		const other = rig.own(new Router({ linger: 0 }));
		await other.bind(anyPort);
		const both = rig.connect([server.lastEndpoint!, other.lastEndpoint!], fast);
		const peers = new Set<string>();
		both.on("peer", ({ address }) => peers.add(address));
		await until(() => peers.size === 2);
		const calls = [both.call(echo.say, ["a"]), both.call(echo.say, ["b"])];
		const [[id, replyToken], [otherId, otherToken]] = await Promise.all([server.receive(), other.receive()]);
		await server.send([id!, otherToken!, "", pack("stolen")]);
		await server.send([id!, replyToken!, "", pack("mine")]);
		await until(() => both.stats().droppedReplies === 1);
		await other.send([otherId!, otherToken!, "", pack("mine too")]);
		expect((await Promise.all(calls)).sort()).to.deep.equal(["mine", "mine too"]);
	});

	// H70
	it("tokens that are unknown, truncated, padded or a megabyte are dropped and counted", async () => {
		const call = client.call(echo.say, ["a"]);
		const [id, replyToken] = await server.receive();
		const forged = [
			token(1, 1),
			replyToken!.subarray(1),
			Buffer.concat([replyToken!, replyToken!]),
			Buffer.alloc(1 << 20, 1),
		];
		for (const each of forged) await server.send([id!, each, "", pack("forged")]);
		await until(() => client.stats().droppedReplies === forged.length);
		await server.send([id!, replyToken!, "", pack("true")]);
		expect(await call).to.equal("true");
	});

	it("control messages of every kind, and messages of any shape, do not disturb a call", async () => {
		const call = client.call(echo.say, ["a"]);
		const [id, replyToken] = await server.receive();
		for (let kind = 0; kind < 256; kind++)
			if (kind !== kinds.DRAIN) await server.send([id!, "", Buffer.of(kind), pack({})]);
		for (const frames of [[""], ["x"], ["", ""], [replyToken!], [replyToken!, ""], [replyToken!, "x", pack("a")]]) {
			await server.send([id!, ...frames]);
		}
		await server.send([id!, replyToken!, "", pack("true")]);
		expect(await call).to.equal("true");
	});

	it("a server that does not want more is not called until it is back", async () => {
		await until(() => client.state === "ready");
		const first = client.call(echo.say, ["a"]);
		const [id, replyToken] = await server.receive();
		await server.send([id!, "", Buffer.of(kinds.DRAIN)]);
		expect((await server.receive()).slice(1).map((frame) => frame.toString("hex"))).to.deep.equal(["", "21"]);
		expect(client.state).to.equal("connecting");
		expect(await verdict(client.call(echo.say, ["b"], { waitForReady: false }))).to.equal(
			"UNAVAILABLE not-started local",
		);
		await server.send([id!, replyToken!, "", pack("finished all the same")]);
		expect(await first).to.equal("finished all the same");
	});

	it("an oversize result ends the connection, not the client", async () => {
		const small = rig.connect(server.lastEndpoint!, { ...fast, maxFrameBytes: 1000 });
		const call = verdict(small.call(echo.say, ["a"]));
		const [id, replyToken] = await server.receive();
		await server.send([id!, replyToken!, "", Buffer.alloc(1001)]);
		expect(await call).to.equal("UNAVAILABLE unknown local");
		await until(() => small.state === "ready");
		const next = small.call(echo.say, ["b"]);
		const [nextId, nextToken] = await server.receive();
		await server.send([nextId!, nextToken!, "", pack("b")]);
		expect(await next).to.equal("b");
	});

	it("what a queue refuses a raw client is readable by it", async () => {
		await rig.start({ discoveryMs: 0 });
		const raw = rig.own(new Dealer({ linger: 0 }));
		raw.connect(rig.clients);
		await until(() => rig.queue.stats().clients === 1);
		await until(async () => {
			await raw.send(["t", "", "Nobody.knows", "[]"]);
			return failureIn(await raw.receive()).status === 12;
		});
	});
});
