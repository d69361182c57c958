import type { LinkPeer } from "../link/link.js";

/** The servers of a connection that can be called now, and whose turn it is. */
export class Servers {
	readonly #peers: LinkPeer[] = [];
	#last = 0;

	get isEmpty(): boolean {
		return this.#peers.length === 0;
	}

	get all(): readonly LinkPeer[] {
		return this.#peers;
	}

	add(peer: LinkPeer): void {
		this.#peers.push(peer);
	}

	/** Takes a server out, if it is in: it is gone, or wants no new calls. */
	remove(peer: LinkPeer): void {
		const index = this.#peers.indexOf(peer);
		if (index !== -1) this.#peers.splice(index, 1);
	}

	/** The next server in turn that has room. */
	choose(): LinkPeer | undefined {
		const peers = this.#peers;
		for (let tried = 0; tried < peers.length; tried++) {
			if (++this.#last >= peers.length) this.#last = 0;
			const peer = peers[this.#last]!;
			if (peer.isWritable) return peer;
		}
		return undefined;
	}
}
