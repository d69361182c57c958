import { expect } from "chai";
import { securityOf, zapRules } from "../../support/zmtp/matrix/security.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { ours } from "../../support/zmtp/our-side.js";
import { type Side, type SideSocket, subscription, sumOf } from "../../support/zmtp/side.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event } from "../../support/zmtp/waiting.js";
import { needsPyzmq, pyzmq, zeromqJs } from "../../support/zmtp/zmq-side.js";

const wildcard = "tcp://127.0.0.1:*";

/** On both sides of every border: a SUBSCRIBE of 255 octets has a topic of 245; as a message it has one of 254. */
const sizes = [0, 1, 2, 244, 245, 246, 253, 254, 255, 256, 8192, 60_000];
/** libzmq up to 4.3.4 counts the command's name in when it writes the size of a SUBSCRIBE, but not when it chooses its form. */
const misspelt = (size: number) => size >= 246 && size <= 255;

/** A topic of each size, none of which is the beginning of another but for the empty one. */
const topicOf = (size: number) => Buffer.alloc(size, String.fromCharCode(0x61 + sizes.indexOf(size)));

function define(
	publishing: Side,
	subscribing: Side,
	scheme: "tcp" | "ws",
	mechanism: "NULL" | "CURVE",
	publisherType: "PUB" | "XPUB",
	subscriberType: "SUB" | "XSUB",
	topics: readonly Buffer[],
): void {
	it(`${topics.length} topics from ${subscribing.name} ${subscriberType} take effect at ${publishing.name} ${publisherType}, counted, and end, over ${scheme} by ${mechanism}`, async () => {
		const publisher = await publishing.open(publisherType, securityOf(mechanism, true));
		const subscriber = await subscribing.open(subscriberType, securityOf(mechanism, false));
		await subscriber.connect(await publisher.bind(`${scheme}://127.0.0.1:*`));
		for (const topic of topics) {
			// Twice: subscriptions add up.
			await subscriber.subscribe(topic);
			await subscriber.subscribe(topic);
			await isHeard(publisher, subscriber, topic);
			await publisher.send([topic], [[3, "news"]]);
			const [news] = await subscriber.receiveAll(1, topic);
			expect(news!.frames[0]).deep.equal(sumOf(topic));
			// Once taken back it still holds.
			await subscriber.unsubscribe(topic);
			await publisher.send([topic], [[4, "more"]]);
			expect((await subscriber.receive()).frames[1]![0]).equal(4);
			await subscriber.unsubscribe(topic);
		}
		const last = Buffer.from("last");
		await subscriber.subscribe(last);
		await isHeard(publisher, subscriber, last);
		await publisher.sendAll([...topics, last].map((topic) => ({ envelope: [topic], frames: [[1, "x"]] })));
		expect((await subscriber.receiveAll(1, last))[0]!.frames[0]).deep.equal(sumOf(last));
		if (publisherType === "XPUB") {
			const told = topics.flatMap((topic) => [subscription(true, topic), subscription(false, topic)]);
			const heard = await publisher.receiveAll(told.length + 1);
			expect(heard.map(({ frames }) => frames)).deep.equal(
				[...told, subscription(true, last)].map((frame) => [sumOf(frame)]),
			);
		}
		await Promise.all([publisher.close(), subscriber.close()]);
	});
}

/** The topic itself is sent until it arrives: then the subscription is in effect. */
async function isHeard(publisher: SideSocket, subscriber: SideSocket, topic: Buffer): Promise<void> {
	await publisher.beacon(topic);
	await subscriber.receive();
}

const ways = [
	["tcp", "NULL"],
	["tcp", "CURVE"],
	["ws", "NULL"],
	["ws", "CURVE"],
] as const;

function defineAll(publishing: Side, subscribing: Side): void {
	for (const publisher of ["PUB", "XPUB"] as const) {
		for (const subscriber of ["SUB", "XSUB"] as const) {
			const isSpelt = (size: number) => subscriber === "XSUB" || subscribing.name !== "pyzmq" || !misspelt(size);
			for (const [scheme, mechanism] of ways) {
				// libzmq's publishers do not understand its SUB there: docs/interop.md.
				const isHole = publishing !== ours && subscribing !== ours && scheme === "ws" && mechanism === "CURVE";
				if (isHole && subscriber === "SUB") continue;
				const topics = sizes.filter((size) => `${scheme} ${mechanism}` !== "tcp NULL" || isSpelt(size));
				define(publishing, subscribing, scheme, mechanism, publisher, subscriber, topics.map(topicOf));
			}
		}
	}
}

describe("zmtp interop of topics", () => {
	leavesNothingOpen();
	before(() => ours.zap(zapRules));
	after(() => ours.stop());

	describe("of ours with ours, the control", () => {
		defineAll(ours, ours);
	});

	for (const library of [pyzmq(), zeromqJs()]) {
		describe(`with libzmq by way of ${library.name}`, () => {
			before(async function () {
				if (library.name === "pyzmq") needsPyzmq(this);
				await library.start();
				await library.zap(zapRules);
			});
			after(() => library.stop());
			defineAll(ours, library);
			defineAll(library, ours);
			defineAll(library, library);
			if (library.name === "pyzmq") defineMisspelt(library);
		});
	}
});

function defineMisspelt(library: Side): void {
	const kit = useSockets();
	for (const size of sizes.filter(misspelt)) {
		it(`a topic of ${size} octets that libzmq 4.3.4 misspells ends that connection with ZMTP_COMMAND_MALFORMED, and nobody else's`, async () => {
			const publisher = kit.xpublisher();
			const endpoint = await bound(publisher, wildcard);
			const bystander = kit.subscriber(["news"]);
			bystander.connect(endpoint);
			expect(await received(publisher)).deep.equal(["\x01news"]);
			const lost = event(publisher.events, "disconnect");
			const subscriber = await library.open("SUB");
			await subscriber.subscribe(Buffer.alloc(size, "x"));
			await subscriber.connect(endpoint);
			expect((await lost).error?.code).equal("ZMTP_COMMAND_MALFORMED");
			await subscriber.close();
			await publisher.send(["news", "still"]);
			expect(await received(bystander)).deep.equal(["news", "still"]);
		});
	}
}
