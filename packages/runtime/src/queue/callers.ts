import type { LinkPeer } from "../link/link.js";
import { sendDrain } from "../protocol/control.js";

/** Who gives the queue its calls, clients and queues above alike: they are asked to stop, and say when they have. */
export class Callers {
	readonly #present = new Set<LinkPeer>();
	/** They send nothing more. */
	readonly #stopped = new Set<LinkPeer>();
	/** They have been asked to stop, and so is whoever comes later. */
	isLeaving = false;

	get haveStopped(): boolean {
		return this.#stopped.size >= this.#present.size;
	}

	admit(peer: LinkPeer): void {
		this.#present.add(peer);
		if (this.isLeaving) sendDrain(peer);
	}

	noMoreFrom(peer: LinkPeer): void {
		if (this.#present.has(peer)) this.#stopped.add(peer);
	}

	forget(peer: LinkPeer): void {
		this.#present.delete(peer);
		this.#stopped.delete(peer);
	}

	askToStop(): void {
		this.isLeaving = true;
		for (const peer of this.#present) sendDrain(peer);
	}
}
