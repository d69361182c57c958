import { DeadlineWheel } from "../timing/deadline-wheel.js";
import type { Call } from "./call.js";
import { HedgedCall, type HedgedRequest, type HedgeHost } from "./hedged-call.js";
import type { RetryBudget } from "./retry-budget.js";

/** What is needed of the connection. */
export interface HedgesHost {
	/** Makes an attempt of a hedged call. Throws an `RpcError`, with nothing done, when it cannot. */
	launch(race: HedgedCall, attempt: number): Call;
	cancel(call: Call): void;
}

/** The hedged calls of a connection: when their next attempts are due, and what they may cost. */
export class Hedges {
	readonly #host: HedgeHost;
	/** Made with the first hedged call: most connections never see one. */
	#wheel: DeadlineWheel<HedgedCall> | undefined;
	/** Attempts beside a first one. */
	count = 0;
	/** Those of them that answered first. */
	wins = 0;

	constructor(host: HedgesHost, budget: RetryBudget) {
		this.#host = {
			launch: (race, attempt) => host.launch(race, attempt),
			cancel: (call) => host.cancel(call),
			// Attempts that win cost nothing in the end: where all servers are slow none does, and soon no more are made.
			afford: () => {
				if (!budget.isAmple) return false;
				budget.spend();
				this.count++;
				return true;
			},
			onWon: () => {
				this.wins++;
				budget.refund();
			},
			wait: (race) => {
				this.#wheel ??= new DeadlineWheel<HedgedCall>((due) => due.onDue());
				race.deadlineAt = performance.now() + race.request.hedge.delayMs;
				this.#wheel.add(race);
			},
			forget: (race) => this.#wheel?.remove(race),
		};
	}

	/** Throws an `RpcError`, with nothing done, when not even a first attempt can be made. */
	start(request: HedgedRequest): void {
		new HedgedCall(request, this.#host).start();
	}

	stop(): void {
		this.#wheel?.stop();
	}
}
