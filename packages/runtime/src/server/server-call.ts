import type { CallContext, CallPeer } from "../call-context.js";
import type { ContextValues } from "../context-values.js";
import type { RpcError } from "../errors.js";
import type { Answer, InterceptedCall } from "../interceptor.js";
import { isDeclared } from "../protocol/declared-error.js";
import type { AnyMethod, MethodForm } from "../service.js";
import type { ServedCall } from "./context.js";
import { toRpcError } from "./failures.js";

/** A call as interceptors of a server see it, between the wire and its handler. Made by the server. */
export class ServerCall implements InterceptedCall {
	readonly side = "server";
	readonly args: readonly unknown[];
	/** What the handler will be given. */
	readonly context: CallContext;
	readonly #served: ServedCall;
	readonly #descriptor: AnyMethod;

	/** @internal */
	constructor(served: ServedCall, descriptor: AnyMethod, args: readonly unknown[]) {
		this.#served = served;
		this.#descriptor = descriptor;
		this.context = served;
		this.args = args;
	}

	get method(): string {
		return this.#served.method;
	}

	get form(): MethodForm {
		return this.#descriptor.form;
	}

	get isIdempotent(): boolean {
		return this.#descriptor.isIdempotent;
	}

	get hasChannels(): boolean {
		return this.#descriptor.channels.length > 0;
	}

	get metadata(): Readonly<Record<string, unknown>> {
		return this.#served.metadata;
	}

	get deadline(): number {
		return this.#served.deadline;
	}

	get remainingMs(): number {
		return this.#served.remainingMs;
	}

	get signal(): AbortSignal {
		return this.#served.signal;
	}

	get peer(): CallPeer {
		return this.#served.peer;
	}

	get values(): ContextValues {
		return this.#served.values;
	}

	/** Another call, for `next`: this one with other arguments, which are not checked again. */
	with({ args }: { readonly args: readonly unknown[] }): ServerCall {
		return new ServerCall(this.#served, this.#descriptor, args);
	}

	explain(error: unknown): RpcError {
		return isDeclared(error, this.#descriptor.errors) ? error : toRpcError(this.#served, error, () => {});
	}
}

/** Stands around the calls of a server. */
export type ServerInterceptor = (call: ServerCall, next: (call: ServerCall) => Answer) => Answer;
