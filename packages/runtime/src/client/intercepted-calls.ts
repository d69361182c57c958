import { type Outcome, RpcError } from "../errors.js";
import { type Answer, around, LateStream } from "../interceptor.js";
import type { AnyMethod } from "../service.js";
import { DeadlineWheel, type Timed } from "../timing/deadline-wheel.js";
import { assertWanted, type CallOptions, inContext } from "./call-options.js";
import { ClientCall, type ClientInterceptor } from "./client-call.js";
import { failing, type Items, ResultStream } from "./result-stream.js";
import { SignalWatch, type Watched } from "./signal-watch.js";
import type { SurveyAnswer } from "./survey.js";

/** What the interceptors of a connection stand around. */
export interface CallMaker {
	/** Time of a call that says nothing. Unit: ms. */
	readonly standardMs: number;
	/** Throws FAILED_PRECONDITION when the connection is closed. */
	assertOpen(method: AnyMethod): void;
	call(call: ClientCall): Promise<unknown>;
	stream(call: ClientCall): ResultStream<unknown>;
	survey(call: ClientCall, quorum: number): ResultStream<SurveyAnswer<unknown>>;
	/** Throws an `RpcError`. */
	notify(call: ClientCall): void;
	/** An interceptor failed after its caller had gone on. */
	onDroppedOneWay(): void;
}

/** What a call that has started gets beyond its deadline: its end comes from the connection, and through the interceptors. Unit: ms. */
const graceMs = 100;

const noOptions: CallOptions = Object.freeze({});

/** The answer of a one-way call that is on its way. */
const sent: Promise<unknown> = Promise.resolve();

/** A call that is in the hands of interceptors: these may take for ever, and the caller is promised an end. */
class HeldCall implements Timed, Watched {
	deadlineAt: number;
	wheelNext: Timed | undefined;
	wheelPrevious: Timed | undefined;
	place: Watched["place"];
	readonly call: ClientCall;
	readonly reject: (error: RpcError) => void;
	isLate = false;

	constructor(call: ClientCall, reject: (error: RpcError) => void) {
		this.deadlineAt = call.deadlineAt;
		this.call = call;
		this.reject = reject;
	}

	get outcome(): Outcome {
		return this.call.course.hasStarted ? "unknown" : "not-started";
	}
}

/**
 * The calls of a connection that has interceptors. A call whose answer they hand on untouched costs nothing more; one that
 * they make wait, or whose answer they wrap, is watched: it ends by its deadline, by its signals and with its connection
 * whatever they do.
 */
export class InterceptedCalls {
	readonly #maker: CallMaker;
	// The ways through the interceptors to the connection.
	readonly #toCall: (call: ClientCall) => Answer;
	readonly #toStream: (call: ClientCall) => Answer;
	readonly #toNotify: (call: ClientCall) => Answer;
	readonly #held = new Set<HeldCall>();
	readonly #wheel = new DeadlineWheel<HeldCall>((held) => this.#expire(held));
	readonly #signals = new SignalWatch<HeldCall>(({ call, outcome, reject }, cause) =>
		reject(new RpcError("CANCELLED", `${call.method}: the caller cancelled`, { outcome, cause })),
	);

	constructor(interceptors: readonly ClientInterceptor[], maker: CallMaker) {
		this.#maker = maker;
		this.#toCall = around(interceptors, (call) => {
			call.course.hasStarted = true;
			call.course.direct = maker.call(call);
			return call.course.direct;
		});
		this.#toStream = around(interceptors, (call) => {
			call.course.hasStarted = true;
			try {
				const direct = call.quorum === undefined ? maker.stream(call) : maker.survey(call, call.quorum);
				call.course.streams ??= [];
				call.course.streams.push(direct);
				return direct;
			} catch (error) {
				return failing(call.descriptor, error);
			}
		});
		this.#toNotify = around(interceptors, (call) => {
			call.course.hasStarted = true;
			maker.notify(call);
			return sent;
		});
	}

	call(
		method: AnyMethod,
		args: readonly unknown[],
		options?: CallOptions,
		channels?: readonly unknown[],
	): Promise<unknown> {
		let call: ClientCall;
		try {
			call = this.#open(method, args, options, undefined, channels);
		} catch (error) {
			return Promise.reject(error);
		}
		const answer = this.#toCall(call) as Promise<unknown>;
		call.now = undefined;
		return answer === call.direct ? answer : this.#hold(call, answer);
	}

	/** To interceptors a survey, which has a quorum, is one call, whose answers are a stream. */
	stream(
		method: AnyMethod,
		args: readonly unknown[],
		options?: CallOptions,
		channels?: readonly unknown[],
		quorum?: number,
	): ResultStream<unknown> {
		let call: ClientCall;
		try {
			call = this.#open(method, args, options, quorum, channels);
		} catch (error) {
			return failing(method, error);
		}
		const answer = this.#toStream(call);
		call.now = undefined;
		if (answer === call.streams?.at(-1)) return answer as ResultStream<unknown>;
		// Once there is a stream it has its own end.
		const items = answer instanceof LateStream ? new LateStream(this.#hold(call, answer.source)) : answer;
		try {
			return new ResultStream(method.name, new RelayedItems(call, items as AsyncIterable<unknown>));
		} catch (error) {
			// It was read already, by whoever returned it.
			return failing(method, call.explain(error));
		}
	}

	/** Throws an `RpcError` for what fails at once; what fails later is counted. */
	notify(method: AnyMethod, args: readonly unknown[], options?: CallOptions): void {
		const call = this.#open(method, args, options);
		let answer: Answer;
		try {
			answer = this.#toNotify(call);
			call.now = undefined;
		} catch (error) {
			throw call.explain(error);
		}
		if (answer !== sent) (answer as Promise<unknown>).catch(() => this.#maker.onDroppedOneWay());
	}

	/** The connection is closed: what interceptors still hold ends. */
	close(): void {
		for (const { call, outcome, reject } of this.#held) {
			reject(new RpcError("CANCELLED", `${call.method}: the connection was closed`, { outcome }));
		}
		this.#wheel.stop();
	}

	#open(
		method: AnyMethod,
		args: readonly unknown[],
		options: CallOptions | undefined,
		quorum?: number,
		channels?: readonly unknown[],
	): ClientCall {
		this.#maker.assertOpen(method);
		const known = inContext(options) ?? noOptions;
		assertWanted(method.name, known);
		return new ClientCall(method, args, known, this.#maker.standardMs, quorum, channels);
	}

	#hold<T>(call: ClientCall, answer: Promise<T>): Promise<T> {
		return new Promise((resolve, reject) => {
			const end = () => this.#release(held);
			const held = new HeldCall(call, (error) => {
				end();
				reject(error);
			});
			this.#held.add(held);
			this.#wheel.add(held);
			this.#signals.watch(call.options, held);
			answer.then(
				(value) => {
					end();
					resolve(value);
				},
				(error) => held.reject(call.explain(error)),
			);
		});
	}

	#release(held: HeldCall): void {
		this.#held.delete(held);
		this.#wheel.remove(held);
		this.#signals.unwatch(held);
	}

	#expire(held: HeldCall): void {
		const { call, outcome } = held;
		if (call.course.hasStarted && !held.isLate) {
			held.isLate = true;
			held.deadlineAt += graceMs;
			this.#wheel.add(held);
			return;
		}
		const text = `${call.method}: its interceptors were not done within the time it had`;
		held.reject(new RpcError("DEADLINE_EXCEEDED", text, { outcome }));
	}
}

/** The items of a stream as interceptors hand them on. */
class RelayedItems implements Items<unknown> {
	readonly #call: ClientCall;
	readonly #iterator: AsyncIterator<unknown>;

	constructor(call: ClientCall, items: AsyncIterable<unknown>) {
		this.#call = call;
		this.#iterator = items[Symbol.asyncIterator]();
	}

	async next(): Promise<IteratorResult<unknown, undefined>> {
		try {
			return await this.#iterator.next();
		} catch (error) {
			throw this.#call.explain(error);
		}
	}

	async return(): Promise<IteratorResult<unknown, undefined>> {
		try {
			const returned = this.#iterator.return?.();
			// A generator that waits for an item, or was never begun, does not pass it on.
			for (const stream of this.#call.course.streams ?? []) await stream.return();
			await returned;
		} catch (error) {
			throw this.#call.explain(error);
		}
		return { value: undefined, done: true };
	}
}
