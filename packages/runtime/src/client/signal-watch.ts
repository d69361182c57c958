import type { CallOptions } from "./call-options.js";

/**
 * The callers' abort signals and the calls that hang on each. One listener for each signal, whatever the number of its
 * calls: a signal shared by ten thousand calls would look through as many listeners for each call that ends, and Node
 * warns of a leak from the eleventh on.
 */
export class SignalWatch<Call extends object> {
	readonly #calls = new Map<AbortSignal, Set<Call>>();
	readonly #onAbort: (call: Call, reason: unknown) => void;

	constructor(onAbort: (call: Call, reason: unknown) => void) {
		this.#onAbort = onAbort;
	}

	/** Watches the signals of a call. */
	watch({ signal, parent }: CallOptions, call: Call): void {
		if (signal !== undefined) this.add(signal, call);
		if (parent !== undefined) this.add(parent.signal, call);
	}

	/** Takes back what `watch` did. */
	unwatch({ signal, parent }: CallOptions, call: Call): void {
		if (signal !== undefined) this.remove(signal, call);
		if (parent !== undefined) this.remove(parent.signal, call);
	}

	add(signal: AbortSignal, call: Call): void {
		let calls = this.#calls.get(signal);
		if (calls === undefined) {
			calls = new Set();
			this.#calls.set(signal, calls);
			signal.addEventListener("abort", this.#abort);
		}
		calls.add(call);
	}

	remove(signal: AbortSignal, call: Call): void {
		const calls = this.#calls.get(signal);
		if (calls === undefined || !calls.delete(call) || calls.size > 0) return;
		this.#calls.delete(signal);
		signal.removeEventListener("abort", this.#abort);
	}

	readonly #abort = (event: Event): void => {
		const signal = event.target as AbortSignal;
		for (const call of this.#calls.get(signal) ?? []) this.#onAbort(call, signal.reason);
	};
}
