import { expect } from "chai";
import fc from "fast-check";
import { type Connection, connect, RpcError } from "../../../packages/runtime/src/index.js";
import type { LinkPeer } from "../../../packages/runtime/src/link/link.js";
import { Port } from "../../../packages/zmtp/src/port.js";
import { echo } from "../../support/runtime/echo.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { framesOf } from "../../support/runtime/messages.js";
import { until } from "../../support/runtime/until.js";
import { kinds, pack, token } from "../../support/runtime/wire.js";
import { printedSeed, seed } from "../../support/zmtp/seed.js";

/** One call as the model knows it. */
interface Tracked {
	readonly text: string;
	readonly controller: AbortController;
	/** What it ended with, each time it ended. */
	readonly outcomes: string[];
	/** Whether anything happened that it may have ended with. */
	readonly possible: Set<string>;
}

interface Seen {
	readonly peer: LinkPeer;
	readonly replyToken: Buffer;
	readonly text: string;
}

/** A server that answers only what it is told to, how it is told to. */
class ScriptedServer {
	readonly seen: Seen[] = [];
	readonly peers = new Set<LinkPeer>();
	readonly port = new Port(
		"ROUTER",
		{},
		{
			onPeerReady: (peer) => this.peers.add(peer),
			onPeerLost: (peer) => this.peers.delete(peer),
			onWritable: () => {},
			onMessage: (peer, message) => {
				const frames = framesOf(message);
				if (frames.length !== 4 || frames[2]![0] !== kinds.CALL) return;
				// An argument list of one short text: fixarray, str8 or fixstr, the text.
				const text = frames[3]!.toString().replace(/^[^c]*/, "");
				this.seen.push({ peer, replyToken: frames[0]!, text });
			},
		},
	);

	send(peer: LinkPeer, ...frames: Uint8Array[]): void {
		if (!this.peers.has(peer)) return;
		const writer = peer.begin();
		for (const [at, frame] of frames.entries()) writer.frame(frame, at < frames.length - 1);
		peer.commit();
	}
}

class System {
	readonly server = new ScriptedServer();
	readonly calls: Tracked[] = [];
	wasKilled = false;
	connection!: Connection;

	async start(): Promise<void> {
		const endpoint = await this.server.port.bind(anyPort);
		this.connection = connect(endpoint, { reconnectMs: 1, reconnectMaxMs: 2 });
		await until(() => this.server.peers.size === 1);
	}

	call(timeoutMs: number): void {
		const controller = new AbortController();
		const text = `call ${this.calls.length}`;
		const tracked: Tracked = { text, controller, outcomes: [], possible: new Set() };
		if (timeoutMs < 1000) tracked.possible.add("DEADLINE_EXCEEDED");
		// The client may not have noticed yet.
		if (this.wasKilled) tracked.possible.add("UNAVAILABLE");
		this.calls.push(tracked);
		this.connection.call(echo.say, [text], { timeoutMs, signal: controller.signal }).then(
			(value) => tracked.outcomes.push(`ok ${value}`),
			(error: unknown) => tracked.outcomes.push(error instanceof RpcError ? error.status : `not an RpcError: ${error}`),
		);
	}

	of(at: number): Tracked | undefined {
		return this.calls[at % Math.max(1, this.calls.length)];
	}

	/** The requests of a call as they reached the server: none, one, or none yet. */
	requestsOf({ text }: Tracked): Seen[] {
		return this.server.seen.filter((seen) => seen.text === text);
	}

	/** Waits until the client has read what the server sent: with a call of its own, answered at once. */
	async settle(): Promise<void> {
		await new Promise((resolve) => setImmediate(resolve));
		await new Promise((resolve) => setImmediate(resolve));
	}

	async finish(): Promise<void> {
		await this.connection.close();
		await this.server.port.close();
		await this.settle();
	}
}

const at = fc.nat(30);
const command = fc.oneof(
	{ weight: 5, arbitrary: fc.record({ do: fc.constant("call" as const), timeoutMs: fc.constantFrom(5, 20, 10_000) }) },
	{ weight: 4, arbitrary: fc.record({ do: fc.constantFrom("reply" as const, "reply twice" as const), at }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("fail" as const), at }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constantFrom("cancel" as const, "expire" as const), at }) },
	{
		weight: 2,
		arbitrary: fc.record({ do: fc.constantFrom("garble" as const, "forge" as const, "foreign" as const), at }),
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constantFrom("kill" as const, "pause" as const) }) },
);

const empty = Buffer.alloc(0);

async function run(
	system: System,
	step: typeof command extends fc.Arbitrary<infer Step> ? Step : never,
): Promise<void> {
	const { server } = system;
	if (step.do === "call") return system.call(step.timeoutMs);
	if (!("at" in step)) {
		if (step.do === "pause") return system.settle();
		system.wasKilled = true;
		for (const tracked of system.calls) tracked.possible.add("UNAVAILABLE");
		for (const peer of server.peers) peer.close(undefined);
		return;
	}
	const tracked = system.of(step.at);
	if (tracked === undefined) return;
	if (step.do === "expire") {
		if (tracked.possible.has("DEADLINE_EXCEEDED")) await until(() => tracked.outcomes.length > 0);
		return;
	}
	if (step.do === "cancel") {
		tracked.possible.add("CANCELLED");
		tracked.controller.abort();
		return;
	}
	await until(() => system.requestsOf(tracked).length > 0 || tracked.outcomes.length > 0 || server.peers.size === 0);
	const value = pack(tracked.text);
	for (const { peer, replyToken } of system.requestsOf(tracked)) {
		switch (step.do) {
			case "reply":
			case "reply twice":
				tracked.possible.add(`ok ${tracked.text}`);
				server.send(peer, replyToken, empty, value);
				if (step.do === "reply twice") server.send(peer, replyToken, empty, pack("second"));
				break;
			case "fail":
				tracked.possible.add("ABORTED");
				server.send(peer, replyToken, empty, Buffer.of(kinds.ERROR, 0, 10), pack({ message: "no" }));
				break;
			case "garble":
				for (const frames of [[replyToken], [replyToken, value], [replyToken, empty, value, value, value]]) {
					server.send(peer, ...frames);
				}
				server.send(peer, replyToken, empty, Buffer.of(kinds.CALL, 0), value);
				break;
			case "forge": {
				const forged = Buffer.from(replyToken);
				// Far from the generations of the slot's next calls: a server may well know those, and answers for itself only.
				forged.writeUInt32BE((forged.readUInt32BE(4) + 0x8000_0000 + step.at) >>> 0, 4);
				server.send(peer, forged, empty, pack("forged"));
				server.send(peer, token(0xff_ffff, 0), empty, pack("forged"));
				server.send(peer, token(500 + step.at, 1), empty, pack("forged"));
				break;
			}
			default:
				// Another connection of the same client would have to be the one that was asked.
				server.send(peer, Buffer.concat([replyToken, Buffer.of(0)]), empty, pack("foreign"));
				server.send(peer, replyToken.subarray(0, 7), empty, pack("foreign"));
		}
	}
	await system.settle();
}

describe(`one outcome for each call (${printedSeed})`, () => {
	it("whatever caller, clock, network and server do: a call ends once, with something that did happen", async () => {
		const met = new Set<string>();
		await fc.assert(
			fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 40 }), async (steps) => {
				const system = new System();
				await system.start();
				try {
					for (const step of steps) await run(system, step);
				} finally {
					for (const tracked of system.calls) tracked.possible.add("CANCELLED");
					await system.finish();
				}
				for (const { text, outcomes, possible } of system.calls) {
					expect(outcomes, text).to.have.length(1);
					expect([...possible], text).to.include(outcomes[0]);
					met.add(outcomes[0]!.replace(/ .*/, ""));
				}
				expect(system.connection.stats()).to.include({ inFlight: 0, waiting: 0 });
			}),
			{ seed, numRuns: 150 },
		);
		expect([...met]).to.include.members(["ok", "ABORTED", "CANCELLED", "DEADLINE_EXCEEDED", "UNAVAILABLE"]);
	}).timeout(60_000);
});
