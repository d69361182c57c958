import type { Emitter } from "../emitter.js";
import type { AnyMethod } from "../service.js";
import { DeadlineWheel } from "../timing/deadline-wheel.js";
import { Call } from "./call.js";
import { badOption, notHedged } from "./call-failures.js";
import type { CallOptions } from "./call-options.js";
import type { ConnectionEvents } from "./connection-events.js";
import { endpointOf } from "./endpoint.js";
import type { Exchange } from "./exchange.js";
import { fullHedge, type HedgeOptions } from "./hedge-options.js";
import { HedgedCall, type HedgedRequest, type HedgeHost } from "./hedged-call.js";

/** The hedged calls of a connection: which they are, when their next attempts are due, and what these may cost. */
export class Hedges {
	readonly #standard: Required<HedgeOptions> | undefined;
	readonly #host: HedgeHost;
	/** Made with the first hedged call: most connections never see one. */
	#wheel: DeadlineWheel<HedgedCall> | undefined;
	/** Attempts beside a first one. */
	count = 0;
	/** Those of them that answered first. */
	wins = 0;

	/** `standard`: for calls that say nothing. */
	constructor(
		standard: Required<HedgeOptions> | undefined,
		exchange: Exchange,
		events: Pick<Emitter<ConnectionEvents>, "emit">,
	) {
		this.#standard = standard;
		const { budget } = exchange.retries;
		this.#host = {
			launch: (race, attempt) => {
				const call = attemptOf(race, attempt);
				exchange.start(call, race.request.deadlineAt - performance.now());
				if (attempt > 0) events.emit("hedge", { method: call.method.name, attempt, endpoint: endpointName(call) });
				return call;
			},
			cancel: (call) => exchange.calls.abandon(call, undefined),
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

	/**
	 * How a call is hedged; `undefined`: not at all. Throws INVALID_ARGUMENT when the caller wants what cannot be, or gives an
	 * option that makes no sense.
	 */
	optionsFor(method: AnyMethod, options: CallOptions | undefined): Required<HedgeOptions> | undefined {
		const own = options?.hedge;
		if (own !== undefined) return own === false ? undefined : ownOf(method, own);
		return this.#standard !== undefined && canHedge(method) ? this.#standard : undefined;
	}

	/** Throws an `RpcError`, with nothing done, when not even a first attempt can be made. */
	start(request: HedgedRequest): void {
		new HedgedCall(request, this.#host).start();
	}

	stop(): void {
		this.#wheel?.stop();
	}
}

function ownOf(method: AnyMethod, own: HedgeOptions): Required<HedgeOptions> {
	if (!canHedge(method)) throw notHedged(method);
	try {
		return fullHedge(own);
	} catch (error) {
		throw badOption(method, error);
	}
}

/** Repeating it is allowed, and there is nothing to it but a request and an answer. */
function canHedge({ isIdempotent, form, channels }: AnyMethod): boolean {
	return isIdempotent && form === "unary" && channels.length === 0;
}

function attemptOf(race: HedgedCall, attempt: number): Call {
	const { method, args, options } = race.request;
	const call: Call = new Call(
		method,
		args,
		options,
		(value) => race.onResult(call, value),
		(error) => race.onFailure(call, error),
	);
	call.repetition = race.repetitionOf(call, attempt);
	return call;
}

function endpointName({ peer }: Call): string | undefined {
	return peer === undefined ? undefined : endpointOf(peer).name;
}
