import { expect } from "chai";
import type { Pattern } from "../../../../packages/zmtp/src/pattern/pipe.js";
import { type PublisherOptions, PublisherPattern } from "../../../../packages/zmtp/src/pattern/publish.js";
import { type XPublisherOptions, XPublisherPattern } from "../../../../packages/zmtp/src/pattern/xpublish.js";
import { thrownCode } from "../../../support/zmtp/errors.js";
import { bring, type FakePipe, framesOf, next, withPipes } from "../../../support/zmtp/fake-pipe.js";

const mark = { messages: 1000, bytes: 1e9 };
const standard: XPublisherOptions = {
	noDrop: false,
	invertMatching: false,
	maxSubscriptions: 1000,
	maxSubscriptionBytes: 100_000,
	verbosity: null,
	manual: false,
	welcomeMessage: new Uint8Array(0),
};
const pub = (options: Partial<PublisherOptions> = {}) => new PublisherPattern({ ...standard, ...options });
const xpub = (options: Partial<XPublisherOptions> = {}) => new XPublisherPattern(mark, { ...standard, ...options });

/** As a 3.1 peer says it (`+topic`, `-topic`), by command. */
function tell(pattern: Pattern, pipe: FakePipe, ...wishes: string[]): void {
	for (const wish of wishes) pattern.onSubscription?.(pipe, wish[0] === "+", Buffer.from(wish.slice(1)));
}

/** All that an XPUB's application has to receive, as `+topic`, `-topic`, or a message's text. */
function heard(pattern: XPublisherPattern): string[] {
	const all: string[] = [];
	for (let text = next(pattern); text !== undefined; text = next(pattern)) {
		const kind = ["\0", "\u0001"].indexOf(text[0] ?? "");
		all.push(kind === -1 ? text : `${"-+"[kind]}${text.slice(1)}`);
	}
	return all;
}

for (const [type, make] of Object.entries({ PUB: pub, XPUB: xpub })) {
	describe(`zmtp ${type} pattern`, () => {
		it(`29/PUBSUB ${type}: MAY be connected to any number of subscribers, and MAY send only what they subscribed to`, () => {
			const [pattern, [one, two, three]] = withPipes(make(), 3);
			tell(pattern, one!, "+a");
			tell(pattern, two!, "+");
			expect(pattern.send(framesOf("abc", "x"))).equal(true);
			expect(pattern.send(framesOf("bc"))).equal(true);
			expect([one!.sent, two!.sent, three!.sent]).deep.equal([["abc|x"], ["abc|x", "bc"], []]);
		});

		it(`29/PUBSUB ${type}: SHALL perform a binary comparison against the start of the first frame`, () => {
			const [pattern, [pipe]] = withPipes(make(), 1);
			pattern.onSubscription(pipe!, true, Buffer.of(0, 0xff));
			for (const first of [
				Buffer.of(0, 0xff),
				Buffer.of(0, 0xff, 7),
				Buffer.of(0),
				Buffer.of(0xff, 0),
				Buffer.of(0, 0xfe),
			]) {
				pattern.send([first, Buffer.of(0, 0xff)]);
			}
			expect(pipe!.sentFrames.map(([first]) => first!.toString("hex"))).deep.equal(["00ff", "00ff07"]);
		});

		it(`29/PUBSUB ${type}: SHALL not modify outgoing messages in any way`, () => {
			const [pattern, [pipe]] = withPipes(make(), 1);
			tell(pattern, pipe!, "+");
			for (const frames of [["", "a", "", "b"], [""], ["\u0001a"], ["\0"]]) pattern.send(framesOf(...frames));
			expect(pipe!.sent).deep.equal(["|a||b", "", "\u0001a", "\0"]);
		});

		it(`29/PUBSUB ${type}: SHALL silently drop the message, all of it, if the queue for a subscriber is full; SHALL NOT block`, () => {
			const [pattern, [full, other]] = withPipes(make(), 2);
			for (const pipe of [full!, other!]) tell(pattern, pipe, "+");
			full!.isWritable = false;
			expect([pattern.canSend, pattern.send(framesOf("a", "b", "c"))]).deep.equal([true, true]);
			full!.isWritable = true;
			pattern.onWritable();
			pattern.send(framesOf("d", "e"));
			expect([full!.sent, other!.sent]).deep.equal([["d|e"], ["a|b|c", "d|e"]]);
		});

		it(`29/PUBSUB ${type}: SHALL NOT block with nobody there`, () => {
			expect([make().canSend, make().send(framesOf("a"))]).deep.equal([true, true]);
		});

		it(`29/PUBSUB ${type}: SHALL receive subscribe and unsubscribe requests, as commands and as messages, from any peer`, () => {
			const [pattern, [pipe]] = withPipes(make(), 1);
			const gets = (text: string) => {
				pattern.send(framesOf(text));
				return pipe!.sent.length === 1;
			};
			tell(pattern, pipe!, "+a");
			bring(pattern, pipe!, "\u0001b");
			expect([gets("a"), gets("b"), gets("c")]).deep.equal([true, true, false]);
			bring(pattern, pipe!, "\0a");
			tell(pattern, pipe!, "-b");
			expect([gets("a"), gets("b")]).deep.equal([false, false]);
			bring(pattern, pipe!, "\u0001");
			expect(gets("anything")).equal(true);
		});

		it("counts the subscriptions of a peer: two SUBSCRIBEs need two CANCELs (RFC 37)", () => {
			const [pattern, [pipe]] = withPipes(make(), 1);
			tell(pattern, pipe!, "+a", "+a", "-a");
			pattern.send(framesOf("a"));
			expect(pipe!.sent).deep.equal(["a"]);
			tell(pattern, pipe!, "-a");
			pattern.send(framesOf("a"));
			expect(pipe!.sent).deep.equal([]);
		});

		it("ends all equal subscriptions at once for a peer that counts itself, as libzmq does", () => {
			const [pattern, [pipe]] = withPipes(make(), 1);
			pipe!.cancelsOnce = true;
			tell(pattern, pipe!, "+a", "+a", "-a");
			pattern.send(framesOf("a"));
			expect(pipe!.sent).deep.equal([]);
		});

		it("H37: takes a CANCEL for what was never subscribed, or was cancelled already, for nothing", () => {
			const [pattern, [one, two]] = withPipes(make(), 2);
			tell(pattern, one!, "-never", "+a", "-a", "-a", "-ab", "-");
			tell(pattern, two!, "+a", "-b");
			pattern.send(framesOf("a"));
			expect([one!.sent, two!.sent]).deep.equal([[], ["a"]]);
		});

		it("sends a message once to a peer with several subscriptions that match", () => {
			const [pattern, [pipe]] = withPipes(make(), 1);
			tell(pattern, pipe!, "+", "+a", "+ab", "+ab");
			pattern.send(framesOf("abc"));
			expect(pipe!.sent).deep.equal(["abc"]);
		});

		it("forgets the subscriptions of a peer that left", () => {
			const [pattern, [one, two]] = withPipes(make(), 2);
			for (const pipe of [one!, two!]) tell(pattern, pipe, "+a");
			pattern.detach(one!);
			tell(pattern, one!, "+a");
			pattern.send(framesOf("a"));
			expect([one!.sent, two!.sent]).deep.equal([[], ["a"]]);
		});

		it("keeps a queue's subscriptions while its peer is away, and starts anew when that tells its own again", () => {
			const [pattern, [pipe]] = withPipes(make(), 1);
			tell(pattern, pipe!, "+a");
			pattern.send(framesOf("a while away"));
			pattern.onReady(pipe!);
			pattern.send(framesOf("a just back"));
			tell(pattern, pipe!, "+b");
			for (const text of ["a", "b"]) pattern.send(framesOf(text));
			expect(pipe!.sent).deep.equal(["a while away", "a just back", "b"]);
		});

		it("with noDrop waits for every subscriber, and sends to all of them or to none", () => {
			const [pattern, [full, other]] = withPipes(make({ noDrop: true }), 2);
			tell(pattern, full!, "+a");
			tell(pattern, other!, "+");
			full!.isWritable = false;
			expect(pattern.send(framesOf("a"))).equal(false);
			expect([full!.sent, other!.sent]).deep.equal([[], []]);
			expect(pattern.send(framesOf("b")), "which the full one did not ask for").equal(true);
			full!.isWritable = true;
			expect(pattern.send(framesOf("a"))).equal(true);
			expect([full!.sent, other!.sent]).deep.equal([["a"], ["b", "a"]]);
		});

		it("with invertMatching sends to those whose subscriptions do not match", () => {
			const [pattern, [one, two, none]] = withPipes(make({ invertMatching: true }), 3);
			tell(pattern, one!, "+a");
			tell(pattern, two!, "+b");
			for (const text of ["a", "b", "c"]) pattern.send(framesOf(text));
			expect([one!.sent, two!.sent, none!.sent]).deep.equal([
				["b", "c"],
				["a", "c"],
				["a", "b", "c"],
			]);
		});

		it("H36: closes the connection of a peer with more topics, or more octets of them, than it may have", () => {
			const [pattern, [many, large, good]] = withPipes(make({ maxSubscriptions: 3, maxSubscriptionBytes: 1000 }), 3);
			tell(pattern, good!, "+a", "+a", "+a", "+a", "+b", "+c");
			tell(pattern, many!, "+a", "+b", "+c");
			expect([good!.closedWith, many!.closedWith]).deep.equal([undefined, undefined]);
			tell(pattern, many!, "+d");
			tell(pattern, large!, `+${"x".repeat(600)}`, `+${"y".repeat(401)}`);
			expect([many!.closedWith?.code, large!.closedWith?.code, good!.closedWith]).deep.equal([
				"ZMTP_TOO_MANY_SUBSCRIPTIONS",
				"ZMTP_TOO_MANY_SUBSCRIPTIONS",
				undefined,
			]);
			pattern.detach(many!);
			pattern.send(framesOf("d"));
			pattern.send(framesOf("a"));
			expect([many!.sent, good!.sent]).deep.equal([[], ["a"]]);
		});

		it("counts topics that stand, not those that were cancelled", () => {
			const [pattern, [pipe]] = withPipes(make({ maxSubscriptions: 2, maxSubscriptionBytes: 10 }), 1);
			for (let i = 0; i < 100; i++) tell(pattern, pipe!, "+12345", "+6789", "-12345", "-6789");
			expect(pipe!.closedWith).equal(undefined);
		});
	});
}

describe("zmtp PUB pattern alone", () => {
	it("29/PUBSUB PUB: SHALL silently discard any messages that subscribers send it, without holding memory", () => {
		const [pattern, [pipe]] = withPipes(pub(), 1);
		for (const frames of [["question"], ["\u0001a", "in two frames"], [""], ["\u0002"]])
			bring(pattern, pipe!, ...frames);
		expect([pattern.canReceive, pattern.receive(), pipe!.inbox.length]).deep.equal([false, undefined, 0]);
		pattern.send(framesOf("a"));
		expect(pipe!.sent).deep.equal([]);
	});

	it("29/PUBSUB PUB: SHALL NOT deliver subscriptions to its application", () => {
		const [pattern, [pipe]] = withPipes(pub(), 1);
		tell(pattern, pipe!, "+a", "-a");
		bring(pattern, pipe!, "\u0001b");
		expect([pattern.canReceive, pattern.receive()]).deep.equal([false, undefined]);
	});
});

describe("zmtp XPUB pattern alone", () => {
	it("29/PUBSUB XPUB: SHALL deliver subscribe and unsubscribe requests, in one form whichever they came in", () => {
		const [pattern, [pipe]] = withPipes(xpub(), 1);
		tell(pattern, pipe!, "+a", "-a", "+");
		bring(pattern, pipe!, "\u0001b");
		bring(pattern, pipe!, "\0b");
		expect(heard(pattern)).deep.equal(["+a", "-a", "+", "+b", "-b"]);
	});

	it("29/PUBSUB XPUB: MAY normalize requests, so that identical ones result in a single one", () => {
		const [pattern, [one, two]] = withPipes(xpub(), 2);
		tell(pattern, one!, "+a", "+a");
		tell(pattern, two!, "+a");
		tell(pattern, one!, "-a", "-a", "-a", "-never");
		expect(heard(pattern)).deep.equal(["+a"]);
		tell(pattern, two!, "-a");
		expect(heard(pattern)).deep.equal(["-a"]);
	});

	it("with verbosity allSubs also delivers subscriptions that somebody had already", () => {
		const [pattern, [one, two]] = withPipes(xpub({ verbosity: "allSubs" }), 2);
		tell(pattern, one!, "+a", "+a");
		tell(pattern, two!, "+a", "-a");
		tell(pattern, one!, "-a", "-a");
		expect(heard(pattern)).deep.equal(["+a", "+a", "+a", "-a"]);
	});

	it("with verbosity allSubsUnsubs delivers all of them, those of a peer that left too", () => {
		const [pattern, [one, two]] = withPipes(xpub({ verbosity: "allSubsUnsubs" }), 2);
		tell(pattern, one!, "+a", "+a", "-a", "-never");
		tell(pattern, two!, "+a");
		pattern.detach(two!);
		tell(pattern, one!, "-a");
		expect(heard(pattern)).deep.equal(["+a", "+a", "-a", "+a", "-a", "-a"]);
	});

	it("29/PUBSUB XPUB: SHALL, if a peer disconnects, generate unsubscribe requests for what it was the last to want", () => {
		const [pattern, [one, two]] = withPipes(xpub(), 2);
		tell(pattern, one!, "+a", "+b", "+b");
		tell(pattern, two!, "+a");
		heard(pattern);
		pattern.detach(one!);
		expect(heard(pattern)).deep.equal(["-b"]);
		pattern.detach(two!);
		expect(heard(pattern)).deep.equal(["-a"]);
	});

	it("29/PUBSUB XPUB: SHALL receive messages from its subscribers fairly, in the order of arrival, and deliver them", () => {
		const [pattern, [one, two]] = withPipes(xpub(), 2);
		for (const text of ["1", "2"]) bring(pattern, one!, text, "", "x");
		bring(pattern, two!, "3");
		tell(pattern, two!, "+a");
		bring(pattern, one!, "\u0001not a subscription", "x");
		expect(heard(pattern)).deep.equal(["1||x", "2||x", "3", "+a", "+not a subscription|x"]);
	});

	it("tells what has become of a topic in the order it happened, whosever messages wait", () => {
		const [pattern, [busy, other]] = withPipes(xpub(), 2);
		tell(pattern, busy!, ...Array.from({ length: 100 }, (_, i) => `+${i}`), "+a", "-a");
		tell(pattern, other!, "+a");
		expect(heard(pattern).slice(-3)).deep.equal(["+a", "-a", "+a"]);
	});

	it("29/PUBSUB XPUB: SHOULD constrain incoming queues: a peer that tells more than is received is not read from", () => {
		const pattern = new XPublisherPattern({ messages: 4, bytes: 1e9 }, standard);
		const [, [busy, other]] = withPipes(pattern, 2);
		for (let i = 0; i < 2; i++) tell(pattern, busy!, "+a", "-a");
		expect([busy!.isPaused, other!.isPaused]).deep.equal([true, false]);
		expect([next(pattern), next(pattern), busy!.isPaused]).deep.equal(["\u0001a", "\0a", false]);
	});

	it("sends its welcome message first on each connection", () => {
		const [pattern, [pipe]] = withPipes(xpub({ welcomeMessage: Buffer.from("welcome") }), 1);
		tell(pattern, pipe!, "+");
		pattern.send(framesOf("x"));
		expect(pipe!.sent).deep.equal(["welcome", "x"]);
		pattern.onReady(pipe!);
		expect(pipe!.sent).deep.equal(["welcome"]);
	});
});

describe("zmtp XPUB pattern in manual mode", () => {
	it("delivers every request and acts on none; the application subscribes the peer it heard last", () => {
		const [pattern, [one, two]] = withPipes(xpub({ manual: true }), 2);
		tell(pattern, one!, "+a");
		tell(pattern, two!, "+a");
		expect(next(pattern)).equal("\u0001a");
		pattern.subscribe(Buffer.from("for one"));
		expect(next(pattern)).equal("\u0001a");
		pattern.subscribe(Buffer.from("for two"));
		for (const text of ["a", "for one", "for two"]) pattern.send(framesOf(text));
		expect([one!.sent, two!.sent]).deep.equal([["for one"], ["for two"]]);
		tell(pattern, one!, "-a");
		expect(next(pattern)).equal("\0a");
		pattern.unsubscribe(Buffer.from("for one"));
		for (const text of ["for one", "for two"]) pattern.send(framesOf(text));
		expect([one!.sent, two!.sent]).deep.equal([[], ["for two"]]);
	});

	it("tells the end of what a leaving peer had asked for, not of what the application gave it", () => {
		const [pattern, [one, two]] = withPipes(xpub({ manual: true }), 2);
		for (const pipe of [one!, two!]) {
			tell(pattern, pipe, "+1");
			next(pattern);
			pattern.subscribe(Buffer.from("X1"));
		}
		pattern.detach(one!);
		pattern.detach(two!);
		expect(heard(pattern)).deep.equal(["-1", "-1"]);
		pattern.send(framesOf("X1"));
		expect([one!.sent, two!.sent]).deep.equal([[], []]);
	});

	it("does nothing for a peer that has left meanwhile", () => {
		const [pattern, [one]] = withPipes(xpub({ manual: true }), 1);
		tell(pattern, one!, "+a");
		next(pattern);
		pattern.detach(one!);
		pattern.subscribe(Buffer.from("a"));
		pattern.unsubscribe(Buffer.from("a"));
		pattern.send(framesOf("a"));
		expect(one!.sent).deep.equal([]);
	});

	it("bounds what peers ask for as it does without", () => {
		const [pattern, [one]] = withPipes(xpub({ manual: true, maxSubscriptions: 2 }), 1);
		tell(pattern, one!, "+a", "+b", "+c");
		expect(one!.closedWith?.code).equal("ZMTP_TOO_MANY_SUBSCRIPTIONS");
		expect(heard(pattern)).deep.equal(["+a", "+b"]);
	});

	it("is not to be had without saying so", () => {
		expect(thrownCode(() => xpub().subscribe(Buffer.from("a")))).equal("EINVAL");
		expect(thrownCode(() => xpub().unsubscribe(Buffer.from("a")))).equal("EINVAL");
	});
});
