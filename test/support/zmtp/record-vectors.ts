/**
 * Records what libzmq says on the wire, for test/vectors/zmtp-libzmq.json:
 * `node --conditions=homing-source --import=tsx support/zmtp/record-vectors.ts` in test/.
 * Each conversation is one connection of a libzmq socket to us; what it sends is written down as it came.
 */
import { writeFileSync } from "node:fs";
import { command, frame, greeting, LONG, message, ready } from "./frames.js";
import { type RawPeer, RawServer } from "./raw-peer.js";
import { heartbeats, type SideSocket } from "./side.js";
import type { Vector } from "./vectors.js";
import { pyzmq, type ZmqSide, zeromqJs } from "./zmq-side.js";

const partners = {
	DEALER: "ROUTER",
	REQ: "REP",
	REP: "REQ",
	ROUTER: "DEALER",
	PUB: "SUB",
	SUB: "PUB",
	XPUB: "XSUB",
	XSUB: "XPUB",
	PUSH: "PULL",
	PULL: "PUSH",
	PAIR: "PAIR",
} as const;
type Recorded = keyof typeof partners;

const hasRoutingId: ReadonlySet<Recorded> = new Set<Recorded>(["DEALER", "REQ", "ROUTER"]);
const vectors: Vector[] = [];

/** What a type does once it is ready, and what its last frame before a PING is. */
interface Act {
	readonly does: string;
	act(socket: SideSocket, peer: RawPeer): Promise<void>;
	isLast(frame: { flags: number; text: string }): boolean;
}

function send(envelope: readonly Uint8Array[] = []): Act {
	return {
		does: "sends a message",
		act: (socket) =>
			socket.send(envelope, [
				[3, "a"],
				[0, "b"],
				[300, "c"],
			]),
		isLast: ({ flags }) => flags === 0 || flags === LONG,
	};
}

const subscribe: Act = {
	does: "subscribes and cancels",
	async act(socket) {
		for (const topic of topics) await socket.subscribe(topic);
		for (const topic of topics) await socket.unsubscribe(topic);
	},
	// As a command, or as an XSUB's message.
	isLast: ({ text }) =>
		text.endsWith(topics.at(-1)!.toString()) && (text.startsWith("\x06CANCEL") || text.startsWith("\0")),
};
const topics = [Buffer.alloc(0), Buffer.from("topic"), Buffer.alloc(245, "l"), Buffer.alloc(256, "t")];

const acts: Readonly<Record<Recorded, Act>> = {
	DEALER: send(),
	REQ: send(),
	REP: {
		...send(),
		async act(socket, peer) {
			peer.write(message("", "x"));
			await socket.receive();
			await send().act(socket, peer);
		},
	},
	ROUTER: send([Buffer.from("you")]),
	PUB: {
		...send(),
		async act(socket, peer) {
			peer.write(command("SUBSCRIBE"));
			await socket.notice();
			await send().act(socket, peer);
		},
	},
	XPUB: {
		...send(),
		async act(socket, peer) {
			peer.write(command("SUBSCRIBE"));
			await socket.receive();
			await send().act(socket, peer);
		},
	},
	SUB: subscribe,
	XSUB: subscribe,
	PUSH: send(),
	PULL: { does: "says nothing", act: async () => {}, isLast: ({ text }) => text.startsWith("\x04PING") },
	PAIR: send(),
};

/** Reads one frame and returns it as text and as it was. */
async function readFrame(peer: RawPeer): Promise<{ flags: number; text: string; octets: Buffer }> {
	const { flags, body } = await peer.readFrame();
	return { flags, text: body.toString("latin1"), octets: frame(flags, body) };
}

async function converse(library: ZmqSide, type: Recorded): Promise<void> {
	const { does, act, isLast } = acts[type];
	const server = await RawServer.listen();
	const socket = await library.open(type, {
		...(hasRoutingId.has(type) ? { routingId: Buffer.from("us") } : {}),
		...heartbeats(100),
	});
	await socket.connect(server.endpoint);
	const peer = await server.accept();
	peer.write(greeting(), ready(partners[type], "you"));
	const parts = [await peer.read(64), (await readFrame(peer)).octets];
	await act(socket, peer);
	for (let isDone = false; ; ) {
		const read = await readFrame(peer);
		const isPing = read.text.startsWith("\x04PING");
		isDone ||= isLast(read);
		// PINGs come when it is time: one at the end is enough, and the same in every recording.
		if (!isPing || isDone) parts.push(read.octets);
		if (!isPing) continue;
		if (isDone) break;
		peer.write(command("PONG"));
	}
	vectors.push({
		name: `${library.version}: a ${type} greets, shakes hands, ${does} and PINGs`,
		spec: "RFC 37, Greeting, The NULL mechanism, Framing, Connection heartbeating",
		role: partners[type],
		bytesHex: Buffer.concat(parts).toString("hex"),
		expectEvents: [],
	});
	await socket.close();
	await server.close();
}

const { eventsOf } = await import("./vectors.js");
for (const library of [pyzmq(), zeromqJs()]) {
	await library.start();
	for (const type of Object.keys(acts) as Recorded[]) await converse(library, type);
	await library.stop();
}
for (const vector of vectors) Object.assign(vector, { expectEvents: eventsOf(vector, (octets) => [octets]) });
writeFileSync(new URL("../../vectors/zmtp-libzmq.json", import.meta.url), `${JSON.stringify(vectors, null, 2)}\n`);
