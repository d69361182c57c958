/** RFC 37 (ZMTP 3.1), Commands: one octet for the name's length (the prose says a null ends it; the grammar is right), name, data. */
import { ZmtpError } from "../errors.js";
import { maxPingContextBytes } from "../limits.js";
import { latin1 } from "./octets.js";

/** A received command. `data` is borrowed as long as the buffer it was read from. */
export interface Command {
	readonly name: string;
	readonly data: Uint8Array;
}

const nameForm = /^[A-Za-z]+$/;

/** Reads a command frame's body. Throws `ZMTP_COMMAND_MALFORMED`. */
export function decodeCommand(buffer: Uint8Array, start: number, end: number): Command {
	const nameStart = start + 1;
	const nameEnd = nameStart + (start < end ? buffer[start]! : 0);
	if (nameEnd === nameStart || nameEnd > end) return decodeMisspelt(buffer, start, end);
	const name = latin1(buffer, nameStart, nameEnd);
	if (!nameForm.test(name)) throw malformed("its name has an illegal character");
	return { name, data: buffer.subarray(nameEnd, end) };
}

/** How libzmq's PLAIN server begins ERROR (4.3.4, 4.3.5): in its source the E is taken for one more digit of `\x05`. */
const misspeltError = "\x5eRROR";

function decodeMisspelt(buffer: Uint8Array, start: number, end: number): Command {
	const dataStart = start + misspeltError.length;
	if (latin1(buffer, start, Math.min(dataStart, end)) === misspeltError) {
		return { name: "ERROR", data: buffer.subarray(dataStart, end) };
	}
	throw malformed("its name is empty or runs past its end");
}

/** Writes a command frame's body. Owned by the caller. */
export function encodeCommand(name: string, data: Uint8Array): Uint8Array {
	const body = new Uint8Array(1 + name.length + data.length);
	body[0] = name.length;
	for (let i = 0; i < name.length; i++) body[1 + i] = name.charCodeAt(i);
	body.set(data, 1 + name.length);
	return body;
}

/** What a 3.0 peer knows instead of SUBSCRIBE and CANCEL: a message of one frame (RFC 23, Publish-Subscribe). Owned by the caller. */
export function encodeLegacySubscription(isSubscription: boolean, topic: Uint8Array): Uint8Array {
	const body = new Uint8Array(1 + topic.length);
	body[0] = isSubscription ? 1 : 0;
	body.set(topic, 1);
	return body;
}

/** A PING that asks the peer to give this side up after `ttlMs` of silence (0: never). The wire has tenths of a second. */
export function encodePing(ttlMs: number): Uint8Array {
	const ttl = Math.ceil(ttlMs / 100);
	return encodeCommand("PING", Uint8Array.of(ttl >> 8, ttl));
}

/** Reads a PING's data. `context` is borrowed. Throws `ZMTP_COMMAND_MALFORMED` on fewer than two octets or a context above 16. */
export function decodePing(data: Uint8Array): { readonly ttlMs: number; readonly context: Uint8Array } {
	if (data.length < 2 || data.length > 2 + maxPingContextBytes) {
		throw malformed("a PING holds two octets of TTL and at most 16 of context");
	}
	return { ttlMs: ((data[0]! << 8) | data[1]!) * 100, context: data.subarray(2) };
}

/** The reason in an ERROR command, made safe for a log: printable ASCII only. Throws `ZMTP_COMMAND_MALFORMED`. */
export function decodeErrorReason(data: Uint8Array): string {
	if (data.length === 0 || data.length !== 1 + data[0]!) throw malformed("an ERROR's reason runs past its end");
	return Array.from(data.subarray(1), (octet) =>
		octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : "?",
	).join("");
}

/** An ERROR command; the reason is cut to what its length octet can say. */
export function encodeError(reason: string): Uint8Array {
	const text = reason.slice(0, 255);
	return encodeCommand("ERROR", Uint8Array.from([text.length, ...Array.from(text, (letter) => letter.charCodeAt(0))]));
}

function malformed(reason: string): ZmtpError {
	return new ZmtpError("ZMTP_COMMAND_MALFORMED", `the peer's command is malformed: ${reason}`);
}
