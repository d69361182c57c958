import type { Status } from "../errors.js";
import type { InterceptedCall, Interceptor } from "../interceptor.js";
import type { MethodForm } from "../service.js";
import { observe } from "./observe.js";

/** A call that begins. */
export interface CallStarted {
	readonly side: "client" | "server";
	readonly method: string;
	readonly form: MethodForm;
	/** Calls of this method that have not ended, this one included. */
	readonly inFlight: number;
}

/** A call that has ended; `inFlight` is without it. */
export interface CallEnded extends CallStarted {
	readonly status: "OK" | Status;
	/** Unit: ms. */
	readonly durationMs: number;
	/** Until the result or the first item, or the end where there was none. Unit: ms. */
	readonly firstMs: number;
	/** Of a stream; 0 of others. */
	readonly items: number;
}

/** Where the figures go. These may not throw. */
export interface MetricsHooks {
	onStart?(call: CallStarted): void;
	onEnd?(call: CallEnded): void;
}

/** Tells the hooks of each call. For either side, and for any library of metrics. */
export function metrics(hooks: MetricsHooks): Interceptor {
	/** There are as many as methods are called; servers know theirs, and clients call what they know. */
	const inFlight = new Map<string, number>();
	const count = ({ side, method }: InterceptedCall, change: 1 | -1) => {
		// One and the same may stand at both sides.
		const key = `${side} ${method}`;
		const left = (inFlight.get(key) ?? 0) + change;
		if (left === 0) inFlight.delete(key);
		else inFlight.set(key, left);
		return left;
	};
	return (call, next) => {
		const { side, method, form } = call;
		const startedAt = performance.now();
		let firstMs: number | undefined;
		let items = 0;
		hooks.onStart?.({ side, method, form, inFlight: count(call, 1) });
		return observe(call, () => next(call), {
			onItem: () => {
				items++;
				firstMs ??= performance.now() - startedAt;
			},
			onEnd: (error) => {
				const durationMs = performance.now() - startedAt;
				const status = error === undefined ? "OK" : call.explain(error).status;
				const left = count(call, -1);
				hooks.onEnd?.({
					side,
					method,
					form,
					inFlight: left,
					status,
					durationMs,
					firstMs: firstMs ?? durationMs,
					items,
				});
			},
		});
	};
}
