import type { Router, SocketOptions, ZmtpErrorCode } from "../../../packages/zmtp/src/index.js";
import type { Arena } from "./arenas.js";
import {
	COMMAND,
	commandFrame,
	frameOf,
	greeting,
	header,
	MORE,
	messageFrames,
	propertiesOf,
	property,
	type RawFrame,
	ready,
} from "./frames.js";
import type { Handshake, RawMechanism } from "./raw-mechanisms.js";
import type { RawPeer } from "./raw-peer.js";

const hello = Buffer.concat([greeting(), ready("DEALER")]);
/** What a peer says behind a proper handshake, as one piece; mechanism NULL. */
export const afterHandshake = (...parts: Buffer[]) => Buffer.concat([hello, ...parts]);

/** A WebSocket has no greeting and a framing of its own, tried in a file of its own; its peers speak ZMTP 3.0, without PING. */
const onlyOverStreams = ({ place }: Arena) => place.name !== "ws";

interface AttackBase {
	readonly id: string;
	readonly what: string;
	/** How the connection then ends. */
	readonly code: ZmtpErrorCode;
	/** Of the socket attacked. */
	readonly options?: SocketOptions<Router>;
	/** Where it is an attack at all; everywhere when absent. */
	readonly fits?: (arena: Arena) => boolean;
}

/** What a peer may say that it must not, by how far it comes first. */
export type Attack = AttackBase &
	(
		| { readonly stage: "greeting"; readonly octets: Buffer }
		/** In a handshake that is right but for the properties. */
		| { readonly stage: "properties"; readonly properties: Buffer }
		/** Behind the greeting, in place of the mechanism's first command. */
		| { readonly stage: "handshake"; readonly frames: readonly RawFrame[] }
		/** Behind a proper handshake. `isBare`: the frames go out as they are, whatever the mechanism would do to them. */
		| { readonly stage: "traffic"; readonly frames: readonly RawFrame[]; readonly isBare?: boolean }
	);

const greetings: readonly Attack[] = [
	{ id: "H06", what: "telnet text", octets: "asdf\r\n" },
	{ id: "H06", what: "HTTP", octets: "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" },
	{ id: "H06", what: "a TLS hello", octets: Buffer.from(`16030100c8010000c40303${"ab".repeat(192)}`, "hex") },
	{ id: "H06", what: "an SSH banner", octets: "SSH-2.0-OpenSSH_9.2p1\r\n" },
	{ id: "H06", what: "telnet negotiation", octets: Buffer.from("fb18fffb1fff", "hex") },
	{ id: "H11", what: "ZMTP 1.0", octets: Buffer.from("0100", "hex") },
	{
		id: "H15",
		what: "ZMTP 1.0 with two frames above 8192 octets, then the sizes of 2.0",
		octets: Buffer.concat([Buffer.of(1, 0), largeOldFrame(), largeOldFrame(), header(0, 20_000n)]),
	},
]
	.map(
		({ octets, ...rest }): Attack => ({
			...rest,
			stage: "greeting",
			octets: Buffer.from(octets),
			code: "ZMTP_NOT_ZMTP",
		}),
	)
	.concat(
		[
			{ id: "H07", what: "a ZMTP 1.0 identity of 2^63-1 octets", octets: "ff7fffffffffffffff00" },
			{
				id: "H15",
				what: "a long identity of ZMTP 1.0, two frames above 8192 octets, then the sizes of 2.0",
				octets: Buffer.concat([largeOldFrame(), largeOldFrame(), largeOldFrame(), header(0, 20_000n)]).toString("hex"),
			},
			{ id: "H11", what: "ZMTP 2.0", octets: "ff00000000000000017f0105" },
			{ id: "H11", what: "the version octet of ZMTP 2.0 with a whole greeting behind it", octets: greetingOf(2) },
			{ id: "H11", what: "version 0 with a whole greeting behind it", octets: greetingOf(0) },
		].map(
			({ octets, ...rest }): Attack => ({
				...rest,
				stage: "greeting",
				octets: Buffer.from(octets, "hex"),
				code: "ZMTP_VERSION_UNSUPPORTED",
			}),
		),
		["NULL", "PLAIN", "CURVE", "null", "NULL\0x", "PLAIN\0PLAIN", "GSSAPI", "X".repeat(20), ""].map(
			(name): Attack => ({
				id: "H12",
				what: `the mechanism ${JSON.stringify(name)}`,
				stage: "greeting",
				octets: greeting({ mechanism: name }),
				code: "ZMTP_MECHANISM_MISMATCH",
				fits: ({ mechanism }) => mechanism.name !== name,
			}),
		),
	);

/** RFC 13: the length counts the octet of flags. */
function largeOldFrame(): Buffer {
	const head = Buffer.from("ff000000000000200200", "hex");
	return Buffer.concat([head, Buffer.alloc(0x2001, "x")]);
}

function greetingOf(major: number): string {
	return greeting({ major, minor: 0 }).toString("hex");
}

const socketType = property("Socket-Type", "DEALER");

const properties: readonly Attack[] = [
	{ id: "H16", what: "a property past the end", properties: Buffer.from("\x0bSocket-Type\0\0\0\x09REQ") },
	{ id: "H16", what: "a property of 2^32-1 octets", properties: Buffer.from("\x03X-a\xff\xff\xff\xff", "latin1") },
	{ id: "H16", what: "an unnamed property", properties: property("", "x") },
	{ id: "H16", what: "an octet behind the last property", properties: Buffer.concat([socketType, Buffer.of(1)]) },
	{
		id: "H19",
		what: "two Identities",
		properties: Buffer.concat([property("Identity", "a"), property("Identity", "b")]),
	},
	{ id: "H19", what: "two Socket-Types", properties: Buffer.concat([socketType, property("SOCKET-TYPE", "DEALER")]) },
]
	.map((rest): Attack => ({ ...rest, stage: "properties", code: "ZMTP_PROPERTIES_MALFORMED" }))
	.concat([
		{
			id: "H17",
			what: "properties above 64 KiB",
			stage: "properties",
			properties: Buffer.concat(Array.from({ length: 10_000 }, () => property("X-a", "b"))),
			code: "ZMTP_COMMAND_TOO_LARGE",
		},
		{
			id: "H20",
			what: "a PUB",
			stage: "properties",
			properties: propertiesOf("PUB"),
			code: "ZMTP_SOCKET_TYPE_MISMATCH",
		},
		{
			id: "H20",
			what: "a socket type that does not exist",
			stage: "properties",
			properties: propertiesOf("\x1b[2J"),
			code: "ZMTP_SOCKET_TYPE_MISMATCH",
		},
		...["x".repeat(256), "x".repeat(300), "\0", "\0\0\0\0\x01"].map(
			(routingId): Attack => ({
				id: "H21",
				what: `a routing id of ${routingId.length} octets${routingId[0] === "\0" ? " that starts with a zero" : ""}`,
				stage: "properties",
				properties: propertiesOf("DEALER", routingId),
				code: "ZMTP_ROUTING_ID_INVALID",
			}),
		),
	]);

const handshakes: readonly Attack[] = [
	{ id: "H23", what: "a message before READY", frames: messageFrames("x"), code: "ZMTP_MESSAGE_UNEXPECTED" },
	{ id: "H23", what: "an unknown command", frames: [commandFrame("Whatever")], code: "ZMTP_COMMAND_UNEXPECTED" },
	{
		id: "H24",
		what: "an ERROR whose reason lies about its length",
		frames: [commandFrame("ERROR", "\xffno")],
		code: "ZMTP_COMMAND_MALFORMED",
	},
	{ id: "H25", what: "an empty command in the handshake", frames: [frameOf(COMMAND)], code: "ZMTP_COMMAND_MALFORMED" },
	{
		id: "H30",
		what: "a PING in the handshake",
		frames: [commandFrame("PING", "\0\0")],
		code: "ZMTP_COMMAND_UNEXPECTED",
	},
	{
		id: "H08",
		fits: onlyOverStreams,
		what: "a command of nearly 2^64 octets in the handshake",
		frames: [{ ...frameOf(COMMAND), size: -104n }],
		code: "ZMTP_COMMAND_TOO_LARGE",
	},
].map((rest) => ({ ...rest, stage: "handshake" }) as Attack);

/** Frames whose header tells of more than there is, or of what cannot be. */
const framings: readonly Attack[] = [
	{
		id: "H08",
		what: "the payload of CVE-2019-6250",
		frames: [{ flags: 0, body: Buffer.alloc(500, 0x41), size: -1n }],
		code: "ZMTP_FRAME_TOO_LARGE",
	},
	{
		id: "H08",
		what: "a command of nearly 2^64 octets",
		frames: [{ ...frameOf(COMMAND), size: -104n }],
		code: "ZMTP_COMMAND_TOO_LARGE",
	},
	...[2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n].map((size) => ({
		id: "H09",
		what: `a frame of ${size} octets`,
		frames: [{ ...frameOf(0), size }],
		code: "ZMTP_FRAME_TOO_LARGE",
	})),
	{
		id: "H25",
		what: "MORE on a command",
		frames: [frameOf(COMMAND | MORE, "\x04PING\0\0")],
		code: "ZMTP_FRAME_FLAGS_INVALID",
	},
	{ id: "H25", what: "reserved flags", frames: [frameOf(0xf8, "A")], code: "ZMTP_FRAME_FLAGS_INVALID" },
].map((rest) => ({ ...rest, stage: "traffic", isBare: true }) as Attack);

const traffic: readonly Attack[] = [
	{
		id: "H09",
		what: "a frame one octet above maxFrameBytes",
		frames: messageFrames("x".repeat(1001)),
		code: "ZMTP_FRAME_TOO_LARGE",
		options: { maxFrameBytes: 1000 },
	},
	{
		id: "H23",
		what: "a second READY",
		frames: [commandFrame("READY", propertiesOf("DEALER"))],
		code: "ZMTP_COMMAND_UNEXPECTED",
	},
	{
		id: "H23",
		what: "ERROR during traffic",
		frames: [...messageFrames("x"), commandFrame("ERROR", "\x03no!")],
		code: "ZMTP_COMMAND_UNEXPECTED",
	},
	{ id: "H25", what: "an empty command", frames: [frameOf(COMMAND)], code: "ZMTP_COMMAND_MALFORMED" },
	{
		id: "H25",
		what: "a command without a name",
		frames: [frameOf(COMMAND, "\0")],
		code: "ZMTP_COMMAND_MALFORMED",
	},
	{
		id: "H25",
		what: "a command whose name runs past its end",
		frames: [frameOf(COMMAND, "\x09")],
		code: "ZMTP_COMMAND_MALFORMED",
	},
	{
		id: "H25",
		what: "a command whose name is no word",
		frames: [frameOf(COMMAND, "\x05a b\0\xff")],
		code: "ZMTP_COMMAND_MALFORMED",
	},
	{
		id: "H26",
		what: "an unknown command of 1 MB",
		frames: [commandFrame("Whatever", Buffer.alloc(1e6))],
		code: "ZMTP_COMMAND_TOO_LARGE",
	},
	...[
		["a PING of five octets", 0],
		["a PING of six octets", 1],
		["a PING with 17 octets of context", 19],
	].map(([what, size]) => ({
		id: "H27",
		what,
		frames: [commandFrame("PING", Buffer.alloc(Number(size)))],
		code: "ZMTP_COMMAND_MALFORMED",
		fits: onlyOverStreams,
	})),
	{
		id: "H32",
		what: "MORE without end",
		frames: Array.from({ length: 2000 }, () => frameOf(MORE)),
		code: "ZMTP_TOO_MANY_FRAMES",
	},
	{
		id: "H34",
		what: "a message whose last frame passes maxMessageBytes",
		frames: messageFrames("x".repeat(900), "y".repeat(101)),
		code: "ZMTP_MESSAGE_TOO_LARGE",
		options: { maxMessageBytes: 1000 },
	},
].map((rest) => ({ ...rest, stage: "traffic" }) as Attack);

export const attacks: readonly Attack[] = [...greetings, ...properties, ...handshakes, ...framings, ...traffic];

/** Those that are attacks in this arena. */
export function attacksIn(arena: Arena): Attack[] {
	return attacks.filter((one) => {
		if (one.fits?.(arena) === false) return false;
		if (arena.place.name !== "ws") return true;
		return one.stage === "properties" || one.stage === "handshake" || (one.stage === "traffic" && !one.isBare);
	});
}

/** Of a server that routes by routing ids alone. */
export const theftOfRoutingId: Attack = {
	id: "H22",
	what: "the bystander's routing id",
	stage: "properties",
	properties: propertiesOf("DEALER", "bystander"),
	code: "ZMTP_ROUTING_ID_TAKEN",
};

/** Says it, as the side of the mechanism that `handshake` is; `socketType` is what a proper handshake would tell. */
export async function attack(
	peer: RawPeer,
	what: Attack,
	mechanism: RawMechanism,
	handshake: Handshake,
	socketType: string,
): Promise<void> {
	switch (what.stage) {
		case "greeting":
			peer.write(what.octets);
			return;
		case "properties":
			await handshake(peer, what.properties);
			return;
		case "handshake":
			await peer.greet({ mechanism: mechanism.name });
			peer.say(...what.frames);
			return;
		case "traffic": {
			const complete = await handshake(peer, propertiesOf(socketType));
			await complete();
			if (what.isBare) peer.sayBare(...what.frames);
			else peer.say(...what.frames);
		}
	}
}
