import type { RpcError } from "../errors.js";
import type { IncomingMessage, LinkPeer } from "../link/link.js";
import type { Body } from "../protocol/body.js";
import type { Slotted } from "../reply-channel/slots.js";
import type { AnyMethod } from "../service.js";
import type { Timed } from "../timing/deadline-wheel.js";
import type { CallOptions } from "./call-options.js";
import type { Watched } from "./signal-watch.js";

/** A request while it waits for a server: what will be written once there is one. */
export interface WaitingRequest {
	readonly header: Uint8Array;
	readonly body: Body;
}

/** What a call is resolved with that ends without a value. */
export const ended = Symbol("ended");

/** What a call has beside its request and its answer. */
export interface OpenChannel {
	/** Where its server is reached; empty while that is not known. */
	readonly route: Uint8Array;
	/** Whether END is how it ends, not a result. */
	readonly endsWithoutResult: boolean;
	/** The call's deadline is the connection's: it bounds how long a server may take to begin, not how long a stream may last. */
	readonly isOpenEnded: boolean;
	/** Whether neither side has sent anything over it. */
	readonly isUntouched: boolean;
	/** Whether all workers of a queue are asked, and not one. */
	readonly isSurvey: boolean;
	/** Takes an answer that is neither the result nor an error. False: it means nothing here. */
	receive(kind: number, message: IncomingMessage): boolean;
	/** The call has ended, in whatever way. */
	end(): void;
}

/**
 * One call from its making to its end, which comes exactly once: whoever ends it takes it out of its slot first, and a
 * call without a slot cannot be ended again.
 *
 * One is made for each call, so its fields are ordinary ones that the constructor sets: those with a # cost a lookup each to create,
 * and those that are not merely declared a function that defines them first.
 */
export class Call implements Slotted, Watched {
	declare slot: number;
	declare generation: number;
	declare place: Watched["place"];

	declare readonly method: AnyMethod;
	/** The caller's; kept for another attempt. */
	declare readonly args: readonly unknown[];
	declare readonly options: CallOptions | undefined;
	declare readonly resolve: (value: unknown) => void;
	declare readonly reject: (error: RpcError) => void;
	/** Where it was sent; `undefined` while it waits. */
	declare peer: LinkPeer | undefined;
	/** Its place among the messages of that peer: beyond `peer.flushed` it never left. */
	declare ordinal: number;
	declare waiting: WaitingRequest | undefined;
	/** Of a call that is not on its first attempt. */
	declare repetition: Repetition | undefined;
	/** Of a call that is more than a request and an answer. */
	declare readonly channel: OpenChannel | undefined;

	constructor(
		method: AnyMethod,
		args: readonly unknown[],
		options: CallOptions | undefined,
		resolve: (value: unknown) => void,
		reject: (error: RpcError) => void,
		channel?: OpenChannel,
	) {
		this.method = method;
		this.args = args;
		this.options = options;
		this.resolve = resolve;
		this.reject = reject;
		this.channel = channel;
		this.slot = -1;
		this.generation = 0;
		this.place = undefined;
		this.peer = undefined;
		this.ordinal = 0;
		this.waiting = undefined;
		this.repetition = undefined;
	}

	get isOpenEnded(): boolean {
		return this.channel?.isOpenEnded === true;
	}

	get isOneWay(): boolean {
		return this.method.form === "one-way";
	}
}

/** What a call has been through that is not on its first attempt, or one of several; while it pauses, its place on the wheel of pauses. */
export class Repetition implements Timed {
	/** When the pause is over. */
	deadlineAt = 0;
	wheelNext: Timed | undefined;
	wheelPrevious: Timed | undefined;

	readonly call: Call;
	/** The number of its attempt; 0 is the first. */
	attempt = 0;
	/** One of several attempts at a time: what becomes of the call is not its to decide. */
	isHedged = false;
	/** An attempt before this one may have run: nobody may say "not started" of the call any more. */
	mayHaveRun = false;
	/** Servers that had it: it goes to another where there is one. */
	readonly tried: LinkPeer[] = [];
	/** Why the last attempt failed. */
	error: RpcError | undefined;

	constructor(call: Call) {
		this.call = call;
	}
}
