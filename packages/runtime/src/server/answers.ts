/** What a server writes: each answer goes out behind the envelope of its call. */
import type { RpcError } from "../errors.js";
import type { IncomingMessage, LinkPeer, MessageWriter } from "../link/link.js";
import type { Body } from "../protocol/body.js";
import { takeBody } from "../protocol/body-reader.js";
import { bodyFor, writeBody, writeEncoded, writeResult, writeTextBody } from "../protocol/body-writer.js";
import type { Codec } from "../protocol/codec.js";
import type { DeclaredFields } from "../protocol/declared-error.js";
import { echoEnvelope, writeEnvelope } from "../protocol/envelope.js";
import { writeError } from "../protocol/error-body.js";
import type { Delivery } from "../protocol/hand-over.js";
import { Flag, isJsonRequest, Reply, writeUint32 } from "../protocol/header.js";
import { itemHeadBytes } from "../protocol/item-run.js";
import { writeOpen } from "../protocol/route.js";
import type { Slotted } from "../reply-channel/slots.js";
import type { ServedCall } from "./context.js";

const empty = new Uint8Array(0);
const itemHeader = Uint8Array.of(Reply.ITEM, 0);
const itemsHeader = Uint8Array.of(Reply.ITEMS, 0);
const jsonItemHeader = Uint8Array.of(Reply.ITEM, Flag.JSON);
/** Of a result with frames beside its body: any other has no header. */
const resultHeader = Uint8Array.of(Reply.RESULT, 0);
const delegateHeader = Uint8Array.of(Reply.DELEGATE, 0);
const forwardHeader = Uint8Array.of(Reply.FORWARD, 0);
/** msgpack's. */
const nil = Uint8Array.of(0xc0);
const endHeader = Uint8Array.of(Reply.END, 0);

/** A peer that leaves this much unread is given up; what it had in flight goes on adding after it is held back. Unit: bytes. */
const maxUnreadBytes = 64 * 1024 * 1024;

/**
 * Answers with a result. Nothing happens when nobody is there to hear it. Throws, with nothing written, when the value
 * cannot be sent.
 */
export function answerResult(call: ServedCall, codec: Codec<unknown>, value: unknown, maxFrameBytes: number): void {
	const { origin, envelope } = call;
	if (origin === undefined || envelope === undefined) return;
	const writer = origin.begin();
	try {
		writeEnvelope(writer, envelope);
		if (call.isJson) writeTextBody(writer, codec.encodeJson(value), maxFrameBytes);
		else writeResult(writer, resultHeader, codec, value, maxFrameBytes, call.isBare ? undefined : origin);
	} catch (error) {
		origin.rollback();
		throw error;
	}
	origin.commit();
	holdBack(origin);
}

/** Says that the call stays open, and how to reach it. `takesRuns`: that what the caller streams may come as ITEMS. */
export function answerOpen(call: ServedCall, { slot, generation }: Slotted, takesRuns: boolean): void {
	answer(call, (writer) => {
		writeOpen(writer, slot, generation, takesRuns ? Flag.TAKES_ITEMS : 0);
		writer.frame(empty, false);
	});
}

/** Answers with one item of a stream; returns the size of its body. Throws, with nothing written, as `answerResult`. */
export function answerItem(call: ServedCall, codec: Codec<unknown>, value: unknown, maxFrameBytes: number): number {
	const { origin, envelope } = call;
	if (origin === undefined || envelope === undefined) return 0;
	const writer = origin.begin();
	let size: number;
	try {
		writeEnvelope(writer, envelope);
		writer.frame(call.isJson ? jsonItemHeader : itemHeader, true);
		size = call.isJson
			? writeTextBody(writer, codec.encodeJson(value), maxFrameBytes)
			: writeBody(writer, codec, value, maxFrameBytes, origin);
	} catch (error) {
		origin.rollback();
		throw error;
	}
	origin.commit();
	holdBack(origin);
	return size;
}

/** Answers with items of a stream that lie in `run`, from its beginning to `end`, each behind its size. Copied. */
export function answerRun(call: ServedCall, run: Uint8Array, end: number, count: number): void {
	answer(call, (writer) => {
		writer.frame(count === 1 ? itemHeader : itemsHeader, true);
		writer.frameOf(run, count === 1 ? itemHeadBytes : 0, end, false);
	});
}

/** Ends a stream. */
export function answerEndOfStream(call: ServedCall): void {
	answer(call, (writer) => {
		writer.frame(endHeader, true);
		writer.frame(empty, false);
	});
}

/** Says that so many items of the caller's have been consumed. */
export function answerCredit(call: ServedCall, count: number): void {
	const header = Uint8Array.of(Reply.CREDIT, 0, 0, 0, 0, 0);
	writeUint32(header, 2, count);
	answer(call, (writer) => {
		writer.frame(header, true);
		writer.frame(empty, false);
	});
}

/** Calls a function of the caller's. `id`: names the answer that is waited for; 0: none is. */
export function answerCallback(call: ServedCall, id: number, index: number, args: Body): void {
	const header = Uint8Array.of(Reply.CALLBACK, 0, 0, 0, 0, 0, index);
	writeUint32(header, 2, id);
	const body = bodyFor(call.origin, args);
	answer(call, (writer) => {
		writer.frame(header, true);
		writeEncoded(writer, body);
	});
}

/** Tells a queue that whoever shows a key will answer. */
export function answerDelegate(call: ServedCall, body: Uint8Array): void {
	answer(call, (writer) => {
		writer.frame(delegateHeader, true);
		writer.frame(body, false);
	});
}

/** Tells a queue to give the call to another method: behind this header comes that call's own. */
export function answerForward(call: ServedCall, header: Uint8Array, args: Body): void {
	const body = bodyFor(call.origin, args);
	answer(call, (writer) => {
		writer.frame(forwardHeader, true);
		writer.frame(header, true);
		writeEncoded(writer, body);
	});
}

/** Answers with what somebody else has delivered, unread but where the caller takes no frames beside a body. Throws as `foldBody`. */
export function relayDelivery(
	call: ServedCall,
	{ status, flags }: Delivery,
	message: IncomingMessage,
	body: number,
): void {
	const delivered = bodyFor(call.isBare ? undefined : call.origin, takeBody(message, body));
	answer(call, (writer) => {
		if (status !== 0) writer.frame(Uint8Array.of(Reply.ERROR, flags & Flag.JSON, status), true);
		writeEncoded(writer, delivered, resultHeader);
	});
}

/** Answers a request that has no result. */
export function acknowledge(peer: LinkPeer, message: IncomingMessage, delimiter: number): void {
	const writer = peer.begin();
	echoEnvelope(writer, message, 0, delimiter);
	writer.frame(nil, false);
	peer.commit();
	holdBack(peer);
}

/** Answers with a failure. `declared`: what the interface says of it, if it does. */
export function answerError(call: ServedCall, error: RpcError, declared?: DeclaredFields): void {
	if (call.isOneWay) answerEnd(call);
	else answer(call, (writer) => writeError(writer, error, call.isJson, declared));
}

/** Tells a queue that a one-way call is done. Whoever is no queue left no envelope to answer behind. */
export function answerEnd(call: ServedCall): void {
	answer(call, writeEnd);
}

/** Answers a message that did not become a call. */
export function refuse(
	peer: LinkPeer,
	message: IncomingMessage,
	delimiter: number,
	error: RpcError,
	isOneWay: boolean,
): void {
	const writer = peer.begin();
	echoEnvelope(writer, message, 0, delimiter);
	if (isOneWay) writeEnd(writer);
	else writeError(writer, error, isJsonRequest(message, delimiter + 1));
	peer.commit();
	holdBack(peer);
}

function answer(call: ServedCall, write: (writer: MessageWriter) => void): void {
	const { origin, envelope } = call;
	if (origin === undefined || envelope === undefined) return;
	const writer = origin.begin();
	writeEnvelope(writer, envelope);
	write(writer);
	origin.commit();
	holdBack(origin);
}

function writeEnd(writer: MessageWriter): void {
	writer.frame(Uint8Array.of(Reply.END, 0), false);
}

/** A caller that does not read its answers is not read from either, until it has caught up. */
function holdBack(peer: LinkPeer): void {
	if (peer.isWritable) return;
	if (peer.queuedBytes > maxUnreadBytes) peer.close(undefined);
	else peer.pause();
}
