/**
 * Records what libzmq says on the wire, for test/vectors/zmtp-libzmq.json:
 * `node --conditions=homing-source --import=tsx support/zmtp/record-vectors.ts` in test/.
 * Each conversation is one connection of a libzmq socket to us; what it sends is written down as it came.
 */
import { writeFileSync } from "node:fs";
import { command, frame, greeting, LONG, message, ready } from "./frames.js";
import { type RawPeer, RawServer } from "./raw-peer.js";
import { heartbeats } from "./side.js";
import type { Vector } from "./vectors.js";
import { pyzmq, type ZmqSide, zeromqJs } from "./zmq-side.js";

const partners = { DEALER: "ROUTER", REQ: "REP", REP: "REQ", ROUTER: "DEALER" } as const;
const vectors: Vector[] = [];

/** Reads one frame and returns it as text and as it was. */
async function readFrame(peer: RawPeer): Promise<{ flags: number; text: string; octets: Buffer }> {
	const { flags, body } = await peer.readFrame();
	return { flags, text: body.toString("latin1"), octets: frame(flags, body) };
}

async function converse(library: ZmqSide, type: keyof typeof partners): Promise<void> {
	const server = await RawServer.listen();
	const socket = await library.open(type, {
		...(type === "REP" ? {} : { routingId: Buffer.from("us") }),
		...heartbeats(100),
	});
	await socket.connect(server.endpoint);
	const peer = await server.accept();
	peer.write(greeting(), ready(partners[type], "you"));
	const parts = [await peer.read(64), (await readFrame(peer)).octets];
	if (type === "REP") {
		peer.write(message("", "x"));
		await socket.receive();
	}
	await socket.send(type === "ROUTER" ? [Buffer.from("you")] : [], [
		[3, "a"],
		[0, "b"],
		[300, "c"],
	]);
	for (let isSent = false; ; ) {
		const { flags, text, octets } = await readFrame(peer);
		parts.push(octets);
		if (flags === 0 || flags === LONG) isSent = true;
		if (!text.startsWith("\x04PING")) continue;
		if (isSent) break;
		peer.write(command("PONG"));
	}
	const octets = Buffer.concat(parts);
	vectors.push({
		name: `${library.version}: a ${type} greets, shakes hands, sends a message and PINGs`,
		spec: "RFC 37, Greeting, The NULL mechanism, Framing, Connection heartbeating",
		role: partners[type],
		bytesHex: octets.toString("hex"),
		expectEvents: [],
	});
	await socket.close();
	await server.close();
}

const { eventsOf } = await import("./vectors.js");
for (const library of [pyzmq(), zeromqJs()]) {
	await library.start();
	for (const type of ["DEALER", "REQ", "REP", "ROUTER"] as const) await converse(library, type);
	await library.stop();
}
for (const vector of vectors) Object.assign(vector, { expectEvents: eventsOf(vector, (octets) => [octets]) });
writeFileSync(new URL("../../vectors/zmtp-libzmq.json", import.meta.url), `${JSON.stringify(vectors, null, 2)}\n`);
