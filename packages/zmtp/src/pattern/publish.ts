import type { Message } from "../wire/message.js";
import { allocate } from "../wire/octets.js";
import { FairQueue, type HighWaterMark } from "./fair-queue.js";
import type { Frames } from "./frames.js";
import { type ApplicationPattern, type Pipe, sendFrames } from "./pipe.js";
import { Subscriber, SubscriptionTree } from "./subscription-tree.js";

/** RFC 29, The PUB Socket Type: each message to everyone who subscribed to what it begins with. */
export class PublisherPattern implements ApplicationPattern {
	readonly needsPeer = false;
	/** RFC 29: PUB never blocks; a message is dropped, whole, for a subscriber whose queue is full. */
	readonly canSend = true;
	readonly #subscribers = new Map<Pipe, Subscriber<Pipe>>();
	readonly #tree = new SubscriptionTree<Pipe>();
	/** Used again for each message. */
	readonly #found: Subscriber<Pipe>[] = [];

	get canReceive(): boolean {
		return false;
	}

	attach(pipe: Pipe): undefined {
		this.#subscribers.set(pipe, new Subscriber(pipe));
	}

	detach(pipe: Pipe): void {
		this.#clear(pipe);
		this.#subscribers.delete(pipe);
	}

	/** The peer tells all its subscriptions anew: those from the connection before end here, so that none outlives its wish. */
	onReady(pipe: Pipe): void {
		this.#clear(pipe);
	}

	onWritable(): void {}

	onSubscription(pipe: Pipe, isSubscription: boolean, topic: Uint8Array): void {
		const subscriber = this.#subscribers.get(pipe);
		if (subscriber === undefined) return;
		if (isSubscription) this.onAdded(pipe, topic, this.#tree.add(subscriber, topic));
		else this.onRemoved(pipe, topic, this.#tree.remove(subscriber, topic));
	}

	/** A subscription in its older form (RFC 23), which any peer may use; what else a subscriber sends is discarded. */
	deliver(pipe: Pipe, message: Message): void {
		const kind = message.count === 1 && message.size(0) > 0 ? message.buffers[0]![message.starts[0]!]! : -1;
		if (kind === 0 || kind === 1) this.onSubscription(pipe, kind === 1, message.frame(0).subarray(1));
		else this.onUserMessage(pipe, message);
	}

	send(frames: Frames): boolean {
		const found = this.#found;
		this.#tree.match(frames[0]!, found);
		for (const { owner: pipe } of found) if (pipe.isWritable) sendFrames(pipe, [], frames);
		found.length = 0;
		return true;
	}

	receive(): Frames | undefined {
		return undefined;
	}

	/** `isFirst`: nobody had this topic before. */
	protected onAdded(_pipe: Pipe, _topic: Uint8Array, _isFirst: boolean): void {}

	/** `left`: who has the topic still. */
	protected onRemoved(_pipe: Pipe, _topic: Uint8Array, _left: "none" | "some" | "unknown"): void {}

	protected onUserMessage(_pipe: Pipe, _message: Message): void {}

	#clear(pipe: Pipe): void {
		const subscriber = this.#subscribers.get(pipe);
		if (subscriber === undefined || subscriber.nodes.size === 0) return;
		for (const topic of this.#tree.clear(subscriber)) this.onRemoved(pipe, topic, "none");
	}
}

/** RFC 29, The XPUB Socket Type: a PUB whose application sees subscriptions, and what else its subscribers send. */
export class XPublisherPattern extends PublisherPattern {
	readonly #incoming: FairQueue;

	constructor(receiveLimit: HighWaterMark) {
		super();
		this.#incoming = new FairQueue(receiveLimit);
	}

	override get canReceive(): boolean {
		return !this.#incoming.isEmpty;
	}

	override receive(): Frames | undefined {
		return this.#incoming.take()?.frames;
	}

	protected override onAdded(pipe: Pipe, topic: Uint8Array, isFirst: boolean): void {
		if (isFirst) this.#tell(pipe, 1, topic);
	}

	protected override onRemoved(pipe: Pipe, topic: Uint8Array, left: "none" | "some" | "unknown"): void {
		if (left === "none") this.#tell(pipe, 0, topic);
	}

	protected override onUserMessage(pipe: Pipe, message: Message): void {
		this.#incoming.add(pipe, [], message);
	}

	#tell(pipe: Pipe, kind: 0 | 1, topic: Uint8Array): void {
		const frame = allocate(1 + topic.length);
		frame[0] = kind;
		frame.set(topic, 1);
		this.#incoming.push(pipe, [frame]);
	}
}
