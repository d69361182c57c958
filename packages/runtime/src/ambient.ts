/**
 * The call that the running code serves, known without being handed on. Only servers that ask for it pay: until one does,
 * there is no storage, and looking costs one comparison.
 *
 * A handler that takes any number of arguments has no place for its context. So generated code notes whose handler it calls, while
 * that is running and up to its first `await`, on every server: that costs two assignments, and nobody else anything.
 */
import { platform } from "#platform";
import type { CallContext } from "./call-context.js";
import type { Storage } from "./platform/platform.js";

let storage: Storage<CallContext> | undefined;
/** The call whose handler is being run at this moment. */
let running: CallContext | undefined;

/** Runs `serve` so that whatever it starts, now and later, is done for this call. */
export function runFor<T>(context: CallContext, serve: () => T): T {
	storage ??= platform.createStorage?.();
	return storage === undefined ? serve() : storage.run(context, serve);
}

/** The call that the running code serves, if its server has `isAmbient` set: calls that are made belong to it. */
export function ambientCall(): CallContext | undefined {
	return storage?.getStore();
}

/**
 * The call that the running code serves: where its server has `isAmbient` set, and in a handler that takes any number of arguments up
 * to its first `await`, or `yield`.
 */
export function currentCall(): CallContext | undefined {
	return running ?? storage?.getStore();
}

/** Runs a handler that has no place for its context. For generated code. */
export function serving<T>(context: CallContext, serve: () => T): T {
	const outer = running;
	running = context;
	try {
		return serve();
	} finally {
		running = outer;
	}
}

/** The same of one that answers with a stream: a generator runs while it is asked for items. For generated code. */
export function servingItems<T>(context: CallContext, serve: () => T): T {
	const items: unknown = serving(context, serve);
	if (typeof items !== "object" || items === null) return items as T;
	const key = Symbol.asyncIterator in items ? Symbol.asyncIterator : Symbol.iterator;
	if (!(key in items)) return items as T;
	const begin = (items as Readonly<Record<symbol, () => Iterator<unknown>>>)[key]!.bind(items);
	return { [key]: () => askedWhile(context, serving(context, begin)) } as T;
}

function askedWhile(context: CallContext, items: Iterator<unknown>): Iterator<unknown> {
	return {
		next: () => serving(context, () => items.next()),
		...(items.return !== undefined && { return: () => serving(context, () => items.return!()) }),
	};
}
