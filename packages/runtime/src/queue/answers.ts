/** What a queue writes: calls towards workers, answers towards clients. */
import type { RpcError } from "../errors.js";
import type { IncomingMessage, LinkPeer } from "../link/link.js";
import { echoEnvelope, writeEnvelope } from "../protocol/envelope.js";
import { writeError } from "../protocol/error-body.js";
import { isJsonRequest, Kind, setAttempt, setBudget } from "../protocol/header.js";
import { writeToken } from "../protocol/token.js";
import type { QueuedCall } from "./queued-call.js";
import type { Worker } from "./worker.js";

/** Hands a call on as it came: its frames are copied from the message, only the queue's own address goes in front. */
export function relayCall(worker: Worker, call: QueuedCall, message: IncomingMessage, delimiter: number): void {
	const { peer } = worker;
	const writer = peer.begin();
	writeToken(writer, call.slot, call.generation);
	echoEnvelope(writer, message, 0, delimiter);
	const header = delimiter + 1;
	const body = delimiter + 2;
	writer.frameOf(message.buffers[header]!, message.starts[header]!, message.ends[header]!, true);
	writer.frameOf(message.buffers[body]!, message.starts[body]!, message.ends[body]!, false);
	peer.commit();
}

/** Hands a call on that waited or is repeated: with what is left of its budget, and the number of its attempt. */
export function sendCall(worker: Worker, call: QueuedCall, now: number): void {
	const { peer } = worker;
	const { header, body } = call.request!;
	if (call.deadlineAt !== Number.POSITIVE_INFINITY) setBudget(header, 0, call.deadlineAt - now);
	if (!call.isBare) setAttempt(header, 0, call.attempt);
	const writer = peer.begin();
	writeToken(writer, call.slot, call.generation);
	writeEnvelope(writer, call.envelope);
	writer.frame(header, true);
	writer.frame(body, false);
	peer.commit();
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

/** Passes a worker's answer on: all frames behind the queue's own, unread. */
export function relayReply(client: LinkPeer, message: IncomingMessage): void {
	const writer = client.begin();
	const last = message.count - 1;
	for (let i = 1; i <= last; i++) {
		writer.frameOf(message.buffers[i]!, message.starts[i]!, message.ends[i]!, i < last);
	}
	client.commit();
}

/** The queue's own answer to a call in its care. */
export function answerError(client: LinkPeer, call: QueuedCall, error: RpcError): void {
	const writer = client.begin();
	writeEnvelope(writer, call.envelope);
	writeError(writer, error, call.isJson);
	client.commit();
}

/** The queue's own answer to a call that it does not take into its care. */
export function refuseCall(client: LinkPeer, message: IncomingMessage, delimiter: number, error: RpcError): void {
	const writer = client.begin();
	echoEnvelope(writer, message, 0, delimiter);
	writeError(writer, error, isJsonRequest(message, delimiter + 1));
	client.commit();
}
