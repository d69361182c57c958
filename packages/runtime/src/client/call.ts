import type { RpcError } from "../errors.js";
import type { IncomingMessage, LinkPeer } from "../link/link.js";
import type { Slotted } from "../reply-channel/slots.js";
import type { AnyMethod } from "../service.js";
import type { Timed } from "../timing/deadline-wheel.js";

/** A request while it waits for a server: what will be written once there is one. */
export interface WaitingRequest {
	readonly header: Uint8Array;
	readonly body: Uint8Array;
}

/** What a call has beside its request and its answer. */
export interface OpenChannel {
	/** Where its server is reached; empty while that is not known. */
	readonly route: Uint8Array;
	/** Whether END is how it ends, not a result. */
	readonly endsWithoutResult: boolean;
	/** Takes an answer that is neither the result nor an error. False: it means nothing here. */
	receive(kind: number, message: IncomingMessage): boolean;
	/** The call has ended, in whatever way. */
	end(): void;
}

/**
 * One call from its making to its end, which comes exactly once: whoever ends it takes it out of its slot first, and a
 * call without a slot cannot be ended again.
 */
export class Call implements Slotted, Timed {
	slot = -1;
	generation = 0;
	deadlineAt: number;
	wheelNext: Timed | undefined;
	wheelPrevious: Timed | undefined;

	readonly method: AnyMethod;
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: RpcError) => void;
	/** Where it was sent; `undefined` while it waits. */
	peer: LinkPeer | undefined;
	/** Its place among the messages of that peer: beyond `peer.flushed` it never left. */
	ordinal = 0;
	waiting: WaitingRequest | undefined;
	/** Of a call that is more than a request and an answer. */
	readonly channel: OpenChannel | undefined;
	/** Its deadline is the connection's: it bounds how long a server may take to begin, not how long a stream may last. */
	readonly isOpenEnded: boolean;
	/** The caller's, and that of the call on whose behalf this one is made: what cancels it. */
	signals: readonly AbortSignal[] | undefined;

	constructor(
		method: AnyMethod,
		deadlineAt: number,
		resolve: (value: unknown) => void,
		reject: (error: RpcError) => void,
		channel?: OpenChannel,
		isOpenEnded = false,
	) {
		this.method = method;
		this.deadlineAt = deadlineAt;
		this.resolve = resolve;
		this.reject = reject;
		this.channel = channel;
		this.isOpenEnded = isOpenEnded;
	}

	get isOneWay(): boolean {
		return this.method.form === "one-way";
	}
}
