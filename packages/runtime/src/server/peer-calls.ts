import type { LinkPeer } from "../link/link.js";
import type { ServedCall } from "./context.js";

/**
 * The calls of one peer whose handlers have not settled, those that were given up at the end. They are linked through
 * themselves: keeping one costs no memory, and whoever gives up many in their order finds each at the front.
 */
export class PeerCalls {
	#first: ServedCall | undefined;
	#last: ServedCall | undefined;

	add(call: ServedCall): void {
		call.peerPrevious = this.#last;
		if (this.#last === undefined) this.#first = call;
		else this.#last.peerNext = call;
		this.#last = call;
	}

	/** Takes a call out. False: it is not in. */
	remove(call: ServedCall): boolean {
		const { peerNext, peerPrevious } = call;
		if (peerNext !== undefined) peerNext.peerPrevious = peerPrevious;
		else if (this.#last === call) this.#last = peerPrevious;
		else return false;
		if (peerPrevious !== undefined) peerPrevious.peerNext = peerNext;
		else this.#first = peerNext;
		call.peerNext = undefined;
		call.peerPrevious = undefined;
		return true;
	}

	/** The call has been given up: nobody looks for it any more. */
	setBack(call: ServedCall): void {
		if (this.remove(call)) this.add(call);
	}

	/** None may be taken out on the way. */
	*[Symbol.iterator](): Generator<ServedCall> {
		for (let call = this.#first; call !== undefined; call = call.peerNext) yield call;
	}
}

/** Those of a peer. */
export function callsOf(peer: LinkPeer): PeerCalls {
	peer.context ??= new PeerCalls();
	return peer.context as PeerCalls;
}
