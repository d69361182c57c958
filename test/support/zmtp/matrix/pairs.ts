import { expect } from "chai";
import {
	bodyOf,
	type FrameSpec,
	type MessageSpec,
	type Options,
	type SideSocket,
	subscription,
	sumOf,
	sumsOf,
	type Type,
} from "../side.js";

/** Two socket types that may talk to each other (RFC 37), and all that they can say. */
export interface Pair {
	readonly one: Type;
	readonly other: Type;
	converse(one: SideSocket, other: SideSocket): Promise<void>;
}

/** What ROUTERs know their peers by. */
export const routingIds = { one: Buffer.from("one"), other: Buffer.from("other") };

const hasRoutingId: ReadonlySet<Type> = new Set<Type>(["DEALER", "REQ", "ROUTER"]);

export function routingIdOf(type: Type, who: "one" | "other"): Options {
	return hasRoutingId.has(type) ? { routingId: routingIds[who] } : {};
}

const delimiter = Buffer.alloc(0);

export const sized = (...sizes: number[]): FrameSpec[] => sizes.map((size, index) => [size, `${size}.${index}`]);

/** One to a hundred frames, sizes on both sides of every border in either implementation. */
const contents: readonly (readonly FrameSpec[])[] = [
	sized(1),
	sized(255),
	sized(256),
	sized(8191, 8192, 8193),
	sized(1, 0, 0, 1),
	sized(16_383, 16_384, 65_526, 65_527),
	sized(...Array.from({ length: 100 }, (_, index) => (index * 7) % 300)),
	sized(200_000, 3),
];
/** What REQ and REP take for nothing behind the delimiter, the others for a message. */
const empty = sized(0);

const messages = (...envelope: Uint8Array[]): MessageSpec[] => contents.map((frames) => ({ envelope, frames }));

/** One way: all messages at once. `address` goes in front on the way out, `from` is in front on arrival. */
async function carry(
	from: SideSocket,
	to: SideSocket,
	{ address = [], sender = [] }: { address?: readonly Uint8Array[]; sender?: readonly Uint8Array[] } = {},
): Promise<void> {
	const sent = [...contents, empty];
	await from.sendAll(sent.map((frames) => ({ envelope: address, frames })));
	const arrived = await to.receiveAll(sent.length);
	expect(arrived.map(({ frames }) => frames)).deep.equal(sent.map((frames) => sumsOf({ envelope: sender, frames })));
}

/** Each message and the same one back. */
function asks(one: Type, other: Type, envelope: readonly Uint8Array[] = []): Pair {
	return {
		one,
		other,
		async converse(asking, echoing) {
			await echoing.echo();
			for (const frames of contents) {
				await asking.send(envelope, frames);
				expect((await asking.receive()).frames).deep.equal(sumsOf({ envelope, frames }));
			}
		},
	};
}

const topic = Buffer.from("topic");
const otherTopic = Buffer.from("another");
const lastTopic = Buffer.from("last");

/**
 * Waits until the publisher has heard of a subscription, by publishing until something arrives. A SUB of libzmq that binds
 * subscribes at a newcomer only while it receives, so an XPUB cannot just be waited for.
 */
async function isHeard(publisher: SideSocket, subscriber: SideSocket, subscribed: Buffer): Promise<void> {
	await publisher.beacon(beacon(subscribed));
	await subscriber.receive();
}

const beacon = (about: Buffer) => Buffer.concat([about, Buffer.from(" beacon")]);

/**
 * What an XSUB can say to an XPUB besides: libzmq's XPUB takes any frame that begins with 0 or 1, wherever in a message,
 * for a subscription.
 */
const upstream = contents.filter((frames) => frames.every((frame) => bodyOf(frame)[0]! > 1));

function publishes(one: "PUB" | "XPUB", other: "SUB" | "XSUB"): Pair {
	/** The subscriptions that an XPUB was told of, in order. */
	async function areTold(publisher: SideSocket, ...told: Buffer[]): Promise<void> {
		if (one === "PUB") return;
		const arrived = await publisher.receiveAll(told.length);
		expect(arrived.map(({ frames }) => frames)).deep.equal(told.map((frame) => [sumOf(frame)]));
	}
	return {
		one,
		other,
		async converse(publisher, subscriber) {
			await subscriber.subscribe(topic);
			await isHeard(publisher, subscriber, topic);
			await areTold(publisher, subscription(true, topic));
			const wanted = messages(topic);
			await publisher.sendAll(wanted.flatMap((message) => [message, { ...message, envelope: [otherTopic] }]));
			const arrived = await subscriber.receiveAll(wanted.length, beacon(topic));
			expect(arrived.map(({ frames }) => frames)).deep.equal(wanted.map(sumsOf));

			await subscriber.unsubscribe(topic);
			await subscriber.subscribe(lastTopic);
			await isHeard(publisher, subscriber, lastTopic);
			await areTold(publisher, subscription(false, topic), subscription(true, lastTopic));
			await publisher.sendAll([...messages(topic), { envelope: [lastTopic], frames: empty }]);
			const [last] = await subscriber.receiveAll(1, beacon(lastTopic));
			expect(last!.frames).deep.equal(sumsOf({ envelope: [lastTopic], frames: empty }));

			if (one === "PUB" || other === "SUB") return;
			const said = upstream.map((frames) => ({ envelope: [], frames }));
			await subscriber.sendAll(said);
			expect((await publisher.receiveAll(said.length)).map(({ frames }) => frames)).deep.equal(said.map(sumsOf));
		},
	};
}

/** RFC 37's table of socket types, each pair once. */
export const pairs: readonly Pair[] = [
	asks("REQ", "REP"),
	asks("REQ", "ROUTER"),
	asks("DEALER", "REP", [delimiter]),
	{
		one: "DEALER",
		other: "ROUTER",
		async converse(dealer, router) {
			await carry(dealer, router, { sender: [routingIds.one] });
			await carry(router, dealer, { address: [routingIds.one] });
		},
	},
	{
		one: "DEALER",
		other: "DEALER",
		async converse(one, other) {
			await carry(one, other);
			await carry(other, one);
		},
	},
	{
		one: "ROUTER",
		other: "ROUTER",
		async converse(one, other) {
			await carry(one, other, { address: [routingIds.other], sender: [routingIds.one] });
			await carry(other, one, { address: [routingIds.one], sender: [routingIds.other] });
		},
	},
	publishes("PUB", "SUB"),
	publishes("PUB", "XSUB"),
	publishes("XPUB", "SUB"),
	publishes("XPUB", "XSUB"),
	{ one: "PUSH", other: "PULL", converse: (push, pull) => carry(push, pull) },
	{
		one: "PAIR",
		other: "PAIR",
		async converse(one, other) {
			await carry(one, other);
			await carry(other, one);
		},
	},
];
