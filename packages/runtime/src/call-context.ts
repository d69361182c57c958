import type { ContextValues } from "./context-values.js";
import type { Codec } from "./protocol/codec.js";
import type { ReplyTo } from "./protocol/hand-over.js";

/** The other end of the connection that a call came over: of a call through a queue, the queue. */
export interface CallPeer {
	/** Where it is, for people. */
	readonly address: string;
	/** Whom it has proven to be: what the server's `authenticate` said. `undefined`: nobody in particular. */
	readonly userId: string | undefined;
}

/** What a handler knows about the call it serves. */
export interface CallContext {
	/** `"Service.method"`. */
	readonly method: string;
	/** Aborts when the caller cancels, its deadline passes, or the connection it came over is lost. */
	readonly signal: AbortSignal;
	/** When the caller stops waiting: ms since the epoch by this process's clock; `Infinity` without a deadline. */
	readonly deadline: number;
	/** What is left until then. Unit: ms; `Infinity` without a deadline, 0 when it has passed. */
	readonly remainingMs: number;
	/** @internal The same instant by `performance.now()`, which costs less to ask for. Only calls that are served here have it. */
	readonly deadlineAt?: number;
	/** @internal Whether `signal` has aborted, likewise. */
	readonly isAborted?: boolean;
	/** What the caller sent along beside the arguments. */
	readonly metadata: Readonly<Record<string, unknown>>;
	/** How often this call had been sent before: by its caller, and by a queue whose worker was lost. 0 for the first time. */
	readonly attempt: number;
	/** What interceptors found out about the call; stays in this process. */
	readonly values: ContextValues;
	/** Where the call came from, and from whom. */
	readonly peer: CallPeer;
	/**
	 * Leaves the answer to whoever has what this returns: it may be stored or sent elsewhere, and is used by `answer()` of a
	 * connection to the server, or queue, that this call came through. What the handler itself returns is then of no account.
	 * The caller cannot tell. Nobody having answered, it is told DEADLINE_EXCEEDED at its deadline or after `expiresMs`.
	 *
	 * Throws FAILED_PRECONDITION for one-way calls, for those that stay open, and the second time.
	 */
	delegate<Result>(options?: { readonly expiresMs?: number }): ReplyTo<Result>;
	/**
	 * A tail call: another method answers in this one's place, straight to the caller, with its deadline and its metadata, and
	 * this handler is done: `return context.forward(other, args)`. Needs a queue that has workers for it. Throws
	 * FAILED_PRECONDITION without one (make a call with `parent`, and return its promise), else as `delegate`.
	 */
	forward<Arguments extends readonly unknown[], Result>(
		method: ForwardTarget<Arguments, Result>,
		args: Arguments,
	): Promise<Result>;
}

/** A unary method without channels, as `forward` needs it. */
export interface ForwardTarget<Arguments, Result> {
	readonly name: string;
	readonly form: "unary";
	readonly isIdempotent: boolean;
	readonly priority?: number | undefined;
	readonly arguments: Codec<Arguments>;
	readonly result: Codec<Result>;
}
