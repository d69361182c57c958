import type { LinkPeer } from "../link/link.js";
import { type Body, bodySize } from "../protocol/body.js";
import type { ServedCall } from "./context.js";
import type { Route } from "./routes.js";

/** A call that waits for others to finish, with its arguments still encoded. */
export interface WaitingCall {
	readonly call: ServedCall;
	readonly route: Route;
	/** Owned. */
	readonly body: Body;
}

/** Calls beyond the concurrency limit, in order, bounded in number and octets. */
export class WaitingCalls {
	readonly #maxCalls: number;
	readonly #maxBytes: number;
	#calls = new Set<WaitingCall>();
	#bytes = 0;

	constructor(maxCalls: number, maxBytes: number) {
		this.#maxCalls = maxCalls;
		this.#maxBytes = maxBytes;
	}

	get length(): number {
		return this.#calls.size;
	}

	hasRoomFor(bytes: number): boolean {
		return this.#calls.size < this.#maxCalls && this.#bytes + bytes <= this.#maxBytes;
	}

	push(waiting: WaitingCall): void {
		this.#calls.add(waiting);
		this.#bytes += bodySize(waiting.body);
	}

	shift(): WaitingCall | undefined {
		for (const waiting of this.#calls) {
			this.#remove(waiting);
			return waiting;
		}
		return undefined;
	}

	/** Takes out the calls of one peer that `isMeant`, and returns them. */
	takeOf(peer: LinkPeer, isMeant: (call: ServedCall) => boolean): WaitingCall[] {
		const taken = [...this.#calls].filter(({ call }) => call.origin === peer && isMeant(call));
		for (const waiting of taken) this.#remove(waiting);
		return taken;
	}

	#remove(waiting: WaitingCall): void {
		this.#calls.delete(waiting);
		this.#bytes -= bodySize(waiting.body);
	}
}
