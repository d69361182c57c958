/** Something with octets to send soon. */
export interface Flushable {
	flush(): void;
}

type RunLater = (run: () => void) => void;
const host = globalThis as {
	readonly process?: { readonly nextTick?: RunLater };
	readonly setImmediate?: RunLater;
};
/** Node runs its ticks after the promise reactions of the code that asked for one; a microtask comes as near as others allow. */
const afterThisTurn = host.process?.nextTick ?? queueMicrotask;
/** Node's event loop runs these once it has read all streams that had something. */
const afterReading = host.setImmediate ?? afterThisTurn;

/**
 * Has `flush` called once the code running now, and all promise reactions that follow from it, have run: what they send
 * leaves in one write. A caller asks at most once before it is flushed.
 */
export const flushThisTurn = batchOf(afterThisTurn);

/**
 * The same once all streams have been read that can be now: for who passes on to some peers what comes from others, so that what
 * several of them have said to one leaves in one write.
 */
export const flushAfterReading = batchOf(afterReading);

function batchOf(later: RunLater): (flushable: Flushable) => void {
	let waiting: Flushable[] = [];
	const flushAll = () => {
		const flushing = waiting;
		waiting = [];
		for (const flushable of flushing) flushable.flush();
	};
	return (flushable) => {
		if (waiting.length === 0) later(flushAll);
		waiting.push(flushable);
	};
}
