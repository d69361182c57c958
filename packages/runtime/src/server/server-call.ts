import type { CallContext, CallPeer } from "../call-context.js";
import type { ContextValues } from "../context-values.js";
import type { RpcError } from "../errors.js";
import type { Answer, InterceptedCall } from "../interceptor.js";
import { isDeclared } from "../protocol/declared-error.js";
import type { MethodForm } from "../service.js";
import type { ServedCall } from "./context.js";
import { toRpcError } from "./failures.js";
import type { Route } from "./routes.js";

/** A call as interceptors of a server see it, between the wire and its handler. Made by the server. */
export class ServerCall implements InterceptedCall {
	readonly args: readonly unknown[];
	/** @internal */
	readonly served: ServedCall;
	/** @internal */
	readonly route: Route;
	/** @internal What the handler gets that is no data. */
	readonly parameters: readonly unknown[];

	/** @internal */
	constructor(served: ServedCall, route: Route, args: readonly unknown[], parameters: readonly unknown[]) {
		this.served = served;
		this.route = route;
		this.args = args;
		this.parameters = parameters;
	}

	get side(): "server" {
		return "server";
	}

	/** What the handler will be given. */
	get context(): CallContext {
		return this.served;
	}

	get method(): string {
		return this.served.method;
	}

	get form(): MethodForm {
		return this.route.method.form;
	}

	get isIdempotent(): boolean {
		return this.route.method.isIdempotent;
	}

	get hasChannels(): boolean {
		return this.route.method.channels.length > 0;
	}

	get metadata(): Readonly<Record<string, unknown>> {
		return this.served.metadata;
	}

	get deadline(): number {
		return this.served.deadline;
	}

	get remainingMs(): number {
		return this.served.remainingMs;
	}

	get signal(): AbortSignal {
		return this.served.signal;
	}

	get peer(): CallPeer {
		return this.served.peer;
	}

	get values(): ContextValues {
		return this.served.values;
	}

	/** Another call, for `next`: this one with other arguments, which are not checked again. */
	with({ args }: { readonly args: readonly unknown[] }): ServerCall {
		return new ServerCall(this.served, this.route, args, this.parameters);
	}

	explain(error: unknown): RpcError {
		return isDeclared(error, this.route.method.errors) ? error : toRpcError(this.served, error, () => {});
	}
}

/** Stands around the calls of a server. */
export type ServerInterceptor = (call: ServerCall, next: (call: ServerCall) => Answer) => Answer;
