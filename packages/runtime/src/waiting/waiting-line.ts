import { partOf } from "./shares.js";

/** What a line needs to know of a call. None of it may change while the call is in line. */
export interface Waiter {
	/** Lower goes first. */
	readonly priority: number;
	/** Order of arrival. */
	readonly age: number;
	/** Memory it holds. Unit: bytes. */
	readonly size: number;
	/** Whose share it counts for; `undefined`: nobody's. */
	readonly owner: object | undefined;
}

/** Bounds of all waiting lines of a server or a queue together, and of what one owner has in them. */
export class WaitingRoom {
	readonly #all: Load;
	readonly #each: Load;
	readonly #byOwner = new Map<object, { calls: number; bytes: number }>();
	calls = 0;
	bytes = 0;

	/** `share`: the part of all that one owner may have in line; see `Shares`. */
	constructor(maxCalls: number, maxBytes: number, share = 1) {
		this.#all = { calls: maxCalls, bytes: maxBytes };
		this.#each = { calls: partOf(maxCalls, share), bytes: partOf(maxBytes, share) };
	}

	/** `undefined`: whoever is not counted. */
	hasRoomFor(bytes: number, owner?: object | undefined): boolean {
		if (!fits(this, bytes, this.#all)) return false;
		const own = owner === undefined ? undefined : this.#byOwner.get(owner);
		return owner === undefined || fits(own ?? nothing, bytes, this.#each);
	}

	enter({ owner, size }: Waiter): void {
		this.calls++;
		this.bytes += size;
		if (owner === undefined) return;
		const own = this.#byOwner.get(owner);
		if (own === undefined) {
			this.#byOwner.set(owner, { calls: 1, bytes: size });
		} else {
			own.calls++;
			own.bytes += size;
		}
	}

	leave({ owner, size }: Waiter): void {
		this.calls--;
		this.bytes -= size;
		const own = owner === undefined ? undefined : this.#byOwner.get(owner);
		if (own === undefined) return;
		own.calls--;
		own.bytes -= size;
		if (own.calls === 0) this.#byOwner.delete(owner!);
	}
}

/** Calls and octets of them. */
interface Load {
	readonly calls: number;
	readonly bytes: number;
}

const nothing: Load = { calls: 0, bytes: 0 };

function fits(present: Load, bytes: number, most: Load): boolean {
	return present.calls < most.calls && present.bytes + bytes <= most.bytes;
}

/**
 * Calls that nobody can take yet: the most urgent first, the oldest among equals, and that strictly: see docs/decisions/0024.
 * A binary heap; calls that leave from the middle (cancelled, expired) are marked and skipped when they come up.
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
		this.#room.enter(call);
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
		this.#room.leave(call);
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

/** Whether `one` goes before `other`. */
export function isBefore(one: Waiter, other: Waiter): boolean {
	return one.priority < other.priority || (one.priority === other.priority && one.age < other.age);
}
