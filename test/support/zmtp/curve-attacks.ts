/** What a client that knows CURVE may do to a server, and a server to a client, at each step. */
import { hsalsa } from "@noble/ciphers/salsa.js";
import { COMMAND, commandFrame, messageFrames, propertiesOf, property, type RawFrame } from "./frames.js";
import { curveKeys, type KeyPair, makeKeyPair, RawCurveClient, RawCurveServer } from "./raw-curve.js";
import { RawPeer } from "./raw-peer.js";

export interface CurveAttack {
	readonly id: string;
	readonly what: string;
	/** How the connection ends; the first octets of a command tell more ways than one. */
	readonly codes: readonly string[];
	/** Whether the attacker has been a peer by then. */
	readonly isPeer?: boolean;
	/** Behind the greetings. `endpoint`: where else the attacker may go. */
	act(peer: RawPeer, endpoint: string): Promise<void>;
}

const handshake = ["ZMTP_CURVE_HANDSHAKE_INVALID"];
const anywhere = [...handshake, "ZMTP_COMMAND_MALFORMED", "ZMTP_COMMAND_UNEXPECTED", "ZMTP_CURVE_NONCE_INVALID"];
const messageCodes = ["ZMTP_CURVE_MESSAGE_INVALID"];
const nonceCodes = ["ZMTP_CURVE_NONCE_INVALID"];

const clientOf = () => new RawCurveClient(curveKeys.server.publicKey, curveKeys.client);
const flipped = ({ flags, body }: RawFrame, offset: number): RawFrame => {
	const changed = Buffer.from(body);
	changed[offset]! ^= 1;
	return { flags, body: changed };
};
/** Cut off, or filled up with zeros. */
const resized = ({ flags, body }: RawFrame, length: number): RawFrame => {
	const changed = Buffer.alloc(length);
	body.copy(changed);
	return { flags, body: changed };
};
const every = (length: number, step: number) =>
	Array.from({ length: Math.ceil(length / step) }, (_, index) => index * step);

/** Points whose multiples are nothing: 0, 1, the four of order eight, and p - 1. */
const lowOrderPoints = [
	"00".repeat(32),
	`01${"00".repeat(31)}`,
	"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
	"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
	`ec${"ff".repeat(30)}7f`,
	`ed${"ff".repeat(30)}7f`,
	`ee${"ff".repeat(30)}7f`,
];

/** With such a point the shared key is the same for everybody, whoever's the secret one: the attacker knows it. */
function lowOrderClient(point: string): RawCurveClient {
	const words = (octets: Uint8Array) => new Uint32Array(Uint8Array.from(octets).buffer);
	const key = new Uint32Array(8);
	hsalsa(words(Buffer.from("expand 32-byte k")), new Uint32Array(8), new Uint32Array(4), key);
	const transient: KeyPair = { publicKey: Buffer.from(point, "hex"), privateKey: makeKeyPair().privateKey };
	return new RawCurveClient(curveKeys.server.publicKey, curveKeys.client, transient, new Uint8Array(key.buffer));
}

const hellos: readonly CurveAttack[] = [
	...[6, 199, 201, 400].map((length) => ({
		id: "H45",
		what: `a HELLO of ${length} octets`,
		codes: handshake,
		act: async (peer: RawPeer) => peer.say(resized(clientOf().hello(), length)),
	})),
	{
		id: "H45",
		what: "version 0.1",
		codes: handshake,
		act: async (peer) => peer.say(clientOf().hello({ version: Buffer.of(0, 1) })),
	},
	{
		id: "H45",
		what: "version 2.0",
		codes: handshake,
		act: async (peer) => peer.say(clientOf().hello({ version: Buffer.of(2, 0) })),
	},
	{
		id: "H45",
		what: "padding that is not zero",
		codes: handshake,
		act: async (peer) => peer.say(clientOf().hello({ padding: Buffer.alloc(72, 1) })),
	},
	{
		id: "H45",
		what: "a HELLO for another server",
		codes: handshake,
		act: async (peer) => peer.say(new RawCurveClient(makeKeyPair().publicKey).hello()),
	},
	...lowOrderPoints.map((point, index) => ({
		id: "H46",
		what: `low-order point number ${index + 1} as transient key, with a box that opens`,
		codes: handshake,
		act: async (peer: RawPeer) => peer.say(lowOrderClient(point).hello()),
	})),
	{
		id: "H46",
		what: "the server's own key as transient key",
		codes: handshake,
		act: async (peer) => peer.say(clientOf().hello({ transientKey: curveKeys.server.publicKey })),
	},
	{
		id: "H53",
		what: "a WELCOME, as if it were the server",
		codes: ["ZMTP_COMMAND_UNEXPECTED"],
		act: async (peer) => peer.say(commandFrame("WELCOME", Buffer.alloc(160))),
	},
];

/** HELLO and what the server answers to it. */
async function welcomed(peer: RawPeer, client: RawCurveClient): Promise<RawFrame> {
	peer.say(client.hello());
	return peer.readFrame();
}

function initiating(
	id: string,
	what: string,
	initiate: (client: RawCurveClient, welcome: RawFrame, endpoint: string) => RawFrame | Promise<RawFrame>,
	codes = handshake,
): CurveAttack {
	return {
		id,
		what,
		codes,
		async act(peer, endpoint) {
			const client = clientOf();
			peer.say(await initiate(client, await welcomed(peer, client), endpoint));
		},
	};
}

const proper = (client: RawCurveClient, welcome: RawFrame) => client.initiate(welcome, propertiesOf("DEALER"));

const initiates: readonly CurveAttack[] = [
	initiating("H48", "an INITIATE of 256 octets", (client, welcome) => resized(proper(client, welcome), 256)),
	initiating("H48", "an INITIATE that is cut off", (client, welcome) => {
		const frame = proper(client, welcome);
		return resized(frame, frame.body.length - 1);
	}),
	initiating(
		"H48",
		"an INITIATE above 64 KiB",
		(client, welcome) => client.initiate(welcome, property("X-a", Buffer.alloc(65_536))),
		["ZMTP_COMMAND_TOO_LARGE"],
	),
	initiating("H48", "properties that are none", (client, welcome) => client.initiate(welcome, Buffer.of(9)), [
		"ZMTP_PROPERTIES_MALFORMED",
	]),
	initiating("H48", "the cookie of another connection", async (client, welcome, endpoint) => {
		const other = await RawPeer.connect(endpoint);
		await other.greet({ mechanism: "CURVE" });
		const second = clientOf();
		const cookie = second.initiate(await welcomed(other, second), Buffer.alloc(0)).body.subarray(9, 105);
		await other.close();
		return client.initiate(welcome, propertiesOf("DEALER"), { cookie });
	}),
	initiating("H48", "the INITIATE of another connection", async (_client, _welcome, endpoint) => {
		const other = await RawPeer.connect(endpoint);
		await other.greet({ mechanism: "CURVE" });
		const second = clientOf();
		const frame = proper(second, await welcomed(other, second));
		other.say(frame);
		await other.readFrame();
		await other.close();
		return frame;
	}),
	initiating("H49", "a vouch for another server", (client, welcome) =>
		client.initiate(welcome, propertiesOf("DEALER"), { vouchedServer: makeKeyPair().publicKey }),
	),
	initiating("H49", "a vouch for another connection", (client, welcome) =>
		client.initiate(welcome, propertiesOf("DEALER"), { vouchedTransient: makeKeyPair().publicKey }),
	),
	{
		id: "H51",
		what: "a message before READY",
		codes: ["ZMTP_MESSAGE_UNEXPECTED"],
		async act(peer) {
			const client = clientOf();
			proper(client, await welcomed(peer, client));
			peer.say(client.traffic!.sealOctets(Buffer.from("\0x")));
		},
	},
	{
		id: "H51",
		what: "HELLO again in place of INITIATE",
		codes: ["ZMTP_COMMAND_UNEXPECTED"],
		async act(peer) {
			const client = clientOf();
			await welcomed(peer, client);
			peer.say(client.hello());
		},
	},
];

/** Behind a proper handshake, of either side: the traffic of its two ends is alike. */
function talking(
	id: string,
	what: string,
	codes: readonly string[],
	say: (traffic: NonNullable<RawCurveClient["traffic"]>, peer: RawPeer) => void,
): Omit<CurveAttack, "act"> & { say: typeof say } {
	return { id, what, codes, isPeer: true, say };
}

const talks = [
	talking("H50", "a message of 32 octets", messageCodes, (traffic, peer) =>
		peer.sayBare(resized(traffic.sealOctets(Buffer.from("\0x")), 32)),
	),
	talking("H50", "the nonce of the message before", nonceCodes, (traffic, peer) => {
		peer.sayBare(traffic.sealOctets(Buffer.from("\0x"), traffic.nextNonce - 1n));
	}),
	talking("H50", "nonce zero", nonceCodes, (traffic, peer) => {
		peer.sayBare(traffic.sealOctets(Buffer.from("\0x"), 0n));
	}),
	talking("H50", "the last nonce there is, and the first again", nonceCodes, (traffic, peer) => {
		peer.sayBare(traffic.sealOctets(Buffer.from("\x02\x08Whatever"), 2n ** 64n - 1n));
		peer.sayBare(traffic.sealOctets(Buffer.from("\0x"), 0n));
	}),
	talking("H50", "a message that was said before", nonceCodes, (traffic, peer) => {
		const frame = traffic.sealOctets(Buffer.from("\x02\x08Whatever"));
		peer.sayBare(frame, frame);
	}),
	talking("H50", "flags of 3 in the box", messageCodes, (traffic, peer) => {
		peer.sayBare(traffic.sealOctets(Buffer.from("\x03x")));
	}),
	talking("H50", "flags of 128 in the box", messageCodes, (traffic, peer) => {
		peer.sayBare(traffic.sealOctets(Buffer.from("\x80x", "latin1")));
	}),
	talking("H50", "nothing in the box, not even flags", messageCodes, (traffic, peer) => {
		peer.sayBare(traffic.sealOctets(Buffer.alloc(0)));
	}),
	talking("H51", "a message that is not sealed", messageCodes, (_traffic, peer) => {
		peer.sayBare(...messageFrames("a message in clear that is long enough to be a sealed one"));
	}),
	talking("H51", "a command that is not sealed", messageCodes, (_traffic, peer) => {
		peer.sayBare({ flags: COMMAND, body: Buffer.from(`\x04PING\0\0${"x".repeat(60)}`) });
	}),
	...[8, 12, 16, 20, 31, 32, 33].map((offset) =>
		talking(
			"H50",
			`a flipped bit at octet ${offset} of a message`,
			[...messageCodes, ...nonceCodes],
			(traffic, peer) => {
				peer.sayBare(flipped(traffic.sealOctets(Buffer.from("\0x")), offset));
			},
		),
	),
];

/** Against a server. */
export const clientAttacks: readonly CurveAttack[] = [
	...hellos,
	...initiates,
	...talks.map(({ say, ...rest }) => ({
		...rest,
		async act(peer: RawPeer) {
			const client = clientOf();
			peer.say(proper(client, await welcomed(peer, client)));
			await peer.readFrame();
			say(client.traffic!, peer);
		},
	})),
];

/** A bit flipped at every octet of a HELLO, and at every seventh of an INITIATE. */
export const flippedHellos = every(200, 1).map((offset) => ({
	codes: anywhere,
	act: async (peer: RawPeer) => peer.say(flipped(clientOf().hello(), offset)),
}));
export const flippedInitiates = every(290, 7).map((offset) => ({
	codes: anywhere,
	async act(peer: RawPeer) {
		const client = clientOf();
		peer.say(flipped(proper(client, await welcomed(peer, client)), offset));
	},
}));

const welcomes = (what: string, welcome: (server: RawCurveServer, hello: RawFrame) => RawFrame, codes = handshake) => ({
	id: "H47",
	what,
	codes,
	act: async (peer: RawPeer) => peer.say(welcome(new RawCurveServer(curveKeys.server), await peer.readFrame())),
});

/** Against a client. */
export const serverAttacks: readonly CurveAttack[] = [
	...[167, 169].map((length) =>
		welcomes(`a WELCOME of ${length} octets`, (server, hello) => resized(server.welcome(hello), length)),
	),
	...[0, 8, 24, 60, 167].map((offset) =>
		welcomes(
			`a flipped bit at octet ${offset} of a WELCOME`,
			(server, hello) => flipped(server.welcome(hello), offset),
			anywhere,
		),
	),
	{
		id: "H47",
		what: "the key of another server",
		codes: handshake,
		act: async (peer) => peer.say(new RawCurveServer(makeKeyPair()).welcome(await peer.readFrame())),
	},
	{
		id: "H53",
		what: "a HELLO, as if it were the client",
		codes: ["ZMTP_COMMAND_UNEXPECTED"],
		act: async (peer) => peer.say(clientOf().hello()),
	},
	...[13, 29].map((length) => ({
		id: "H48",
		what: `a READY of ${length} octets`,
		codes: handshake,
		async act(peer: RawPeer) {
			const server = new RawCurveServer(curveKeys.server);
			peer.say(server.welcome(await peer.readFrame()));
			await peer.readFrame();
			peer.say(resized(server.ready(propertiesOf("ROUTER")), length));
		},
	})),
	...talks.map(({ say, ...rest }) => ({
		...rest,
		async act(peer: RawPeer) {
			const server = new RawCurveServer(curveKeys.server);
			peer.say(server.welcome(await peer.readFrame()));
			await peer.readFrame();
			peer.say(server.ready(propertiesOf("ROUTER")));
			say(server.traffic!, peer);
		},
	})),
];
