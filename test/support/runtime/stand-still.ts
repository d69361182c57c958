/** Keeps this process from reading, as one does that is busy or stopped: whatever is sent to it waits at its sender meanwhile. */
export function standStill(ms: number): void {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
