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

	/** Whether a server is there that is none of these. */
	hasAnother(tried: readonly LinkPeer[]): boolean {
		return this.#peers.some((peer) => peer.isWritable && !tried.includes(peer));
	}

	/** The next server in turn that has room; one of `tried` only when there is no other. */
	choose(tried?: readonly LinkPeer[]): LinkPeer | undefined {
		return tried === undefined ? this.#next() : (this.#next(tried) ?? this.#next());
	}

	#next(tried?: readonly LinkPeer[]): LinkPeer | undefined {
		const peers = this.#peers;
		for (let i = 0; i < peers.length; i++) {
			if (++this.#last >= peers.length) this.#last = 0;
			const peer = peers[this.#last]!;
			if (peer.isWritable && tried?.includes(peer) !== true) return peer;
		}
		return undefined;
	}
}
