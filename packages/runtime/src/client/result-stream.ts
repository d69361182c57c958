import { RpcError } from "../errors.js";

/** Where the items come from. */
export interface Items<T> {
	next(): Promise<IteratorResult<T, undefined>>;
	/** Nobody wants more. */
	return(): Promise<IteratorResult<T, undefined>>;
}

/**
 * What a call that answers with a stream hands its caller: to be read once, by `for await` or by `next()`. Leaving the loop,
 * or `return()`, cancels the call.
 */
export class ResultStream<T> implements AsyncIterableIterator<T> {
	readonly #name: string;
	readonly #items: Items<T>;
	#isTaken = false;

	constructor(name: string, items: Items<T>) {
		this.#name = name;
		this.#items = items;
	}

	/** Throws FAILED_PRECONDITION the second time. */
	[Symbol.asyncIterator](): AsyncIterableIterator<T> {
		if (this.#isTaken) {
			throw new RpcError("FAILED_PRECONDITION", `${this.#name}: a stream is read once; call the method again`);
		}
		this.#isTaken = true;
		const items = this.#items;
		return {
			next: () => items.next(),
			return: () => items.return(),
			throw: (error) => this.throw(error),
			[Symbol.asyncIterator]() {
				return this;
			},
		};
	}

	next(): Promise<IteratorResult<T, undefined>> {
		return this.#items.next();
	}

	return(): Promise<IteratorResult<T, undefined>> {
		return this.#items.return();
	}

	/** Cancels the call, and rejects with `error`. */
	async throw(error: unknown): Promise<IteratorResult<T, undefined>> {
		await this.#items.return();
		throw error;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#items.return();
	}
}

/** A stream that failed before it began: whoever reads it is told. */
export function failing<T>({ name }: { readonly name: string }, error: unknown): ResultStream<T> {
	let isTold = false;
	const end = (): Promise<IteratorResult<T, undefined>> => Promise.resolve({ value: undefined, done: true });
	return new ResultStream<T>(name, {
		next() {
			if (isTold) return end();
			isTold = true;
			return Promise.reject(error);
		},
		return() {
			isTold = true;
			return end();
		},
	});
}
