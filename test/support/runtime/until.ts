import { setTimeout as pause } from "node:timers/promises";
import { RpcError } from "../../../packages/runtime/src/index.js";

/** Waits for a condition that no event tells of. The limit only turns a hang into a failure with a name. */
export async function until(isSo: () => boolean | Promise<boolean>, what = isSo.toString()): Promise<void> {
	for (const end = performance.now() + 20_000; !(await isSo()); ) {
		if (performance.now() > end) throw new Error(`never came true: ${what}`);
		await pause(2);
	}
}

/** The `RpcError` that a call ends with. Fails when it succeeds, or ends with anything else. */
export async function failureOf(call: Promise<unknown> | (() => unknown)): Promise<RpcError> {
	let value: unknown;
	try {
		value = await (typeof call === "function" ? call() : call);
	} catch (error) {
		if (error instanceof RpcError) return error;
		throw error;
	}
	throw new Error(`the call succeeded with ${JSON.stringify(value)}`);
}

/** `STATUS outcome origin` of the failure. */
export async function verdict(call: Promise<unknown> | (() => unknown)): Promise<string> {
	const { status, outcome, origin } = await failureOf(call);
	return `${status} ${outcome} ${origin}`;
}

export interface Deferred<T> {
	readonly promise: Promise<T>;
	readonly resolve: (value: T) => void;
	readonly reject: (error: unknown) => void;
}

export function deferred<T = void>(): Deferred<T> {
	let resolve!: (value: T) => void;
	let reject!: (error: unknown) => void;
	const promise = new Promise<T>((yes, no) => {
		resolve = yes;
		reject = no;
	});
	return { promise, resolve, reject };
}
