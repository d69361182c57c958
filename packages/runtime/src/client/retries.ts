import type { RpcError } from "../errors.js";
import type { LinkPeer } from "../link/link.js";
import { DeadlineWheel } from "../timing/deadline-wheel.js";
import { type Call, Repetition } from "./call.js";
import { badOption } from "./call-failures.js";
import { RetryBudget, type RetryBudgetOptions } from "./retry-budget.js";
import {
	backoffMs,
	type FullRetryPolicy,
	fullPolicy,
	mayRepeat,
	type RetryPolicy,
	standardPolicy,
} from "./retry-policy.js";

export interface RetrySettings {
	readonly retry?: RetryPolicy | false | undefined;
	readonly retryBudget?: RetryBudgetOptions | undefined;
}

/** What is needed of the connection. */
export interface RetryHost {
	/** Whether a server is there that is none of these. */
	hasAnother(tried: readonly LinkPeer[]): boolean;
	/** Its pause is over. */
	onDue(call: Call): void;
}

/** Decides which failed calls are made again, and holds them while they pause. */
export class Retries {
	readonly #host: RetryHost;
	readonly #policy: FullRetryPolicy | undefined;
	readonly budget: RetryBudget;
	readonly #clock: () => number;
	readonly #random: () => number;
	/** Made with the first pause: most connections never see one. */
	#wheel: DeadlineWheel<Repetition> | undefined;
	/** Calls that pause. */
	pausing = 0;
	/** Attempts after the first. */
	count = 0;

	/** Throws a RangeError for a value that makes no sense. `random`: from 0 to below 1. */
	constructor(settings: RetrySettings, host: RetryHost, clock = () => performance.now(), random = Math.random) {
		this.#host = host;
		this.#policy = settings.retry === undefined ? standardPolicy : fullPolicy(settings.retry);
		this.budget = new RetryBudget(settings.retryBudget);
		this.#clock = clock;
		this.#random = random;
	}

	/**
	 * How long to pause before the call is made again; `undefined`: it has failed for good. Unit: ms. A call that is made again
	 * has a repetition, of which this is the next attempt.
	 */
	next(call: Call, error: RpcError, deadlineAt: number): number | undefined {
		if (call.repetition?.isHedged === true) return undefined;
		const policy = this.policyOf(call);
		if (policy === undefined || !mayRepeat(call, error, policy)) return undefined;
		// What never left this process burdened nobody.
		const isFree = error.origin === "local" && error.outcome === "not-started";
		if (!isFree) this.budget.spend();
		const attempt = (call.repetition?.attempt ?? 0) + 1;
		if (attempt >= policy.attempts || !(isFree || this.budget.isAmple)) return undefined;
		const repetition = call.repetition ?? new Repetition(call);
		if (call.peer !== undefined && !repetition.tried.includes(call.peer)) repetition.tried.push(call.peer);
		const hasAnother = this.#host.hasAnother(repetition.tried);
		// Whoever does not wait for a server does not wait for the same one either.
		if (!hasAnother && call.options?.waitForReady === false) return undefined;
		// Another server has done nothing to be spared; and with the connection gone, there is none to spare.
		const isAtOnce = isFree || (error.outcome === "not-started" && hasAnother);
		const pauseMs = isAtOnce ? 0 : backoffMs(policy, attempt, this.#random());
		if (this.#clock() + pauseMs >= deadlineAt) return undefined;
		repetition.attempt = attempt;
		repetition.error = error;
		if (error.outcome !== "not-started") repetition.mayHaveRun = true;
		call.repetition = repetition;
		this.count++;
		return pauseMs;
	}

	/** Throws INVALID_ARGUMENT when the call's own policy makes no sense. */
	check(call: Call): void {
		try {
			this.policyOf(call);
		} catch (error) {
			throw badOption(call.method, error);
		}
	}

	/** The policy of the call, or of the connection. Throws a RangeError for a value that makes no sense. */
	policyOf({ options }: Call): FullRetryPolicy | undefined {
		return options?.retry === undefined ? this.#policy : fullPolicy(options.retry);
	}

	/** Keeps a call for a while. */
	pause(repetition: Repetition, pauseMs: number): void {
		this.#wheel ??= new DeadlineWheel<Repetition>(({ call }) => {
			this.pausing--;
			this.#host.onDue(call);
		}, this.#clock);
		repetition.deadlineAt = this.#clock() + pauseMs;
		this.pausing++;
		this.#wheel.add(repetition);
	}

	/** The call has ended. */
	forget(repetition: Repetition): void {
		if (repetition.wheelNext === undefined) return;
		this.#wheel!.remove(repetition);
		this.pausing--;
	}

	stop(): void {
		this.#wheel?.stop();
	}
}
