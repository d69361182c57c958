import type { IncomingMessage, Link, LinkHandler, LinkOptions, LinkPeer } from "../link/link.js";
import type { ClientSecurity } from "../link/security.js";
import { openLink } from "../link/zmtp-link.js";
import { Membership } from "../membership/membership.js";
import type { WorkerOffer } from "../protocol/control.js";

/** How this queue stands with one that it joins. `refused`: calls would go round in a ring, or no workers join at that endpoint. */
export type UpstreamState = "connecting" | "joined" | "refused";

/** One queue that this one joins. */
export interface UpstreamStats {
	readonly address: string;
	readonly state: UpstreamState;
}

/** This queue joined another, was refused there, or has lost it. */
export interface UpstreamChange extends UpstreamStats {
	/** Why it was refused, or lost. */
	readonly error: Error | undefined;
}

export interface UpstreamOptions {
	readonly link: LinkOptions;
	readonly security: ClientSecurity | undefined;
	/** What this queue can do now. */
	readonly offer: () => WorkerOffer;
	/** It may send calls from now on. */
	readonly onReady: (peer: LinkPeer) => void;
	/** It sends none any more. */
	readonly onDrained: (peer: LinkPeer) => void;
	/** It is gone: its calls have no caller. */
	readonly onLost: (peer: LinkPeer) => void;
	readonly onCall: (peer: LinkPeer, message: IncomingMessage) => void;
	readonly onChange: (change: UpstreamChange) => void;
	readonly onStranger: LinkHandler["onStranger"];
}

interface Standing {
	state: UpstreamState;
	membership: Membership | undefined;
}

/** The queues that this one joins as a worker: it offers there what its own workers offer, and keeps the offers current. */
export class Upstream {
	readonly #options: UpstreamOptions;
	readonly #standings = new Map<LinkPeer, Standing>();
	#link: Link | undefined;
	/** What was offered last, as text. */
	#offered = "";

	constructor(options: UpstreamOptions) {
		this.#options = options;
	}

	/** Whether there is any. */
	get isPresent(): boolean {
		return this.#standings.size > 0;
	}

	stats(): UpstreamStats[] {
		return [...this.#standings].map(([{ address }, { state }]) => ({ address, state }));
	}

	/** Joins the queue at an endpoint, now and after every loss. Throws a `ZmtpError` on a malformed one. */
	join(endpoint: string): void {
		// Signs of life between worker and queue are the protocol's own, and follow the queue's terms.
		const { link, security } = this.#options;
		this.#link ??= openLink("DEALER", this.#handler(), { ...link, heartbeatMs: 0 }, security);
		this.#standings.set(this.#link.connect(endpoint), { state: "connecting", membership: undefined });
	}

	/** What this queue can do has changed: the queues above are told, unless it comes to the same. */
	renew(): void {
		const offer = this.#options.offer();
		const text = JSON.stringify(offer);
		if (text === this.#offered) return;
		this.#offered = text;
		for (const { membership } of this.#standings.values()) membership?.renew(offer);
	}

	async close(): Promise<void> {
		await this.#link?.close();
	}

	#handler(): LinkHandler {
		return {
			isRelay: true,
			onPeerReady: (peer) => this.#offerTo(peer),
			onPeerLost: (peer, error) => this.#lose(peer, error),
			onMessage: (peer, message) => this.#receive(peer, message),
			onWritable: (peer) => peer.resume(),
			onStranger: this.#options.onStranger,
		};
	}

	#offerTo(peer: LinkPeer): void {
		const standing = this.#standings.get(peer)!;
		const offer = this.#options.offer();
		standing.membership = new Membership(peer, offer, {
			onWelcome: () => this.#move(peer, standing, "joined", undefined),
			onDrained: () => this.#options.onDrained(peer),
			onRefused: (error) => {
				// What it has given stays in care, and comes to an end as anything else.
				this.#options.onDrained(peer);
				this.#move(peer, standing, "refused", error);
			},
		});
		this.#options.onReady(peer);
	}

	#receive(peer: LinkPeer, message: IncomingMessage): void {
		const { membership } = this.#standings.get(peer)!;
		membership?.heard();
		if (message.size(0) === 0) membership?.receive(message);
		else if (membership?.isCurrent === true) this.#options.onCall(peer, message);
		// Its calls have been given to others.
		else if (membership !== undefined) peer.close(undefined);
	}

	#lose(peer: LinkPeer, error: Error | undefined): void {
		const standing = this.#standings.get(peer);
		if (standing === undefined) return;
		standing.membership?.end();
		standing.membership = undefined;
		this.#options.onLost(peer);
		this.#move(peer, standing, "connecting", error);
	}

	#move(peer: LinkPeer, standing: Standing, state: UpstreamState, error: Error | undefined): void {
		if (standing.state === state) return;
		standing.state = state;
		this.#options.onChange({ address: peer.address, state, error });
	}
}
