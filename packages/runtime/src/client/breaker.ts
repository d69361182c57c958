import { longestTimerMs, numericOption } from "../numeric-option.js";

/** When an endpoint is left alone for a while. */
export interface BreakerOptions {
	/** So many failures one after another open it: at least 1. Default: 5. */
	readonly failures?: number;
	/** How long it stays open before one call may try. Unit: ms. Default: 5000. */
	readonly openMs?: number;
}

/** `half-open`: one call tries whether the endpoint is well again. */
export type BreakerState = "closed" | "open" | "half-open";

/** Runs something later; what it returns takes that back. */
export type Schedule = (run: () => void, afterMs: number) => () => void;

/**
 * The circuit breaker of one endpoint. A server that answers nothing in time costs each caller its whole deadline; after some
 * of that it gets no calls until one, sent to try, was answered.
 */
export class Breaker {
	readonly #maxFailures: number;
	readonly #openMs: number;
	readonly #onChange: (state: BreakerState) => void;
	readonly #schedule: Schedule;
	#state: BreakerState = "closed";
	/** One after another. */
	#failures = 0;
	/** The call that tries. What others say that were sent before is no news. */
	#probe: object | undefined;
	#takeBack = () => {};

	/** Throws for a value that makes no sense. */
	constructor(options: BreakerOptions, onChange: (state: BreakerState) => void, schedule: Schedule = later) {
		const { failures = 5, openMs = 5000 } = options;
		this.#maxFailures = numericOption("breaker.failures", failures, { atLeast: 1, isWhole: true });
		this.#openMs = numericOption("breaker.openMs", openMs, { atLeast: 0, atMost: longestTimerMs });
		this.#onChange = onChange;
		this.#schedule = schedule;
	}

	get state(): BreakerState {
		return this.#state;
	}

	/** Whether the endpoint may be given a call. */
	get isPassable(): boolean {
		return this.#state === "closed" || (this.#state === "half-open" && this.#probe === undefined);
	}

	/** The endpoint was given a call. */
	onSent(call: object): void {
		if (this.#state === "half-open") this.#probe ??= call;
	}

	/** The endpoint answered. */
	onAnswered(call: object): void {
		if (this.#state === "closed") this.#failures = 0;
		else if (this.#probe === call) this.#move("closed");
	}

	/** The endpoint failed a call. */
	onFailed(call: object): void {
		if (this.#state === "closed" ? ++this.#failures >= this.#maxFailures : this.#probe === call) this.#open();
	}

	/** The call ended in a way that says nothing of the endpoint. */
	onReleased(call: object): void {
		if (this.#probe !== call) return;
		this.#probe = undefined;
		this.#onChange(this.#state);
	}

	/** The connection was lost: one failure, however many calls it cost. */
	onLost(): void {
		if (this.#state === "closed" ? ++this.#failures >= this.#maxFailures : this.#state === "half-open") this.#open();
	}

	close(): void {
		this.#takeBack();
	}

	#open(): void {
		this.#takeBack = this.#schedule(() => this.#move("half-open"), this.#openMs);
		this.#move("open");
	}

	#move(state: BreakerState): void {
		this.#state = state;
		this.#probe = undefined;
		this.#failures = 0;
		this.#onChange(state);
	}
}

function later(run: () => void, afterMs: number): () => void {
	const timer = setTimeout(run, afterMs);
	return () => clearTimeout(timer);
}
