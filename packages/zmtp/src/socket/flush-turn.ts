/** Something with octets to send at the end of this turn of the event loop. */
export interface Flushable {
	flush(): void;
}

let waiting: Flushable[] = [];

/** Node runs its ticks after the promise reactions of the code that asked for one; a microtask comes as near as others allow. */
const host = (globalThis as { readonly process?: { readonly nextTick?: (run: () => void) => void } }).process;
const afterThisTurn = host?.nextTick ?? queueMicrotask;

/**
 * Has `flush` called once the code running now, and all promise reactions that follow from it, have run: what they send
 * leaves in one write. A caller asks at most once before it is flushed.
 */
export function flushThisTurn(flushable: Flushable): void {
	if (waiting.length === 0) afterThisTurn(flushAll);
	waiting.push(flushable);
}

function flushAll(): void {
	const flushing = waiting;
	waiting = [];
	for (const flushable of flushing) flushable.flush();
}
