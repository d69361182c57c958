import type { CallPeer } from "../call-context.js";

/** A peer whose bodies surprised their compiled codecs. */
export interface SurprisingPeer extends CallPeer {
	/** How often, since it is in this list. */
	readonly surprises: number;
	/** The method that the last of them was for. */
	readonly method: string;
}

/** Peers kept. */
const maxPeers = 32;

interface Row {
	readonly peer: CallPeer;
	method: string;
	surprises: number;
	/** What whoever had the place before had come to: see below. */
	readonly inherited: number;
}

/**
 * Who surprised most, in a bounded number of places. A newcomer takes the place of whoever has come to least, and what that one had come to
 * counts for it when places are taken (the "space-saving" counters of Metwally, Agrawal and El Abbadi). So no number of peers that come
 * and go can hide one that has more than its part of all surprises; what is told of each is its own alone.
 */
export class SurprisingPeers {
	readonly #rows = new Map<string, Row>();
	/** Surprises in all. */
	total = 0;

	count(method: string, peer: CallPeer): void {
		this.total++;
		const key = `${peer.userId ?? ""} ${peer.address}`;
		let row = this.#rows.get(key);
		if (row === undefined) {
			row = { peer, method, surprises: 0, inherited: this.#rows.size < maxPeers ? 0 : this.#giveUpLeast() };
			this.#rows.set(key, row);
		}
		row.surprises++;
		row.method = method;
	}

	/** The most surprising first. */
	list(): SurprisingPeer[] {
		return [...this.#rows.values()]
			.sort((one, other) => other.surprises - one.surprises)
			.map(({ peer, surprises, method }) => ({ ...peer, surprises, method }));
	}

	#giveUpLeast(): number {
		let least = Number.POSITIVE_INFINITY;
		let whose = "";
		for (const [key, { surprises, inherited }] of this.#rows) {
			if (surprises + inherited >= least) continue;
			least = surprises + inherited;
			whose = key;
		}
		this.#rows.delete(whose);
		return least;
	}
}
