import { ContextValues } from "../context-values.js";
import { RpcError } from "../errors.js";
import type { Answer, InterceptedCall } from "../interceptor.js";
import type { AnyMethod, MethodForm } from "../service.js";
import { type CallOptions, timeoutOf } from "./call-options.js";
import type { ResultStream } from "./result-stream.js";

/** What another call has that an interceptor makes of one. */
export interface CallChanges {
	readonly args?: readonly unknown[];
	/** Take the place of those of the same name; of `timeoutMs` and `deadline`, the time counts from now. */
	readonly options?: CallOptions;
	/** Added to what is there. */
	readonly metadata?: Readonly<Record<string, unknown>>;
}

/** What has become of a call so far, whatever interceptors make of it. */
interface CallCourse {
	/** It has been handed to the connection. */
	hasStarted: boolean;
	/** When it was made, by `performance.now()`, while it has not waited for anything since: then it is still about that time. */
	now: number | undefined;
	/** What is no data of its arguments. */
	readonly channels: readonly unknown[] | undefined;
	/** What the connection gave for it last, where it is of one answer. */
	direct: Promise<unknown> | undefined;
	/** Streams that were opened for it, where it is of their form. */
	streams: ResultStream<unknown>[] | undefined;
}

const noMetadata: Readonly<Record<string, unknown>> = Object.freeze({});

/**
 * A call as interceptors of a connection see it, between its stub and the connection. Made by the connection.
 *
 * One is made for each call, so its fields are as those of a `Call`.
 */
export class ClientCall implements InterceptedCall, CallCourse {
	declare readonly args: readonly unknown[];
	/** What the caller said, and interceptors changed. */
	declare readonly options: CallOptions;
	/**
	 * Of a survey, whose form is `stream` and whose items are a `SurveyAnswer` each: how many values are enough; `Infinity`:
	 * everybody's. `undefined`: it is a call of one server.
	 */
	declare readonly quorum: number | undefined;
	/** @internal By `performance.now()`: attempts share it. */
	declare readonly deadlineAt: number;
	/** @internal */
	declare readonly descriptor: AnyMethod;
	/** @internal That of the call which this one was made of, first of all, if it was: there it is noted. */
	declare readonly course: CallCourse;
	/** @internal Where it is the first. */
	declare hasStarted: boolean;
	/** @internal Likewise, and so are those that follow. */
	declare now: number | undefined;
	/** @internal */
	declare readonly channels: readonly unknown[] | undefined;
	/** @internal */
	declare direct: Promise<unknown> | undefined;
	/** @internal */
	declare streams: ResultStream<unknown>[] | undefined;
	/** The time of a call that says nothing. Unit: ms. */
	declare private readonly standardMs: number;
	declare private heldValues: ContextValues | undefined;

	/** @internal Throws INVALID_ARGUMENT on a time that is none. */
	constructor(
		descriptor: AnyMethod,
		args: readonly unknown[],
		options: CallOptions,
		standardMs: number,
		quorum: number | undefined,
		channels: readonly unknown[] | undefined,
		before?: { readonly deadlineAt: number; readonly course: CallCourse; readonly values: ContextValues },
	) {
		this.descriptor = descriptor;
		this.args = args;
		this.options = options;
		this.standardMs = standardMs;
		this.quorum = quorum;
		this.channels = channels;
		this.hasStarted = false;
		this.direct = undefined;
		this.streams = undefined;
		if (before === undefined) {
			this.heldValues = options.values;
			this.course = this;
			const now = performance.now();
			this.now = now;
			this.deadlineAt = now + timeoutOf(descriptor.name, descriptor.timeoutMs ?? standardMs, options, now);
		} else {
			this.heldValues = before.values;
			this.course = before.course;
			this.now = undefined;
			this.deadlineAt = before.deadlineAt;
		}
	}

	get side(): "client" {
		return "client";
	}

	/** Made when they are asked for: most calls have none. */
	get values(): ContextValues {
		this.heldValues ??= new ContextValues();
		return this.heldValues;
	}

	get method(): string {
		return this.descriptor.name;
	}

	get form(): MethodForm {
		return this.quorum === undefined ? this.descriptor.form : "stream";
	}

	get isIdempotent(): boolean {
		return this.descriptor.isIdempotent;
	}

	get hasChannels(): boolean {
		return this.descriptor.channels.length > 0;
	}

	get metadata(): Readonly<Record<string, unknown>> {
		return this.options.metadata ?? noMetadata;
	}

	get deadline(): number {
		return this.deadlineAt === Number.POSITIVE_INFINITY ? this.deadlineAt : Date.now() + this.remainingMs;
	}

	get remainingMs(): number {
		return Math.max(0, this.deadlineAt - performance.now());
	}

	get signal(): AbortSignal | undefined {
		return this.options.signal ?? this.options.parent?.signal;
	}

	/** At a client there is none: which server gets the call is decided behind the interceptors. */
	get peer(): undefined {
		return undefined;
	}

	/** Another call, for `next`: this one with changes. Throws INVALID_ARGUMENT on a time that is none. */
	with({ args, options, metadata }: CallChanges): ClientCall {
		const changed = options === undefined ? this.options : { ...this.options, ...options };
		const whole = metadata === undefined ? changed : { ...changed, metadata: { ...changed.metadata, ...metadata } };
		const hasTime = options?.timeoutMs !== undefined || options?.deadline !== undefined;
		const { descriptor, standardMs, quorum, channels, course, values } = this;
		const { deadlineAt } = hasTime ? new ClientCall(descriptor, this.args, whole, standardMs, quorum, channels) : this;
		const before = { deadlineAt, course, values };
		return new ClientCall(descriptor, args ?? this.args, whole, standardMs, quorum, channels, before);
	}

	explain(error: unknown): RpcError {
		if (error instanceof RpcError) return error;
		const text = `${this.method}: an interceptor failed: ${error instanceof Error ? error.message : String(error)}`;
		return new RpcError("INTERNAL", text, {
			outcome: this.course.hasStarted ? "unknown" : "not-started",
			cause: error,
		});
	}
}

/** Stands around the calls of a connection. */
export type ClientInterceptor = (call: ClientCall, next: (call: ClientCall) => Answer) => Answer;
