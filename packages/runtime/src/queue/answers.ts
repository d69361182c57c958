/** What a queue writes: calls towards workers, answers towards clients. */
import { type RpcError, statusNumbers } from "../errors.js";
import { frameHeadBytes, type IncomingMessage, type LinkPeer, type MessageWriter } from "../link/link.js";
import type { Body } from "../protocol/body.js";
import { bodyFor, writeEncoded } from "../protocol/body-writer.js";
import { echoEnvelope, envelopeBytes, type KeptEnvelope, writeEnvelope } from "../protocol/envelope.js";
import { encodeErrorFor, writeError } from "../protocol/error-body.js";
import type { Delivery } from "../protocol/hand-over.js";
import { Flag, isJsonRequest, Kind, Reply, setAttempt, setBudget } from "../protocol/header.js";
import { writeOpen } from "../protocol/route.js";
import { startOfShortFrames } from "../protocol/short-frames.js";
import { writeSurveyedHeader } from "../protocol/survey.js";
import { writeToken } from "../protocol/token.js";
import type { QueuedCall } from "./queued-call.js";
import { KeptCall } from "./request.js";
import type { Worker } from "./worker.js";

/** msgpack's. */
const nil = Uint8Array.of(0xc0);
/** Of a result with frames beside its body. */
const resultHeader = Uint8Array.of(Reply.RESULT, 0);

/** Hands a call on as it came: its frames are those of the message, only the queue's own address goes in front. */
export function relayCall(worker: Worker, call: QueuedCall, message: IncomingMessage): void {
	const { peer } = worker;
	const { request } = call;
	const writer = peer.begin();
	writeToken(writer, call.slot, call.generation);
	if (request instanceof KeptCall) {
		writer.shortFrames(request.memory, request.start, request.requestEnd);
	} else {
		writeRest(writer, message, 0);
	}
	peer.commit();
}

/**
 * Hands a call on that waited or is repeated: with what is left of its budget, and the number of its attempt. Throws as `foldBody`, with
 * nothing written.
 */
export function sendCall(worker: Worker, call: QueuedCall, now: number): void {
	const { peer } = worker;
	const request = call.request!;
	if (request instanceof KeptCall) {
		const writer = peer.begin();
		writeToken(writer, call.slot, call.generation);
		const start = writer.shortFrames(request.memory, request.start, request.requestEnd);
		renewHeader(writer.buffer, start + envelopeBytes(request) + frameHeadBytes, call, now);
		peer.commit();
		return;
	}
	const { header } = request;
	const body = bodyFor(peer, request.body);
	renewHeader(header, 0, call, now);
	const writer = peer.begin();
	writeToken(writer, call.slot, call.generation);
	writeEnvelope(writer, call.envelope);
	writer.frame(header, true);
	writeEncoded(writer, body);
	peer.commit();
}

function renewHeader(buffer: Uint8Array, start: number, call: QueuedCall, now: number): void {
	if (call.deadlineAt !== Number.POSITIVE_INFINITY) setBudget(buffer, start, call.deadlineAt - now);
	if (!call.isBare) setAttempt(buffer, start, call.callerAttempts + call.attempt);
}

/** Tells a worker that nobody waits for a call any more. */
export function sendCancel(worker: Worker, call: QueuedCall): void {
	const { peer } = worker;
	const writer = peer.begin();
	writeToken(writer, call.slot, call.generation);
	writeEnvelope(writer, call.envelope);
	writer.frame(Uint8Array.of(Kind.CANCEL, 0), false);
	peer.commit();
}

/** Gives a call back to the queue that it came from, which may know somebody who serves it. */
export function returnCall(queue: LinkPeer, call: QueuedCall): void {
	const writer = queue.begin();
	writeEnvelope(writer, call.envelope);
	writer.frame(Uint8Array.of(Reply.RETURN, 0, call.attempt), true);
	writer.emptyFrame(false);
	queue.commit();
}

/** Passes a worker's answer on: all frames behind the queue's own, unread. */
export function relayReply(client: LinkPeer, message: IncomingMessage): void {
	const writer = client.begin();
	writeRest(writer, message, 1);
	client.commit();
}

/** Passes a worker's answer on that lies in `memory` as it is sent, from `start` to `end`. */
export function relayFrames(client: LinkPeer, memory: DataView, start: number, end: number): void {
	client.begin().shortFrames(memory, start, end);
	client.commit();
}

/** Passes one worker's answer to a survey on, with its name. `first`: its first data frame. */
export function relaySurveyed(
	client: LinkPeer,
	call: QueuedCall,
	worker: Worker,
	message: IncomingMessage,
	first: number,
): void {
	const hasHeader = message.count - first > 1;
	const octets = message.frame(first);
	const writer = client.begin();
	writeEnvelope(writer, call.envelope);
	writeSurveyedHeader(
		writer,
		worker.instance,
		hasHeader ? (octets[2] ?? 0) : 0,
		hasHeader ? octets[1]! : call.isJson ? Flag.JSON : 0,
	);
	writeRest(writer, message, hasHeader ? first + 1 : first);
	client.commit();
}

/** The queue's own word for a worker that cannot answer a survey any more. */
export function answerSurveyed(client: LinkPeer, call: QueuedCall, worker: string, error: RpcError): void {
	const writer = client.begin();
	writeEnvelope(writer, call.envelope);
	writeSurveyedHeader(writer, worker, statusNumbers[error.status], call.isJson ? Flag.JSON : 0);
	writer.frame(encodeErrorFor(call.isJson, error), false);
	client.commit();
}

/** All workers have answered a survey. */
export function endSurvey(client: LinkPeer, call: QueuedCall): void {
	const writer = client.begin();
	writeEnvelope(writer, call.envelope);
	writer.frame(Uint8Array.of(Reply.END, 0), true);
	writer.frame(new Uint8Array(0), false);
	client.commit();
}

/**
 * Passes OPEN on, with this queue's address of the call in front of the route. `takesRuns`: whether ITEMS may come this way; of all else that
 * its flags may ask for nothing is known here, so it is asked of nobody.
 */
export function relayOpen(
	client: LinkPeer,
	call: QueuedCall,
	message: IncomingMessage,
	header: number,
	takesRuns: boolean,
): void {
	const writer = client.begin();
	echoEnvelope(writer, message, 1, header - 1);
	const buffer = message.buffers[header]!;
	const start = message.starts[header]!;
	const flags = takesRuns ? buffer[start + 1]! & Flag.TAKES_ITEMS : 0;
	writeOpen(writer, call.slot, call.generation, flags, buffer, start + 2, message.ends[header]!);
	writeRest(writer, message, header + 1);
	client.commit();
}

/** Passes on what a client says of an open call, without the route's first address: that is this queue's. */
export function relayFollowUp(
	worker: Worker,
	call: QueuedCall,
	message: IncomingMessage,
	header: number,
	routeStart: number,
	addressEnd: number,
): void {
	const { peer } = worker;
	const writer = peer.begin();
	writeToken(writer, call.slot, call.generation);
	writeEnvelope(writer, call.envelope);
	const buffer = message.buffers[header]!;
	const start = message.starts[header]!;
	const end = message.ends[header]!;
	const fields = routeStart - start;
	const shorter = new Uint8Array(fields + end - addressEnd);
	for (let i = 0; i < fields; i++) shorter[i] = buffer[start + i]!;
	for (let i = addressEnd; i < end; i++) shorter[fields + i - addressEnd] = buffer[i]!;
	writer.frame(shorter, header < message.count - 1);
	writeRest(writer, message, header + 1);
	peer.commit();
}

function writeRest(writer: MessageWriter, message: IncomingMessage, from: number): void {
	const last = message.count - 1;
	const start = startOfShortFrames(message, from, last);
	if (start !== -1) {
		writer.shortFrames(message.dataView(from), start, message.ends[last]!);
		return;
	}
	for (let i = from; i <= last; i++) {
		writer.frameOf(message.buffers[i]!, message.starts[i]!, message.ends[i]!, i < last);
	}
}

/** Passes on what somebody has delivered for a delegated call. */
export function relayDelivery(client: LinkPeer, call: QueuedCall, { status, flags }: Delivery, body: Body): void {
	const writer = client.begin();
	writeEnvelope(writer, call.envelope);
	if (call.survey !== undefined) writeSurveyedHeader(writer, call.lastWorker, status, flags);
	else if (status !== 0) writer.frame(Uint8Array.of(Reply.ERROR, flags & Flag.JSON, status), true);
	writeEncoded(writer, body, call.survey === undefined ? resultHeader : undefined);
	client.commit();
}

/** Answers a request that has no result. */
export function acknowledge(client: LinkPeer, message: IncomingMessage, delimiter: number): void {
	const writer = client.begin();
	echoEnvelope(writer, message, 0, delimiter);
	writer.frame(nil, false);
	client.commit();
}

/** Tells whoever delivered an answer that was held what became of it. */
export function answerDeliverer(
	from: LinkPeer,
	envelope: KeptEnvelope,
	isJson: boolean,
	error: RpcError | undefined,
): void {
	const writer = from.begin();
	writeEnvelope(writer, envelope);
	if (error === undefined) writer.frame(nil, false);
	else writeError(writer, error, isJson);
	from.commit();
}

/** The queue's own answer to a call in its care. */
export function answerError(client: LinkPeer, call: QueuedCall, error: RpcError): void {
	const writer = client.begin();
	writeEnvelope(writer, call.envelope);
	if (call.isOneWay) writeEnd(writer);
	else writeError(writer, error, call.isJson);
	client.commit();
}

/** The queue's own answer to a call that it does not take into its care. */
export function refuseCall(
	client: LinkPeer,
	message: IncomingMessage,
	delimiter: number,
	error: RpcError,
	isOneWay = false,
): void {
	const writer = client.begin();
	echoEnvelope(writer, message, 0, delimiter);
	if (isOneWay) writeEnd(writer);
	else writeError(writer, error, isJsonRequest(message, delimiter + 1));
	client.commit();
}

/** Tells a queue that a one-way call is done which never came into this one's care. */
export function endOneWay(queue: LinkPeer, message: IncomingMessage, delimiter: number): void {
	const writer = queue.begin();
	echoEnvelope(writer, message, 0, delimiter);
	writeEnd(writer);
	queue.commit();
}

/** All that a queue is told of a one-way call. */
function writeEnd(writer: MessageWriter): void {
	writer.frame(Uint8Array.of(Reply.END, 0), false);
}
