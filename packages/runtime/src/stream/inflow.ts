import type { RpcError } from "../errors.js";
import type { Intake } from "./window.js";

interface Waiting<T> {
	resolve(result: IteratorResult<T, undefined>): void;
	reject(error: unknown): void;
}

const done = { value: undefined, done: true } as const;

/** What has arrived of a stream and waits to be read; the intake's window bounds it. */
export class Inflow<T> implements AsyncIterableIterator<T> {
	readonly #intake: Pick<Intake, "consumed">;
	readonly #onReturn: () => void;
	/** Read up to `#next`. */
	#items: T[] = [];
	#sizes: number[] = [];
	#next = 0;
	#waiting: Waiting<T>[] = [];
	#isOver = false;
	/** Thrown once, behind the items. */
	#error: RpcError | undefined;

	/** `onReturn`: the reader has had enough before the end. */
	constructor(intake: Pick<Intake, "consumed">, onReturn: () => void) {
		this.#intake = intake;
		this.#onReturn = onReturn;
	}

	/** An item has arrived that the intake has let in. */
	push(item: T, size: number): void {
		if (this.#isOver) return;
		const waiting = this.#waiting.shift();
		if (waiting === undefined) {
			this.#items.push(item);
			this.#sizes.push(size);
			return;
		}
		waiting.resolve({ value: item, done: false });
		this.#intake.consumed(size);
	}

	/** Nothing more will come. */
	end(): void {
		if (this.#isOver) return;
		this.#isOver = true;
		for (const waiting of this.#waiting.splice(0)) waiting.resolve(done);
	}

	/** Nothing more will come, and this is why. `isAtOnce`: what has arrived and was not read is no longer of use. */
	fail(error: RpcError, isAtOnce: boolean): void {
		if (this.#isOver) return;
		this.#isOver = true;
		if (isAtOnce) this.#forget();
		const waiting = this.#waiting.splice(0);
		const first = waiting.shift();
		if (first === undefined) this.#error = error;
		else first.reject(error);
		for (const { resolve } of waiting) resolve(done);
	}

	next(): Promise<IteratorResult<T, undefined>> {
		if (this.#next < this.#items.length) return Promise.resolve(this.#take());
		if (!this.#isOver) return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
		const error = this.#error;
		this.#error = undefined;
		return error === undefined ? Promise.resolve(done) : Promise.reject(error);
	}

	return(): Promise<IteratorResult<T, undefined>> {
		const wasOver = this.#isOver;
		this.end();
		this.#forget();
		this.#error = undefined;
		if (!wasOver) this.#onReturn();
		return Promise.resolve(done);
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	#take(): IteratorResult<T, undefined> {
		const value = this.#items[this.#next]!;
		const size = this.#sizes[this.#next]!;
		if (++this.#next === this.#items.length) this.#forget();
		if (!this.#isOver) this.#intake.consumed(size);
		return { value, done: false };
	}

	#forget(): void {
		this.#items = [];
		this.#sizes = [];
		this.#next = 0;
	}
}
