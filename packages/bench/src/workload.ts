/** The messages that every contestant carries, so that none has an easier load than another. */
import type { LoadScenario } from "./scenarios/names.js";
import type { Order, Small } from "./services/echo.js";

/** From here on an integer takes five octets of msgpack, so that the message does not grow while it is measured. */
const firstId = 100_000;

/**
 * What one message takes on the wire, frame headers included. For calls it is what a request of Homing/1 takes, and bare
 * echoes carry as much: there and back, while a reply of Homing has no header and is 22 octets shorter, or 23.
 */
export const wireBytes: Readonly<Record<LoadScenario, number>> = {
	small: 73,
	medium: 142,
	echo: 86,
	pool: 73,
	large: 1_048_635,
	/** Items go together: what a message has beside them is little of each. */
	stream: 40,
	context: 73,
};

/** 37 octets of msgpack. A new object for each call, as in a program. */
export function makeSmall(call: number): Small {
	return { name: "hello world", id: firstId + (call & 0xffff), v: 1.5 };
}

/** 105 octets of msgpack. */
export function makeOrder(call: number): Order {
	return {
		id: firstId + (call & 0xffff),
		customer: { name: "Ada Lovelace" },
		lines: [
			{ sku: "A-100", count: 2, cents: 1999 },
			{ sku: "B-2002", count: 1, cents: 4950 },
		],
		paid: true,
	};
}

const large = Buffer.alloc(1024 * 1024, "x");

/** A mebibyte. The same each time: nobody writes to it, and making one anew is no part of what is measured. */
export function makeLarge(): Buffer {
	return large;
}

/** Octets of the delimiter, the token and the three short frame headers of the bare echo's message. */
const echoOverhead = 3 * 2 + 8;

/** A bare echo's three frames, `bytes` on the wire in all: as an RPC message's token, delimiter and body. */
export function makeEchoFrames(bytes: number): [token: Buffer, delimiter: Buffer, body: Buffer] {
	return [Buffer.from("0100000000000001", "hex"), Buffer.alloc(0), Buffer.alloc(bytes - echoOverhead, "x")];
}

/** So many that opening a stream is nothing. */
export const itemsOfAStream = 1_000_000;

/** The topic that every message of a stream starts with. */
export const streamTopic = "T";
const topicOctet = streamTopic.charCodeAt(0);
const numberOffset = 4;
/** Room for topic and number. */
export const leastStreamBytes = numberOffset + 4;

/** A stream's message: one frame. A new one for each, since large frames are sent from where they lie. */
export function makeStreamMessage(bytes: number, number: number): Buffer {
	const message = Buffer.allocUnsafe(bytes);
	message[0] = topicOctet;
	message.writeUInt32LE(number, numberOffset);
	return message;
}

/** The number of a message that was received. Throws unless it is as it was sent. */
export function readStreamMessage(message: Buffer, bytes: number): number {
	if (message.length !== bytes || message[0] !== topicOctet) throw new Error("not a message that was sent");
	return message.readUInt32LE(numberOffset);
}
