import { once } from "node:events";
import { connect as connectNet } from "node:net";
import { expect } from "chai";
import { type Connection, Queue, type QueueStats, type Server } from "../../../packages/runtime/src/index.js";
import { Dealer, type ZmtpError } from "../../../packages/zmtp/src/index.js";
import { echo } from "../../support/runtime/echo.js";
import { EchoRig } from "../../support/runtime/echo-rig.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { until } from "../../support/runtime/until.js";
import { callHeader, failureIn, flags, kinds, pack, token } from "../../support/runtime/wire.js";

interface Subject {
	readonly name: string;
	/** Starts what clients call, at an endpoint. */
	start(rig: EchoRig): Promise<Target>;
}

interface Target {
	readonly endpoint: string;
	malformed(): number;
	droppedFollowUps(): number;
	/** Clients connected. */
	clients(): number;
	/** Calls under way. */
	busy(): number;
	/** The next that connects and is no peer. */
	stranger(): Promise<{ readonly address: string; readonly error: Error }>;
	/** Why the next client that goes is gone. */
	departure(): Promise<Error | undefined>;
}

const subjects: readonly Subject[] = [
	{
		name: "a server",
		async start(rig) {
			const [server, endpoint] = await rig.serve({}, { concurrency: 50, maxFrameBytes: 100_000 });
			return {
				endpoint,
				malformed: () => server.stats().malformed,
				droppedFollowUps: () => server.stats().droppedFollowUps,
				clients: () => server.stats().peers,
				busy: () => server.stats().running + server.stats().waiting,
				stranger: async () => (await once(server, "stranger"))[0],
				departure: () =>
					new Promise((resolve) => server.on("peer", ({ isReady, error }) => !isReady && resolve(error))),
			};
		},
	},
	{
		name: "a queue",
		async start(rig) {
			const queue = rig.own(new Queue({ clients: anyPort, workers: anyPort, discoveryMs: 0, maxFrameBytes: 100_000 }));
			const { clients, workers } = await queue.start();
			const server: Server = rig.server({}, { concurrency: 50, maxFrameBytes: 100_000 });
			await server.join(workers[0]!);
			await until(() => queue.stats().workers.length === 1);
			const stats = (): QueueStats => queue.stats();
			return {
				endpoint: clients[0]!,
				malformed: () => stats().malformed + server.stats().malformed,
				droppedFollowUps: () => stats().droppedFollowUps + server.stats().droppedFollowUps,
				clients: () => stats().clients,
				busy: () => stats().inFlight + stats().waiting,
				stranger: async () => (await once(queue, "stranger"))[0],
				departure: () =>
					new Promise((resolve) => queue.on("client", ({ isReady, error }) => !isReady && resolve(error))),
			};
		},
	},
];

for (const { name, start } of subjects) {
	describe(`hostile clients of ${name}, and a bystander that loses nothing`, () => {
		const rig = new EchoRig(() => anyPort);
		let target: Target;
		let bystander: Connection;
		let bystanding: Promise<number>;
		let isOver: boolean;
		let hostile: Dealer;

		beforeEach(async () => {
			target = await start(rig);
			bystander = rig.connect(target.endpoint);
			isOver = false;
			bystanding = (async () => {
				let calls = 0;
				for (; !isOver; calls++) expect(await bystander.call(echo.say, [`call ${calls}`])).to.equal(`call ${calls}`);
				return calls;
			})();
			hostile = rig.own(new Dealer({ linger: 0 }));
			hostile.connect(target.endpoint);
			// Closed first: the youngest.
			rig.own({ close: assertUnharmed });
		});

		async function assertUnharmed(): Promise<void> {
			isOver = true;
			expect(await bystanding).to.be.greaterThan(0);
			expect(bystander.stats()).to.include({ droppedReplies: 0, inFlight: 0 });
			await until(() => target.busy() === 0);
		}

		const ask = async (...frames: (Uint8Array | string)[]) => {
			await hostile.send(["token", "", ...frames]);
			const answer = await hostile.receive();
			expect(String(answer[0])).to.equal("token");
			return answer.slice(2);
		};

		/** A good call behind whatever was sent: when it is answered, all before it has been read. */
		const fence = async () => {
			expect(await ask(callHeader("Echo.say"), pack(["fence"]))).to.deep.equal([pack("fence")]);
		};

		const bodies: [string, Uint8Array | string][] = [
			["that is not msgpack", "\xc1\xc1"],
			["that is empty", ""],
			["that claims four billion elements", Buffer.from("ddffffffff", "hex")],
			["with an extension", Buffer.from("91d4780092a161a0", "hex")],
			["nested ten thousand deep", Buffer.alloc(10_000, 0x91)],
			["of the wrong shape", pack({ not: "a list" })],
			["with the wrong argument", pack([7])],
		];
		for (const [what, body] of bodies) {
			it(`a body ${what} is INVALID_ARGUMENT, not started`, async () => {
				expect(failureIn(await ask(callHeader("Echo.say"), body))).to.include({
					status: 3,
					flags: flags.NOT_STARTED,
				});
			});
		}

		it("H83: metadata that is not msgpack harms the handler that reads it, and no other", async () => {
			const header = callHeader("Echo.say", { metadata: Buffer.from("c1c1", "hex") });
			expect(await ask(header, pack(["unread"]))).to.deep.equal([pack("unread")]);
		});

		it("H83: metadata of 9 KB is refused", async () => {
			const metadata = pack({ a: "x".repeat(9000) });
			expect(failureIn(await ask(callHeader("Echo.say", { metadata }), pack(["a"]))).status).to.equal(3);
		});

		// H72
		for (const method of [
			"Echo.nothing",
			"Echo.__proto__",
			"Echo.constructor",
			"Nobody.knows",
			"__proto__",
			"toString",
		]) {
			it(`the method ${method} is UNIMPLEMENTED, with a header and without`, async () => {
				const failures = [await ask(callHeader(method), pack([])), await ask(method, "[]")];
				for (const answer of failures) expect(failureIn(answer).status).to.equal(12);
				expect(failureIn(failures[1]!).flags & flags.JSON).to.equal(flags.JSON);
			});
		}

		it("a bare request whose name is a megabyte is refused", async () => {
			const answer = await ask(`E${"x".repeat(99_000)}`, "[]");
			expect(failureIn(answer).status).to.equal(12);
			expect(failureIn(answer).message).to.have.length.below(5000);
		});

		it("chunked bodies are refused, not taken for whole ones", async () => {
			const answer = await ask(callHeader("Echo.say", { flags: flags.CHUNKED }), pack(["a"]));
			expect(failureIn(answer)).to.include({ status: 12, flags: flags.NOT_STARTED });
		});

		it("headers of every length up to a whole one are counted and dropped", async () => {
			const header = callHeader("Echo.say");
			const before = target.malformed();
			for (let length = 0; length < 9; length++) await hostile.send(["t", "", header.subarray(0, length), pack(["a"])]);
			await fence();
			expect(target.malformed() - before).to.equal(9);
		});

		it("headers of every kind that a client does not send are counted and dropped", async () => {
			const before = target.malformed();
			let sent = 0;
			for (let kind = 0; kind < 0x30; kind++) {
				if ((kind >= kinds.CALL && kind <= kinds.ANSWER) || kind === kinds.ITEMS_OF_INPUT) continue;
				await hostile.send(["t", "", Buffer.of(kind, 0, 0), pack([])]);
				sent++;
			}
			await fence();
			expect(target.malformed() - before).to.equal(sent);
		});

		it("follow-ups of calls that are not there, or of nobody's, are counted and dropped", async () => {
			const routes = ["", "00", "01", "0801ffffff00000000", "080100000000000000", "ff", "0801000000"];
			const before = target.malformed() + target.droppedFollowUps();
			let sent = 0;
			for (const kind of [kinds.ITEM, kinds.ITEMS_OF_INPUT, kinds.END_OF_INPUT, kinds.CREDIT, kinds.ANSWER]) {
				const fields = { [kinds.CREDIT]: 6, [kinds.ANSWER]: 7 }[kind] ?? 2;
				for (const route of routes) {
					const header = Buffer.concat([Buffer.of(kind), Buffer.alloc(fields - 1), Buffer.from(route, "hex")]);
					await hostile.send(["t", "", header, pack(1)]);
					sent++;
				}
				await hostile.send(["t", "", Buffer.of(kind), pack(1)]);
				sent++;
			}
			await fence();
			expect(target.malformed() + target.droppedFollowUps() - before).to.equal(sent);
		});

		it("messages without delimiter, without data, with frames too many are counted and dropped", async () => {
			const before = target.malformed();
			const call = callHeader("Echo.say");
			const messages = [
				["x"],
				["x", "y"],
				["x", ""],
				["x", "", call],
				["x", "", "Echo.say", "b", "c"],
				["x", "", "", "a"],
			];
			for (const message of messages) await hostile.send(message);
			await fence();
			expect(target.malformed() - before).to.equal(messages.length);
		});

		it("an envelope of 17 frames, or of 256 octets, is counted and dropped; the longest good one is answered", async () => {
			const before = target.malformed();
			const call = [callHeader("Echo.say"), pack(["deep"])];
			await hostile.send([...Array(17).fill("hop"), "", ...call]);
			await hostile.send(["x".repeat(256), "", ...call]);
			await fence();
			expect(target.malformed() - before).to.equal(2);
			await hostile.send([...Array(15).fill("hop"), "", ...call]);
			expect((await hostile.receive()).map(String)).to.deep.equal([...Array(15).fill("hop"), "", String(pack("deep"))]);
		});

		it("an envelope of 16 frames is answered or dropped, and holds nothing for ever", async () => {
			for (let i = 0; i < 60; i++)
				await hostile.send([...Array(16).fill("hop"), "", callHeader("Echo.say"), pack(["a"])]);
			const own = rig.own(new Dealer({ linger: 0 }));
			own.connect(target.endpoint);
			await own.send(["t", "", callHeader("Echo.say"), pack(["fence"])]);
			expect(await own.receive()).to.have.length(3);
			await until(() => target.busy() <= 1);
		});

		it("an oversize frame ends its own connection, and nobody else's", async () => {
			const before = target.clients();
			await fence();
			const gone = target.departure();
			await hostile.send(["t", "", callHeader("Echo.say"), Buffer.alloc(100_001)]);
			expect(((await gone) as ZmtpError).code).to.equal("ZMTP_FRAME_TOO_LARGE");
			await until(() => target.clients() >= before - 1);
		});

		for (const [what, octets] of [
			["HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"],
			["TLS", Buffer.from("160301020001000100", "hex")],
			["nothing but noise", Buffer.alloc(1000, 0x7f)],
		] as const) {
			it(`a client that speaks ${what} to the port is disconnected, with an event`, async () => {
				const socket = connectNet(Number(target.endpoint.split(":").at(-1)), "127.0.0.1");
				const closed = once(socket, "close");
				const stranger = target.stranger();
				socket.on("error", () => {});
				socket.write(octets);
				socket.resume();
				await closed;
				const { address, error } = await stranger;
				expect(address).to.match(/^tcp:\/\/127\.0\.0\.1:\d+$/);
				expect((error as ZmtpError).code).to.match(/^ZMTP_/);
			});
		}

		it("CANCELs of calls that are another client's, or nobody's, cancel nothing", async () => {
			await fence();
			// Tokens of a client start at slot 0; its generation cannot be known, but every slot can be tried.
			for (let slot = 0; slot < 200; slot++) {
				await hostile.send([token(slot, slot), "", Buffer.of(kinds.CANCEL, 0)]);
				await hostile.send(["", Buffer.of(kinds.CANCEL, 0)]);
			}
			await fence();
		});

		it("a READY of a client's is refused; replies, DRAINs and WELCOMEs do nothing", async () => {
			await hostile.send(["", Buffer.of(kinds.READY), pack({ instance: "x", concurrency: 9, services: { Echo: "" } })]);
			const [empty, ...refusal] = await hostile.receive();
			expect(String(empty)).to.equal("");
			expect(failureIn(refusal)).to.include({ status: 9, flags: flags.NOT_STARTED });
			await hostile.send([token(0, 0), token(0, 0), "", "forged"]);
			await hostile.send(["", Buffer.of(kinds.DRAIN)]);
			await hostile.send(["", Buffer.of(kinds.WELCOME), pack({ heartbeatMs: 1e9, leaseMs: 1e9 })]);
			await fence();
		});

		it("a client that floods and goes leaves nothing behind", async () => {
			for (let i = 0; i < 500; i++) await hostile.send(["t", "", callHeader("Echo.say"), pack([`flood ${i}`])]);
			await hostile.close();
			await until(() => target.clients() === 1);
		});
	});
}
