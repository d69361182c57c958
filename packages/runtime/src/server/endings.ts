import type { RpcError } from "../errors.js";
import { encodeDeclared } from "../protocol/declared-error.js";
import { answerEnd, answerEndOfStream, answerError, answerResult } from "./answers.js";
import type { ServedCall } from "./context.js";
import type { MethodCounters } from "./counters.js";
import { type HandlerFailure, resultError, toRpcError, undeclaredData } from "./failures.js";
import { callsOf } from "./peer-calls.js";
import type { Route } from "./routes.js";

/** The ways in which the handler of a call can be done with it, and what its caller hears then. */
export class Endings {
	readonly #maxFrameBytes: number;
	readonly #onFailure: (failure: HandlerFailure) => void;

	/** `onFailure`: hears of what the caller is told the id of only. */
	constructor(maxFrameBytes: number, onFailure: (failure: HandlerFailure) => void) {
		this.#maxFrameBytes = maxFrameBytes;
		this.#onFailure = onFailure;
	}

	succeed(call: ServedCall, { method, counters }: Route, value: unknown): void {
		counters.served++;
		if (call.isHandedOver || call.isOneWay || method.form === "stream") {
			finish(call, counters);
			return;
		}
		call.settle();
		try {
			answerResult(call, method.result, value, this.#maxFrameBytes);
		} catch (error) {
			counters.failed++;
			answerError(call, toRpcError(call, resultError(error), this.#onFailure));
		}
	}

	fail(call: ServedCall, { method, counters }: Route, error: unknown): void {
		counters.served++;
		if (call.isHandedOver) {
			// It may be answered all the same; what went wrong here is for the log.
			toRpcError(call, error, this.#onFailure);
			keep(call);
			return;
		}
		counters.failed++;
		call.settle();
		let failure = error;
		try {
			const declared = call.isOneWay ? undefined : encodeDeclared(error, method.errors, call.isJson);
			if (declared !== undefined) {
				answerError(call, error as RpcError, declared);
				return;
			}
		} catch (reason) {
			failure = undeclaredData(error as RpcError, reason);
		}
		answerError(call, toRpcError(call, failure, this.#onFailure));
	}
}

/** Ends a call whose handler's result is not what answers it. */
function finish(call: ServedCall, counters: MethodCounters): void {
	if (call.isHandedOver) {
		keep(call);
		return;
	}
	const { abortReason } = call;
	call.settle();
	if (call.isOneWay) {
		answerEnd(call);
	} else if (abortReason === undefined) {
		answerEndOfStream(call);
	} else {
		counters.failed++;
		answerError(call, abortReason);
	}
}

/** Somebody else answers the call. One that is kept here can still be cancelled. */
function keep(call: ServedCall): void {
	if (call.channel === undefined || call.origin === undefined) call.settle();
	else callsOf(call.origin).add(call);
}
