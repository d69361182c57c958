/** What a line needs to know of a call. None of it may change while the call is in line. */
export interface Waiter {
	/** Lower goes first. */
	readonly priority: number;
	/** Order of arrival. */
	readonly age: number;
	/** Memory it holds. Unit: bytes. */
	readonly size: number;
}

/** Bounds of all waiting lines of a queue together. */
export class WaitingRoom {
	readonly #maxCalls: number;
	readonly #maxBytes: number;
	calls = 0;
	bytes = 0;

	constructor(maxCalls: number, maxBytes: number) {
		this.#maxCalls = maxCalls;
		this.#maxBytes = maxBytes;
	}

	hasRoomFor(bytes: number): boolean {
		return this.calls < this.#maxCalls && this.bytes + bytes <= this.#maxBytes;
	}
}

/**
 * Calls of one service that no worker can take yet: the most urgent first, the oldest among equals. A binary heap; calls
 * that leave from the middle (cancelled, expired) are marked and skipped when they come up.
 */
export class WaitingLine<Call extends Waiter> {
	readonly #room: WaitingRoom;
	readonly #heap: Call[] = [];
	readonly #present = new Set<Call>();

	constructor(room: WaitingRoom) {
		this.#room = room;
	}

	get length(): number {
		return this.#present.size;
	}

	/** Takes the call in, whether there is room or not: who asks first decides. */
	add(call: Call): void {
		this.#present.add(call);
		this.#room.calls++;
		this.#room.bytes += call.size;
		const heap = this.#heap;
		let at = heap.push(call) - 1;
		while (at > 0) {
			const parent = (at - 1) >> 1;
			if (isBefore(heap[parent]!, call)) break;
			heap[at] = heap[parent]!;
			at = parent;
		}
		heap[at] = call;
	}

	/** Takes the call out, if it is in. */
	remove(call: Call): boolean {
		if (!this.#present.delete(call)) return false;
		this.#room.calls--;
		this.#room.bytes -= call.size;
		// A line of which most have left is only as long as its memory of them.
		if (this.#heap.length > 64 && this.#heap.length > this.#present.size * 2) this.#rebuild();
		return true;
	}

	/** The next call, which stays in line. */
	peek(): Call | undefined {
		while (this.#heap.length > 0) {
			const first = this.#heap[0]!;
			if (this.#present.has(first)) return first;
			this.#pop();
		}
		return undefined;
	}

	[Symbol.iterator](): Iterator<Call> {
		return this.#present.values();
	}

	#pop(): void {
		const heap = this.#heap;
		const last = heap.pop()!;
		if (heap.length === 0) return;
		let at = 0;
		while (true) {
			let child = at * 2 + 1;
			if (child >= heap.length) break;
			if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
			if (isBefore(last, heap[child]!)) break;
			heap[at] = heap[child]!;
			at = child;
		}
		heap[at] = last;
	}

	/** A sorted list is a heap. */
	#rebuild(): void {
		const kept = [...this.#present].sort((one, other) => (isBefore(one, other) ? -1 : 1));
		this.#heap.length = 0;
		for (const call of kept) this.#heap.push(call);
	}
}

function isBefore(one: Waiter, other: Waiter): boolean {
	return one.priority < other.priority || (one.priority === other.priority && one.age < other.age);
}
