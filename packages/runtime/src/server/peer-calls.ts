import type { LinkPeer } from "../link/link.js";
import { CallList } from "./call-list.js";
import type { ServedCall } from "./context.js";

/** The calls of one peer whose handlers have not settled. */
export class PeerCalls {
	readonly awaited = new CallList<ServedCall>();
	/** Nobody waits for them any more, and nobody looks for them: whoever gives up many in their order finds each at the front. */
	readonly givenUp = new CallList<ServedCall>();

	add(call: ServedCall): void {
		this.awaited.add(call);
	}

	/** Takes a call out, if it is in. */
	remove(call: ServedCall): void {
		call.list?.remove(call);
	}

	/** Sets a call aside, if it is awaited. */
	giveUp(call: ServedCall): void {
		if (this.awaited.remove(call)) this.givenUp.add(call);
	}
}

/** Those of a peer. */
export function callsOf(peer: LinkPeer): PeerCalls {
	peer.context ??= new PeerCalls();
	return peer.context as PeerCalls;
}
