/** Something with octets to send soon. */
export interface Flushable {
	/** Returns how many messages it had. */
	flush(): number;
}

type Flush = (flushable: Flushable) => void;
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
export const flushThisTurn: Flush = batchOf(() => afterThisTurn);

/**
 * The same once all streams have been read that can be now: for who passes on to some peers what comes from others, so that what
 * several of them have said to one leaves in one write. A message that comes alone after one that did does not wait for others.
 */
export const flushAfterReading: Flush = batchOf((messages) => (messages > 1 ? afterReading : afterThisTurn));

/** `laterAfter`: when to flush, by how many messages there were the last time. */
function batchOf(laterAfter: (messages: number) => RunLater): Flush {
	let waiting: Flushable[] = [];
	let messages = 0;
	const flushAll = () => {
		const flushing = waiting;
		waiting = [];
		messages = 0;
		for (const flushable of flushing) messages += flushable.flush();
	};
	return (flushable) => {
		if (waiting.length === 0) laterAfter(messages)(flushAll);
		waiting.push(flushable);
	};
}
