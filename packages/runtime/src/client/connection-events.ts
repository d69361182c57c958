import type { RpcError } from "../errors.js";
import type { BreakerState } from "./breaker.js";

export type ConnectionState = "connecting" | "ready" | "closed";

/** A call is made again. */
export interface RetryEvent {
	/** `"Service.method"`. */
	readonly method: string;
	/** The number of the attempt that comes; 1 is the second. */
	readonly attempt: number;
	/** The pause before it. Unit: ms. */
	readonly pauseMs: number;
	/** Why the last one failed. */
	readonly error: RpcError;
}

/** An attempt is made beside those that run. */
export interface HedgeEvent {
	/** `"Service.method"`. */
	readonly method: string;
	/** Its number; 1 is the second. */
	readonly attempt: number;
	/** Where it went; `undefined` while it waits for a server. */
	readonly endpoint: string | undefined;
}

/** The circuit breaker of an endpoint has another state, or, half-open, waits for another call to try. */
export interface BreakerEvent {
	/** As it was given to `connect()`. */
	readonly endpoint: string;
	readonly state: BreakerState;
}

/** What a connection tells. */
export interface ConnectionEvents {
	state: ConnectionState;
	/** Somebody who was connected to is no peer: speaks another protocol, has another key, does not let this side in. */
	stranger: { readonly address: string; readonly error: Error };
	/** A connection to a server came or went. */
	peer: { readonly address: string; readonly isReady: boolean; readonly error: Error | undefined };
	retry: RetryEvent;
	hedge: HedgeEvent;
	breaker: BreakerEvent;
}
