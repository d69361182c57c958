import type { Message } from "../wire/message.js";
import { FairQueue, type HighWaterMark } from "./fair-queue.js";
import type { Frames } from "./frames.js";
import { type ApplicationPattern, type Pipe, sendFrames } from "./pipe.js";
import { Subscriber, SubscriptionTree } from "./subscription-tree.js";

/**
 * RFC 29, The XSUB Socket Type: fair queue in; subscriptions, and messages of the application, out to every publisher.
 * A publisher is told all subscriptions whenever a connection to it stands.
 */
export class XSubscriberPattern implements ApplicationPattern {
	readonly needsPeer = false;
	/** RFC 29: XSUB never blocks; what a publisher has no room for is dropped. */
	readonly canSend = true;
	readonly #publishers = new Set<Pipe>();
	readonly #incoming: FairQueue;
	readonly #own = new Subscriber(undefined);
	protected readonly tree = new SubscriptionTree<undefined>();

	constructor(receiveLimit: HighWaterMark) {
		this.#incoming = new FairQueue(receiveLimit);
	}

	get canReceive(): boolean {
		return !this.#incoming.isEmpty;
	}

	attach(pipe: Pipe): undefined {
		this.#publishers.add(pipe);
	}

	detach(pipe: Pipe): void {
		this.#publishers.delete(pipe);
	}

	onReady(pipe: Pipe): void {
		for (const topic of this.#own.topics()) pipe.sendSubscription(true, topic);
	}

	onWritable(): void {}

	deliver(pipe: Pipe, message: Message): void {
		this.#incoming.add(pipe, [], message);
	}

	/** Publishers hear of the first subscription to a topic and of the end of the last: they need not count. */
	subscribe(topic: Uint8Array): void {
		if (this.tree.add(this.#own, topic)) this.#tell(true, topic);
	}

	/** One that was never made is ignored, as in libzmq. */
	unsubscribe(topic: Uint8Array): void {
		if (this.tree.remove(this.#own, topic) === "none") this.#tell(false, topic);
	}

	send(frames: Frames): boolean {
		const [first] = frames;
		const kind = frames.length === 1 ? first![0] : undefined;
		if (kind === 1) this.subscribe(first!.subarray(1));
		else if (kind === 0) this.unsubscribe(first!.subarray(1));
		else for (const pipe of this.#publishers) if (pipe.isWritable) sendFrames(pipe, [], frames);
		return true;
	}

	receive(): Frames | undefined {
		return this.#incoming.take()?.frames;
	}

	#tell(isSubscription: boolean, topic: Uint8Array): void {
		for (const pipe of this.#publishers) pipe.sendSubscription(isSubscription, topic);
	}
}

/** RFC 29, The SUB Socket Type: takes only messages it subscribed to, whatever the publisher sends. */
export class SubscriberPattern extends XSubscriberPattern {
	override deliver(pipe: Pipe, message: Message): void {
		if (this.tree.has(message.buffers[0]!, message.starts[0]!, message.ends[0]!)) super.deliver(pipe, message);
	}
}
