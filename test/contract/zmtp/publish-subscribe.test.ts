import { expect } from "chai";
import { Proxy, type Publisher, type Subscriber, type XPublisher } from "../../../packages/zmtp/src/index.js";
import { codeOf } from "../../support/zmtp/errors.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { places } from "../../support/zmtp/places.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event, until } from "../../support/zmtp/waiting.js";

const quick = { reconnectInterval: 5, reconnectMaxInterval: 10 };

/** As `+topic` and `-topic`. */
async function heard(publisher: XPublisher): Promise<string> {
	const [[message]] = [await publisher.receive()];
	return `${message![0] === 1 ? "+" : "-"}${message!.subarray(1)}`;
}

/** Publishes until one of the messages is there: a PUB does not say when it has heard of a subscription. */
async function publishUntilThere(publisher: Publisher, subscriber: Subscriber, topic: string): Promise<void> {
	let isThere = false;
	const first = received(subscriber).then(() => {
		isThere = true;
	});
	while (!isThere) {
		await publisher.send([topic, "probe"]);
		await new Promise((resolve) => setImmediate(resolve));
	}
	await first;
}

for (const place of places) {
	describe(`zmtp PUB and SUB over ${place.name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();

		it("XPUB hears of subscriptions and their end, and SUB gets what it subscribed to and nothing else", async () => {
			const publisher = kit.xpublisher();
			const subscriber = kit.subscriber(["a"]);
			subscriber.connect(await bound(publisher, place.endpoint()));
			expect(await heard(publisher)).equal("+a");
			for (const topic of ["b", "ab", "", "a"]) await publisher.send([topic, "body"]);
			expect([await received(subscriber), await received(subscriber)]).deep.equal([
				["ab", "body"],
				["a", "body"],
			]);
			subscriber.unsubscribe("a");
			expect(await heard(publisher)).equal("-a");
		});

		it("subscribe() without a prefix takes all messages, unsubscribe() takes that back", async () => {
			const publisher = kit.xpublisher();
			const subscriber = kit.subscriber([]);
			subscriber.connect(await bound(publisher, place.endpoint()));
			subscriber.subscribe();
			expect(await heard(publisher)).equal("+");
			await publisher.send("anything");
			expect(await received(subscriber)).deep.equal(["anything"]);
			subscriber.unsubscribe();
			expect(await heard(publisher)).equal("-");
		});

		it("whoever binds: a PUB finds its SUB, a SUB its PUB", async () => {
			for (const isPublisherBound of [true, false]) {
				const publisher = kit.publisher();
				const subscriber = kit.subscriber(["topic"]);
				if (isPublisherBound) subscriber.connect(await bound(publisher, place.endpoint()));
				else publisher.connect(await bound(subscriber, place.endpoint()));
				await publishUntilThere(publisher, subscriber, "topic");
			}
		});

		it("29/PUBSUB XPUB: SHALL tell the end of a peer's subscriptions when it leaves", async () => {
			const publisher = kit.xpublisher();
			const subscriber = kit.subscriber(["a", "b"]);
			subscriber.connect(await bound(publisher, place.endpoint()));
			expect([await heard(publisher), await heard(publisher)]).deep.equal(["+a", "+b"]);
			await subscriber.close();
			expect([await heard(publisher), await heard(publisher)]).deep.equal(["-a", "-b"]);
		});

		it("XSUB subscribes with messages, gets what it subscribed to, and sends others upstream", async () => {
			const publisher = kit.xpublisher();
			const subscriber = kit.xsubscriber();
			await subscriber.send("\x01news");
			subscriber.connect(await bound(publisher, place.endpoint()));
			expect(await heard(publisher)).equal("+news");
			await subscriber.send(["\x02question", "?"]);
			expect(await received(publisher)).deep.equal(["\x02question", "?"]);
			await publisher.send(["news", "!"]);
			expect(await received(subscriber)).deep.equal(["news", "!"]);
			await subscriber.send("\0news");
			expect(await heard(publisher)).equal("-news");
		});

		it("H39: ten thousand subscriptions are all told again when the publisher restarts", async () => {
			const topics = Array.from({ length: 10_000 }, (_, i) => `topic ${i}`);
			const subscriber = kit.subscriber(topics, quick);
			const first = kit.xpublisher({ receiveHighWaterMark: 0 });
			const endpoint = await bound(first, place.endpoint());
			subscriber.connect(endpoint);
			await heard(first);
			const lost = event(subscriber.events, "disconnect");
			await first.close();
			await lost;
			const second = kit.xpublisher({ receiveHighWaterMark: 0 });
			await second.bind(endpoint);
			const told = new Set<string>();
			while (told.size < topics.length) told.add((await heard(second)).slice(1));
			await second.send("topic 9999");
			expect(await received(subscriber)).deep.equal(["topic 9999"]);
		});

		it("29/PUBSUB PUB, XPUB: SHALL maintain the queue whether or not the connection stands: a PUB that connected keeps its queue and its peer's subscriptions while that is away", async () => {
			const publisher = kit.xpublisher(quick);
			const first = kit.subscriber(["a"]);
			const endpoint = await bound(first, place.endpoint());
			publisher.connect(endpoint);
			await heard(publisher);
			const lost = event(publisher.events, "disconnect");
			await first.close();
			await lost;
			await publisher.send(["a", "while away"]);
			const second = kit.subscriber(["a", "b"]);
			await second.bind(endpoint);
			expect(await received(second)).deep.equal(["a", "while away"]);
			expect([await heard(publisher), await heard(publisher), await heard(publisher)]).deep.equal(["-a", "+a", "+b"]);
		});

		it("one of two equal subscriptions may end, at one SUB or at two", async () => {
			const publisher = kit.xpublisher();
			const endpoint = await bound(publisher, place.endpoint());
			const subscribers = [kit.subscriber(["a", "a"]), kit.subscriber(["a"])];
			subscribers[0]!.connect(endpoint);
			expect(await heard(publisher)).equal("+a");
			subscribers[0]!.unsubscribe("a");
			subscribers[0]!.subscribe("mark");
			expect(await heard(publisher), "the end of one of two is no news").equal("+mark");
			subscribers[1]!.connect(endpoint);
			subscribers[1]!.subscribe("other mark");
			expect(await heard(publisher), "nor is another's").equal("+other mark");
			subscribers[0]!.unsubscribe("a");
			subscribers[0]!.unsubscribe("mark");
			expect(await heard(publisher)).equal("-mark");
			await publisher.send("a");
			expect(await received(subscribers[1]!)).deep.equal(["a"]);
			subscribers[1]!.unsubscribe("a");
			expect(await heard(publisher)).equal("-a");
		});

		it("XPUB's verbosity passes repeated subscriptions on, and their ends", async () => {
			const publisher = kit.xpublisher();
			const endpoint = await bound(publisher, place.endpoint());
			const one = kit.subscriber(["a"]);
			one.connect(endpoint);
			expect(await heard(publisher)).equal("+a");
			publisher.verbosity = "allSubs";
			one.subscribe("a");
			expect(await heard(publisher)).equal("+a");
			const other = kit.subscriber(["a"]);
			other.connect(endpoint);
			expect(await heard(publisher)).equal("+a");
			publisher.verbosity = "allSubsUnsubs";
			other.unsubscribe("a");
			expect(await heard(publisher)).equal("-a");
			await one.close();
			expect(await heard(publisher)).equal("-a");
		});

		it("XPUB in manual mode subscribes whom it heard last to what it likes", async () => {
			const publisher = kit.xpublisher({ manual: true });
			const endpoint = await bound(publisher, place.endpoint());
			const one = kit.xsubscriber();
			const two = kit.xsubscriber();
			one.connect(endpoint);
			await one.send("\x01A");
			expect(await heard(publisher)).equal("+A");
			publisher.subscribe("XA");
			two.connect(endpoint);
			await two.send("\x01A");
			expect(await heard(publisher)).equal("+A");
			publisher.subscribe("XB");
			for (const text of ["A", "XA", "XB"]) await publisher.send(text);
			expect([await received(one), await received(two)]).deep.equal([["XA"], ["XB"]]);
			await one.send("\0A");
			expect(await heard(publisher)).equal("-A");
			publisher.unsubscribe("XA");
			for (const text of ["XA", "XB"]) await publisher.send(text);
			expect(await received(two)).deep.equal(["XB"]);
			await two.close();
			expect(await heard(publisher)).equal("-A");
			expect(one.readable).equal(false);
		});

		it("XPUB sends its welcome message to each subscriber that has asked for it", async () => {
			const publisher = kit.xpublisher({ welcomeMessage: "W" });
			const endpoint = await bound(publisher, place.endpoint());
			for (let i = 0; i < 2; i++) {
				const subscriber = kit.subscriber(["W"]);
				subscriber.connect(endpoint);
				expect(await received(subscriber)).deep.equal(["W"]);
			}
		});

		it("with invertMatching on both sides, messages go to those who did not ask for them", async () => {
			const publisher = kit.xpublisher({ invertMatching: true });
			const endpoint = await bound(publisher, place.endpoint());
			const prefix = kit.subscriber(["prefix1"], { invertMatching: true });
			const number = kit.subscriber(["p2"], { invertMatching: true });
			for (const subscriber of [prefix, number]) {
				subscriber.connect(endpoint);
				await heard(publisher);
			}
			for (const text of ["prefix1", "p2", "something else"]) await publisher.send(text);
			expect([await received(prefix), await received(prefix)]).deep.equal([["p2"], ["something else"]]);
			expect([await received(number), await received(number)]).deep.equal([["prefix1"], ["something else"]]);
		});

		it("subscriptions go upstream through an XPUB and XSUB device, and messages come down", async () => {
			const front = kit.xsubscriber();
			const back = kit.xpublisher();
			const publisher = kit.xpublisher();
			const subscriber = kit.subscriber(["news"]);
			publisher.connect(await bound(front, place.endpoint()));
			subscriber.connect(await bound(back, place.endpoint()));
			const proxy = new Proxy(front, back);
			const running = proxy.run();
			expect(await heard(publisher)).equal("+news");
			await publisher.send(["news", "text"]);
			expect(await received(subscriber)).deep.equal(["news", "text"]);
			await subscriber.close();
			expect(await heard(publisher)).equal("-news");
			proxy.terminate();
			await running;
		});

		it("a device with noDrop holds up a publisher with noDrop instead of dropping, however slow the subscriber is", async () => {
			const marks = { sendHighWaterMark: 5, receiveHighWaterMark: 5 };
			const front = kit.xsubscriber(marks);
			const back = kit.xpublisher({ ...marks, noDrop: true });
			const publisher = kit.xpublisher({ ...marks, noDrop: true, sendTimeout: 0 });
			const subscriber = kit.subscriber([""], { receiveHighWaterMark: 5 });
			publisher.connect(await bound(front, place.endpoint()));
			subscriber.connect(await bound(back, place.endpoint()));
			const proxy = new Proxy(front, back);
			const running = proxy.run();
			expect(await heard(publisher)).equal("+");
			const body = Buffer.alloc(64 * 1024);
			const isTaken = (text: string) =>
				publisher.send([text, body]).then(
					() => true,
					() => false,
				);
			let sent = 0;
			for (let still = 0; still < 50; still++) {
				while (await isTaken(`${sent}`)) {
					sent++;
					still = 0;
				}
				await new Promise((resolve) => setImmediate(resolve));
			}
			expect(sent).below(400);
			for (let i = 0; i < sent; i++) expect((await received(subscriber))[0]).equal(`${i}`);
			proxy.terminate();
			await running;
		});

		it("drops at the mark, whole messages, and goes on below it", async () => {
			const publisher = kit.xpublisher({ sendHighWaterMark: 10 });
			const subscriber = kit.subscriber([""], { receiveHighWaterMark: 10 });
			subscriber.connect(await bound(publisher, place.endpoint()));
			await heard(publisher);
			const body = Buffer.alloc(64 * 1024);
			const count = 400;
			for (let i = 0; i < count; i++) await publisher.send([`${i}`, body, "end"]);
			let last = -1;
			let taken = 0;
			const take = (frames: readonly Buffer[]) => {
				expect([frames.length, frames[1]!.length, frames[2]!.toString()]).deep.equal([3, body.length, "end"]);
				expect(Number(frames[0])).above(last);
				last = Number(frames[0]);
				taken++;
			};
			take(await subscriber.receive());
			// Once there is room again, messages come again.
			while (last < count) {
				await publisher.send([`${count}`, body, "end"]);
				await until(() => subscriber.readable, 100).catch(() => {});
				while (subscriber.readable && last < count) take(await subscriber.receive());
			}
			expect(taken).within(10, count - 1);
		});

		it("with noDrop waits for room instead, or says EAGAIN, and loses nothing", async () => {
			const publisher = kit.xpublisher({ sendHighWaterMark: 10, noDrop: true, sendTimeout: 0 });
			const subscriber = kit.subscriber([""], { receiveHighWaterMark: 10 });
			subscriber.connect(await bound(publisher, place.endpoint()));
			await heard(publisher);
			const body = Buffer.alloc(64 * 1024);
			let sent = 0;
			let code: string | undefined;
			while (code === undefined) {
				code = await publisher.send([`${sent}`, body]).then(
					() => undefined,
					(error) => error.code,
				);
				if (code === undefined) sent++;
			}
			expect([code, sent < 400]).deep.equal(["EAGAIN", true]);
			publisher.sendTimeout = -1;
			const waiting = (async () => {
				for (let i = 0; i < 50; i++) await publisher.send([`${sent + i}`, body]);
			})();
			for (let i = 0; i < sent + 50; i++) expect((await received(subscriber))[0]).equal(`${i}`);
			await waiting;
		});

		it("with conflate a SUB has only the last message, and a PUB keeps only the last for it", async () => {
			const publisher = kit.publisher({ conflate: true });
			const subscriber = kit.subscriber([""], { conflate: true });
			subscriber.connect(await bound(publisher, place.endpoint()));
			await publishUntilThere(publisher, subscriber, "");
			for (let i = 0; i < 1000; i++) await publisher.send([`${i}`, "x"]);
			let last: string[] = [];
			while (last[0] !== "999") last = await received(subscriber);
			expect(last).deep.equal(["999", "x"]);
		});
	});
}

describe("zmtp publishers and subscribers", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("have no method for what they do not do", async () => {
		const publisher = kit.publisher();
		const subscriber = kit.subscriber([""]);
		expect(await codeOf(() => (publisher as unknown as { receive(): unknown }).receive())).equal("ENOTSUP");
		expect(await codeOf(() => (subscriber as unknown as { send(text: string): unknown }).send("x"))).equal("ENOTSUP");
	});

	it("subscribe in manual mode only, as publishers: EINVAL otherwise", async () => {
		const publisher = kit.xpublisher();
		expect(await codeOf(() => publisher.subscribe("a"))).equal("EINVAL");
		expect(await codeOf(() => publisher.unsubscribe("a"))).equal("EINVAL");
	});
});
