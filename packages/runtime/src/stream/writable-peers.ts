import type { LinkPeer } from "../link/link.js";

interface Moment {
	readonly promise: Promise<void>;
	readonly resolve: () => void;
}

/** Lets senders wait until a peer whose queue is full takes more. */
export class WritablePeers {
	readonly #moments = new Map<LinkPeer, Moment>();

	/** `undefined`: it takes more now; else a promise of the moment when to look again. */
	hold(peer: LinkPeer): Promise<void> | undefined {
		if (peer.isWritable) return undefined;
		let moment = this.#moments.get(peer);
		if (moment === undefined) {
			let resolve = () => {};
			const promise = new Promise<void>((settle) => {
				resolve = settle;
			});
			moment = { promise, resolve };
			this.#moments.set(peer, moment);
		}
		return moment.promise;
	}

	/** It takes more, or is gone: time to look again. */
	wake(peer: LinkPeer): void {
		this.#moments.get(peer)?.resolve();
		this.#moments.delete(peer);
	}
}
