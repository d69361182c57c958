import { EventEmitter } from "node:events";
import { type Outcome, RpcError } from "../errors.js";
import { defaultMaxFrameBytes, defaultTimeoutMs } from "../limits.js";
import type { IncomingMessage, Link, LinkHandler, LinkPeer } from "../link/link.js";
import { openLink } from "../link/zmtp-link.js";
import { controlKind, sendDrain } from "../protocol/control.js";
import { readError } from "../protocol/error-body.js";
import type { ReplyTo } from "../protocol/hand-over.js";
import { Kind, Reply } from "../protocol/header.js";
import { SlotTable } from "../reply-channel/slots.js";
import type { AnyMethod, Method } from "../service.js";
import type { Inflow } from "../stream/inflow.js";
import { WritablePeers } from "../stream/writable-peers.js";
import { DeadlineWheel } from "../timing/deadline-wheel.js";
import { Breaker, type BreakerState } from "./breaker.js";
import { Call } from "./call.js";
import {
	badOption,
	closed,
	expired,
	isGivenUp,
	isOutage,
	misused,
	notHedged,
	staysOpen,
	tooManyInFlight,
	tooManyWaiting,
	unavailable,
} from "./call-failures.js";
import { assertWanted, type CallOptions, hasTime, inContext, signalsOf, timeoutOf } from "./call-options.js";
import { type ChannelHost, ClientChannel } from "./channel.js";
import type { ClientCall, ClientInterceptor } from "./client-call.js";
import type { ConnectionEvents, ConnectionState } from "./connection-events.js";
import type { ConnectionOptions } from "./connection-options.js";
import type { ConnectionStats } from "./connection-stats.js";
import { type AnswerableMethod, type Delivery, deliverError, deliverResult } from "./delivery.js";
import { Endpoint, type EndpointState, endpointOf } from "./endpoint.js";
import { fullHedge, type HedgeOptions } from "./hedge-options.js";
import type { HedgedCall } from "./hedged-call.js";
import { Hedges } from "./hedges.js";
import { InterceptedCalls } from "./intercepted-calls.js";
import { Readiness, type ReadyOptions } from "./readiness.js";
import { encodeRequest, type HeaderOptions, writeCancel, writeRequest, writeWaiting } from "./request-writer.js";
import { ResultStream } from "./result-stream.js";
import { Retries } from "./retries.js";
import { asUnknown } from "./retry-policy.js";
import { Servers } from "./servers.js";
import { SignalWatch } from "./signal-watch.js";
import { ended, Survey, type SurveyAnswer, type SurveyOptions } from "./survey.js";
import { WaitingLine } from "./waiting-line.js";

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
export class Connection extends EventEmitter<ConnectionEvents> {
	readonly #link: Link;
	readonly #timeoutMs: number;
	readonly #maxFrameBytes: number;
	/** One that drains is out already. */
	readonly #servers: Servers;
	readonly #endpoints: readonly Endpoint[];
	readonly #readiness = new Readiness();
	readonly #calls = new SlotTable<Call>();
	readonly #waiting: WaitingLine;
	readonly #wheel = new DeadlineWheel<Call>((call) => this.#expire(call));
	readonly #signals = new SignalWatch<Call>((call, reason) => this.#cancel(call, reason));
	readonly #writable = new WritablePeers();
	readonly #host: ChannelHost;
	/** `undefined`: there is no interceptor. */
	readonly #intercepted: InterceptedCalls | undefined;
	readonly #retries: Retries;
	readonly #hedges: Hedges;
	readonly #hedge: HedgeOptions | undefined;
	#state: ConnectionState = "connecting";
	/** Why the last one who was connected to is no server: what calls that waited for one are told. */
	#trouble: Error | undefined;
	#droppedReplies = 0;
	#droppedOneWays = 0;
	#breakersOpened = 0;
	#closing: Promise<void> | undefined;

	constructor(endpoints: readonly string[], options: ConnectionOptions = {}) {
		super();
		this.#timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
		if (!(this.#timeoutMs > 0)) throw new RangeError(`timeoutMs must be above 0, not ${String(this.#timeoutMs)}`);
		this.#maxFrameBytes = options.maxFrameBytes ?? defaultMaxFrameBytes;
		this.#waiting = new WaitingLine(options.maxWaitingCalls ?? 65_536, options.maxWaitingBytes ?? 64 * 1024 * 1024);
		this.#servers = new Servers(options.balance);
		this.#hedge = options.hedge === undefined || options.hedge === false ? undefined : fullHedge(options.hedge);
		this.#retries = new Retries(options, {
			hasAnother: (tried) => this.#servers.hasAnother(tried),
			onDue: (call) => this.#repeat(call),
		});
		this.#hedges = new Hedges(
			{
				launch: (race, attempt) => this.#launch(race, attempt),
				cancel: (call) => this.#abandon(call, undefined),
			},
			this.#retries.budget,
		);
		this.#host = {
			maxFrameBytes: this.#maxFrameBytes,
			onOpened: (call) => {
				if (call.isOpenEnded) this.#wheel.remove(call);
				endpointOf(call.peer!).breaker?.onAnswered(call);
			},
			hold: (peer) => this.#writable.hold(peer),
			abandon: (call, error) => this.#abandon(call, error),
		};
		const { interceptors = [] } = options;
		this.#intercepted = interceptors.length === 0 ? undefined : this.#intercept(interceptors);
		const handler: LinkHandler = {
			onPeerReady: (peer) => this.#admit(peer),
			onPeerLost: (peer, error) => this.#lose(peer, error),
			onMessage: (peer, message) => this.#receive(peer, message),
			onWritable: (peer) => {
				this.#writable.wake(peer);
				this.#sendWaiting();
			},
			onStranger: (address, error) => {
				this.#trouble = new Error(`${address}: ${error.message}`, { cause: error });
				this.emit("stranger", { address, error });
			},
		};
		this.#link = openLink("DEALER", handler, options, options.security);
		try {
			this.#endpoints = endpoints.map((name) => this.#connect(name, options));
		} catch (error) {
			// Those before the malformed one are being dialled already.
			void this.#link.close();
			throw error;
		}
	}

	#connect(name: string, { breaker }: ConnectionOptions): Endpoint {
		const guard =
			breaker === undefined || breaker === false
				? undefined
				: new Breaker(breaker, (state) => this.#judge(name, state));
		const peer = this.#link.connect(name);
		const endpoint = new Endpoint(name, peer, guard);
		peer.context = endpoint;
		return endpoint;
	}

	/** The breaker of an endpoint says something else, or lets another call try. */
	#judge(endpoint: string, state: BreakerState): void {
		if (state === "open") this.#breakersOpened++;
		else this.#sendWaiting();
		this.emit("breaker", { endpoint, state });
	}

	get state(): ConnectionState {
		return this.#state;
	}

	stats(): ConnectionStats {
		const waiting = this.#waiting.length + this.#retries.pausing;
		return {
			state: this.#state,
			inFlight: this.#calls.size - waiting,
			waiting,
			droppedReplies: this.#droppedReplies,
			droppedOneWays: this.#droppedOneWays,
			breakersOpened: this.#breakersOpened,
			endpoints: this.#endpoints.map(({ stats }) => stats),
			hedges: this.#hedges.count,
			hedgesWon: this.#hedges.wins,
			retries: this.#retries.count,
			retryTokens: this.#retries.budget.tokens,
		};
	}

	/**
	 * Resolves when a server is connected. Calls wait by themselves; this is for those who want to know. Rejects with an
	 * `RpcError`: DEADLINE_EXCEEDED, CANCELLED, or FAILED_PRECONDITION when the connection is closed.
	 */
	ready({ timeoutMs = this.#timeoutMs, signal }: ReadyOptions = {}): Promise<void> {
		return this.#readiness.until(this.#state, timeoutMs, signal);
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

	#call(
		method: AnyMethod,
		args: readonly unknown[],
		options: CallOptions | undefined,
		channels: readonly unknown[] | undefined,
		deadlineAt?: number,
	): Promise<unknown> {
		const promise = new Promise<unknown>(keepSettlers);
		const resolve = lastResolve;
		const reject = lastReject;
		try {
			if (method.form !== "unary") throw misused(method);
			const channel = method.channels.length === 0 ? undefined : new ClientChannel(this.#host, method, channels ?? []);
			const hedge = options?.hedge === undefined ? this.#hedge : options.hedge;
			if (hedge === undefined || hedge === false || (hedge === this.#hedge && !canHedge(method))) {
				this.#start(method, args, options, resolve, reject, channel, deadlineAt);
			} else {
				this.#startHedged(method, args, options, resolve, reject, hedge, deadlineAt);
			}
		} catch (error) {
			reject(error);
		}
		return promise;
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

	#stream(
		method: AnyMethod,
		args: readonly unknown[],
		options: CallOptions | undefined,
		channels: readonly unknown[] | undefined,
		deadlineAt?: number,
	): ResultStream<unknown> {
		const channel = new ClientChannel(this.#host, method, channels ?? []);
		const results = channel.results!;
		const fail = (error: RpcError) => results.fail(error, error.origin === "local" && isGivenUp(error));
		try {
			this.#start(method, args, options, () => results.end(), fail, channel, deadlineAt);
		} catch (error) {
			fail(error as RpcError);
		}
		return new ResultStream(method.name, results);
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

	#intercept(interceptors: readonly ClientInterceptor[]): InterceptedCalls {
		return new InterceptedCalls(interceptors, {
			standardMs: this.#timeoutMs,
			assertOpen: (method) => this.#assertOpen(method),
			call: ({ descriptor, args, options, deadlineAt }, channels) =>
				this.#call(descriptor, args, options, channels, deadlineAt),
			stream: ({ descriptor, args, options, deadlineAt }, channels) =>
				this.#stream(descriptor, args, options, channels, deadlineAt),
			notify: ({ descriptor, args, options, deadlineAt }: ClientCall) =>
				this.#start(descriptor, args, options, ignore, ignore, undefined, deadlineAt),
			onDroppedOneWay: () => void this.#droppedOneWays++,
		});
	}

	/**
	 * Asks everybody: each server that is connected, and of those that are queues each worker of the method's service. Yields
	 * what they answer, values and errors, as it comes, until all have, or `quorum` values are there, or the time is up; whoever
	 * has not answered then is told to stop. Leaving the loop ends it too. Waits for a first server as calls do.
	 *
	 * Throws from the loop: UNAVAILABLE when fewer than `quorum` values came, INVALID_ARGUMENT as `call` does.
	 */
	async *survey<Arguments extends readonly unknown[], Result>(
		method: Method<Arguments, Result>,
		args: Arguments,
		options: SurveyOptions = {},
	): AsyncGenerator<SurveyAnswer<Result>, void> {
		if (method.form !== "unary" || method.channels.length > 0) throw misused(method);
		const survey = new Survey(method, options.quorum ?? Number.POSITIVE_INFINITY, (calls) => {
			for (const call of calls) this.#abandon(call, undefined);
		});
		const timeoutMs = timeoutOf(method.name, method.timeoutMs ?? this.#timeoutMs, inContext(options));
		const deadlineAt = performance.now() + timeoutMs;
		if (this.#servers.isEmpty && options.waitForReady !== false) await this.ready({ timeoutMs }).catch(ignore);
		try {
			for (const endpoint of this.#servers.all) {
				const part = survey.part(endpoint.peer.address);
				const call = new Call(method, deadlineAt, part.resolve, part.reject, part.channel);
				part.add(call);
				const header = {
					budgetMs: deadlineAt - performance.now(),
					metadata: options.metadata,
					waitForReady: true,
					isSurvey: true,
				};
				this.#send(endpoint, call, args, header);
			}
		} catch (error) {
			await survey.answers.return();
			throw error;
		}
		survey.complete();
		yield* survey.answers as Inflow<SurveyAnswer<Result>>;
	}

	/**
	 * Answers a call that its handler delegated, wherever that was: this connection must reach the server, or the queue, that
	 * has the call in its care. `method`: the one that was called. Resolves when the answer is on its way to the caller.
	 * Rejects with an `RpcError`: INVALID_ARGUMENT for a result that is not of the method's type, or another method's right;
	 * NOT_FOUND when nobody waits there: it has been answered, was cancelled, or has expired.
	 */
	answer<Result>(
		method: AnswerableMethod<Result>,
		to: ReplyTo<Result>,
		value: Result,
		options?: CallOptions,
	): Promise<void> {
		return this.#deliver(() => deliverResult(to, method, value, this.#maxFrameBytes), options);
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

	async #deliver(prepare: () => Delivery, options: CallOptions | undefined): Promise<void> {
		const { method, body } = prepare();
		// Of the protocol, not of a service: nothing that interceptors know.
		await this.#call(method, [body], options, undefined);
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

	#start(
		method: AnyMethod,
		args: readonly unknown[],
		given: CallOptions | undefined,
		resolve: (value: unknown) => void,
		reject: (error: RpcError) => void,
		channel: ClientChannel | undefined,
		deadlineAt?: number,
	): void {
		const options = inContext(given);
		this.#assertOpen(method);
		const now = performance.now();
		const timeoutMs =
			deadlineAt === undefined
				? timeoutOf(method.name, method.timeoutMs ?? this.#timeoutMs, options)
				: deadlineAt - now;
		const call = new Call(method, now + timeoutMs, resolve, reject, channel);
		call.args = args;
		call.options = options;
		if (channel !== undefined) {
			channel.call = call;
			channel.isOpenEnded = channel.isStreaming && method.timeoutMs === undefined && !hasTime(options);
		}
		if (timeoutMs <= 0) throw expired(method, "not-started");
		if (options !== undefined) assertWanted(method.name, options);
		if (options?.retry !== undefined) this.#checkRetry(call);
		this.#dispatch(call, args, timeoutMs);
		this.#listen(call);
	}

	#startHedged(
		method: AnyMethod,
		args: readonly unknown[],
		given: CallOptions | undefined,
		resolve: (value: unknown) => void,
		reject: (error: RpcError) => void,
		hedge: HedgeOptions,
		givenDeadlineAt: number | undefined,
	): void {
		const options = inContext(given);
		this.#assertOpen(method);
		if (!canHedge(method)) throw notHedged(method);
		const now = performance.now();
		const deadlineAt = givenDeadlineAt ?? now + timeoutOf(method.name, method.timeoutMs ?? this.#timeoutMs, options);
		if (deadlineAt <= now) throw expired(method, "not-started");
		if (options !== undefined) assertWanted(method.name, options);
		this.#hedges.start({ method, args, options, deadlineAt, hedge: checked(method, hedge), resolve, reject });
	}

	/** Makes an attempt of a hedged call. */
	#launch(race: HedgedCall, attempt: number): Call {
		const { method, args, options, deadlineAt } = race.request;
		const call: Call = new Call(
			method,
			deadlineAt,
			(value) => race.onResult(call, value),
			(error) => race.onFailure(call, error),
		);
		call.args = args;
		call.options = options;
		call.repetition = race.repetitionOf(call, attempt);
		this.#dispatch(call, args, deadlineAt - performance.now());
		this.#listen(call);
		if (attempt > 0) this.emit("hedge", { method: method.name, attempt, endpoint: endpointName(call) });
		return call;
	}

	#listen(call: Call): void {
		if (call.options === undefined || call.isOneWay) return;
		for (const signal of signalsOf(call.options)) this.#signals.add(signal, call);
	}

	#checkRetry(call: Call): void {
		try {
			this.#retries.policyOf(call);
		} catch (error) {
			throw badOption(call.method, error);
		}
	}

	/** Gives a call to a server, or has it wait for one. Throws an `RpcError`, with nothing done, when it can do neither. */
	#dispatch(call: Call, args: readonly unknown[], leftMs: number): void {
		const { options, repetition } = call;
		const header = {
			budgetMs: call.isOpenEnded ? Number.POSITIVE_INFINITY : leftMs,
			metadata: options?.metadata,
			waitForReady: options?.waitForReady ?? true,
			attempt: repetition === undefined ? 0 : repetition.attempt,
		};
		const endpoint = this.#waiting.length === 0 ? this.#servers.choose(call) : undefined;
		if (endpoint === undefined) this.#wait(call, args, header);
		else this.#send(endpoint, call, args, header);
	}

	#assertOpen(method: AnyMethod): void {
		if (this.#state === "closed") throw closed(method);
	}

	#send(endpoint: Endpoint, call: Call, args: readonly unknown[], header: HeaderOptions): void {
		const { peer } = endpoint;
		if (call.isOneWay) {
			writeRequest(peer, call, args, header, this.#maxFrameBytes);
			call.resolve(undefined);
			return;
		}
		if (!this.#calls.add(call)) throw tooManyInFlight(call.method);
		try {
			writeRequest(peer, call, args, header, this.#maxFrameBytes);
		} catch (error) {
			this.#calls.remove(call);
			throw error;
		}
		this.#entrust(endpoint, call);
		this.#wheel.add(call);
	}

	/** The call is a server's now. */
	#entrust(endpoint: Endpoint, call: Call): void {
		const { peer, breaker } = endpoint;
		call.peer = peer;
		call.ordinal = peer.committed;
		endpoint.inFlight++;
		if (breaker !== undefined) breaker.onSent(call);
	}

	#wait(call: Call, args: readonly unknown[], header: HeaderOptions): void {
		const { method } = call;
		call.waiting = encodeRequest(method, args, header, this.#maxFrameBytes);
		if (!header.waitForReady) throw unavailable(method, this.#servers.whyNone);
		if (!this.#calls.add(call)) throw tooManyInFlight(method);
		if (!this.#waiting.add(call)) {
			this.#calls.remove(call);
			throw tooManyWaiting(method);
		}
		this.#wheel.add(call);
	}

	#sendWaiting(): void {
		if (this.#waiting.length === 0) return;
		const now = performance.now();
		for (const call of this.#waiting) {
			if (call.deadlineAt <= now) {
				this.#expire(call);
				continue;
			}
			const endpoint = this.#servers.choose(call);
			if (endpoint === undefined) return;
			const { peer } = endpoint;
			this.#waiting.remove(call);
			writeWaiting(peer, call, call.waiting!, call.isOpenEnded ? Number.POSITIVE_INFINITY : call.deadlineAt - now);
			call.waiting = undefined;
			if (call.isOneWay) {
				this.#take(call);
				call.resolve(undefined);
			} else {
				this.#entrust(endpoint, call);
			}
		}
	}

	/** An answer: envelope of one frame, delimiter, then the result alone or header and body. */
	#receive(peer: LinkPeer, message: IncomingMessage): void {
		const { count } = message;
		if (count >= 2 && message.size(0) === 0) {
			this.#obey(peer, message);
			return;
		}
		const isAnswer = count >= 3 && message.size(1) === 0;
		const call = isAnswer ? this.#calls.find(message.buffers[0]!, message.starts[0]!, message.ends[0]!) : undefined;
		// Only the server that was asked may answer: a token is no secret among the servers of one connection.
		if (call === undefined || call.peer !== peer) this.#droppedReplies++;
		else if (count === 3 && call.method.form === "unary") this.#complete(call, message);
		else if (count === 4) this.#hear(call, message);
		else this.#droppedReplies++;
	}

	/** An answer with a header. */
	#hear(call: Call, message: IncomingMessage): void {
		const kind = message.size(2) === 0 ? -1 : message.buffers[2]![message.starts[2]!]!;
		const breaker = endpointOf(call.peer!).breaker;
		if (kind === Reply.ERROR && message.size(2) >= 3) {
			const error = readError(message, 2, call.method.errors);
			this.#failAttempt(call, error);
			if (isOutage(error)) breaker?.onFailed(call);
			else breaker?.onAnswered(call);
		} else if (kind === Reply.END && call.channel?.endsWithoutResult === true) {
			this.#finish(call);
			breaker?.onAnswered(call);
		} else if (kind === Reply.OPEN && call.channel === undefined) {
			this.#abandon(call, staysOpen(call.method));
		} else if (call.channel?.receive(kind, message) !== true) {
			this.#droppedReplies++;
		}
	}

	/** A control message of the hop itself. DRAIN: finishes what it has, wants nothing new. */
	#obey(peer: LinkPeer, message: IncomingMessage): void {
		if (controlKind(message) !== Kind.DRAIN) return;
		this.#dismiss(peer, "draining");
		// The peer waits to hear that nothing more is on its way.
		sendDrain(peer);
	}

	#admit(peer: LinkPeer): void {
		const endpoint = endpointOf(peer);
		endpoint.state = "ready";
		this.#servers.add(endpoint);
		this.#trouble = undefined;
		this.emit("peer", { address: peer.address, isReady: true, error: undefined });
		this.#move("ready");
		this.#sendWaiting();
	}

	#dismiss(peer: LinkPeer, state: EndpointState): void {
		const endpoint = endpointOf(peer);
		endpoint.state = state;
		this.#servers.remove(endpoint);
		if (this.#servers.isEmpty) this.#move("connecting");
	}

	#move(state: ConnectionState): void {
		if (this.#state === state || this.#state === "closed") return;
		this.#state = state;
		this.#readiness.changed(state);
		this.emit("state", state);
	}

	/** A server, or the way to it, failed a call: another attempt is made where that is safe, else it ends. */
	#failAttempt(call: Call, error: RpcError): void {
		const pauseMs = this.#state === "closed" ? undefined : this.#retries.next(call, error);
		if (pauseMs === undefined) {
			this.#fail(call, error);
			return;
		}
		const repetition = call.repetition!;
		const { attempt } = repetition;
		// Another slot: what may still come for the last attempt finds nothing.
		this.#calls.remove(call);
		this.#calls.add(call);
		this.#release(call);
		call.peer = undefined;
		if (pauseMs > 0) this.#retries.pause(repetition, pauseMs);
		else this.#repeat(call);
		this.emit("retry", { method: call.method.name, attempt, pauseMs, error });
	}

	/** Makes the next attempt. */
	#repeat(call: Call): void {
		this.#calls.remove(call);
		this.#wheel.remove(call);
		try {
			this.#dispatch(call, call.args!, call.deadlineAt - performance.now());
		} catch (error) {
			const failure = error as RpcError;
			// That nobody is there says less than what the last one said.
			this.#fail(call, failure.status === "UNAVAILABLE" ? call.repetition!.error! : failure);
		}
	}

	// The ways a call can end; there is no other.

	#complete(call: Call, message: IncomingMessage): void {
		let value: unknown;
		try {
			value = call.method.result.decode(message.buffers[2]!, message.starts[2]!, message.ends[2]!);
		} catch (error) {
			const text = `${call.method.name}: the server's result is not what the interface says: ${(error as Error).message}`;
			this.#fail(call, new RpcError("INTERNAL", text, { cause: error }));
			return;
		}
		const { breaker } = endpointOf(call.peer!);
		this.#take(call);
		this.#retries.budget.earn();
		call.resolve(value);
		if (breaker !== undefined) breaker.onAnswered(call);
	}

	/** A stream has come to its end. */
	#finish(call: Call): void {
		this.#take(call);
		call.resolve(ended);
	}

	#fail(call: Call, error: RpcError): void {
		this.#take(call);
		call.reject(call.repetition?.mayHaveRun === true ? asUnknown(error) : error);
	}

	#expire(call: Call): void {
		const outcome = call.peer === undefined ? "not-started" : "unknown";
		if (call.isOneWay) this.#droppedOneWays++;
		// A server knows a unary call's time; that of a stream may be this side's alone.
		if (call.channel !== undefined && call.peer !== undefined) writeCancel(call.peer, call);
		const breaker = this.#breakerOf(call);
		this.#fail(call, expired(call.method, outcome, this.#trouble));
		breaker?.onFailed(call);
	}

	#cancel(call: Call, reason: unknown): void {
		const { peer, method } = call;
		if (peer !== undefined) writeCancel(peer, call);
		const outcome: Outcome = peer === undefined ? "not-started" : "unknown";
		const breaker = this.#breakerOf(call);
		this.#fail(call, new RpcError("CANCELLED", `${method.name}: the caller cancelled`, { outcome, cause: reason }));
		breaker?.onReleased(call);
	}

	/** Ends a call for a reason of this side's that is no deadline: with an error, or because its reader has had enough. */
	#abandon(call: Call, error: RpcError | undefined): void {
		if (call.peer !== undefined) writeCancel(call.peer, call);
		const breaker = this.#breakerOf(call);
		if (error === undefined) this.#finish(call);
		else this.#fail(call, error);
		breaker?.onReleased(call);
	}

	#lose(peer: LinkPeer, error: Error | undefined): void {
		this.#dismiss(peer, "connecting");
		this.#writable.wake(peer);
		this.emit("peer", { address: peer.address, isReady: false, error });
		const { flushed } = peer;
		for (const call of this.#calls) {
			if (call.peer !== peer) continue;
			const outcome: Outcome = call.ordinal > flushed ? "not-started" : "unknown";
			const text = `${call.method.name}: the connection to ${peer.address} was lost`;
			this.#failAttempt(call, new RpcError("UNAVAILABLE", text, { outcome, cause: error }));
		}
		endpointOf(peer).breaker?.onLost();
	}

	/** Takes the call out of everything that knows it. A call that has its slot no more cannot end again. */
	#take(call: Call): void {
		this.#calls.remove(call);
		this.#release(call);
		this.#wheel.remove(call);
		if (call.waiting !== undefined) {
			this.#waiting.remove(call);
			call.waiting = undefined;
		}
		if (call.repetition !== undefined) this.#retries.forget(call.repetition);
		if (call.options !== undefined) for (const signal of signalsOf(call.options)) this.#signals.remove(signal, call);
		call.channel?.end();
	}

	/** The call is no server's any more. */
	#release(call: Call): void {
		if (call.peer !== undefined) endpointOf(call.peer).inFlight--;
	}

	#breakerOf({ peer }: Call): Breaker | undefined {
		return peer === undefined ? undefined : endpointOf(peer).breaker;
	}

	async #close(): Promise<void> {
		this.#move("closed");
		for (const call of this.#calls) {
			const outcome: Outcome = call.peer === undefined ? "not-started" : "unknown";
			if (call.isOneWay) this.#droppedOneWays++;
			this.#fail(call, new RpcError("CANCELLED", `${call.method.name}: the connection was closed`, { outcome }));
		}
		this.#intercepted?.close();
		this.#wheel.stop();
		this.#retries.stop();
		this.#hedges.stop();
		for (const { breaker } of this.#endpoints) breaker?.close();
		await this.#link.close();
	}
}

/**
 * Opens a connection to one or more endpoints, in the background: calls made before a server is there wait for it.
 * Throws a `ZmtpError` for a malformed endpoint.
 */
export function connect(endpoints: string | readonly string[], options?: ConnectionOptions): Connection {
	return new Connection(typeof endpoints === "string" ? [endpoints] : endpoints, options);
}

/** Repeating it is allowed, and there is nothing to it but a request and an answer. */
function canHedge({ isIdempotent, channels }: AnyMethod): boolean {
	return isIdempotent && channels.length === 0;
}

function checked(method: AnyMethod, hedge: HedgeOptions): Required<HedgeOptions> {
	try {
		return fullHedge(hedge);
	} catch (error) {
		throw badOption(method, error);
	}
}

function endpointName({ peer }: Call): string | undefined {
	return peer === undefined ? undefined : endpointOf(peer).name;
}

function ignore(): void {}
