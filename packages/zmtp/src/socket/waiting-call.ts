import { ZmtpError } from "../errors.js";
import { holdProcess, releaseProcess } from "./process-hold.js";

/** What every call that may wait takes. */
export interface CallOptions {
	/** Ends the waiting; the call then rejects with the signal's reason and has had no effect. */
	readonly signal?: AbortSignal | undefined;
}

export interface WaitingOptions extends CallOptions {
	/** The public object that was called: it is not garbage as long as its call waits. */
	readonly caller?: unknown;
}

/** A call that waits: it ends once, by a value, an error, its signal or its time. The process stays for it. */
export class WaitingCall<Value> {
	readonly promise: Promise<Value>;
	readonly caller: unknown;
	#resolve!: (value: Value) => void;
	#reject!: (error: unknown) => void;
	readonly #timer: NodeJS.Timeout | undefined;
	readonly #unlisten: (() => void) | undefined;

	/**
	 * `onLeft` hears that nobody waits any more, by time or signal. `timeoutMs` may be `Infinity`; when it is over the call
	 * rejects with `EAGAIN` and `late`.
	 */
	constructor(timeoutMs: number, { signal, caller }: WaitingOptions, late: string, onLeft: () => void) {
		this.caller = caller;
		this.promise = new Promise((resolve, reject) => {
			this.#resolve = resolve;
			this.#reject = reject;
		});
		const leave = (reason: unknown) => {
			this.reject(reason);
			onLeft();
		};
		if (signal !== undefined) {
			const abort = () => leave(signal.reason);
			signal.addEventListener("abort", abort, { once: true });
			this.#unlisten = () => signal.removeEventListener("abort", abort);
		}
		if (timeoutMs !== Number.POSITIVE_INFINITY) {
			this.#timer = setTimeout(() => leave(new ZmtpError("EAGAIN", late)), timeoutMs);
		}
		holdProcess();
	}

	resolve(value: Value): void {
		this.#end();
		this.#resolve(value);
	}

	reject(error: unknown): void {
		this.#end();
		this.#reject(error);
	}

	#end(): void {
		clearTimeout(this.#timer);
		this.#unlisten?.();
		releaseProcess();
	}
}
