/**
 * The route of a call that stays open: the addresses, from the caller's side on, of what each hop keeps of it. It travels
 * in OPEN's header, where every queue on the way puts its own address in front; the caller copies it, unread, into whatever
 * follows the call up, and each queue takes its address off again. So follow-ups find their way without a table anywhere.
 *
 * Written as a kept envelope is: each address behind an octet of its length, up to the header's end.
 */
import { maxEnvelopeFrames } from "../limits.js";
import type { MessageWriter } from "../link/link.js";
import { Kind, Reply, readUint32, writeUint32 } from "./header.js";
import { encodeToken, tokenBytes } from "./token.js";

/** Each hop of the longest way adds one address of ours. Unit: bytes. */
export const maxRouteBytes = maxEnvelopeFrames * (1 + tokenBytes);

export const noRoute = new Uint8Array(0);

const openRouteAt = 2;

/** Where a follow-up's route starts in its header, behind the kind's own fields; -1 for what is no follow-up. */
export function routeOffset(kind: number): number {
	switch (kind) {
		case Kind.CANCEL:
		case Kind.ITEM:
		case Kind.ITEMS:
		case Kind.END:
			return 2;
		case Kind.CREDIT:
			return 6;
		case Kind.ANSWER:
			return 7;
		default:
			return -1;
	}
}

/** Where the route's first address ends, of a route from `start` to `end`; -1 when there is none. It begins at `start + 1`. */
export function endOfFirstAddress(buffer: Uint8Array, start: number, end: number): number {
	if (start >= end) return -1;
	const addressEnd = start + 1 + buffer[start]!;
	return addressEnd <= end ? addressEnd : -1;
}

/** OPEN's header frame, with `flags`, the answering hop's own address, and behind it those of `rest` from `start` to `end`. */
export function writeOpen(
	writer: MessageWriter,
	index: number,
	generation: number,
	flags: number,
	rest: Uint8Array = noRoute,
	start = openRouteAt,
	end = start,
): void {
	const header = new Uint8Array(openRouteAt + 1 + tokenBytes + end - start);
	header[0] = Reply.OPEN;
	header[1] = flags;
	header[openRouteAt] = tokenBytes;
	encodeToken(header, openRouteAt + 1, index, generation);
	for (let from = start, to = openRouteAt + 1 + tokenBytes; from < end; ) header[to++] = rest[from++]!;
	writer.frame(header, true);
}

/** The route in an OPEN's header, for keeps; `undefined` when it is longer than any way. */
export function readOpen(buffer: Uint8Array, start: number, end: number): Uint8Array | undefined {
	const size = end - start - openRouteAt;
	return size > 0 && size <= maxRouteBytes ? buffer.slice(start + openRouteAt, end) : undefined;
}

/** A follow-up's header from the caller: kind, number where the kind has one, route. `status`: of an ANSWER. */
export function encodeFollowUp(kind: number, route: Uint8Array, flags = 0, number = 0, status = 0): Uint8Array {
	const at = routeOffset(kind);
	const header = new Uint8Array(at + route.length);
	header[0] = kind;
	header[1] = flags;
	if (at >= 6) writeUint32(header, 2, number);
	if (at === 7) header[6] = status;
	header.set(route, at);
	return header;
}

/** The number in the header of a CREDIT or ANSWER, of either direction; 0 when it is cut short. */
export function readNumber(buffer: Uint8Array, start: number, end: number): number {
	return end - start >= 6 ? readUint32(buffer, start + 2) : 0;
}
