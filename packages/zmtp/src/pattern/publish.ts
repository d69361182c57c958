import { ZmtpError } from "../errors.js";
import type { Message } from "../wire/message.js";
import type { Frames } from "./frames.js";
import { type ApplicationPattern, type Pipe, sendFrames } from "./pipe.js";
import { SubscriptionTree, TopicSubscriber } from "./subscription-tree.js";

export interface PublisherOptions {
	/** Wait for a subscriber whose queue is full, instead of dropping the message for it. */
	readonly noDrop: boolean;
	/** Send to those whose subscriptions do not match. */
	readonly invertMatching: boolean;
	/** Most topics of one peer. */
	readonly maxSubscriptions: number;
	/** Most octets in the topics of one peer. */
	readonly maxSubscriptionBytes: number;
}

/** RFC 29, The PUB Socket Type: each message to everyone who subscribed to what it begins with. */
export class PublisherPattern implements ApplicationPattern {
	readonly needsPeer = false;
	/** RFC 29: a publisher never blocks; a message is dropped, whole, for a subscriber whose queue is full. */
	readonly canSend = true;
	protected readonly tree = new SubscriptionTree<Pipe>();
	readonly #options: PublisherOptions;
	readonly #subscribers = new Map<Pipe, TopicSubscriber<Pipe>>();
	/** Peers that are there, or there again, and have not told any subscription yet. */
	readonly #returned = new Set<TopicSubscriber<Pipe>>();
	/** Who gets the message being sent, and leftovers: used again for each, for making an array costs more than the rest. */
	#found: TopicSubscriber<Pipe>[] = [];

	constructor(options: PublisherOptions) {
		this.#options = options;
	}

	get canReceive(): boolean {
		return false;
	}

	attach(pipe: Pipe): undefined {
		this.#subscribers.set(pipe, new TopicSubscriber(pipe));
	}

	detach(pipe: Pipe): void {
		const subscriber = this.#subscribers.get(pipe);
		if (subscriber === undefined) return;
		this.#subscribers.delete(pipe);
		this.#returned.delete(subscriber);
		this.#found = [];
		this.clear(subscriber);
	}

	/**
	 * The queue of an endpoint that was connected to outlives its connections, and so do the subscriptions: messages wait
	 * for the peer. Once it is there again it tells them anew; the former ones end with the first that it tells, or a topic
	 * it does not want any more would be sent for ever. Until then they hold, or what is sent meanwhile would be lost.
	 */
	onReady(pipe: Pipe): void {
		this.#returned.add(this.#subscribers.get(pipe)!);
	}

	onWritable(): void {}

	onSubscription(pipe: Pipe, isSubscription: boolean, topic: Uint8Array): void {
		const subscriber = this.#subscribers.get(pipe);
		if (subscriber === undefined) return;
		this.renew(subscriber);
		if (isSubscription) this.add(subscriber, topic);
		else this.remove(subscriber, topic);
	}

	/** A subscription in its older form (RFC 23), which any peer may use; what else a subscriber sends is discarded. */
	deliver(pipe: Pipe, message: Message): void {
		const kind = message.count === 1 && message.size(0) > 0 ? message.buffers[0]![message.starts[0]!]! : -1;
		if (kind === 0 || kind === 1) this.onSubscription(pipe, kind === 1, message.frame(0).subarray(1));
		else this.onUserMessage(pipe, message);
	}

	send(frames: Frames): boolean {
		let found = this.#found;
		let count = this.tree.match(frames[0]!, found);
		if (this.#options.invertMatching) {
			found = this.#others(found.slice(0, count));
			count = found.length;
		}
		if (this.#options.noDrop) {
			for (let i = 0; i < count; i++) if (!found[i]!.owner.isWritable) return false;
		}
		for (let i = 0; i < count; i++) {
			const { owner } = found[i]!;
			if (owner.isWritable) sendFrames(owner, frames);
		}
		return true;
	}

	receive(): Frames | undefined {
		return undefined;
	}

	protected add(subscriber: TopicSubscriber<Pipe>, topic: Uint8Array): void {
		if (!this.admit(subscriber, topic)) return;
		this.onAdded(subscriber.owner, topic, this.tree.add(subscriber, topic));
	}

	protected remove(subscriber: TopicSubscriber<Pipe>, topic: Uint8Array): void {
		const left = this.tree.remove(subscriber, topic, subscriber.owner.cancelsOnce);
		if (left !== "unknown") this.onRemoved(subscriber.owner, topic, left === "none");
	}

	/** Ends the subscriptions from the connection before, when this is the first that the peer tells on this one. */
	protected renew(subscriber: TopicSubscriber<Pipe>): void {
		if (this.#returned.delete(subscriber)) this.clear(subscriber);
	}

	protected clear(subscriber: TopicSubscriber<Pipe>): void {
		this.tree.clear(subscriber);
	}

	/** Closes the connection of a peer that would have more than its share with this topic, and says so. */
	protected admit({ owner, nodes, bytes }: TopicSubscriber<Pipe>, topic: Uint8Array): boolean {
		const { maxSubscriptions, maxSubscriptionBytes } = this.#options;
		if (nodes.size < maxSubscriptions && bytes + topic.length <= maxSubscriptionBytes) return true;
		owner.close(
			new ZmtpError(
				"ZMTP_TOO_MANY_SUBSCRIPTIONS",
				`a peer exceeds maxSubscriptions ${maxSubscriptions} or maxSubscriptionBytes ${maxSubscriptionBytes}`,
			),
		);
		return false;
	}

	protected subscriberOf(pipe: Pipe | undefined): TopicSubscriber<Pipe> | undefined {
		return pipe && this.#subscribers.get(pipe);
	}

	/** `isFirst`: nobody had this topic before. */
	protected onAdded(_pipe: Pipe, _topic: Uint8Array, _isFirst: boolean): void {}

	/** `isLast`: nobody has this topic any more. */
	protected onRemoved(_pipe: Pipe, _topic: Uint8Array, _isLast: boolean): void {}

	protected onUserMessage(_pipe: Pipe, _message: Message): void {}

	#others(found: readonly TopicSubscriber<Pipe>[]): TopicSubscriber<Pipe>[] {
		const matching = new Set(found);
		return [...this.#subscribers.values()].filter((subscriber) => !matching.has(subscriber));
	}
}
