/** What a server writes: each answer goes out behind the envelope of its call. */
import type { RpcError } from "../errors.js";
import type { IncomingMessage, LinkPeer, MessageWriter } from "../link/link.js";
import { writeBody, writeTextBody } from "../protocol/body-writer.js";
import type { Codec } from "../protocol/codec.js";
import { echoEnvelope, writeEnvelope } from "../protocol/envelope.js";
import { writeError } from "../protocol/error-body.js";
import { END, isJsonRequest } from "../protocol/header.js";
import type { ServedCall } from "./context.js";

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
		else writeBody(writer, codec, value, maxFrameBytes);
	} catch (error) {
		origin.rollback();
		throw error;
	}
	origin.commit();
	holdBack(origin);
}

/** Answers with a failure. */
export function answerError(call: ServedCall, error: RpcError): void {
	if (call.isOneWay) answerEnd(call);
	else answer(call, (writer) => writeError(writer, error, call.isJson));
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
	writer.frame(Uint8Array.of(END, 0), false);
}

/** A caller that does not read its answers is not read from either, until it has caught up. */
function holdBack(peer: LinkPeer): void {
	if (peer.isWritable) return;
	if (peer.queuedBytes > maxUnreadBytes) peer.close(undefined);
	else peer.pause();
}
