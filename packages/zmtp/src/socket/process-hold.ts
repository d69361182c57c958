/**
 * What keeps the process from ending: a call that waits, messages that are still to be sent. Streams and listeners do
 * not, so that a process with nothing but idle sockets ends, as with zeromq.js.
 */

/** Node's timers take no longer ones. Unit: ms. */
const longestTimerMs = 2 ** 31 - 1;

let holds = 0;
/** One timer for all holds: it is turned on and off, which costs less than making another. */
let timer: NodeJS.Timeout | undefined;

/** Each call is undone by one of `releaseProcess`. */
export function holdProcess(): void {
	if (holds++ > 0) return;
	timer ??= setInterval(() => {}, longestTimerMs);
	// In a browser it is a number, and there is no process.
	if (typeof timer === "object") timer.ref();
}

export function releaseProcess(): void {
	if (--holds === 0 && typeof timer === "object") timer.unref();
}

/** A timer that the process does not stay for. */
export function idleTimeout(action: () => void, ms: number): NodeJS.Timeout {
	const timer = setTimeout(action, ms);
	if (typeof timer === "object") timer.unref();
	return timer;
}
