import { holdProcess, releaseProcess } from "./process-hold.js";

/** Waits until a socket has sent all that it holds, or its time is over. */
export class Linger {
	readonly #isDone: () => boolean;
	readonly #waiting = new Set<() => void>();

	constructor(isDone: () => boolean) {
		this.#isDone = isDone;
	}

	get isDone(): boolean {
		return this.#isDone();
	}

	/** `limitMs` may be `Infinity`. */
	wait(limitMs: number): Promise<void> {
		if (limitMs === 0 || this.#isDone()) return Promise.resolve();
		return new Promise((resolve) => {
			const end = () => {
				clearTimeout(timer);
				this.#waiting.delete(end);
				resolve();
			};
			const timer = limitMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(end, limitMs);
			this.#waiting.add(end);
		});
	}

	/** Something has left, or been given up. */
	check(): void {
		if (this.#waiting.size > 0 && this.#isDone()) for (const end of [...this.#waiting]) end();
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
