import type { CallContext, CallPeer, ForwardTarget } from "../call-context.js";
import { ContextValues } from "../context-values.js";
import { RpcError } from "../errors.js";
import { type LinkPeer, userIdOf } from "../link/link.js";
import { decodeMetadata } from "../protocol/codec.js";
import type { KeptEnvelope } from "../protocol/envelope.js";
import type { ReplyTo } from "../protocol/hand-over.js";
import { Flag } from "../protocol/header.js";
import type { DeadlineWheel, Timed } from "../timing/deadline-wheel.js";
import type { CallList, Listed } from "./call-list.js";

const noMetadata: Readonly<Record<string, unknown>> = Object.freeze({});

interface HandOverMethods {
	delegate<Result>(call: ServedCall, expiresMs: number | undefined): ReplyTo<Result>;
	forward<Arguments extends readonly unknown[], Result>(
		call: ServedCall,
		method: ForwardTarget<Arguments, Result>,
		args: Arguments,
	): Promise<Result>;
}

/**
 * A call being served, as its handler sees it and as the server keeps it. What few handlers ask for, signal and metadata,
 * is made when it is asked for.
 *
 * One is made for each call, so its fields are ordinary ones that the constructor sets: those with a # cost a lookup each to create,
 * and those that are not merely declared a function that defines them first.
 */
export class ServedCall implements CallContext, Timed, Listed<ServedCall> {
	declare readonly method: string;
	declare readonly attempt: number;
	declare deadlineAt: number;
	declare wheelNext: Timed | undefined;
	declare wheelPrevious: Timed | undefined;

	/** Among the calls of its peer. */
	declare list: CallList<ServedCall> | undefined;
	declare listNext: ServedCall | undefined;
	declare listPrevious: ServedCall | undefined;

	/** Where the answer goes; `undefined` when the connection is gone. */
	declare origin: LinkPeer | undefined;
	/** The client that it counts for; `undefined` for a queue, which counts its own. Stays when the connection is gone. */
	declare owner: LinkPeer | undefined;
	/** The way back; `undefined` for a one-way call that nobody keeps count of. */
	declare readonly envelope: KeptEnvelope | undefined;
	/** Why nobody waits for the answer any more; `undefined` while somebody does. */
	declare abortReason: RpcError | undefined;

	/** Of a call that stays open. */
	declare channel: { abort(reason: RpcError): void; end(): void } | undefined;

	/** It came without a header: whoever made it knows nothing of Homing. */
	declare isBare: boolean;
	/** Somebody else answers it. */
	declare isHandedOver: boolean;
	declare readonly handOvers: HandOverMethods;
	/** The handler has been called; false while interceptors have not got so far. */
	declare hasStarted: boolean;
	/** By which the log knows what went wrong. */
	declare errorId: string | undefined;
	declare readonly encodedMetadata: Uint8Array | undefined;

	declare private readonly flags: number;
	/** Stays when the connection is gone: who called does not change. */
	declare private readonly sender: LinkPeer;
	declare private readonly wheel: DeadlineWheel<ServedCall>;
	declare private decodedMetadata: Readonly<Record<string, unknown>> | undefined;
	declare private heldValues: ContextValues | undefined;
	declare private controller: AbortController | undefined;
	/** The controller's, for whom a getter costs: a handler's calls ask for it thrice each. */
	declare private heldSignal: AbortSignal | undefined;

	/** `deadlineAt`: by `performance.now()`. `envelope` and `metadata` are owned by the call. */
	constructor(
		method: string,
		flags: number,
		attempt: number,
		deadlineAt: number,
		origin: LinkPeer,
		envelope: KeptEnvelope | undefined,
		metadata: Uint8Array | undefined,
		wheel: DeadlineWheel<ServedCall>,
		handOvers: HandOverMethods,
	) {
		this.method = method;
		this.flags = flags;
		this.attempt = attempt;
		this.deadlineAt = deadlineAt;
		this.origin = origin;
		this.sender = origin;
		this.envelope = envelope;
		this.encodedMetadata = metadata;
		this.wheel = wheel;
		this.handOvers = handOvers;
		this.wheelNext = undefined;
		this.wheelPrevious = undefined;
		this.list = undefined;
		this.listNext = undefined;
		this.listPrevious = undefined;
		this.owner = undefined;
		this.channel = undefined;
		this.abortReason = undefined;
		this.errorId = undefined;
		this.decodedMetadata = undefined;
		this.heldValues = undefined;
		this.controller = undefined;
		this.heldSignal = undefined;
		this.isBare = false;
		this.isHandedOver = false;
		this.hasStarted = true;
	}

	/** A queue waits for a sign that it is done, at most. */
	get isOneWay(): boolean {
		return (this.flags & Flag.ONE_WAY) !== 0;
	}

	/** Small items of its stream may travel together. */
	get takesRuns(): boolean {
		return (this.flags & (Flag.TAKES_ITEMS | Flag.JSON)) === Flag.TAKES_ITEMS;
	}

	/** Arguments and result travel as JSON. */
	get isJson(): boolean {
		return (this.flags & Flag.JSON) !== 0;
	}

	get deadline(): number {
		return this.deadlineAt === Number.POSITIVE_INFINITY ? this.deadlineAt : Date.now() + this.remainingMs;
	}

	get remainingMs(): number {
		return Math.max(0, this.deadlineAt - performance.now());
	}

	get peer(): CallPeer {
		return { address: this.sender.address, userId: userIdOf(this.sender) };
	}

	get values(): ContextValues {
		this.heldValues ??= new ContextValues();
		return this.heldValues;
	}

	get metadata(): Readonly<Record<string, unknown>> {
		const encoded = this.encodedMetadata;
		this.decodedMetadata ??= encoded === undefined ? noMetadata : readMetadata(this.method, encoded);
		return this.decodedMetadata;
	}

	get isAborted(): boolean {
		return this.abortReason !== undefined;
	}

	get signal(): AbortSignal {
		if (this.heldSignal === undefined) {
			this.controller = new AbortController();
			this.heldSignal = this.controller.signal;
			if (this.abortReason !== undefined) this.controller.abort(this.abortReason);
			else this.watch();
		}
		return this.heldSignal;
	}

	delegate<Result>(options?: { readonly expiresMs?: number }): ReplyTo<Result> {
		return this.handOvers.delegate(this, options?.expiresMs);
	}

	forward<Arguments extends readonly unknown[], Result>(
		method: ForwardTarget<Arguments, Result>,
		args: Arguments,
	): Promise<Result> {
		return this.handOvers.forward(this, method, args);
	}

	/** Aborts at the deadline. */
	watch(): void {
		if (this.wheelNext === undefined) this.wheel.add(this);
	}

	/** Nobody waits for the answer any more. */
	abort(reason: RpcError): void {
		if (this.abortReason !== undefined) return;
		this.abortReason = reason;
		this.channel?.abort(reason);
		this.controller?.abort(reason);
	}

	/** The deadline has passed. */
	expire(): void {
		this.abort(new RpcError("DEADLINE_EXCEEDED", `${this.method}: the caller's deadline has passed`));
	}

	/** The handler is done. */
	settle(): void {
		this.channel?.end();
		this.wheel.remove(this);
	}
}

function readMetadata(method: string, encoded: Uint8Array): Readonly<Record<string, unknown>> {
	try {
		return decodeMetadata(encoded, 0, encoded.length);
	} catch (error) {
		throw new RpcError("INVALID_ARGUMENT", `${method}: the metadata cannot be read: ${(error as Error).message}`);
	}
}
