/** Held: the global is an accessor, and looking it up costs as much as a third of the reading. */
const clock = performance;

/** The monotonic clock that deadlines are told by. Unit: ms. */
export function now(): number {
	return clock.now();
}

/** How often deadlines are looked at. Unit: ms. */
export const tickMs = 10;
