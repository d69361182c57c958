import type { RouterSocketOptions, ZmtpErrorCode } from "../../../packages/zmtp/src/index.js";
import { COMMAND, command, frame, greeting, header, MORE, message, property, ready } from "./frames.js";

const hello = Buffer.concat([greeting(), ready("DEALER")]);
/** What a peer says behind a proper handshake. */
export const afterHandshake = (...parts: Buffer[]) => Buffer.concat([hello, ...parts]);

/** What a peer may say that it must not, and how the connection then ends. */
export interface Attack {
	readonly id: string;
	readonly what: string;
	readonly octets: Buffer;
	readonly code: ZmtpErrorCode;
	/** Whether the attacker was a peer before it misbehaved: then its end is a disconnect. */
	readonly isPeer?: boolean;
	readonly options?: RouterSocketOptions;
}

export const attacks: readonly Attack[] = [
	{ id: "H06", what: "telnet text", octets: Buffer.from("asdf\r\n"), code: "ZMTP_NOT_ZMTP" },
	{ id: "H06", what: "HTTP", octets: Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), code: "ZMTP_NOT_ZMTP" },
	{
		id: "H06",
		what: "a TLS hello",
		octets: Buffer.from(`16030100c8010000c40303${"ab".repeat(192)}`, "hex"),
		code: "ZMTP_NOT_ZMTP",
	},
	{ id: "H06", what: "an SSH banner", octets: Buffer.from("SSH-2.0-OpenSSH_9.2p1\r\n"), code: "ZMTP_NOT_ZMTP" },
	{ id: "H06", what: "telnet negotiation", octets: Buffer.from("fb18fffb1fff", "hex"), code: "ZMTP_NOT_ZMTP" },
	{
		id: "H07",
		what: "a ZMTP 1.0 identity of 2^63-1 octets",
		octets: Buffer.from("ff7fffffffffffffff00", "hex"),
		code: "ZMTP_VERSION_UNSUPPORTED",
	},
	{
		id: "H11",
		what: "ZMTP 2.0",
		octets: Buffer.from("ff00000000000000017f0105", "hex"),
		code: "ZMTP_VERSION_UNSUPPORTED",
	},
	{ id: "H11", what: "ZMTP 1.0", octets: Buffer.from("0100", "hex"), code: "ZMTP_NOT_ZMTP" },
	{ id: "H12", what: "CURVE", octets: greeting({ mechanism: "CURVE" }), code: "ZMTP_MECHANISM_MISMATCH" },
	{
		id: "H12",
		what: "octets behind NULL",
		octets: greeting({ mechanism: "NULL\0x" }),
		code: "ZMTP_MECHANISM_MISMATCH",
	},
	{
		id: "H08",
		what: "the payload of CVE-2019-6250",
		octets: afterHandshake(header(0, -1n), Buffer.alloc(500, 0x41)),
		code: "ZMTP_FRAME_TOO_LARGE",
		isPeer: true,
	},
	{
		id: "H08",
		what: "a command of nearly 2^64 octets",
		octets: afterHandshake(header(COMMAND, -104n)),
		code: "ZMTP_COMMAND_TOO_LARGE",
		isPeer: true,
	},
	{
		id: "H09",
		what: "a frame of 2^53+1 octets",
		octets: afterHandshake(header(0, 2n ** 53n + 1n)),
		code: "ZMTP_FRAME_TOO_LARGE",
		isPeer: true,
	},
	{
		id: "H09",
		what: "a frame one octet above maxFrameBytes",
		octets: afterHandshake(message("x".repeat(1001))),
		code: "ZMTP_FRAME_TOO_LARGE",
		isPeer: true,
		options: { maxFrameBytes: 1000 },
	},
	{
		id: "H16",
		what: "a READY with a property past its end",
		octets: Buffer.concat([greeting(), command("READY", "\x0bSocket-Type\0\0\0\x09REQ")]),
		code: "ZMTP_PROPERTIES_MALFORMED",
	},
	{
		id: "H16",
		what: "a READY with an unnamed property",
		octets: Buffer.concat([greeting(), command("READY", property("", "x"))]),
		code: "ZMTP_PROPERTIES_MALFORMED",
	},
	{
		id: "H17",
		what: "a READY above 64 KiB",
		octets: Buffer.concat([
			greeting(),
			command("READY", Buffer.concat(Array.from({ length: 10_000 }, () => property("X-a", "b")))),
		]),
		code: "ZMTP_COMMAND_TOO_LARGE",
	},
	{
		id: "H19",
		what: "two Identities",
		octets: Buffer.concat([
			greeting(),
			command("READY", Buffer.concat([property("Identity", "a"), property("Identity", "b")])),
		]),
		code: "ZMTP_PROPERTIES_MALFORMED",
	},
	{ id: "H20", what: "a PUB", octets: Buffer.concat([greeting(), ready("PUB")]), code: "ZMTP_SOCKET_TYPE_MISMATCH" },
	{
		id: "H21",
		what: "a routing id of 300 octets",
		octets: Buffer.concat([greeting(), ready("DEALER", "x".repeat(300))]),
		code: "ZMTP_ROUTING_ID_INVALID",
	},
	{
		id: "H21",
		what: "a routing id like a minted one",
		octets: Buffer.concat([greeting(), ready("DEALER", "\0\0\0\0\x01")]),
		code: "ZMTP_ROUTING_ID_INVALID",
	},
	{
		id: "H22",
		what: "the bystander's routing id",
		octets: Buffer.concat([greeting(), ready("DEALER", "bystander"), message("x")]),
		code: "ZMTP_ROUTING_ID_TAKEN",
	},
	{
		id: "H23",
		what: "a message before READY",
		octets: Buffer.concat([greeting(), message("x")]),
		code: "ZMTP_MESSAGE_UNEXPECTED",
	},
	{
		id: "H23",
		what: "a second READY",
		octets: afterHandshake(ready("DEALER")),
		code: "ZMTP_COMMAND_UNEXPECTED",
		isPeer: true,
	},
	{
		id: "H23",
		what: "ERROR during traffic",
		octets: afterHandshake(message("x"), command("ERROR", "\x03no!")),
		code: "ZMTP_COMMAND_UNEXPECTED",
		isPeer: true,
	},
	{
		id: "H24",
		what: "an ERROR whose reason lies about its length",
		octets: Buffer.concat([greeting(), command("ERROR", "\xffno")]),
		code: "ZMTP_COMMAND_MALFORMED",
	},
	{
		id: "H25",
		what: "an empty command",
		octets: afterHandshake(frame(COMMAND)),
		code: "ZMTP_COMMAND_MALFORMED",
		isPeer: true,
	},
	{
		id: "H25",
		what: "MORE on a command",
		octets: afterHandshake(frame(COMMAND | MORE, "\x04PING\0\0")),
		code: "ZMTP_FRAME_FLAGS_INVALID",
		isPeer: true,
	},
	{
		id: "H25",
		what: "reserved flags",
		octets: afterHandshake(Buffer.of(0xf8, 1, 65)),
		code: "ZMTP_FRAME_FLAGS_INVALID",
		isPeer: true,
	},
	{
		id: "H26",
		what: "an unknown command of 1 MB",
		octets: afterHandshake(command("Whatever", Buffer.alloc(1e6))),
		code: "ZMTP_COMMAND_TOO_LARGE",
		isPeer: true,
	},
	{
		id: "H27",
		what: "a PING of five octets",
		octets: afterHandshake(command("PING")),
		code: "ZMTP_COMMAND_MALFORMED",
		isPeer: true,
	},
	{
		id: "H27",
		what: "a PING with 17 octets of context",
		octets: afterHandshake(command("PING", Buffer.alloc(19))),
		code: "ZMTP_COMMAND_MALFORMED",
		isPeer: true,
	},
	{
		id: "H30",
		what: "a PING during the handshake",
		octets: Buffer.concat([greeting(), command("PING", "\0\0")]),
		code: "ZMTP_COMMAND_UNEXPECTED",
	},
	{
		id: "H32",
		what: "MORE without end",
		octets: afterHandshake(Buffer.concat(Array.from({ length: 2000 }, () => frame(MORE)))),
		code: "ZMTP_TOO_MANY_FRAMES",
		isPeer: true,
	},
	{
		id: "H34",
		what: "a message whose last frame passes maxMessageBytes",
		octets: afterHandshake(message("x".repeat(900), "y".repeat(101))),
		code: "ZMTP_MESSAGE_TOO_LARGE",
		isPeer: true,
		options: { maxMessageBytes: 1000 },
	},
];
