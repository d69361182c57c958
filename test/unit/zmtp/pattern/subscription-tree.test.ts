import { expect } from "chai";
import * as fc from "fast-check";
import { SubscriptionTree, TopicSubscriber } from "../../../../packages/zmtp/src/pattern/subscription-tree.js";

const octets = (text: string) => Buffer.from(text, "latin1");
const textOf = (topic: Uint8Array) => Buffer.from(topic).toString("latin1");

/** Who would get a message, by name. */
function matches(tree: SubscriptionTree<string>, message: string): string[] {
	const found: TopicSubscriber<string>[] = [new TopicSubscriber("left over")];
	const count = tree.match(octets(message), found);
	return found
		.slice(0, count)
		.map(({ owner }) => owner)
		.sort();
}

/** The same, done without a tree. */
class Model {
	readonly topics = new Map<string, string[]>();

	add(name: string, topic: string): boolean {
		const isFirst = ![...this.topics.values()].some((topics) => topics.includes(topic));
		this.topics.set(name, [...(this.topics.get(name) ?? []), topic]);
		return isFirst;
	}

	remove(name: string, topic: string, all: boolean): "none" | "some" | "unknown" {
		const topics = this.topics.get(name) ?? [];
		if (!topics.includes(topic)) return "unknown";
		const at = topics.indexOf(topic);
		const left = topics.filter((other, index) => (all ? other !== topic : index !== at));
		this.topics.set(name, left);
		return [...this.topics.values()].some((others) => others.includes(topic)) ? "some" : "none";
	}

	matches(message: string): string[] {
		return [...this.topics]
			.filter(([, topics]) => topics.some((topic) => message.startsWith(topic)))
			.map(([name]) => name)
			.sort();
	}
}

/** Topics that share much: of two letters, some of them long. */
const topic = fc
	.array(fc.tuple(fc.constantFrom("a", "b", "\xff", "\0"), fc.constantFrom(1, 2, 255, 256, 257, 600)), { maxLength: 4 })
	.map((parts) => parts.map(([letter, count]) => letter.repeat(count)).join(""));
const name = fc.constantFrom("one", "two", "three");
const step = fc.oneof(
	fc.record({ kind: fc.constant("add" as const), name, topic }),
	fc.record({ kind: fc.constantFrom("remove" as const, "removeAll" as const), name, topic }),
	fc.record({ kind: fc.constant("clear" as const), name, topic }),
);

describe("zmtp subscription tree", () => {
	it("agrees with a list of subscriptions, whatever is added, removed, cleared and matched", () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 60 }), fc.array(topic, { maxLength: 10 }), (steps, messages) => {
				const tree = new SubscriptionTree<string>();
				const model = new Model();
				const subscribers = new Map(["one", "two", "three"].map((who) => [who, new TopicSubscriber(who)]));
				for (const { kind, name: who, topic: what } of steps) {
					const subscriber = subscribers.get(who)!;
					if (kind === "add") {
						expect(tree.add(subscriber, octets(what))).equal(model.add(who, what));
					} else if (kind === "clear") {
						const gone: string[] = [];
						tree.clear(subscriber, (left, isLast) => gone.push(`${textOf(left)} ${isLast}`));
						const had = [...new Set(model.topics.get(who) ?? [])];
						model.topics.set(who, []);
						const expected = had.map(
							(left) => `${left} ${![...model.topics.values()].some((others) => others.includes(left))}`,
						);
						expect(gone.sort()).deep.equal(expected.sort());
					} else {
						const all = kind === "removeAll";
						expect(tree.remove(subscriber, octets(what), all)).equal(model.remove(who, what, all));
					}
				}
				for (const message of [
					...messages,
					...steps.map((taken) => `${taken.topic}x`),
					...steps.map((taken) => taken.topic),
				]) {
					expect(matches(tree, message)).deep.equal(model.matches(message));
					const padded = octets(`<${message}>`);
					expect(tree.has(padded, 1, padded.length - 1)).equal(model.matches(message).length > 0);
				}
				for (const [who, subscriber] of subscribers) {
					const topics = model.topics.get(who) ?? [];
					const distinct = [...new Set(topics)];
					expect(subscriber.bytes).equal(distinct.reduce((bytes, text) => bytes + text.length, 0));
					expect([...subscriber.topics()].map(([text, count]) => `${textOf(text)} ${count}`).sort()).deep.equal(
						distinct.map((text) => `${text} ${topics.filter((other) => other === text).length}`).sort(),
					);
				}
				for (const subscriber of subscribers.values()) tree.clear(subscriber);
				expect([tree.isEmpty, tree.nodeCount]).deep.equal([true, 1]);
			}),
			{ numRuns: 400 },
		);
	});

	it("finds a subscriber once, however many of its topics match", () => {
		const tree = new SubscriptionTree<string>();
		const one = new TopicSubscriber("one");
		for (const text of ["", "a", "ab", "abc", "abcd"]) tree.add(one, octets(text));
		expect(matches(tree, "abcd")).deep.equal(["one"]);
	});

	it("keeps copies: what a topic was read from may change", () => {
		const tree = new SubscriptionTree<string>();
		const buffer = octets("topic");
		tree.add(new TopicSubscriber("one"), buffer);
		buffer.fill(0);
		expect(matches(tree, "topic")).deep.equal(["one"]);
	});

	it("holds topics of 64 KiB and of 1 MiB, which need no recursion", () => {
		const tree = new SubscriptionTree<string>();
		const one = new TopicSubscriber("one");
		const long = "x".repeat(1 << 20);
		const texts = [long.slice(0, 1 << 16), `${long.slice(0, (1 << 16) - 1)}y`, long];
		for (const text of texts) tree.add(one, octets(text));
		expect([matches(tree, long), matches(tree, texts[1]!), matches(tree, "x".repeat(1000))]).deep.equal([
			["one"],
			["one"],
			[],
		]);
		for (const text of texts) expect(tree.remove(one, octets(text))).equal("none");
		expect(tree.nodeCount).equal(1);
	});

	it("takes as many nodes as its topics need, whatever stood in between", () => {
		const tree = new SubscriptionTree<string>();
		const one = new TopicSubscriber("one");
		const long = "z".repeat(10_000);
		tree.add(one, octets(long));
		const before = tree.nodeCount;
		expect(before).lessThan(45);
		// Each of these splits a label, and joins it again.
		for (let length = 1; length < 10_000; length += 7) {
			tree.add(one, octets(long.slice(0, length)));
			tree.remove(one, octets(long.slice(0, length)));
		}
		expect(tree.nodeCount).equal(before);
		for (let length = 1; length < 1000; length++) tree.add(one, octets(long.slice(0, length)));
		for (let length = 999; length > 0; length -= 2) tree.remove(one, octets(long.slice(0, length)));
		for (let length = 998; length > 0; length -= 2) tree.remove(one, octets(long.slice(0, length)));
		expect(tree.nodeCount).lessThan(before + 5);
	});

	it("holds a million topics, and lets go of them", () => {
		const tree = new SubscriptionTree<string>();
		const one = new TopicSubscriber("one");
		const topicOf = (i: number) => octets(`sensors/${i % 1000}/${i}`);
		for (let i = 0; i < 1_000_000; i++) tree.add(one, topicOf(i));
		expect([matches(tree, "sensors/7/1007/temperature"), matches(tree, "sensors/7/")]).deep.equal([["one"], []]);
		expect(one.nodes.size).equal(1_000_000);
		tree.clear(one);
		expect(tree.nodeCount).equal(1);
	}).timeout(60_000);
});
