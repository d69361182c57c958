interface Waiting {
	readonly isSo: () => boolean;
	readonly resolve: () => void;
}

/** Lets somebody wait until something is so, without looking again and again: whoever changes anything says so. */
export class Progress {
	readonly #waiting = new Set<Waiting>();

	/** Something changed. Costs next to nothing while nobody waits. */
	changed(): void {
		for (const waiting of this.#waiting) {
			if (!waiting.isSo()) continue;
			this.#waiting.delete(waiting);
			waiting.resolve();
		}
	}

	/** Resolves when `isSo()`, to true, or after `timeoutMs`, to false. */
	async until(isSo: () => boolean, timeoutMs = Number.POSITIVE_INFINITY): Promise<boolean> {
		if (isSo()) return true;
		let timer: NodeJS.Timeout | undefined;
		try {
			return await new Promise<boolean>((resolve) => {
				const waiting = { isSo, resolve: () => resolve(true) };
				this.#waiting.add(waiting);
				if (timeoutMs === Number.POSITIVE_INFINITY) return;
				timer = setTimeout(() => {
					this.#waiting.delete(waiting);
					resolve(false);
				}, timeoutMs);
			});
		} finally {
			clearTimeout(timer);
		}
	}
}
