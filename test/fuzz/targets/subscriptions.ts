import { SubscriptionTree, TopicSubscriber } from "../../../packages/zmtp/src/pattern/subscription-tree.js";
import type { Dice } from "../dice.js";
import { mutateOctets, mutateParts } from "../mutate.js";
import { must, type Target } from "../target.js";

/**
 * Steps of several subscribers at one tree, and the same steps in the simplest way there is: the results must not
 * differ. A step is three octets and a topic: what is done (mod 4), by whom (mod 4), the topic's length; a high bit of
 * the second makes the topic's octets repeat, to the length's 16-fold.
 */
export const subscriptions: Target = {
	name: "subscriptions",
	isStream: false,
	generate: (dice) => Buffer.concat(Array.from({ length: 1 + dice.length(200) }, () => makeStep(dice))),
	mutate: (input, other, dice) =>
		dice.chance(0.3)
			? mutateOctets(input, other, dice)
			: mutateParts(takeApart(Buffer.from(input)), takeApart(Buffer.from(other)), dice),
	run(input) {
		const tree = new SubscriptionTree<number>();
		const subscribers = [0, 1, 2, 3].map((owner) => new TopicSubscriber(owner));
		const model = subscribers.map(() => new Map<string, number>());
		const told: string[] = [];
		for (const step of takeApart(Buffer.from(input))) {
			const who = (step[1] ?? 0) & 3;
			const repeats = ((step[1] ?? 0) & 0x80) !== 0;
			const topic = repeats ? Buffer.concat(Array<Buffer>(16).fill(step.subarray(3))) : Buffer.from(step.subarray(3));
			const key = topic.toString("latin1");
			const mine = model[who]!;
			const holders = () => model.filter((one) => one.has(key)).length;
			switch (step[0]! & 3) {
				case 0: {
					const isFirst = holders() === 0;
					mine.set(key, (mine.get(key) ?? 0) + 1);
					must(tree.add(subscribers[who]!, topic) === isFirst, `first to ${key}?`);
					break;
				}
				case 1: {
					const count = mine.get(key);
					if (count === 1) mine.delete(key);
					else if (count !== undefined) mine.set(key, count - 1);
					const left = count === undefined ? "unknown" : holders() === 0 ? "none" : "some";
					must(tree.remove(subscribers[who]!, topic) === left, `${left} left of ${key}?`);
					break;
				}
				case 2: {
					const found: TopicSubscriber<number>[] = [];
					found.length = tree.match(topic, found);
					const expected = [0, 1, 2, 3].filter((one) =>
						[...model[one]!.keys()].some((prefix) => key.startsWith(prefix)),
					);
					const owners = found.map(({ owner }) => owner).sort();
					must(owners.join() === expected.join(), `${key} is for ${expected}, not ${owners}`);
					must(tree.has(topic, 0, topic.length) === expected.length > 0, `is ${key} for anybody?`);
					told.push(owners.join());
					break;
				}
				default: {
					const keys = [...mine.keys()];
					mine.clear();
					const gone = keys.filter((one) => !model.some((other) => other.has(one))).sort();
					const said: string[] = [];
					tree.clear(subscribers[who]!, (one, isLast) => {
						if (isLast) said.push(Buffer.from(one).toString("latin1"));
					});
					must(said.sort().join("\n") === gone.join("\n"), "the topics that end are others");
				}
			}
			const bytes = [...mine.keys()].reduce((sum, one) => sum + one.length, 0);
			must(subscribers[who]!.bytes === bytes, `${bytes} octets of topics, not ${subscribers[who]!.bytes}`);
			must(tree.isEmpty === model.every((one) => one.size === 0), "empty?");
		}
		for (const subscriber of subscribers) {
			tree.clear(subscriber);
			must(subscriber.bytes === 0 && subscriber.nodes.size === 0, "a subscriber that left has something still");
		}
		must(tree.nodeCount === 1, `${tree.nodeCount} nodes are left of nothing`);
		must(tree.isEmpty, "something is left when all are gone");
		return told.join(" ");
	},
};

function makeStep(dice: Dice): Buffer {
	// Few letters, so that topics meet.
	const topic = Buffer.from(Array.from({ length: dice.length(80) }, () => dice.below(2)));
	return Buffer.concat([Buffer.of(dice.below(64), dice.below(256), topic.length), topic]);
}

function takeApart(octets: Buffer): Buffer[] {
	const parts: Buffer[] = [];
	for (let at = 0; at < octets.length; ) {
		const end = at + 3 + (octets[at + 2] ?? 0);
		parts.push(octets.subarray(at, end));
		at = end;
	}
	return parts;
}
