import { type Answer, type InterceptedCall, isAsyncIterable } from "../interceptor.js";

/** What an observer of one call is told. None of these may throw. */
export interface CallObserver {
	/** An item of a stream came by. */
	onItem?(): void;
	/** The call has ended, once: by its result or the end of its stream, by its reader's leaving, or with this error. */
	onEnd(error: unknown): void;
}

/**
 * The answer that `begin` gives, observed. A stream ends where it has been read to its end, or left: one that nobody reads
 * does not. Where `begin` throws, so does this.
 */
export function observe(call: InterceptedCall, begin: () => Answer, observer: CallObserver): Answer {
	let answer: Answer;
	try {
		answer = begin();
	} catch (error) {
		observer.onEnd(error);
		throw error;
	}
	if (call.form === "stream" && isAsyncIterable(answer)) return new ObservedStream(answer, observer);
	return (answer as Promise<unknown>).then(
		(value) => {
			observer.onEnd(undefined);
			return value;
		},
		(error: unknown) => {
			observer.onEnd(error);
			throw error;
		},
	);
}

/** Not a generator: one that is left before its first item would not notice. */
class ObservedStream implements AsyncIterableIterator<unknown, undefined> {
	readonly #iterator: AsyncIterator<unknown>;
	readonly #observer: CallObserver;
	#isOver = false;

	constructor(items: AsyncIterable<unknown>, observer: CallObserver) {
		this.#iterator = items[Symbol.asyncIterator]();
		this.#observer = observer;
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	async next(): Promise<IteratorResult<unknown, undefined>> {
		try {
			const step = await this.#iterator.next();
			if (step.done === true) this.#end(undefined);
			else this.#observer.onItem?.();
			return step;
		} catch (error) {
			this.#end(error);
			throw error;
		}
	}

	async return(): Promise<IteratorResult<unknown, undefined>> {
		this.#end(undefined);
		await this.#iterator.return?.();
		return { value: undefined, done: true };
	}

	#end(error: unknown): void {
		if (this.#isOver) return;
		this.#isOver = true;
		this.#observer.onEnd(error);
	}
}
