import type { LinkOptions } from "../link/link.js";
import type { ClientSecurity } from "../link/security.js";
import type { BreakerOptions } from "./breaker.js";
import type { ClientInterceptor } from "./client-call.js";
import type { HedgeOptions } from "./hedge-options.js";
import type { RetryBudgetOptions } from "./retry-budget.js";
import type { RetryPolicy } from "./retry-policy.js";
import type { Balance } from "./servers.js";

/**
 * Whether calls are held to the schema that their stub was generated from. `strict`: whoever was generated from another refuses
 * them, with FAILED_PRECONDITION, and a queue finds a worker of that very schema.
 */
export type SchemaCheck = "none" | "strict";

export interface ConnectionOptions extends LinkOptions {
	/** How long a call may take that says nothing itself. Unit: ms; `Infinity`: for ever. Default: 30 000. */
	readonly timeoutMs?: number;
	/** How this side and the servers know each other. Default: not at all, and everything is in clear text. */
	readonly security?: ClientSecurity;
	/** What stands around each call, the outermost first: see docs/interceptors.md. Default: nothing. */
	readonly interceptors?: readonly ClientInterceptor[];
	/** Most calls that wait for a server to come or to take more; another one fails with RESOURCE_EXHAUSTED. Default: 65 536. */
	readonly maxWaitingCalls?: number;
	/** Most octets of calls that wait. Unit: bytes. Default: 64 MiB. */
	readonly maxWaitingBytes?: number;
	/**
	 * How calls that failed are made again, where they do not say it themselves; `false`: never. Default: those that were not
	 * started, up to three attempts; nothing that may have run.
	 */
	readonly retry?: RetryPolicy | false;
	/** What all calls together may spend on further attempts. Default: 100 tokens, 0.1 earned by each success. */
	readonly retryBudget?: RetryBudgetOptions;
	/** Hedges the calls that can be hedged, and do not say it themselves. Default: `false`. */
	readonly hedge?: HedgeOptions | false;
	/** Which of several servers a call goes to. Default: `round-robin`. */
	readonly balance?: Balance;
	/** Leaves an endpoint alone for a while that fails one call after another with UNAVAILABLE or DEADLINE_EXCEEDED. Default: `false`. */
	readonly breaker?: BreakerOptions | false;
	/** What of another schema than the stub's may answer a call. Default: `none`, anything. */
	readonly schemaCheck?: SchemaCheck;
}
