/**
 * How much may be under way in one direction of one call: so many items and octets may be sent before the receiver has said
 * that it consumed some. Both ends know the bounds; what travels is how many items were consumed.
 */

/** `bytes`: of bodies; the item that crosses it may still be sent, so one of any size gets through. */
export const window = { items: 1024, bytes: 1024 * 1024 } as const;

/** The sender's half. */
export class Outflow {
	/** Sizes of what is under way, oldest first, from `#first` on. */
	#sizes: number[] = [];
	#first = 0;
	#bytes = 0;
	#isStopped = false;
	#waiting: (() => void)[] = [];
	readonly #refusal: Error | undefined;

	/** `refusal`: why no credit can ever come, where that is so. */
	constructor(refusal?: Error) {
		this.#refusal = refusal;
	}

	/** Throws the refusal when an item that there is no credit for is to be sent. */
	assertOpen(): void {
		if (this.#refusal !== undefined && !this.isOpen) throw this.#refusal;
	}

	/** Whether another item may be sent now. */
	get isOpen(): boolean {
		return this.#sizes.length - this.#first < window.items && this.#bytes < window.bytes;
	}

	/** An item has been sent. Unit: bytes. */
	sent(size: number): void {
		this.#sizes.push(size);
		this.#bytes += size;
	}

	/** The receiver has consumed the oldest `count` items. False: there were not as many. */
	consumed(count: number): boolean {
		const sizes = this.#sizes;
		const last = this.#first + count;
		if (last > sizes.length) return false;
		for (let i = this.#first; i < last; i++) this.#bytes -= sizes[i]!;
		this.#first = last;
		if (last * 2 >= sizes.length) {
			sizes.splice(0, last);
			this.#first = 0;
		}
		if (this.isOpen) this.#wake();
		return true;
	}

	/**
	 * Resolves when another item may be sent, or nobody wants more. Where no credit can ever come, at once: what comes next
	 * may be the end.
	 */
	opened(): Promise<void> {
		return new Promise((resolve) => {
			if (this.#isStopped || this.isOpen || this.#refusal !== undefined) resolve();
			else this.#waiting.push(resolve);
		});
	}

	/** Nothing more will be sent: whoever waits may look why. */
	stop(): void {
		this.#isStopped = true;
		this.#wake();
	}

	#wake(): void {
		if (this.#waiting.length === 0) return;
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const resolve of waiting) resolve();
	}
}

/** How much is consumed before the sender is told: a quarter of the window, so that it need not stop and wait. */
const notice = { items: window.items / 4, bytes: window.bytes / 4 } as const;

/** The receiver's half. */
export class Intake {
	readonly #tell: (count: number) => void;
	/** Arrived and not consumed. */
	#items = 0;
	#bytes = 0;
	/** Consumed and not told. */
	#untold = 0;
	#untoldBytes = 0;

	/** `tell`: sends the sender credit for so many items. */
	constructor(tell: (count: number) => void) {
		this.#tell = tell;
	}

	/** An item has arrived. False: the sender had no credit for it. */
	arrived(size: number): boolean {
		if (this.#items + this.#untold >= window.items || this.#bytes >= window.bytes) return false;
		this.#items++;
		this.#bytes += size;
		return true;
	}

	consumed(size: number): void {
		this.#items--;
		this.#bytes -= size;
		this.#untoldBytes += size;
		if (++this.#untold < notice.items && this.#untoldBytes < notice.bytes) return;
		const count = this.#untold;
		this.#untold = 0;
		this.#untoldBytes = 0;
		this.#tell(count);
	}
}
