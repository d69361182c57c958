/**
 * The call that the running code serves, known without being handed on. Only servers that ask for it pay: until one does,
 * there is no storage, and looking costs one comparison.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { CallContext } from "./call-context.js";

let storage: AsyncLocalStorage<CallContext> | undefined;

/** Runs `serve` so that whatever it starts, now and later, is done for this call. */
export function runFor<T>(context: CallContext, serve: () => T): T {
	storage ??= new AsyncLocalStorage();
	return storage.run(context, serve);
}

/** The call that the running code serves, if its server has `isAmbient` set. */
export function currentCall(): CallContext | undefined {
	return storage?.getStore();
}
