import type { ConnectionState } from "./connection-events.js";
import type { EndpointStats } from "./endpoint.js";

/** What a connection counts. */
export interface ConnectionStats {
	readonly state: ConnectionState;
	/** Calls sent and not ended. */
	readonly inFlight: number;
	/** Calls that are with nobody: not sent yet, or pausing before their next attempt. */
	readonly waiting: number;
	/** Replies that no call waited for: late, repeated, forged or malformed. */
	readonly droppedReplies: number;
	/** Results, items and arguments of callbacks that were good, and written in another way than generated code does: they take longer to read. */
	readonly surprises: number;
	/** One-way calls that never left: their deadline passed, or the connection was closed, while they waited. */
	readonly droppedOneWays: number;
	/** How often a circuit breaker opened. */
	readonly breakersOpened: number;
	readonly endpoints: readonly EndpointStats[];
	/** Attempts beside a call's first. */
	readonly hedges: number;
	/** Those of them that answered first. */
	readonly hedgesWon: number;
	/** Attempts after a call's first has failed. */
	readonly retries: number;
	/** What is left to spend on further attempts. Unit: tokens. */
	readonly retryTokens: number;
}
