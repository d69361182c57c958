import { notStarted, RpcError } from "../errors.js";
import type { Answer, InterceptedCall, Interceptor } from "../interceptor.js";
import { numericOption } from "../numeric-option.js";
import { observe } from "./observe.js";

export interface ConcurrencyLimitOptions {
	/** Most calls at a time. A stream is one until it has been read to its end, or left. */
	readonly max: number;
	/** Whether each method has a limit of its own, or all share one. Default: false, all share one. */
	readonly isPerMethod?: boolean;
	/** Most calls that wait for their turn, for each limit; another one fails with RESOURCE_EXHAUSTED. Default: 0, none waits. */
	readonly maxWaiting?: number;
}

/** One call whose turn has not come. */
interface Waiting {
	readonly call: InterceptedCall;
	readonly start: () => void;
	readonly fail: (error: unknown) => void;
}

/**
 * Lets so many calls go on at a time; a bounded number waits, in order, and leaves the line when nobody waits for it any more.
 * For either side.
 */
export function concurrencyLimit(options: ConcurrencyLimitOptions): Interceptor {
	const { max, isPerMethod = false, maxWaiting = 0 } = options;
	numericOption("max", max, { atLeast: 1 });
	numericOption("maxWaiting", maxWaiting, { atLeast: 0 });
	const gates = new Map<string, Gate>();
	return (call, next) => {
		const name = isPerMethod ? call.method : "";
		let gate = gates.get(name);
		if (gate === undefined) {
			gate = new Gate(max, maxWaiting);
			gates.set(name, gate);
		}
		return gate.enter(call, () => next(call));
	};
}

class Gate {
	readonly #max: number;
	readonly #maxWaiting: number;
	#running = 0;
	/** A Set keeps the order and lets a call leave from the middle. */
	readonly #line = new Set<Waiting>();

	constructor(max: number, maxWaiting: number) {
		this.#max = max;
		this.#maxWaiting = maxWaiting;
	}

	enter(call: InterceptedCall, begin: () => Answer): Answer {
		if (this.#running < this.#max) return this.#run(call, begin);
		if (this.#line.size >= this.#maxWaiting) {
			throw notStarted(
				"RESOURCE_EXHAUSTED",
				`${call.method}: ${this.#max} calls run and ${this.#line.size} wait already`,
			);
		}
		return this.#wait(call, begin);
	}

	#run(call: InterceptedCall, begin: () => Answer): Answer {
		this.#running++;
		return observe(call, begin, { onEnd: () => this.#leave() });
	}

	/** Of a stream, a promise of the iterable. */
	#wait(call: InterceptedCall, begin: () => Answer): Promise<unknown> {
		return new Promise((resolve, reject) => {
			const { signal } = call;
			const onAbort = () => {
				if (!this.#line.delete(waiting)) return;
				const cause: unknown = signal?.reason;
				const status = cause instanceof RpcError ? cause.status : "CANCELLED";
				reject(notStarted(status, `${call.method}: given up before its turn came`, { cause }));
			};
			const done = () => signal?.removeEventListener("abort", onAbort);
			const waiting: Waiting = {
				call,
				start: () => {
					done();
					try {
						resolve(this.#run(call, begin));
					} catch (error) {
						reject(error);
					}
				},
				fail: (error) => {
					done();
					reject(error);
				},
			};
			this.#line.add(waiting);
			signal?.addEventListener("abort", onAbort, { once: true });
			if (signal?.aborted === true) onAbort();
		});
	}

	#leave(): void {
		this.#running--;
		for (const waiting of this.#line) {
			if (this.#running >= this.#max) return;
			this.#line.delete(waiting);
			const { call } = waiting;
			if (call.remainingMs > 0) waiting.start();
			else waiting.fail(notStarted("DEADLINE_EXCEEDED", `${call.method}: waited too long for its turn`));
		}
	}
}
