import { holdProcess, releaseProcess } from "./process-hold.js";

interface Waiting {
	readonly isDone: () => boolean;
	readonly end: () => void;
}

/** Waits until messages have been sent, or their time is over. */
export class Linger {
	readonly #waiting = new Set<Waiting>();

	/** `limitMs` may be `Infinity`. */
	wait(limitMs: number, isDone: () => boolean): Promise<void> {
		if (limitMs === 0 || isDone()) return Promise.resolve();
		return new Promise((resolve) => {
			const end = () => {
				clearTimeout(timer);
				this.#waiting.delete(waiting);
				resolve();
			};
			const waiting = { isDone, end };
			const timer = limitMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(end, limitMs);
			this.#waiting.add(waiting);
		});
	}

	/** Something has left, or been given up. */
	check(): void {
		for (const { isDone, end } of this.#waiting) if (isDone()) end();
	}
}

/** Something that may still have messages to send when the process has nothing else to do. */
export interface LingersAtExit {
	/** Resolves when they are sent, or its time is over; `undefined` when it waits for nothing. */
	lingerAtExit(): Promise<void> | undefined;
}

const open = new Set<LingersAtExit>();

const { process } = globalThis as { readonly process?: Partial<NodeJS.Process> };

/**
 * From now on the process, when it would end for want of anything to do, first lets this one send what it holds. As
 * libzmq's contexts do; `process.exit()` asks nobody.
 */
export function lingerAtExit(lingering: LingersAtExit): void {
	if (open.size === 0) process?.on?.("beforeExit", lingerAll);
	open.add(lingering);
}

export function forgetAtExit(lingering: LingersAtExit): void {
	if (open.delete(lingering) && open.size === 0) process?.off?.("beforeExit", lingerAll);
}

function lingerAll(): void {
	for (const lingering of open) {
		const sent = lingering.lingerAtExit();
		if (sent === undefined) continue;
		holdProcess();
		void sent.then(releaseProcess);
	}
}
