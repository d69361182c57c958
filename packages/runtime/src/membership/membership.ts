import type { RpcError } from "../errors.js";
import type { IncomingMessage, LinkPeer } from "../link/link.js";
import {
	controlKind,
	readTerms,
	sendPulse,
	sendReady,
	type WorkerOffer,
	type WorkerTerms,
} from "../protocol/control.js";
import { readError } from "../protocol/error-body.js";
import { Kind, Reply } from "../protocol/header.js";

export interface MembershipHandler {
	/** The queue said that no more calls will come. */
	readonly onDrained: () => void;
	/** The queue has taken the offer. */
	readonly onWelcome?: () => void;
	/** The queue does not want this worker. */
	readonly onRefused?: (error: RpcError) => void;
}

/**
 * This worker's standing with one queue: offers itself, gives signs of life, and leaves when either side has been silent
 * for the lease: then the queue has given its calls to others, and running them would be running them twice.
 */
export class Membership {
	readonly #peer: LinkPeer;
	readonly #handler: MembershipHandler;
	#terms: WorkerTerms | undefined;
	#timer: NodeJS.Timeout | undefined;
	#hasHeard = true;
	#heardAt = performance.now();
	/** When this process last looked; a long gap means that it was stopped or blocked itself. */
	#lookedAt = this.#heardAt;

	constructor(peer: LinkPeer, offer: WorkerOffer, handler: MembershipHandler) {
		this.#peer = peer;
		this.#handler = handler;
		sendReady(peer, offer);
	}

	/**
	 * Whether a call that is only read now may still be this worker's: not after a stop longer than the lease. Told by when its octets were
	 * read, since nobody asks the clock for each call: a stop while those of one chunk are served is noticed with the next.
	 */
	get isCurrent(): boolean {
		return this.#terms === undefined || this.#peer.receivedAt - this.#lookedAt <= this.#terms.leaseMs;
	}

	/** Whether the queue has taken the offer. */
	get isWelcome(): boolean {
		return this.#terms !== undefined;
	}

	heard(): void {
		this.#hasHeard = true;
	}

	receive(message: IncomingMessage): void {
		const kind = controlKind(message);
		if (kind === Kind.WELCOME) this.#agree(readTerms(message));
		else if (kind === Kind.DRAIN) this.#handler.onDrained();
		else if (kind === Reply.ERROR && message.count === 3) this.#handler.onRefused?.(readError(message, 1));
	}

	/** Offers something else from now on; calls under way go on. */
	renew(offer: WorkerOffer): void {
		sendReady(this.#peer, offer);
	}

	/** The connection is gone. */
	end(): void {
		clearInterval(this.#timer);
	}

	#agree(terms: WorkerTerms | undefined): void {
		if (terms === undefined) return;
		const isFirst = this.#terms === undefined;
		this.#terms = terms;
		if (isFirst) this.#handler.onWelcome?.();
		clearInterval(this.#timer);
		this.#lookedAt = performance.now();
		this.#timer = setInterval(() => this.#look(terms), terms.heartbeatMs);
	}

	#look(terms: WorkerTerms): void {
		const now = performance.now();
		const gap = now - this.#lookedAt;
		this.#lookedAt = now;
		// After a gap of our own the queue's octets may lie unread; its silence is judged by the next look.
		if (this.#hasHeard || gap > terms.heartbeatMs * 2) this.#heardAt = now;
		this.#hasHeard = false;
		if (gap > terms.leaseMs || now - this.#heardAt > terms.leaseMs) this.#peer.close(undefined);
		else sendPulse(this.#peer);
	}
}
