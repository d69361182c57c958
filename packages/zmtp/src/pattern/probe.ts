import { type Pipe, sendFrames } from "./pipe.js";

const empty = [new Uint8Array(0)];

/**
 * Empty messages by which ROUTER peers hear of a socket: the first in each queue, and one for each connection that
 * follows on the same queue.
 */
export class Probe {
	readonly #options: { readonly probeRouter: boolean };
	/** Pipes whose probe waits for their first connection. */
	readonly #early = new Set<Pipe>();

	constructor(options: { readonly probeRouter: boolean }) {
		this.#options = options;
	}

	attach(pipe: Pipe): void {
		if (!this.#options.probeRouter) return;
		this.#early.add(pipe);
		sendFrames(pipe, empty);
	}

	onReady(pipe: Pipe): void {
		if (!this.#early.delete(pipe) && this.#options.probeRouter) sendFrames(pipe, empty);
	}

	detach(pipe: Pipe): void {
		this.#early.delete(pipe);
	}
}
