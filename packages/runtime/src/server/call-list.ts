/** What is in a list, one at a time. The list sets all three. */
export interface Listed<Call extends Listed<Call>> {
	list: CallList<Call> | undefined;
	listNext: Call | undefined;
	listPrevious: Call | undefined;
}

/** Calls in their order, linked through themselves: keeping one costs no memory. */
export class CallList<Call extends Listed<Call>> {
	#first: Call | undefined;
	#last: Call | undefined;

	add(call: Call): void {
		call.list = this;
		call.listPrevious = this.#last;
		if (this.#last === undefined) this.#first = call;
		else this.#last.listNext = call;
		this.#last = call;
	}

	/** Takes a call out. False: it is not in. */
	remove(call: Call): boolean {
		if (call.list !== this) return false;
		const { listNext, listPrevious } = call;
		if (listNext === undefined) this.#last = listPrevious;
		else listNext.listPrevious = listPrevious;
		if (listPrevious === undefined) this.#first = listNext;
		else listPrevious.listNext = listNext;
		call.list = undefined;
		call.listNext = undefined;
		call.listPrevious = undefined;
		return true;
	}

	/** None may be taken out on the way. */
	*[Symbol.iterator](): Generator<Call> {
		for (let call = this.#first; call !== undefined; call = call.listNext) yield call;
	}
}
