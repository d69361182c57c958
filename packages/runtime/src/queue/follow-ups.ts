/** What callers say of calls under way. A call is followed up by its own caller, behind its own envelope, or not at all. */
import { RpcError } from "../errors.js";
import { type IncomingMessage, type LinkPeer, takesOctets } from "../link/link.js";
import { isSameEnvelope } from "../protocol/envelope.js";
import { foldMessage } from "../protocol/fold.js";
import { Kind } from "../protocol/header.js";
import { endOfFirstAddress, routeOffset } from "../protocol/route.js";
import { answerError, relayFollowUp } from "./answers.js";
import type { Care } from "./care.js";

/** What may lie here for a worker that does not read: the queue counts no credit of streams, so a caller could send on. Unit: bytes. */
const maxUnreadBytes = 64 * 1024 * 1024;

export class FollowUps {
	readonly #care: Care;

	constructor(care: Care) {
		this.#care = care;
	}

	/**
	 * Passes on what a client says of an open call, or cancels it. The call is found by its address, which the client was told
	 * and gives back in the route; it is no secret among clients, so the envelope must be the call's own too.
	 */
	follow(client: LinkPeer, message: IncomingMessage, delimiter: number, kind: number): void {
		const header = delimiter + 1;
		const buffer = message.buffers[header]!;
		const end = message.ends[header]!;
		const start = message.starts[header]! + routeOffset(kind);
		const addressEnd = endOfFirstAddress(buffer, start, end);
		const call = addressEnd === -1 ? undefined : this.#care.calls.find(buffer, start + 1, addressEnd);
		if (
			call === undefined ||
			call.client !== client ||
			call.isGivenUp ||
			call.worker === undefined ||
			!isSameEnvelope(call.envelope, message, 0, delimiter)
		) {
			this.#care.counters.droppedFollowUps++;
			return;
		}
		const isCancel = kind === Kind.CANCEL;
		if (!isCancel && call.worker.peer.queuedBytes > maxUnreadBytes) {
			this.#care.counters.droppedFollowUps++;
			answerError(client, call, new RpcError("RESOURCE_EXHAUSTED", "the worker does not read what the caller sends"));
			// It has heard the end.
			call.client = undefined;
			this.#care.abandon(call);
			return;
		}
		let told = message;
		try {
			if (message.count > header + 2 && !takesOctets(call.worker.peer)) told = foldMessage(message, header);
		} catch {
			this.#care.counters.droppedFollowUps++;
			return;
		}
		relayFollowUp(call.worker, call, told, header, start, addressEnd);
		if (!isCancel) return;
		this.#care.counters.cancelled++;
		call.giveUp();
	}

	/** A client cancels the call with this envelope. It was told no other address, so its calls are looked through. */
	cancel(client: LinkPeer, message: IncomingMessage, delimiter: number): void {
		this.#care.early.withdraw(client, message, delimiter);
		for (const call of this.#care.calls) {
			if (call.client !== client || call.isGivenUp || !isSameEnvelope(call.envelope, message, 0, delimiter)) continue;
			this.#care.counters.cancelled++;
			this.#care.abandon(call);
			// A survey is several.
			if (call.survey === undefined) return;
		}
	}
}
