/** What a server counts of one method, since its start. */
export interface MethodStats {
	/** Calls whose handler has not settled. */
	readonly running: number;
	/** Calls answered. */
	readonly served: number;
	/** Of these, calls answered with an error, for bad arguments too. */
	readonly failed: number;
	/** Calls that were refused before their arguments were looked at: see `ServerStats.refused`. */
	readonly refused: number;
	/** See `ServerStats.surprises`. */
	readonly surprises: number;
}

/** The same, where it is counted: each call adds to its own method's alone, and who asks adds them up. */
export class MethodCounters implements MethodStats {
	running = 0;
	served = 0;
	failed = 0;
	refused = 0;
	surprises = 0;
}
