import { expect } from "chai";
import { SubscriberPattern, XSubscriberPattern } from "../../../../packages/zmtp/src/pattern/subscribe.js";
import { bring, FakePipe, framesOf, next, withPipes } from "../../../support/zmtp/fake-pipe.js";

const mark = { messages: 1000, bytes: 1e9 };
const sub = (options = { invertMatching: false }) => new SubscriberPattern(mark, options);
const xsub = () => new XSubscriberPattern(mark);

for (const [type, make] of Object.entries({ SUB: sub, XSUB: xsub })) {
	describe(`zmtp ${type} pattern`, () => {
		const subscribed = (count: number) => {
			const [pattern, pipes] = withPipes(make(), count);
			pattern.subscribe(Buffer.from(""));
			return [pattern, pipes] as const;
		};

		it(`29/PUBSUB ${type}: SHALL receive from its publishers by fair queuing, and deliver`, () => {
			const [pattern, [one, two]] = subscribed(2);
			for (const text of ["1", "2", "3"]) bring(pattern, one!, text);
			bring(pattern, two!, "4");
			expect([next(pattern), next(pattern), next(pattern), next(pattern)]).deep.equal(["1", "4", "2", "3"]);
		});

		it(`29/PUBSUB ${type}: SHALL not modify incoming messages in any way`, () => {
			const [pattern, [pipe]] = subscribed(1);
			for (const frames of [["", "a", ""], ["\u0001a"], ["\0"]]) bring(pattern, pipe!, ...frames);
			expect([next(pattern), next(pattern), next(pattern)]).deep.equal(["|a|", "\u0001a", "\0"]);
		});

		it(`29/PUBSUB ${type}: SHOULD constrain queue sizes: a full publisher is not read from, and then drops itself`, () => {
			const pattern =
				type === "SUB"
					? new SubscriberPattern({ messages: 4, bytes: 1e9 }, { invertMatching: false })
					: new XSubscriberPattern({ messages: 4, bytes: 1e9 });
			const [, [pipe]] = withPipes(pattern, 1);
			pattern.subscribe(Buffer.from(""));
			for (let i = 0; i < 4; i++) bring(pattern, pipe!, `${i}`);
			expect(pipe!.isPaused).equal(true);
			expect([next(pattern), next(pattern), pipe!.isPaused]).deep.equal(["0", "1", false]);
		});

		it(`29/PUBSUB ${type}: SHALL send subscribe and unsubscribe requests to all its publishers`, () => {
			const [pattern, pipes] = withPipes(make(), 2);
			pattern.subscribe(Buffer.from("a"));
			pattern.unsubscribe(Buffer.from("a"));
			for (const pipe of pipes) expect(pipe.subscriptions).deep.equal(["+a", "-a"]);
		});

		it("tells each subscription and each end, also of equal ones, to a publisher that counts (RFC 37)", () => {
			const [pattern, [pipe]] = withPipes(make(), 1);
			for (let i = 0; i < 2; i++) pattern.subscribe(Buffer.from("a"));
			for (let i = 0; i < 3; i++) pattern.unsubscribe(Buffer.from("a"));
			pattern.unsubscribe(Buffer.from("never"));
			expect(pipe!.subscriptions).deep.equal(["+a", "+a", "-a", "-a"]);
		});

		it("tells libzmq each subscription and the last end only, for the first would end them all there", () => {
			const [pattern, [pipe]] = withPipes(make(), 1);
			pipe!.cancelsOnce = true;
			for (let i = 0; i < 2; i++) pattern.subscribe(Buffer.from("a"));
			for (let i = 0; i < 3; i++) pattern.unsubscribe(Buffer.from("a"));
			expect(pipe!.subscriptions).deep.equal(["+a", "+a", "-a"]);
		});

		it("tells a publisher all that stands, whenever a connection to it stands", () => {
			const pattern = make();
			for (const topic of ["a", "b", "b", "c"]) pattern.subscribe(Buffer.from(topic));
			pattern.unsubscribe(Buffer.from("c"));
			const counting = new FakePipe();
			const libzmq = new FakePipe();
			libzmq.cancelsOnce = true;
			for (const pipe of [counting, libzmq]) {
				pattern.attach(pipe);
				expect(pipe.subscriptions).deep.equal([]);
				pattern.onReady(pipe);
			}
			expect([counting.subscriptions, libzmq.subscriptions]).deep.equal([
				["+a", "+b", "+b"],
				["+a", "+b"],
			]);
			counting.subscriptions.length = 0;
			pattern.onReady(counting);
			expect(counting.subscriptions).deep.equal(["+a", "+b", "+b"]);
		});

		it("tells nothing to a publisher that has left", () => {
			const [pattern, [pipe]] = withPipes(make(), 1);
			pattern.detach(pipe!);
			pattern.subscribe(Buffer.from("a"));
			expect(pipe!.subscriptions).deep.equal([]);
		});
	});
}

describe("zmtp SUB pattern alone", () => {
	it("29/PUBSUB SUB: MAY filter messages by prefix: takes nothing that it did not subscribe to, whatever is sent", () => {
		const [pattern, [pipe]] = withPipes(sub(), 1);
		bring(pattern, pipe!, "a");
		pattern.subscribe(Buffer.from("a"));
		pattern.subscribe(Buffer.of(0xff, 0));
		for (const first of ["b", "", "ab", "ba", "a"]) bring(pattern, pipe!, first, "a");
		bring(pattern, pipe!, Buffer.of(0xff, 0, 1));
		expect([next(pattern), next(pattern), pattern.receive()?.[0]?.length, next(pattern)]).deep.equal([
			"ab|a",
			"a|a",
			3,
			undefined,
		]);
	});

	it("counts its subscriptions: one of two equal ones may end, and messages still come", () => {
		const [pattern, [pipe]] = withPipes(sub(), 1);
		for (let i = 0; i < 2; i++) pattern.subscribe(Buffer.from("a"));
		pattern.unsubscribe(Buffer.from("a"));
		bring(pattern, pipe!, "a");
		expect(next(pattern)).equal("a");
		pattern.unsubscribe(Buffer.from("a"));
		bring(pattern, pipe!, "a");
		expect(next(pattern)).equal(undefined);
	});

	it("delivers nothing that came before its subscription ended and is wanted no more", () => {
		const [pattern, [one, two]] = withPipes(
			new SubscriberPattern({ messages: 3, bytes: 1e9 }, { invertMatching: false }),
			2,
		);
		for (const topic of ["a", "b"]) pattern.subscribe(Buffer.from(topic));
		for (const text of ["a1", "b1", "a2"]) bring(pattern, one!, text);
		bring(pattern, two!, "a3");
		expect(one!.isPaused).equal(true);
		pattern.unsubscribe(Buffer.from("a"));
		expect([next(pattern), next(pattern), one!.isPaused, one!.inbox.bytes]).deep.equal(["b1", undefined, false, 0]);
	});

	it("with invertMatching takes what no subscription matches", () => {
		const [pattern, [pipe]] = withPipes(sub({ invertMatching: true }), 1);
		pattern.subscribe(Buffer.from("a"));
		for (const text of ["a", "b"]) bring(pattern, pipe!, text);
		expect([next(pattern), next(pattern)]).deep.equal(["b", undefined]);
	});
});

describe("zmtp XSUB pattern alone", () => {
	it("29/PUBSUB XSUB: SHALL accept subscription commands from its application", () => {
		const [pattern, [pipe]] = withPipes(xsub(), 1);
		for (const text of ["\u0001a", "\u0001", "\0a"]) expect(pattern.send(framesOf(text))).equal(true);
		expect([pipe!.subscriptions, pipe!.sent]).deep.equal([["+a", "+", "-a"], []]);
	});

	it("29/PUBSUB XSUB: SHALL send all messages to all connected publishers, unmodified", () => {
		const [pattern, pipes] = withPipes(xsub(), 2);
		for (const frames of [["\u0001a", "b"], ["\u0002"], [""]]) pattern.send(framesOf(...frames));
		for (const pipe of pipes) expect(pipe.sent).deep.equal(["\u0001a|b", "\u0002", ""]);
	});

	it("29/PUBSUB XSUB: SHALL silently drop the message if the queue for a publisher is full; SHALL NOT block", () => {
		const [pattern, [full, other]] = withPipes(xsub(), 2);
		full!.isWritable = false;
		expect([pattern.canSend, pattern.send(framesOf("a"))]).deep.equal([true, true]);
		expect([full!.sent, other!.sent]).deep.equal([[], ["a"]]);
		expect(xsub().send(framesOf("a"))).equal(true);
	});

	it("delivers whatever its publishers send", () => {
		const [pattern, [pipe]] = withPipes(xsub(), 1);
		bring(pattern, pipe!, "not subscribed to");
		expect(next(pattern)).equal("not subscribed to");
	});

	it("tells of subscriptions to a full publisher too: they do not count there", () => {
		const [pattern, [pipe]] = withPipes(xsub(), 1);
		pipe!.isWritable = false;
		pattern.send(framesOf("\u0001a"));
		expect(pipe!.subscriptions).deep.equal(["+a"]);
	});
});
