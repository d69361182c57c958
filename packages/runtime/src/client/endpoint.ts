import type { LinkPeer } from "../link/link.js";
import type { Breaker, BreakerState } from "./breaker.js";
import type { Call } from "./call.js";
import { hashOf } from "./rendezvous.js";

/** `draining`: connected, finishes what it has, and wants nothing new. */
export type EndpointState = "connecting" | "ready" | "draining";

/** How one endpoint stands. */
export interface EndpointStats {
	/** As it was given to `connect()`. */
	readonly endpoint: string;
	readonly state: EndpointState;
	/** Calls sent there and not ended. */
	readonly inFlight: number;
	/** `closed` also where there is no breaker. */
	readonly breaker: BreakerState;
}

/** One endpoint of a connection, through all its reconnects. */
export class Endpoint {
	readonly name: string;
	readonly peer: LinkPeer;
	readonly breaker: Breaker | undefined;
	/** What keys are scored with; the same in every process that connects to it by this name. */
	readonly hash: number;
	state: EndpointState = "connecting";
	inFlight = 0;

	constructor(name: string, peer: LinkPeer, breaker: Breaker | undefined) {
		this.name = name;
		this.peer = peer;
		this.breaker = breaker;
		this.hash = hashOf(name);
	}

	/** Whether it should be given a call, if it is ready. */
	get isAvailable(): boolean {
		return this.peer.isWritable && (this.breaker === undefined || this.breaker.isPassable);
	}

	/** A call is this server's now. */
	entrust(call: Call): void {
		call.peer = this.peer;
		call.ordinal = this.peer.committed;
		this.inFlight++;
		this.breaker?.onSent(call);
	}

	/** A call is this server's no more. */
	release(): void {
		this.inFlight--;
	}

	get stats(): EndpointStats {
		const { name, state, inFlight, breaker } = this;
		return { endpoint: name, state, inFlight, breaker: breaker?.state ?? "closed" };
	}
}

/** The endpoint that a peer of a connection is. */
export function endpointOf({ context }: LinkPeer): Endpoint {
	return context as Endpoint;
}
