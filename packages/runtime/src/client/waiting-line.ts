import { bodySize } from "../protocol/body.js";
import type { Call } from "./call.js";

/** Calls that nobody can take yet, in order, bounded in number and octets. */
export class WaitingLine {
	readonly #maxCalls: number;
	readonly #maxBytes: number;
	/** A Set keeps the order and lets a call that ends early leave from the middle. */
	readonly #calls = new Set<Call>();
	#bytes = 0;

	constructor(maxCalls: number, maxBytes: number) {
		this.#maxCalls = maxCalls;
		this.#maxBytes = maxBytes;
	}

	get length(): number {
		return this.#calls.size;
	}

	/** False when the line is full. */
	add(call: Call): boolean {
		const bytes = sizeOf(call);
		if (this.#calls.size >= this.#maxCalls || this.#bytes + bytes > this.#maxBytes) return false;
		this.#calls.add(call);
		this.#bytes += bytes;
		return true;
	}

	/** Takes a call out, if it is in. */
	remove(call: Call): void {
		if (this.#calls.delete(call)) this.#bytes -= sizeOf(call);
	}

	/** Those that have waited longest first. They may be taken out on the way. */
	[Symbol.iterator](): Iterator<Call> {
		return this.#calls.values();
	}
}

function sizeOf({ waiting }: Call): number {
	return waiting === undefined ? 0 : waiting.header.length + bodySize(waiting.body);
}
