import { ZmtpError } from "../errors.js";
import type { Message } from "../wire/message.js";
import { allocate } from "../wire/octets.js";
import { ArrivalQueue } from "./arrival-queue.js";
import type { HighWaterMark } from "./back-pressure.js";
import type { Frames } from "./frames.js";
import { type Pipe, sendFrames } from "./pipe.js";
import { type PublisherOptions, PublisherPattern } from "./publish.js";
import { SubscriptionTree, TopicSubscriber } from "./subscription-tree.js";

export interface XPublisherOptions extends PublisherOptions {
	/** Which repeated subscriptions the application hears of: none, those that begin, those that end too. */
	readonly verbosity: null | "allSubs" | "allSubsUnsubs";
	/** Peers' subscriptions are told and do nothing; the application subscribes them. */
	readonly manual: boolean;
	/** What every peer is sent first; empty: nothing. */
	readonly welcomeMessage: Uint8Array;
}

/** RFC 29, The XPUB Socket Type: a PUB whose application sees subscriptions, and what else its subscribers send. */
export class XPublisherPattern extends PublisherPattern {
	readonly #options: XPublisherOptions;
	readonly #incoming: ArrivalQueue;
	/** What peers have asked for in manual mode: kept only to tell its end when they leave. */
	readonly #wishes = new Map<Pipe, TopicSubscriber<Pipe>>();
	readonly #wishTree = new SubscriptionTree<Pipe>();

	constructor(receiveLimit: HighWaterMark, options: XPublisherOptions) {
		super(options);
		this.#options = options;
		this.#incoming = new ArrivalQueue(receiveLimit);
	}

	override get canReceive(): boolean {
		return !this.#incoming.isEmpty;
	}

	override onReady(pipe: Pipe): void {
		super.onReady(pipe);
		const { welcomeMessage } = this.#options;
		if (welcomeMessage.length > 0) sendFrames(pipe, [welcomeMessage]);
	}

	override receive(): Frames | undefined {
		return this.#incoming.take();
	}

	/** Manual mode: subscribes the peer whose message was received last; without effect when it has left. Throws `EINVAL` otherwise. */
	subscribe(topic: Uint8Array): void {
		const subscriber = this.#lastSubscriber();
		if (subscriber !== undefined) this.tree.add(subscriber, topic);
	}

	/** As `subscribe`, for its end, however often the peer was subscribed. */
	unsubscribe(topic: Uint8Array): void {
		const subscriber = this.#lastSubscriber();
		if (subscriber !== undefined) this.tree.remove(subscriber, topic, true);
	}

	override attach(pipe: Pipe): undefined {
		super.attach(pipe);
		this.#wishes.set(pipe, new TopicSubscriber(pipe));
	}

	override detach(pipe: Pipe): void {
		super.detach(pipe);
		this.#wishes.delete(pipe);
	}

	override onSubscription(pipe: Pipe, isSubscription: boolean, topic: Uint8Array): void {
		if (!this.#options.manual) {
			super.onSubscription(pipe, isSubscription, topic);
			return;
		}
		const subscriber = this.subscriberOf(pipe);
		const wishes = this.#wishes.get(pipe);
		if (subscriber === undefined || wishes === undefined) return;
		this.renew(subscriber);
		if (!isSubscription) this.#wishTree.remove(wishes, topic, pipe.cancelsOnce);
		else if (this.admit(wishes, topic)) this.#wishTree.add(wishes, topic);
		else return;
		this.#tell(pipe, isSubscription, topic);
	}

	protected override onAdded(pipe: Pipe, topic: Uint8Array, isFirst: boolean): void {
		if (isFirst || this.#options.verbosity !== null) this.#tell(pipe, true, topic);
	}

	protected override onRemoved(pipe: Pipe, topic: Uint8Array, isLast: boolean): void {
		if (isLast || this.#options.verbosity === "allSubsUnsubs") this.#tell(pipe, false, topic);
	}

	/** RFC 29: the application hears of the subscriptions that end with their peer. Those it made itself it knows. */
	protected override clear(subscriber: TopicSubscriber<Pipe>): void {
		const { owner } = subscriber;
		if (this.#options.manual) super.clear(subscriber);
		else this.tree.clear(subscriber, (topic, isLast) => this.onRemoved(owner, topic, isLast));
		const wishes = this.#wishes.get(owner);
		if (wishes !== undefined) this.#wishTree.clear(wishes, (topic) => this.#tell(owner, false, topic));
	}

	protected override onUserMessage(pipe: Pipe, message: Message): void {
		this.#incoming.push(pipe, message.takeAll());
	}

	#lastSubscriber(): TopicSubscriber<Pipe> | undefined {
		if (!this.#options.manual) throw new ZmtpError("EINVAL", "an XPublisher subscribes its peers in manual mode only");
		return this.subscriberOf(this.#incoming.from);
	}

	#tell(pipe: Pipe, isSubscription: boolean, topic: Uint8Array): void {
		const frame = allocate(1 + topic.length);
		frame[0] = isSubscription ? 1 : 0;
		frame.set(topic, 1);
		this.#incoming.push(pipe, [frame]);
	}
}
