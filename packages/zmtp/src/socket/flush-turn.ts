/** Something with octets to send at the end of this turn of the event loop. */
export interface Flushable {
	flush(): void;
}

let waiting: Flushable[] = [];

/**
 * Has `flush` called once the code running now, and all promise reactions that follow from it, have run: what they send
 * leaves in one write. A caller asks at most once before it is flushed.
 */
export function flushThisTurn(flushable: Flushable): void {
	if (waiting.length === 0) process.nextTick(flushAll);
	waiting.push(flushable);
}

function flushAll(): void {
	const flushing = waiting;
	waiting = [];
	for (const flushable of flushing) flushable.flush();
}
