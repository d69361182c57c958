import { ambientCall } from "../ambient.js";
import type { CallContext } from "../call-context.js";
import type { ContextValues } from "../context-values.js";
import { notStarted, type RpcError } from "../errors.js";
import { maxBudgetMs } from "../limits.js";
import { shown } from "../numeric-option.js";
import type { HedgeOptions } from "./hedge-options.js";
import type { RetryPolicy } from "./retry-policy.js";

/** What a caller may say of one call. */
export interface CallOptions {
	/** How long the caller waits. Unit: ms; `Infinity`: for ever. Default: the method's `@timeout`, else the connection's. */
	readonly timeoutMs?: number;
	/** The instant until which the caller waits, instead of a duration. */
	readonly deadline?: Date;
	/** Cancels the call: it ends with CANCELLED, and its handler's signal aborts. */
	readonly signal?: AbortSignal;
	/** Travels beside the arguments to the handler's context: up to 8 KiB of anything msgpack carries. */
	readonly metadata?: Readonly<Record<string, unknown>>;
	/** For the connection's interceptors; stays in this process. */
	readonly values?: ContextValues;
	/** Whether a call made while nobody can take it waits for somebody, up to its deadline. Default: true. */
	readonly waitForReady?: boolean;
	/** How the call is made again when it fails; `false`: never. Default: the connection's. */
	readonly retry?: RetryPolicy | false;
	/**
	 * Sends the call a second time, to another server where there is one, when it is not answered soon; `false`: does not. For
	 * idempotent methods without streams and callbacks; any other call fails with INVALID_ARGUMENT. Default: the connection's.
	 */
	readonly hedge?: HedgeOptions | false;
	/**
	 * The call being served on whose behalf this one is made: its deadline and its cancellation hold for this one too.
	 * Default: the one that the running code serves, where the server has `isAmbient` set; `undefined` here means none.
	 */
	readonly parent?: CallContext | undefined;
}

/** The caller's options, with the call that the running code serves for a parent where there is one and no other is named. */
export function inContext(options: CallOptions | undefined): CallOptions | undefined {
	const parent = ambientCall();
	return parent === undefined || (options !== undefined && "parent" in options) ? options : { ...options, parent };
}

/**
 * How long a call may take: the earliest of what the caller says, or `standardMs` when it says nothing. Unit: ms; at or
 * below 0 it is over already. `now`: by `performance.now()`. Throws INVALID_ARGUMENT for what is no time.
 */
export function timeoutOf(methodName: string, standardMs: number, options: CallOptions, now: number): number {
	assertOptions(methodName, options);
	const { deadline, parent } = options;
	let timeoutMs = options.timeoutMs ?? (deadline === undefined ? standardMs : Number.POSITIVE_INFINITY);
	if (deadline !== undefined) timeoutMs = Math.min(timeoutMs, deadline.getTime() - Date.now());
	if (parent !== undefined) {
		timeoutMs = Math.min(timeoutMs, parent.deadlineAt === undefined ? parent.remainingMs : parent.deadlineAt - now);
	}
	return timeoutMs > maxBudgetMs ? Number.POSITIVE_INFINITY : timeoutMs;
}

function assertOptions(methodName: string, options: CallOptions): void {
	if (typeof options !== "object" || options === null) {
		throw misgiven(methodName, `a call's options are an object, such as { timeoutMs: 500 }, not ${shown(options)}`);
	}
	const { timeoutMs = 0, deadline } = options;
	if (typeof timeoutMs !== "number" || Number.isNaN(timeoutMs)) {
		throw misgiven(methodName, `timeoutMs must be a number of milliseconds, not ${shown(timeoutMs)}`);
	}
	if (deadline === undefined) return;
	if (!(deadline instanceof Date)) {
		throw misgiven(methodName, `deadline must be a Date, not ${shown(deadline)}: a duration is timeoutMs`);
	}
	if (Number.isNaN(deadline.getTime())) throw misgiven(methodName, "deadline must be a valid Date");
}

function misgiven(methodName: string, problem: string): RpcError {
	return notStarted("INVALID_ARGUMENT", `${methodName}: ${problem}`);
}

/** Whether the caller says how long the call may take. */
export function hasTime(options: CallOptions | undefined): boolean {
	return options?.timeoutMs !== undefined || options?.deadline !== undefined || options?.parent !== undefined;
}

/** The signals that cancel a call. */
export function signalsOf({ signal, parent }: CallOptions): readonly AbortSignal[] {
	return [signal, parent?.signal].filter((given) => given !== undefined);
}

/** Throws CANCELLED when a signal has aborted already, INVALID_ARGUMENT for what is none. */
export function assertWanted(methodName: string, options: CallOptions): void {
	const { signal, parent } = options;
	if (signal !== undefined && typeof signal.aborted !== "boolean") {
		throw misgiven(methodName, `signal must be an AbortSignal, not ${shown(signal)}: an AbortController has one`);
	}
	const aborted = signal?.aborted === true ? signal : isAborted(parent) ? parent?.signal : undefined;
	if (aborted === undefined) return;
	throw notStarted("CANCELLED", `${methodName}: the caller cancelled before it called`, { cause: aborted.reason });
}

function isAborted(parent: CallContext | undefined): boolean {
	return parent !== undefined && (parent.isAborted ?? parent.signal.aborted);
}
