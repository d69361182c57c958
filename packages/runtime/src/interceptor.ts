/**
 * Code that stands around calls, the same at both sides: it is given a call and `next`, which goes on with it, and returns
 * what `next` returned or something in its place. The first of a list is the outermost.
 */
import type { CallPeer } from "./call-context.js";
import type { ContextValues } from "./context-values.js";
import { notStarted, type RpcError } from "./errors.js";
import type { MethodForm } from "./service.js";

/**
 * What a call comes to: of a stream an async iterable of its items, else a promise of its result. `await` gives the iterable
 * or the result, so that an interceptor may be an `async` function for calls of any form.
 */
export type Answer = Promise<unknown> | AsyncIterable<unknown>;

/** A call as an interceptor of either side sees it. */
export interface InterceptedCall {
	readonly side: "client" | "server";
	/** `"Service.method"`. */
	readonly method: string;
	readonly form: MethodForm;
	/** Whether it does no harm to make it twice. */
	readonly isIdempotent: boolean;
	/** Whether it has streams or callbacks beside its arguments: `next` is for such a call once. */
	readonly hasChannels: boolean;
	/** Those that are data, in order. */
	readonly args: readonly unknown[];
	readonly metadata: Readonly<Record<string, unknown>>;
	/** When the caller stops waiting: ms since the epoch by this process's clock; `Infinity` without a deadline. */
	readonly deadline: number;
	/** What is left until then. Unit: ms; `Infinity` without a deadline, 0 when it has passed. */
	readonly remainingMs: number;
	/** Aborts when nobody waits for the answer any more; at a client `undefined` unless the caller gave one. */
	readonly signal: AbortSignal | undefined;
	/** At a server, where the call came from; `undefined` at a client. */
	readonly peer: CallPeer | undefined;
	/** What interceptors tell each other, and at a server the handler. */
	readonly values: ContextValues;
	/** What the caller is told when this is what the call ends with. At a server `details.errorId` names what the log has. */
	explain(error: unknown): RpcError;
}

/**
 * Goes on with a call: the one that the interceptor was given, or one made of it. It may be called again, for another attempt,
 * where that does no harm: for idempotent calls, and where the error's `outcome` is `not-started`; for calls with channels it
 * throws FAILED_PRECONDITION the second time.
 *
 * What goes wrong is in what it returns. One exception: a one-way call that a client can neither send nor keep waiting throws.
 */
export type Next<Call extends InterceptedCall> = (call: Call) => Answer;

/** An interceptor that fits either side. */
export type Interceptor = <Call extends InterceptedCall>(call: Call, next: Next<Call>) => Answer;

type Around<Call extends InterceptedCall> = (call: Call, next: Next<Call>) => Answer;

/**
 * Interceptors, with `last` within. Made once for all calls: what belongs to one of them is in the call, or in what it was
 * made of. The same answer comes out that `last` gave, if nobody touched it.
 */
export function around<Call extends InterceptedCall>(
	interceptors: readonly Around<Call>[],
	last: Next<Call>,
): Next<Call> {
	return interceptors.reduceRight<Next<Call>>(
		(next, interceptor) => (call) => pass(interceptor, call, call.hasChannels ? once(next) : next),
		last,
	);
}

function pass<Call extends InterceptedCall>(interceptor: Around<Call>, call: Call, next: Next<Call>): Answer {
	try {
		return answerOf(call, interceptor(call, next));
	} catch (error) {
		// Whoever sends a one-way call has nowhere else to hear of it.
		if (call.form === "one-way" && call.side === "client") throw error;
		return answerOf(call, Promise.reject(error));
	}
}

function once<Call extends InterceptedCall>(next: Next<Call>): Next<Call> {
	let isTaken = false;
	return (call) => {
		if (isTaken) {
			throw notStarted("FAILED_PRECONDITION", `${call.method}: what streams beside the arguments cannot be sent twice`);
		}
		isTaken = true;
		return next(call);
	};
}

/** Takes what came for what the form wants. */
function answerOf(call: InterceptedCall, answer: unknown): Answer {
	if (call.form !== "stream") return answer instanceof Promise ? answer : Promise.resolve(answer);
	if (isAsyncIterable(answer)) return answer;
	return new LateStream(
		Promise.resolve(answer).then((items) => {
			if (isAsyncIterable(items)) return items;
			throw new TypeError(`an interceptor of ${call.method}, which answers with a stream, returned none`);
		}),
	);
}

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
	return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** A stream that somebody has still to come up with. Read once. */
export class LateStream implements AsyncIterableIterator<unknown, undefined> {
	readonly source: Promise<AsyncIterable<unknown>>;
	/** Made when the first item is asked for: whoever takes the source instead may be the one to read it. */
	#iterator: Promise<AsyncIterator<unknown>> | undefined;

	constructor(source: Promise<AsyncIterable<unknown>>) {
		this.source = source;
		// Its reader is told; that there may be none is no reason to end the process.
		source.catch(() => {});
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	async next(): Promise<IteratorResult<unknown, undefined>> {
		return (await this.#open()).next();
	}

	async return(): Promise<IteratorResult<unknown, undefined>> {
		const iterator = await this.#open().catch(() => undefined);
		await iterator?.return?.();
		return { value: undefined, done: true };
	}

	#open(): Promise<AsyncIterator<unknown>> {
		this.#iterator ??= this.source.then((items) => items[Symbol.asyncIterator]());
		return this.#iterator;
	}
}
