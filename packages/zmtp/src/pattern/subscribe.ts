import type { Message } from "../wire/message.js";
import type { HighWaterMark } from "./back-pressure.js";
import { FairQueue } from "./fair-queue.js";
import type { Frames } from "./frames.js";
import { type ApplicationPattern, type Pipe, sendFrames } from "./pipe.js";
import { SubscriptionTree, TopicSubscriber } from "./subscription-tree.js";

/**
 * RFC 29, The XSUB Socket Type: fair queue in; subscriptions, and messages of the application, out to every publisher.
 * A publisher is told all subscriptions whenever a connection to it stands.
 */
export class XSubscriberPattern implements ApplicationPattern {
	readonly needsPeer = false;
	/** RFC 29: XSUB never blocks; what a publisher has no room for is dropped. */
	readonly canSend = true;
	protected readonly tree = new SubscriptionTree<undefined>();
	protected readonly incoming: FairQueue;
	readonly #publishers = new Set<Pipe>();
	readonly #own = new TopicSubscriber(undefined);

	constructor(receiveLimit: HighWaterMark) {
		this.incoming = new FairQueue(receiveLimit);
	}

	get canReceive(): boolean {
		return !this.incoming.isEmpty;
	}

	attach(pipe: Pipe): undefined {
		this.#publishers.add(pipe);
		this.incoming.attach(pipe);
	}

	detach(pipe: Pipe): void {
		this.#publishers.delete(pipe);
		this.incoming.detach(pipe);
	}

	onReady(pipe: Pipe): void {
		for (const [topic, count] of this.#own.topics()) {
			for (let i = pipe.cancelsOnce ? 1 : count; i > 0; i--) pipe.sendSubscription(true, topic);
		}
	}

	onWritable(): void {}

	deliver(pipe: Pipe, message: Message): void {
		this.incoming.add(pipe, message);
	}

	/** Equal subscriptions add up, and publishers hear of each (RFC 37). */
	subscribe(topic: Uint8Array): void {
		this.tree.add(this.#own, topic);
		for (const pipe of this.#publishers) pipe.sendSubscription(true, topic);
	}

	/**
	 * Ends one subscription; one that was never made is ignored. RFC 37 has a publisher count, but libzmq's do not: the
	 * first CANCEL would end all equal subscriptions there, so they hear of the last one's end only.
	 */
	unsubscribe(topic: Uint8Array): void {
		const left = this.tree.remove(this.#own, topic);
		if (left === "unknown") return;
		for (const pipe of this.#publishers) {
			if (left === "none" || !pipe.cancelsOnce) pipe.sendSubscription(false, topic);
		}
	}

	send(frames: Frames): boolean {
		const [first] = frames;
		const kind = frames.length === 1 ? first![0] : undefined;
		if (kind === 1) this.subscribe(first!.subarray(1));
		else if (kind === 0) this.unsubscribe(first!.subarray(1));
		else for (const pipe of this.#publishers) if (pipe.isWritable) sendFrames(pipe, frames);
		return true;
	}

	receive(): Frames | undefined {
		return this.incoming.take();
	}
}

export interface SubscriberOptions {
	/** Take what no subscription matches, and only that. */
	readonly invertMatching: boolean;
}

/** RFC 29, The SUB Socket Type: takes only messages it subscribed to, whatever the publisher sends. */
export class SubscriberPattern extends XSubscriberPattern {
	readonly #options: SubscriberOptions;

	constructor(receiveLimit: HighWaterMark, options: SubscriberOptions) {
		super(receiveLimit);
		this.#options = options;
	}

	override deliver(pipe: Pipe, message: Message): void {
		const { buffers, starts, ends } = message;
		if (this.#wants(buffers[0]!, starts[0]!, ends[0]!)) super.deliver(pipe, message);
	}

	/** Messages that wait and are not wanted any more are dropped. */
	override unsubscribe(topic: Uint8Array): void {
		super.unsubscribe(topic);
		this.incoming.filter(([first]) => this.#wants(first!, 0, first!.length));
	}

	#wants(octets: Uint8Array, start: number, end: number): boolean {
		return this.tree.has(octets, start, end) !== this.#options.invertMatching;
	}
}
