/** Where a ring begins. Unit: items. A power of two, as all its sizes. */
const smallest = 8;

/** A larger one lets go of its memory when it has run empty: there may be one for each of thousands of idle peers. */
const largestKept = 256;

/** First in, first out, in memory that is used again. */
export class Ring<T> {
	#items: (T | undefined)[] = [];
	#head = 0;
	length = 0;

	push(item: T): void {
		if (this.length === this.#items.length) this.#grow();
		this.#items[(this.#head + this.length) & (this.#items.length - 1)] = item;
		this.length++;
	}

	shift(): T | undefined {
		if (this.length === 0) return undefined;
		const item = this.#items[this.#head];
		this.#items[this.#head] = undefined;
		this.#head = (this.#head + 1) & (this.#items.length - 1);
		this.length--;
		if (this.length === 0 && this.#items.length > largestKept) this.clear();
		return item;
	}

	clear(): void {
		this.#items = [];
		this.#head = 0;
		this.length = 0;
	}

	#grow(): void {
		const former = this.#items;
		const items = new Array<T | undefined>(Math.max(smallest, former.length * 2));
		for (let i = 0; i < this.length; i++) items[i] = former[(this.#head + i) & (former.length - 1)];
		this.#items = items;
		this.#head = 0;
	}
}
