/**
 * Calls that their handlers hand over. A queue is told, and has the call from then on; a call of a caller that is connected
 * itself is kept here, until somebody shows its key.
 */
import type { ForwardTarget } from "../call-context.js";
import { notStarted, RpcError } from "../errors.js";
import { maxDelegatedCalls } from "../limits.js";
import type { IncomingMessage, LinkPeer } from "../link/link.js";
import { numericOption } from "../numeric-option.js";
import { type Body, textBody } from "../protocol/body.js";
import { BodyTooLarge, encodeBody } from "../protocol/body-writer.js";
import {
	encodeDelegate,
	encodeReplyTo,
	makeKey,
	nameOfKey,
	nobodyWaits,
	type ReplyTo,
	readDeliver,
	wayOf,
} from "../protocol/hand-over.js";
import { encodeCallHeader, Flag, setBudget } from "../protocol/header.js";
import { noRoute } from "../protocol/route.js";
import { answerDelegate, answerError, answerForward, relayDelivery } from "./answers.js";
import type { ServedCall } from "./context.js";

export interface HandOverHost {
	readonly maxFrameBytes: number;
	/** Whether the peer is a queue. */
	isQueue(peer: LinkPeer): boolean;
	/** A call that was kept here has ended. */
	onEnded(call: ServedCall): void;
}

/** How long a call without a deadline may be kept when nobody says. Unit: ms. */
const defaultExpiresMs = 600_000;

export class HandOvers {
	readonly #host: HandOverHost;
	readonly #kept = new Map<string, ServedCall>();

	constructor(host: HandOverHost) {
		this.#host = host;
	}

	/** Calls kept here. */
	get size(): number {
		return this.#kept.size;
	}

	delegate<Result>(call: ServedCall, expiresMs = defaultExpiresMs): ReplyTo<Result> {
		const origin = this.#assertFree(call);
		numericOption("expiresMs", expiresMs, { above: 0 });
		if (this.#kept.size >= maxDelegatedCalls) {
			throw new RpcError("RESOURCE_EXHAUSTED", `${call.method}: ${maxDelegatedCalls} delegated calls wait already`);
		}
		const key = makeKey();
		call.isHandedOver = true;
		let way: Uint8Array = noRoute;
		if (this.#host.isQueue(origin)) {
			// The answer goes another way than this word of it, and may be there first.
			way = wayOf(call.envelope!);
			answerDelegate(call, encodeDelegate({ key, expiresMs }));
		} else {
			const name = nameOfKey(key);
			this.#kept.set(name, call);
			call.deadlineAt = Math.min(call.deadlineAt, performance.now() + expiresMs);
			call.channel = { abort: (reason) => this.#end(call, name, reason), end: () => {} };
			call.watch();
		}
		return encodeReplyTo({ method: call.method, key, isJson: call.isJson, way });
	}

	async forward<Arguments extends readonly unknown[], Result>(
		call: ServedCall,
		method: ForwardTarget<Arguments, Result>,
		args: Arguments,
	): Promise<Result> {
		const origin = this.#assertFree(call);
		if (!this.#host.isQueue(origin)) {
			throw new RpcError(
				"FAILED_PRECONDITION",
				`${call.method} cannot be forwarded: no queue is in between. Call ${method.name} with { parent: context } and return its promise`,
			);
		}
		const flags = (method.isIdempotent ? Flag.IDEMPOTENT : 0) | (call.isJson ? Flag.JSON : 0);
		const header = encodeCallHeader(method, flags, call.encodedMetadata);
		setBudget(header, 0, call.remainingMs);
		const body = this.#encodeArguments(call, method, args);
		call.isHandedOver = true;
		answerForward(call, header, body);
		// Nobody looks at it.
		return undefined as Result;
	}

	/** Somebody shows a key. Returns why there is nothing to answer, if so. */
	deliver(message: IncomingMessage, header: number): RpcError | undefined {
		const delivery = readDeliver(message, header);
		const call = this.#kept.get(delivery.key);
		if (call === undefined) return nobodyWaits();
		try {
			relayDelivery(call, delivery, message, header + 1);
		} catch (error) {
			return notStarted("INVALID_ARGUMENT", `${call.method}: the answer: ${(error as Error).message}`);
		}
		this.#kept.delete(delivery.key);
		this.#letGo(call);
		return undefined;
	}

	#encodeArguments<Arguments extends readonly unknown[], Result>(
		call: ServedCall,
		method: ForwardTarget<Arguments, Result>,
		args: Arguments,
	): Body {
		if (call.isJson) return textBody(method.arguments.encodeJson(args));
		try {
			return encodeBody(method.arguments, args, this.#host.maxFrameBytes);
		} catch (error) {
			if (!(error instanceof BodyTooLarge)) throw error;
			throw new RpcError("RESOURCE_EXHAUSTED", `${method.name}: arguments of ${error.message}`);
		}
	}

	#end(call: ServedCall, key: string, reason: RpcError): void {
		if (!this.#kept.delete(key)) return;
		answerError(call, new RpcError(reason.status, reason.message, { outcome: "unknown" }));
		this.#letGo(call);
	}

	#letGo(call: ServedCall): void {
		call.channel = undefined;
		call.settle();
		this.#host.onEnded(call);
	}

	#assertFree(call: ServedCall): LinkPeer {
		const problem = call.isHandedOver
			? "has been handed over already"
			: call.isOneWay
				? "is one-way: nobody waits for an answer"
				: call.channel !== undefined
					? "stays open: only its own handler can go on with it"
					: call.origin === undefined
						? "has lost its caller"
						: undefined;
		if (problem === undefined) return call.origin!;
		throw new RpcError("FAILED_PRECONDITION", `${call.method} ${problem}`);
	}
}
