import type { Pipe } from "./pipe.js";

/**
 * RFC 28, round robin over the peers that can take a message. Those that cannot stand apart until they say so, hence a
 * choice costs the same with one full peer or a thousand.
 */
export class RoundRobin {
	readonly #open: Pipe[] = [];
	readonly #full = new Set<Pipe>();
	#next = 0;

	add(pipe: Pipe): void {
		this.#open.push(pipe);
	}

	remove(pipe: Pipe): void {
		if (this.#full.delete(pipe)) return;
		const index = this.#open.indexOf(pipe);
		if (index === -1) return;
		this.#open.splice(index, 1);
		if (index < this.#next) this.#next--;
	}

	/** A full pipe can take messages again. */
	reopen(pipe: Pipe): void {
		if (this.#full.delete(pipe)) this.#open.push(pipe);
	}

	/** The pipe whose turn it is, without ending its turn. `undefined` when no peer can take a message. */
	peek(): Pipe | undefined {
		while (this.#open.length > 0) {
			if (this.#next >= this.#open.length) this.#next = 0;
			const pipe = this.#open[this.#next]!;
			if (pipe.isWritable) return pipe;
			this.#open.splice(this.#next, 1);
			this.#full.add(pipe);
		}
		return undefined;
	}

	/** As `peek`, and the turn passes on. */
	next(): Pipe | undefined {
		const pipe = this.peek();
		this.#next++;
		return pipe;
	}
}
