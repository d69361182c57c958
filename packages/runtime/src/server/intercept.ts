import { type Answer, around, isAsyncIterable, LateStream } from "../interceptor.js";
import type { ServedCall } from "./context.js";
import type { Route } from "./routes.js";
import { ServerCall, type ServerInterceptor } from "./server-call.js";

/** Runs a call to its handler. `parameters`: what is no data. */
export type Intercepted = (
	call: ServedCall,
	route: Route,
	args: readonly unknown[],
	parameters: readonly unknown[],
) => Answer;

/** The way of calls through the interceptors of a server; `undefined`: there is none. */
export function intercept(interceptors: readonly ServerInterceptor[]): Intercepted | undefined {
	if (interceptors.length === 0) return undefined;
	const toHandler = around(interceptors, handle);
	return (call, route, args, parameters) => {
		call.hasStarted = false;
		return toHandler(new ServerCall(call, route, args, parameters));
	};
}

function handle({ served, route, args, parameters }: ServerCall): Answer {
	served.hasStarted = true;
	const answerOf = route.method.form === "stream" ? toStream : toPromise;
	return answerOf(route.method.name, () => route.handler(args, served, ...parameters));
}

export function assertIterable(name: string, value: unknown): AsyncIterable<unknown> | Iterable<unknown> {
	if (typeof value === "object" && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)) {
		return value as AsyncIterable<unknown> | Iterable<unknown>;
	}
	throw new TypeError(`the handler of ${name} returned no iterable`);
}

function toPromise(_: string, handle: () => unknown): Promise<unknown> {
	try {
		return Promise.resolve(handle());
	} catch (error) {
		return Promise.reject(error);
	}
}

function toStream(name: string, handle: () => unknown): AsyncIterable<unknown> {
	let items: unknown;
	try {
		items = handle();
	} catch (error) {
		return new LateStream(Promise.reject(error));
	}
	if (isAsyncIterable(items)) return items;
	return new LateStream(Promise.resolve(items).then((found) => toAsyncIterable(assertIterable(name, found))));
}

async function* ofSync(items: Iterable<unknown>): AsyncGenerator<unknown, void> {
	yield* items;
}

function toAsyncIterable(items: AsyncIterable<unknown> | Iterable<unknown>): AsyncIterable<unknown> {
	return isAsyncIterable(items) ? items : ofSync(items);
}
