import { PublisherPattern } from "../pattern/publish.js";
import { SubscriberPattern, XSubscriberPattern } from "../pattern/subscribe.js";
import { XPublisherPattern } from "../pattern/xpublish.js";
import { DuplexSocket, ReadableSocket, WritableSocket } from "./directions.js";
import type { PropertiesOf } from "./options.js";
import { Socket, type SocketOptions, toFrame } from "./socket.js";

/** RFC 29: sends each message to those who subscribed to what its first frame begins with. Talks to SUB, XSUB. */
export class Publisher extends WritableSocket {
	static {
		Socket.offerOptions(Publisher.prototype, "PUB");
	}

	constructor(options: SocketOptions<Publisher> = {}) {
		super("PUB", options, (_, settings) => new PublisherPattern(settings));
	}
}
export interface Publisher extends PropertiesOf<"PUB"> {}

/** RFC 29: receives the messages it subscribed to, none to begin with. Talks to PUB, XPUB. */
export class Subscriber extends ReadableSocket {
	static {
		Socket.offerOptions(Subscriber.prototype, "SUB");
	}

	readonly #pattern: SubscriberPattern;

	constructor(options: SocketOptions<Subscriber> = {}) {
		let pattern: SubscriberPattern | undefined;
		super("SUB", options, (receiveLimit, settings) => {
			pattern = new SubscriberPattern(receiveLimit, settings);
			return pattern;
		});
		this.#pattern = pattern!;
	}

	/** Takes messages whose first frame begins with one of the prefixes; without any: all messages. Subscriptions add up. */
	subscribe(...prefixes: (string | Uint8Array)[]): void {
		for (const topic of topicsOf(prefixes)) this.#pattern.subscribe(topic);
	}

	/** Takes back one `subscribe()` of each prefix, or of all messages. One that was never made is ignored. */
	unsubscribe(...prefixes: (string | Uint8Array)[]): void {
		for (const topic of topicsOf(prefixes)) this.#pattern.unsubscribe(topic);
	}
}
export interface Subscriber extends PropertiesOf<"SUB"> {}

/**
 * RFC 29: a Publisher that receives what its subscribers send: subscriptions as one octet, 1 (or 0 at their end), and the
 * topic; and messages of their application. Talks to SUB, XSUB.
 */
export class XPublisher extends DuplexSocket {
	static {
		Socket.offerOptions(XPublisher.prototype, "XPUB");
	}

	readonly #pattern: XPublisherPattern;

	constructor(options: SocketOptions<XPublisher> = {}) {
		let pattern: XPublisherPattern | undefined;
		super("XPUB", options, (receiveLimit, settings) => {
			pattern = new XPublisherPattern(receiveLimit, settings);
			return pattern;
		});
		this.#pattern = pattern!;
	}

	/**
	 * With `manual`: subscribes the peer whose message was received last; to all messages when no prefix is given. Without
	 * effect when it has left. Throws `EINVAL` without `manual`.
	 */
	subscribe(...prefixes: (string | Uint8Array)[]): void {
		for (const topic of topicsOf(prefixes)) this.#pattern.subscribe(topic);
	}

	/** With `manual`: ends what `subscribe()` did, for the peer whose message was received last. */
	unsubscribe(...prefixes: (string | Uint8Array)[]): void {
		for (const topic of topicsOf(prefixes)) this.#pattern.unsubscribe(topic);
	}
}
export interface XPublisher extends PropertiesOf<"XPUB"> {}

/**
 * RFC 29: a Subscriber that subscribes by sending one octet, 1 (or 0 to end it), and the topic. Other messages go to all
 * its publishers. Talks to PUB, XPUB.
 */
export class XSubscriber extends DuplexSocket {
	static {
		Socket.offerOptions(XSubscriber.prototype, "XSUB");
	}

	constructor(options: SocketOptions<XSubscriber> = {}) {
		super("XSUB", options, (receiveLimit) => new XSubscriberPattern(receiveLimit));
	}
}
export interface XSubscriber extends PropertiesOf<"XSUB"> {}

function topicsOf(prefixes: readonly (string | Uint8Array)[]): Uint8Array[] {
	return prefixes.length === 0 ? [new Uint8Array(0)] : prefixes.map(toFrame);
}
