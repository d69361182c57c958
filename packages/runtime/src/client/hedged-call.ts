import type { RpcError } from "../errors.js";
import type { LinkPeer } from "../link/link.js";
import type { AnyMethod } from "../service.js";
import type { Timed } from "../timing/deadline-wheel.js";
import { type Call, Repetition } from "./call.js";
import { isGivenUp } from "./call-failures.js";
import type { CallOptions } from "./call-options.js";
import type { HedgeOptions } from "./hedge-options.js";
import { asUnknown, fullPolicy, mayRepeat } from "./retry-policy.js";

/** Failures that leave the word to another attempt. */
const noVerdict = fullPolicy({})!;

/** What was asked for, and whom to tell. */
export interface HedgedRequest {
	readonly method: AnyMethod;
	readonly args: readonly unknown[];
	readonly options: CallOptions | undefined;
	readonly deadlineAt: number;
	readonly hedge: Required<HedgeOptions>;
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: RpcError) => void;
}

/** What a hedged call needs of whoever makes its attempts. */
export interface HedgeHost {
	/** Makes an attempt. Throws an `RpcError`, with nothing done, when it cannot. */
	launch(race: HedgedCall, attempt: number): Call;
	/** Nobody waits for an attempt any more: its server is told. */
	cancel(call: Call): void;
	/** Whether another attempt may be afforded; if so it is paid for. */
	afford(): boolean;
	/** What was paid was well spent. */
	onWon(): void;
	/** Calls `onDue` later, or no more. */
	wait(race: HedgedCall): void;
	forget(race: HedgedCall): void;
}

/**
 * One call by several attempts at a time, each a call of its own with a slot of its own. The first answer is the call's, and
 * the others are cancelled; an attempt that says nothing of the call itself leaves the word to the others.
 */
export class HedgedCall implements Timed {
	/** When the next attempt is due. */
	deadlineAt = 0;
	wheelNext: Timed | undefined;
	wheelPrevious: Timed | undefined;

	readonly request: HedgedRequest;
	/** Servers that had it. */
	readonly tried: LinkPeer[] = [];
	readonly #host: HedgeHost;
	readonly #running = new Set<Call>();
	#attempts = 0;
	#mayHaveRun = false;
	#isOver = false;

	constructor(request: HedgedRequest, host: HedgeHost) {
		this.request = request;
		this.#host = host;
	}

	/** Throws an `RpcError`, with nothing done, when not even the first attempt can be made. */
	start(): void {
		this.#launch();
		if (this.request.hedge.delayMs === 0) while (this.#hasMore && this.#host.afford()) this.#tryLaunch();
		else this.#host.wait(this);
	}

	/** An attempt has had its time for itself. */
	onDue(): void {
		if (this.#isOver) return;
		// One that waits for a server is not helped by another that waits.
		const isWaiting = [...this.#running].some(({ peer }) => peer === undefined);
		if (!isWaiting && this.#host.afford()) this.#tryLaunch();
		if (this.#hasMore) this.#host.wait(this);
	}

	/** What the attempt's call carries. */
	repetitionOf(call: Call, attempt: number): Repetition {
		const repetition = new Repetition(call);
		repetition.attempt = attempt;
		repetition.isHedged = true;
		for (const { peer } of this.#running) if (peer !== undefined) this.#note(peer);
		repetition.tried.push(...this.tried);
		return repetition;
	}

	onResult(call: Call, value: unknown): void {
		if (this.#isOver) return;
		this.#running.delete(call);
		if (call.repetition!.attempt > 0) this.#host.onWon();
		this.#end();
		this.request.resolve(value);
	}

	onFailure(call: Call, error: RpcError): void {
		if (this.#isOver) return;
		this.#running.delete(call);
		if (call.peer !== undefined) this.#note(call.peer);
		const isNotStarted = error.outcome === "not-started";
		const isOurs = error.origin === "local" && isGivenUp(error);
		const isRepeatable = !isOurs && mayRepeat(call, error, noVerdict);
		if (isRepeatable && this.#hasMore && this.#host.afford()) this.#tryLaunch();
		// Whoever heard of that attempt may have ended it all.
		if (this.#isOver) return;
		if (!isOurs && (isNotStarted || isRepeatable) && this.#running.size > 0) {
			if (!isNotStarted) this.#mayHaveRun = true;
			return;
		}
		const hasRun = this.#mayHaveRun || [...this.#running].some(({ peer }) => peer !== undefined);
		this.#end();
		this.request.reject(hasRun ? asUnknown(error) : error);
	}

	get #hasMore(): boolean {
		return !this.#isOver && this.#attempts < this.request.hedge.maxAttempts;
	}

	#launch(): void {
		this.#running.add(this.#host.launch(this, this.#attempts));
		this.#attempts++;
	}

	/** Another attempt is a help, not a must. */
	#tryLaunch(): void {
		try {
			this.#launch();
		} catch {
			// What the others say counts.
			this.#attempts++;
		}
	}

	#note(peer: LinkPeer): void {
		if (!this.tried.includes(peer)) this.tried.push(peer);
	}

	#end(): void {
		this.#isOver = true;
		this.#host.forget(this);
		for (const call of this.#running) this.#host.cancel(call);
		this.#running.clear();
	}
}
