/** What a client writes of a call that stays open: behind the call's own address, the header with the route. */
import { RpcError, statusNumbers } from "../errors.js";
import type { LinkPeer, MessageWriter } from "../link/link.js";
import { BodyTooLarge, writeBody } from "../protocol/body-writer.js";
import type { Codec } from "../protocol/codec.js";
import { encodeErrorFor } from "../protocol/error-body.js";
import { Kind } from "../protocol/header.js";
import { itemHeadBytes } from "../protocol/item-run.js";
import { encodeFollowUp } from "../protocol/route.js";
import { writeToken } from "../protocol/token.js";
import type { Call } from "./call.js";

const empty = new Uint8Array(0);

/** A follow-up that is all header. */
export function writeFollowUp(call: Call, route: Uint8Array, kind: number, number = 0): void {
	write(call, encodeFollowUp(kind, route, 0, number), (writer) => writer.frame(empty, false));
}

/** An item of the caller's stream; returns the size of its body. Throws `InvalidValue` or an `RpcError`, with nothing written. */
export function writeItem<T>(call: Call, route: Uint8Array, codec: Codec<T>, item: T, maxBytes: number): number {
	try {
		return write(call, encodeFollowUp(Kind.ITEM, route), (writer, peer) =>
			writeBody(writer, codec, item, maxBytes, peer),
		);
	} catch (error) {
		throw error instanceof BodyTooLarge
			? new RpcError("RESOURCE_EXHAUSTED", `${call.method.name}: an item of ${error.message}`)
			: error;
	}
}

/** Items of the caller's stream that lie in `run`, from its beginning to `end`, each behind its size. Copied. */
export function writeRun(call: Call, route: Uint8Array, run: Uint8Array, end: number, count: number): void {
	const [kind, start] = count === 1 ? [Kind.ITEM, itemHeadBytes] : [Kind.ITEMS, 0];
	write(call, encodeFollowUp(kind, route), (writer) => writer.frameOf(run, start, end, false));
}

/** What a callback returned. Throws as `writeItem`. */
export function writeAnswer<T>(
	call: Call,
	route: Uint8Array,
	id: number,
	codec: Codec<T>,
	value: T,
	maxBytes: number,
): void {
	write(call, encodeFollowUp(Kind.ANSWER, route, 0, id), (writer, peer) =>
		writeBody(writer, codec, value, maxBytes, peer),
	);
}

/** That a callback failed. */
export function writeErrorAnswer(call: Call, route: Uint8Array, id: number, error: RpcError): void {
	const header = encodeFollowUp(Kind.ANSWER, route, 0, id, statusNumbers[error.status]);
	write(call, header, (writer) => writer.frame(encodeErrorFor(false, error), false));
}

function write<T>(call: Call, header: Uint8Array, writeLast: (writer: MessageWriter, peer: LinkPeer) => T): T {
	const peer = call.peer as LinkPeer;
	const writer = peer.begin();
	let result: T;
	try {
		writeToken(writer, call.slot, call.generation);
		writer.emptyFrame(true);
		writer.frame(header, true);
		result = writeLast(writer, peer);
	} catch (error) {
		peer.rollback();
		throw error;
	}
	peer.commit();
	return result;
}
