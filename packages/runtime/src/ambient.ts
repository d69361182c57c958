/**
 * The call that the running code serves, known without being handed on. Only servers that ask for it pay: until one does,
 * there is no storage, and looking costs one comparison.
 */
import { platform } from "#platform";
import type { CallContext } from "./call-context.js";
import type { Storage } from "./platform/platform.js";

let storage: Storage<CallContext> | undefined;

/** Runs `serve` so that whatever it starts, now and later, is done for this call. */
export function runFor<T>(context: CallContext, serve: () => T): T {
	storage ??= platform.createStorage?.();
	return storage === undefined ? serve() : storage.run(context, serve);
}

/** The call that the running code serves, if its server has `isAmbient` set. */
export function currentCall(): CallContext | undefined {
	return storage?.getStore();
}
