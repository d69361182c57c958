import type { CallOptions } from "./call-options.js";

/** What an abort signal can end. */
export interface Watched {
	/** Where it hangs, on one signal and then the other. Set by the watch. */
	place: Place | undefined;
}

/** A call's place among those that hang on one signal: a link of their ring. The one without a call is where it starts. */
class Place {
	next: Place = this;
	previous: Place = this;
	readonly signal: AbortSignal;
	readonly call: Watched | undefined;
	/** The call's place on another signal. */
	readonly other: Place | undefined;

	constructor(signal: AbortSignal, call: Watched | undefined, other: Place | undefined) {
		this.signal = signal;
		this.call = call;
		this.other = other;
	}
}

/**
 * The callers' abort signals and the calls that hang on each. One listener for each signal, whatever the number of its
 * calls: a signal shared by ten thousand calls would look through as many listeners for each call that ends, and Node
 * warns of a leak from the eleventh on.
 */
export class SignalWatch<Call extends Watched> {
	readonly #rings = new Map<AbortSignal, Place>();
	/** That of the call before: calls made for one call have one signal. */
	#last: Place | undefined;
	readonly #onAbort: (call: Call, reason: unknown) => void;

	/** `onAbort` is called with a call that is not watched any more. */
	constructor(onAbort: (call: Call, reason: unknown) => void) {
		this.#onAbort = onAbort;
	}

	/** Watches the signals of a call. */
	watch({ signal, parent }: CallOptions, call: Call): void {
		if (signal !== undefined) this.#add(signal, call);
		if (parent !== undefined) this.#add(parent.signal, call);
	}

	/** Watches it no more. */
	unwatch(call: Call): void {
		for (let place = call.place; place !== undefined; place = place.other) {
			const { next, previous } = place;
			previous.next = next;
			next.previous = previous;
			// Nothing but the start is left.
			if (next === previous) this.#forget(next);
		}
		call.place = undefined;
	}

	#add(signal: AbortSignal, call: Call): void {
		const ring = this.#last?.signal === signal ? this.#last : this.#ringOf(signal);
		const place = new Place(signal, call, call.place);
		call.place = place;
		place.next = ring;
		place.previous = ring.previous;
		ring.previous.next = place;
		ring.previous = place;
	}

	#ringOf(signal: AbortSignal): Place {
		let ring = this.#rings.get(signal);
		if (ring === undefined) {
			ring = new Place(signal, undefined, undefined);
			this.#rings.set(signal, ring);
			signal.addEventListener("abort", this.#abort);
		}
		this.#last = ring;
		return ring;
	}

	#forget({ signal }: Place): void {
		if (this.#last?.signal === signal) this.#last = undefined;
		this.#rings.delete(signal);
		signal.removeEventListener("abort", this.#abort);
	}

	readonly #abort = (event: Event): void => {
		const signal = event.target as AbortSignal;
		const ring = this.#rings.get(signal);
		if (ring === undefined) return;
		while (ring.next !== ring) {
			const call = ring.next.call as Call;
			this.unwatch(call);
			this.#onAbort(call, signal.reason);
		}
	};
}
