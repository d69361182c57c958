import type { LinkPeer } from "../link/link.js";
import type { AnyMethod } from "../service.js";
import type { Endpoint } from "./endpoint.js";
import { hashOf, scoreOf } from "./rendezvous.js";

/**
 * Which of several servers a call goes to.
 *
 * `round-robin`: each in turn. `least-in-flight`: the one with the fewest calls of this connection. `affinity`: calls whose
 * argument named by the method's `@affinity` is equal go to the same server while it can be called, others in turn.
 */
export type Balance = "round-robin" | "least-in-flight" | "affinity";

const balances: readonly Balance[] = ["round-robin", "least-in-flight", "affinity"];

/** What the choice depends on. */
export interface Chooser {
	readonly method: AnyMethod;
	readonly args: readonly unknown[];
	readonly repetition: { readonly tried: readonly LinkPeer[] } | undefined;
}

/** The servers of a connection that are connected and do not drain, and which of them is next. */
export class Servers {
	readonly #balance: Balance;
	readonly #ready: Endpoint[] = [];
	#last = 0;

	/** Throws a RangeError when there is no such balance. */
	constructor(balance: Balance = "round-robin") {
		if (!balances.includes(balance)) throw new RangeError(`balance must be one of ${balances.join(", ")}`);
		this.#balance = balance;
	}

	get isEmpty(): boolean {
		return this.#ready.length === 0;
	}

	get all(): readonly Endpoint[] {
		return this.#ready;
	}

	add(endpoint: Endpoint): void {
		this.#ready.push(endpoint);
	}

	/** Takes a server out, if it is in: it is gone, or wants no new calls. */
	remove(endpoint: Endpoint): void {
		const index = this.#ready.indexOf(endpoint);
		if (index !== -1) this.#ready.splice(index, 1);
	}

	/** Whether a server can be called that is none of these. */
	hasAnother(tried: readonly LinkPeer[]): boolean {
		return this.#ready.some((endpoint) => endpoint.isAvailable && !tried.includes(endpoint.peer));
	}

	/** Why there is no choice. */
	get whyNone(): string {
		const open = this.#ready.filter(({ breaker }) => breaker?.isPassable === false);
		if (open.length > 0) return `the circuit breaker is open for ${open.map(({ name }) => name).join(", ")}`;
		return this.isEmpty ? "no server is connected" : "no server takes more now";
	}

	/** The server for a call: one that can be called now, and had it before only when there is no other. */
	choose(call: Chooser): Endpoint | undefined {
		const { repetition } = call;
		if (repetition === undefined) {
			// With one there is no choice.
			const only = this.#ready[0];
			return this.#ready.length === 1 && only!.isAvailable ? only : this.#pick(call);
		}
		return this.#pick(call, repetition.tried) ?? this.#pick(call);
	}

	#pick({ method, args }: Chooser, tried?: readonly LinkPeer[]): Endpoint | undefined {
		if (this.#balance === "least-in-flight") return this.#idlest(tried);
		if (this.#balance === "affinity" && method.affinity !== undefined) {
			return this.#dearest(hashOf(args[method.affinity]), tried);
		}
		return this.#next(tried);
	}

	#next(tried?: readonly LinkPeer[]): Endpoint | undefined {
		const ready = this.#ready;
		for (let i = 0; i < ready.length; i++) {
			if (++this.#last >= ready.length) this.#last = 0;
			const endpoint = ready[this.#last]!;
			if (endpoint.isAvailable && tried?.includes(endpoint.peer) !== true) return endpoint;
		}
		return undefined;
	}

	#idlest(tried?: readonly LinkPeer[]): Endpoint | undefined {
		let best: Endpoint | undefined;
		// From the next in turn, so that equals take turns.
		for (let i = 0; i < this.#ready.length; i++) {
			const endpoint = this.#next(tried);
			if (endpoint === undefined) return undefined;
			if (best === undefined || endpoint.inFlight < best.inFlight) best = endpoint;
		}
		if (best !== undefined) this.#last = this.#ready.indexOf(best);
		return best;
	}

	#dearest(keyHash: number, tried?: readonly LinkPeer[]): Endpoint | undefined {
		let best: Endpoint | undefined;
		let highest = -1;
		for (const endpoint of this.#ready) {
			if (!endpoint.isAvailable || tried?.includes(endpoint.peer) === true) continue;
			const score = scoreOf(keyHash, endpoint.hash);
			if (score <= highest) continue;
			best = endpoint;
			highest = score;
		}
		return best;
	}
}
