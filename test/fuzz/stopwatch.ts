/** Measures work, but for what is done besides. */
export class Stopwatch {
	readonly #isThorough: boolean;
	readonly #start: Reading;
	readonly #besides: Reading = { clockMs: 0, processorMs: 0 };

	/** `isThorough`: whether the processor's time is looked at too. */
	constructor(isThorough: boolean) {
		this.#isThorough = isThorough;
		this.#start = this.#read();
	}

	/** Does work that is not measured. */
	besides<T>(work: () => T): T {
		const start = this.#read();
		try {
			return work();
		} finally {
			const end = this.#read();
			this.#besides.clockMs += end.clockMs - start.clockMs;
			this.#besides.processorMs += end.processorMs - start.processorMs;
		}
	}

	/**
	 * The time until now, by the clock or by the processor, whichever is less: the one counts what other processes took, the
	 * other what other threads did. Unit: ms.
	 */
	ms(): number {
		const end = this.#read();
		const clockMs = end.clockMs - this.#start.clockMs - this.#besides.clockMs;
		if (!this.#isThorough) return clockMs;
		return Math.min(clockMs, end.processorMs - this.#start.processorMs - this.#besides.processorMs);
	}

	#read(): Reading {
		const clockMs = performance.now();
		if (!this.#isThorough) return { clockMs, processorMs: 0 };
		const { user, system } = process.cpuUsage();
		return { clockMs, processorMs: (user + system) / 1000 };
	}
}

/** Unit: ms. */
interface Reading {
	clockMs: number;
	processorMs: number;
}
