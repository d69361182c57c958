/** Callers where workers join, and workers where callers connect: whoever mistook the one endpoint for the other is told so. */
import { notStarted, type RpcError } from "../errors.js";
import type { IncomingMessage, LinkPeer } from "../link/link.js";
import { sendRefusal } from "../protocol/control.js";
import { findDelimiter } from "../protocol/envelope.js";
import { isDelivery } from "../protocol/hand-over.js";
import { Flag, firstTextOctet, Kind } from "../protocol/header.js";
import { refuseCall } from "./answers.js";

/** Answers a message from a peer that has offered nothing, if it is a call that somebody waits for, or answers one. */
export function refuseCaller(peer: LinkPeer, message: IncomingMessage): void {
	const delimiter = findDelimiter(message);
	const first = delimiter + 1;
	if (delimiter < 1 || message.count - first < 2 || message.size(first) < 2) return;
	const buffer = message.buffers[first]!;
	const start = message.starts[first]!;
	const kind = buffer[start]!;
	const isOneWay = kind === Kind.CALL && (buffer[start + 1]! & Flag.ONE_WAY) !== 0;
	if ((kind !== Kind.CALL && !isDelivery(message, first) && kind < firstTextOctet) || isOneWay) return;
	const text = "workers join the queue at this endpoint: clients connect to its other one";
	refuseCall(peer, message, delimiter, notStarted("FAILED_PRECONDITION", text));
	// Who asks on and on and does not read is not read from either.
	if (!peer.isWritable) peer.pause();
}

/** Returns what the worker was told. */
export function refuseWorker(peer: LinkPeer): RpcError {
	const text = "clients connect to the queue at this endpoint: workers join at its other one";
	const error = notStarted("FAILED_PRECONDITION", text);
	sendRefusal(peer, error);
	if (!peer.isWritable) peer.pause();
	return error;
}
