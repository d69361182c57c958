/** What a handler knows about the call it serves. */
export interface CallContext {
	/** `"Service.method"`. */
	readonly method: string;
	/** Aborts when the caller cancels, its deadline passes, or the connection it came over is lost. */
	readonly signal: AbortSignal;
	/** When the caller stops waiting: ms since the epoch by this process's clock; `Infinity` without a deadline. */
	readonly deadline: number;
	/** What is left until then. Unit: ms; `Infinity` without a deadline, 0 when it has passed. */
	readonly remainingMs: number;
	/** What the caller sent along beside the arguments. */
	readonly metadata: Readonly<Record<string, unknown>>;
	/** How often this call had been handed to another worker before. 0 for the first. */
	readonly attempt: number;
	/** Where the call came from: address of the connection's other end. */
	readonly peer: string;
}
