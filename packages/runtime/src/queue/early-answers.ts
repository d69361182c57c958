/**
 * Answers by `ReplyTo` that are here before the word that their call is delegated: they come by a connection of their own, that
 * comes by the worker's. They name the call by its address, so each is held only as long as that call is at its worker, and whoever
 * answers a call that is over is told at once.
 */
import { notStarted, type RpcError } from "../errors.js";
import { maxEarlyAnswerBytes, maxEarlyAnswers } from "../limits.js";
import type { IncomingMessage, LinkPeer } from "../link/link.js";
import { type Body, bodySize } from "../protocol/body.js";
import { sizeOfBody, takeBody } from "../protocol/body-reader.js";
import { envelopeBytes, isSameEnvelope, type KeptEnvelope, keepEnvelope } from "../protocol/envelope.js";
import { type Delivery, nobodyWaits } from "../protocol/hand-over.js";
import { Flag } from "../protocol/header.js";
import { DeadlineWheel, type Timed } from "../timing/deadline-wheel.js";
import { answerDeliverer } from "./answers.js";
import type { QueuedCall } from "./queued-call.js";

/** The word has left the worker before the key did, so it is late by what one connection can be behind another. Unit: ms. */
const maxHeldMs = 5000;

/** A DELIVER, for keeps. */
class EarlyAnswer implements Timed {
	deadlineAt = performance.now() + maxHeldMs;
	wheelNext: Timed | undefined;
	wheelPrevious: Timed | undefined;

	readonly call: QueuedCall;
	readonly from: LinkPeer;
	readonly envelope: KeptEnvelope;
	readonly delivery: Delivery;
	readonly body: Body;

	constructor(call: QueuedCall, from: LinkPeer, envelope: KeptEnvelope, delivery: Delivery, body: Body) {
		this.call = call;
		this.from = from;
		this.envelope = envelope;
		this.delivery = delivery;
		this.body = body;
	}

	get size(): number {
		return envelopeBytes(this.envelope) + bodySize(this.body);
	}

	/** Tells whoever sent it what became of it. */
	end(error: RpcError | undefined): void {
		answerDeliverer(this.from, this.envelope, (this.delivery.flags & Flag.JSON) !== 0, error);
	}
}

export class EarlyAnswers {
	readonly #held = new Set<EarlyAnswer>();
	readonly #byCall = new Map<QueuedCall, EarlyAnswer[]>();
	readonly #wheel = new DeadlineWheel<EarlyAnswer>((answer) => this.#refuse(answer));
	#bytes = 0;

	get size(): number {
		return this.#held.size;
	}

	/** Holds a DELIVER for a call at its worker. Returns why not, if so. */
	hold(
		call: QueuedCall,
		from: LinkPeer,
		message: IncomingMessage,
		delimiter: number,
		delivery: Delivery,
	): RpcError | undefined {
		const bytes = this.#bytes + sizeOfBody(message, delimiter + 2);
		if (this.#held.size >= maxEarlyAnswers || bytes > maxEarlyAnswerBytes) {
			return notStarted("RESOURCE_EXHAUSTED", "too many answers wait for the word that their calls are delegated");
		}
		const envelope = keepEnvelope(message, 0, delimiter);
		const answer = new EarlyAnswer(call, from, envelope, delivery, takeBody(message, delimiter + 2));
		this.#held.add(answer);
		this.#bytes += answer.size;
		const others = this.#byCall.get(call);
		if (others === undefined) this.#byCall.set(call, [answer]);
		else others.push(answer);
		this.#wheel.add(answer);
		return undefined;
	}

	/** The call is delegated now: takes out the answer that shows its key, the first if there are several. */
	claim(call: QueuedCall, key: string): EarlyAnswer | undefined {
		const answer = this.#byCall.get(call)?.find(({ delivery }) => delivery.key === key);
		if (answer !== undefined) this.#remove(answer);
		return answer;
	}

	/** The call is over, or has another address: who would have answered it is told. */
	refuseAll(call: QueuedCall): void {
		if (this.#held.size === 0) return;
		for (const answer of [...(this.#byCall.get(call) ?? [])]) this.#refuse(answer);
	}

	/** Whoever answers is gone. What it had sent counts as never come. */
	forget(from: LinkPeer): void {
		for (const answer of this.#held) if (answer.from === from) this.#remove(answer);
	}

	/** Whoever answers does not wait any more. */
	withdraw(from: LinkPeer, message: IncomingMessage, delimiter: number): void {
		for (const answer of this.#held) {
			if (answer.from === from && isSameEnvelope(answer.envelope, message, 0, delimiter)) this.#remove(answer);
		}
	}

	stop(): void {
		this.#wheel.stop();
	}

	#refuse(answer: EarlyAnswer): void {
		this.#remove(answer);
		answer.end(nobodyWaits());
	}

	#remove(answer: EarlyAnswer): void {
		if (!this.#held.delete(answer)) return;
		this.#bytes -= answer.size;
		this.#wheel.remove(answer);
		const others = this.#byCall.get(answer.call)!.filter((other) => other !== answer);
		if (others.length === 0) this.#byCall.delete(answer.call);
		else this.#byCall.set(answer.call, others);
	}
}
