/**
 * RFC 6455 as far as RFC 45 (ZWS 2.0) uses it: binary messages, PING, PONG and Close. No text and no extensions.
 */
import type { ZmtpError } from "../errors.js";
import { COMMAND, MORE } from "./frame-header.js";

export const CONTINUATION = 0x0;
export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

/** RFC 45, Framing: the first octet of a message, from ZMTP's flags. */
export function zwsOfFlags(flags: number): number {
	return (flags & COMMAND) !== 0 ? 2 : flags & MORE;
}

/** And back; `undefined` for an octet that is none. */
export function flagsOfZws(octet: number): number | undefined {
	return octet === 2 ? COMMAND : octet === 0 || octet === MORE ? octet : undefined;
}

/** RFC 6455, Control Frames. Unit: bytes. */
export const maxControlBytes = 125;

/** Octets of a mask, given as a number. */
export const maskBytes = 4;

/** Changes octets `start` to `end` to their masked form or back; `at`: how many octets of the payload went before. */
export function applyMask(octets: Uint8Array, start: number, end: number, mask: number, at: number): void {
	// Turned so that its first octet belongs to the first of the piece.
	const shift = (at & 3) * 8;
	const turned = shift === 0 ? mask : (mask << shift) | (mask >>> (32 - shift));
	const first = turned >>> 24;
	const second = (turned >>> 16) & 0xff;
	const third = (turned >>> 8) & 0xff;
	const fourth = turned & 0xff;
	let i = start;
	for (const last = end - 3; i < last; i += 4) {
		octets[i]! ^= first;
		octets[i + 1]! ^= second;
		octets[i + 2]! ^= third;
		octets[i + 3]! ^= fourth;
	}
	if (i < end) octets[i++]! ^= first;
	if (i < end) octets[i++]! ^= second;
	if (i < end) octets[i]! ^= third;
}

/** A control frame. `mask`: a client's. `payload` has at most 125 octets. Owned by the caller. */
export function encodeControl(opcode: number, payload: Uint8Array, mask: number | undefined): Uint8Array {
	const start = mask === undefined ? 2 : 2 + maskBytes;
	const frame = new Uint8Array(start + payload.length);
	frame[0] = 0x80 | opcode;
	frame[1] = payload.length;
	frame.set(payload, start);
	if (mask !== undefined) {
		frame[1] |= 0x80;
		new DataView(frame.buffer).setUint32(2, mask);
		applyMask(frame, start, frame.length, mask, 0);
	}
	return frame;
}

/** RFC 6455, Defined Status Codes: what a Close frame says of the reason, an orderly end included. */
export function closeCodeOf(reason: ZmtpError | undefined): number {
	switch (reason?.code) {
		case undefined:
			return 1000;
		case "ZMTP_WEBSOCKET_UNSUPPORTED":
			return 1003;
		case "ZMTP_FRAME_TOO_LARGE":
		case "ZMTP_MESSAGE_TOO_LARGE":
		case "ZMTP_COMMAND_TOO_LARGE":
		case "ZMTP_TOO_MANY_FRAMES":
			return 1009;
		case "ZMTP_TOO_MANY_HANDSHAKES":
			return 1013;
		case "ZMTP_HANDSHAKE_TIMEOUT":
		case "ZMTP_HEARTBEAT_TIMEOUT":
		case "ZMTP_PAIR_TAKEN":
		case "ZMTP_PEER_REFUSED":
		case "ZMTP_ROUTING_ID_TAKEN":
		case "ZMTP_SOCKET_TYPE_MISMATCH":
			return 1008;
		default:
			return 1002;
	}
}

/** A Close frame's payload that says `code`. */
export function encodeCloseCode(code: number): Uint8Array {
	return Uint8Array.of(code >> 8, code);
}

/** Whether a received Close frame's payload is well-formed, and may so be given back: nothing, or a code that may be sent. */
export function isCloseCode(payload: Uint8Array): boolean {
	if (payload.length < 2) return payload.length === 0;
	const code = (payload[0]! << 8) | payload[1]!;
	return (
		(code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code < 5000)
	);
}
