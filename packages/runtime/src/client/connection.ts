import { Emitter } from "../emitter.js";
import type { RpcError } from "../errors.js";
import { defaultTimeoutMs } from "../limits.js";
import { numericOption, shown } from "../numeric-option.js";
import type { ReplyTo } from "../protocol/hand-over.js";
import type { AnyMethod, Method } from "../service.js";
import { now } from "../timing/clock.js";
import { Call } from "./call.js";
import { expired, isGivenUp, misused } from "./call-failures.js";
import { assertWanted, type CallOptions, inContext, timeoutOf } from "./call-options.js";
import { ClientChannel } from "./channel.js";
import type { ClientInterceptor } from "./client-call.js";
import type { ConnectionEvents, ConnectionState } from "./connection-events.js";
import type { ConnectionOptions } from "./connection-options.js";
import type { ConnectionStats } from "./connection-stats.js";
import { type AnswerableMethod, type Delivery, deliverError, deliverResult } from "./delivery.js";
import { Exchange } from "./exchange.js";
import { fullHedge } from "./hedge-options.js";
import { Hedges } from "./hedges.js";
import { InterceptedCalls } from "./intercepted-calls.js";
import type { ReadyOptions } from "./readiness.js";
import { failing, ResultStream } from "./result-stream.js";
import { askEverybody, quorumOf, type SurveyAnswer, type SurveyOptions } from "./survey.js";

/** `Promise.withResolvers`, which Node 20 lacks: one executor for all promises instead of a closure for each. */
let lastResolve: (value: unknown) => void;
let lastReject: (error: unknown) => void;
const keepSettlers = (resolve: (value: unknown) => void, reject: (error: unknown) => void) => {
	lastResolve = resolve;
	lastReject = reject;
};

/**
 * Calls servers, or queues, over one DEALER socket. Any number of calls at a time; each waits at a reply channel whose
 * address travels with the request and comes back in front of the reply.
 */
export class Connection extends Emitter<ConnectionEvents> {
	readonly #timeoutMs: number;
	readonly #exchange: Exchange;
	readonly #hedges: Hedges;
	/** `undefined`: there is no interceptor. */
	readonly #intercepted: InterceptedCalls | undefined;
	/** One-way calls that interceptors dropped. */
	#droppedOneWays = 0;
	#closing: Promise<void> | undefined;

	constructor(endpoints: readonly string[], options: ConnectionOptions = {}) {
		super();
		this.#timeoutMs = numericOption("timeoutMs", options.timeoutMs ?? defaultTimeoutMs, { above: 0 });
		const { interceptors = [], hedge = false } = options;
		const standardHedge = hedge === false ? undefined : fullHedge(hedge);
		this.#intercepted = interceptors.length === 0 ? undefined : this.#intercept(interceptors);
		this.#exchange = new Exchange(endpoints, options, this);
		this.#hedges = new Hedges(standardHedge, this.#exchange, this);
	}

	get state(): ConnectionState {
		return this.#exchange.state;
	}

	stats(): ConnectionStats {
		const { calls, retries, state, droppedReplies, breakersOpened, endpoints } = this.#exchange;
		const waiting = calls.waiting.length + retries.pausing;
		return {
			state,
			inFlight: calls.size - waiting,
			waiting,
			droppedReplies,
			surprises: calls.surprises,
			droppedOneWays: this.#droppedOneWays + calls.droppedOneWays,
			breakersOpened,
			endpoints: endpoints.map(({ stats }) => stats),
			hedges: this.#hedges.count,
			hedgesWon: this.#hedges.wins,
			retries: retries.count,
			retryTokens: retries.budget.tokens,
		};
	}

	/**
	 * Resolves when a server is connected. Calls wait by themselves; this is for those who want to know. Rejects with an
	 * `RpcError`: DEADLINE_EXCEEDED, CANCELLED, or FAILED_PRECONDITION when the connection is closed.
	 */
	ready({ timeoutMs = this.#timeoutMs, signal }: ReadyOptions = {}): Promise<void> {
		return this.#exchange.readiness.until(this.state, timeoutMs, signal);
	}

	/**
	 * Calls a method. Generated stubs use this.
	 *
	 * Rejects with an `RpcError` and nothing else: INVALID_ARGUMENT before anything is sent when an argument is not what the
	 * interface says; DEADLINE_EXCEEDED, CANCELLED, UNAVAILABLE, RESOURCE_EXHAUSTED from here; any status from the server.
	 */
	call<Arguments extends readonly unknown[], Result, Channels extends readonly unknown[]>(
		method: Method<Arguments, Result, Channels>,
		args: Arguments,
		options?: CallOptions,
		channels?: Channels,
	): Promise<Result> {
		const intercepted = method.form === "unary" ? this.#intercepted : undefined;
		return intercepted === undefined
			? (this.#call(method, args, options, channels) as Promise<Result>)
			: (intercepted.call(method, args, options, channels) as Promise<Result>);
	}

	/**
	 * Calls a method that answers with a stream. Generated stubs use this. The call begins at once; its items are read by
	 * `for await`, once, and leaving the loop cancels it. Whatever ends the call before its end, and what `call` would reject
	 * with, is thrown there.
	 *
	 * Without a time of the caller's or of the method's, the connection's bounds how long the server may take to begin.
	 */
	stream<Arguments extends readonly unknown[], Item, Channels extends readonly unknown[]>(
		method: Method<Arguments, Item, Channels, "stream">,
		args: Arguments,
		options?: CallOptions,
		channels?: Channels,
	): AsyncIterableIterator<Item> {
		if (method.form !== "stream") throw misused(method);
		const intercepted = this.#intercepted;
		const items =
			intercepted === undefined
				? this.#stream(method, args, options, channels)
				: intercepted.stream(method, args, options, channels);
		return items as ResultStream<Item>;
	}

	/**
	 * Sends a one-way call. Generated stubs use this. Throws an `RpcError` when it can be neither sent nor kept waiting;
	 * whether it arrives, and what becomes of it, is never known.
	 */
	notify<Arguments extends readonly unknown[]>(
		method: Method<Arguments, void, readonly [], "one-way">,
		args: Arguments,
		options?: CallOptions,
	): void {
		if (method.form !== "one-way") throw misused(method);
		if (this.#intercepted === undefined) this.#start(method, args, options, ignore, ignore, undefined);
		else this.#intercepted.notify(method, args, options);
	}

	/**
	 * Asks everybody: each server that is connected, and of those that are queues each worker of the method's service. Yields
	 * what they answer, values and errors, as it comes, until all have, or `quorum` values are there, or the time is up; whoever
	 * has not answered then is told to stop. Leaving the loop ends it too. Begins at once, waits for a first server as calls
	 * do, and is read once, as a stream is.
	 *
	 * Throws from the loop: UNAVAILABLE when fewer than `quorum` values came, INVALID_ARGUMENT and CANCELLED as `call` does.
	 */
	survey<Arguments extends readonly unknown[], Result>(
		method: Method<Arguments, Result>,
		args: Arguments,
		options: SurveyOptions = {},
	): AsyncIterableIterator<SurveyAnswer<Result>> {
		if (method.form !== "unary" || method.channels.length > 0) throw misused(method);
		return this.#survey(method, args, options) as ResultStream<SurveyAnswer<Result>>;
	}

	/**
	 * Answers a call that its handler delegated, wherever that was: this connection must reach the server, or the queue, that
	 * has the call in its care. `method`: the one that was called. Resolves when the answer is on its way to the caller.
	 * Rejects with an `RpcError`: INVALID_ARGUMENT for a result that is not of the method's type, or another method's right;
	 * NOT_FOUND when nobody waits there: it has been answered, was cancelled, has expired, or waits at another server or queue. That is
	 * told at once, but for a call that is still with its worker at that very queue: there, the word that it is delegated may be on its
	 * way, and the answer is held for it, 5 s at most.
	 */
	answer<Result>(
		method: AnswerableMethod<Result>,
		to: ReplyTo<Result>,
		value: Result,
		options?: CallOptions,
	): Promise<void> {
		return this.#deliver(() => deliverResult(to, method, value, this.#exchange.maxFrameBytes), options);
	}

	/** As `answer`, with a failure: a declared error, or any `RpcError`. */
	answerError<Result>(
		method: AnswerableMethod<Result>,
		to: ReplyTo<Result>,
		error: RpcError,
		options?: CallOptions,
	): Promise<void> {
		return this.#deliver(() => deliverError(to, method, error), options);
	}

	/**
	 * Ends the connection: calls that wait or are in flight end with CANCELLED, one-way calls already handed over still
	 * leave. Resolves when everything is released. May be called again.
	 */
	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.close();
	}

	#intercept(interceptors: readonly ClientInterceptor[]): InterceptedCalls {
		return new InterceptedCalls(interceptors, {
			standardMs: this.#timeoutMs,
			assertOpen: (method) => this.#exchange.assertOpen(method),
			call: ({ descriptor, args, options, channels, deadlineAt, course }) =>
				this.#call(descriptor, args, options, channels, deadlineAt - (course.now ?? now())),
			stream: ({ descriptor, args, options, channels, deadlineAt, course }) =>
				this.#stream(descriptor, args, options, channels, deadlineAt - (course.now ?? now())),
			survey: ({ descriptor, args, options, deadlineAt }, quorum) =>
				askEverybody(this.#exchange, { method: descriptor, args, options, deadlineAt, quorum }),
			notify: ({ descriptor, args, options, deadlineAt, course }) =>
				this.#start(descriptor, args, options, ignore, ignore, undefined, deadlineAt - (course.now ?? now())),
			onDroppedOneWay: () => void this.#droppedOneWays++,
		});
	}

	#call(
		method: AnyMethod,
		args: readonly unknown[],
		options: CallOptions | undefined,
		channels: readonly unknown[] | undefined,
		leftMs?: number,
	): Promise<unknown> {
		const promise = new Promise<unknown>(keepSettlers);
		const resolve = lastResolve;
		const reject = lastReject;
		try {
			if (method.form !== "unary") throw misused(method);
			const channel =
				method.channels.length === 0
					? undefined
					: new ClientChannel(this.#exchange.channelHost, method, channels ?? []);
			this.#start(method, args, options, resolve, reject, channel, leftMs);
		} catch (error) {
			reject(error);
		}
		return promise;
	}

	#stream(
		method: AnyMethod,
		args: readonly unknown[],
		options: CallOptions | undefined,
		channels: readonly unknown[] | undefined,
		leftMs?: number,
	): ResultStream<unknown> {
		const channel = new ClientChannel(this.#exchange.channelHost, method, channels ?? []);
		const results = channel.results!;
		const fail = (error: RpcError) => results.fail(error, error.origin === "local" && isGivenUp(error));
		try {
			this.#start(method, args, options, () => results.end(), fail, channel, leftMs);
		} catch (error) {
			fail(error as RpcError);
		}
		return new ResultStream(method.name, results);
	}

	#survey(method: AnyMethod, args: readonly unknown[], options: SurveyOptions): ResultStream<SurveyAnswer<unknown>> {
		try {
			const quorum = quorumOf(method, options);
			if (this.#intercepted !== undefined) {
				const answers = this.#intercepted.stream(method, args, options, undefined, quorum);
				return answers as ResultStream<SurveyAnswer<unknown>>;
			}
			const known = inContext(options);
			const deadlineAt = now() + this.#timeoutOf(method, known);
			return askEverybody(this.#exchange, { method, args, options: known, deadlineAt, quorum });
		} catch (error) {
			return failing(method, error);
		}
	}

	async #deliver(prepare: () => Delivery, options: CallOptions | undefined): Promise<void> {
		const { method, body } = prepare();
		// Of the protocol, not of a service (decision 26): interceptors have seen the call that it answers.
		await this.#call(method, [body], options, undefined);
	}

	/** Throws an `RpcError`, with nothing done, when the call cannot even wait. */
	#start(
		method: AnyMethod,
		args: readonly unknown[],
		given: CallOptions | undefined,
		resolve: (value: unknown) => void,
		reject: (error: RpcError) => void,
		channel: ClientChannel | undefined,
		leftMs?: number,
	): void {
		// With a time it comes from interceptors, who were told the context it was made in.
		const options = leftMs === undefined ? inContext(given) : given;
		this.#exchange.assertOpen(method);
		const timeoutMs = leftMs ?? this.#timeoutOf(method, options);
		if (timeoutMs <= 0) throw expired(method, "not-started");
		if (options !== undefined) assertWanted(method.name, options);
		const hedge = this.#hedges.optionsFor(method, options);
		if (hedge !== undefined) {
			this.#hedges.start({ method, args, options, deadlineAt: now() + timeoutMs, hedge, resolve, reject });
			return;
		}
		const call = new Call(method, args, options, resolve, reject, channel);
		channel?.joinTo(call);
		if (options?.retry !== undefined) this.#exchange.retries.check(call);
		this.#exchange.start(call, timeoutMs);
	}

	#timeoutOf(method: AnyMethod, options: CallOptions | undefined): number {
		const standardMs = method.timeoutMs ?? this.#timeoutMs;
		return options === undefined ? standardMs : timeoutOf(method.name, standardMs, options, now());
	}

	async #close(): Promise<void> {
		const closed = this.#exchange.close();
		this.#intercepted?.close();
		this.#hedges.stop();
		await closed;
	}
}

/**
 * Opens a connection to one or more endpoints, in the background: calls made before a server is there wait for it.
 * Throws a `ZmtpError` for a malformed endpoint, a TypeError for what is none, a RangeError or TypeError for an option that makes no sense.
 */
export function connect(endpoints: string | readonly string[], options?: ConnectionOptions): Connection {
	if (typeof endpoints !== "string" && !Array.isArray(endpoints)) {
		throw new TypeError(`connect() takes an endpoint, or a list of endpoints, not ${shown(endpoints)}`);
	}
	return new Connection(typeof endpoints === "string" ? [endpoints] : endpoints, options);
}

function ignore(): void {}
