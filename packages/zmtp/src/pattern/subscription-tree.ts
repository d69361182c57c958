/**
 * Who wants which topics: a compressed prefix tree over all subscribers.
 *
 * Rules of this file: no recursion, for peers choose the shape; a label has at most `maxLabelBytes`, so that splitting
 * and joining nodes costs the same however long a topic is; nothing a peer sent is kept but copies of its octets.
 *
 * Theory of operation: the topics along the way from the root to a node's end are the prefixes of its own, so whoever
 * stands on the way of a message's first octets wants the message. A node without subscribers has at least two children,
 * unless its label is full: memory follows the topics that stand, not those that were.
 */

import { latin1 } from "../wire/octets.js";

/** Longest label of one node; a longer topic is a chain of them. Unit: octets. */
const maxLabelBytes = 256;

/** Somebody with subscriptions; what it has is kept with it, so that its leaving costs no walk through the tree. */
export class TopicSubscriber<Owner> {
	readonly owner: Owner;
	/** Where its topics end, and how often it subscribed to each. */
	readonly nodes = new Map<TopicNode<Owner>, number>();
	/** Its topics' octets together, each topic once. */
	bytes = 0;
	/** The last match that found it. */
	round = 0;

	constructor(owner: Owner) {
		this.owner = owner;
	}

	/** Its topics, and how often it subscribed to each. Owned by the caller. */
	*topics(): Generator<readonly [topic: Uint8Array, count: number]> {
		for (const [node, count] of this.nodes) yield [node.topic(), count];
	}
}

class TopicNode<Owner> {
	/** The octets of the topic since the parent's end, one a character: a string takes less memory than an array. */
	label: string;
	parent: TopicNode<Owner> | undefined;
	/** In the order of their labels' first octets, which all differ. */
	children: TopicNode<Owner>[] = none;
	/** Those whose topic ends here. One of them, as most topics have, needs no set. */
	subscribers: TopicSubscriber<Owner> | Set<TopicSubscriber<Owner>> | undefined;

	constructor(label: string, parent: TopicNode<Owner> | undefined) {
		this.label = label;
		this.parent = parent;
	}

	topic(): Uint8Array {
		const labels: string[] = [];
		let length = 0;
		for (let node: TopicNode<Owner> | undefined = this; node !== undefined; node = node.parent) {
			labels.push(node.label);
			length += node.label.length;
		}
		const topic = new Uint8Array(length);
		let at = 0;
		for (const label of labels.reverse()) for (let i = 0; i < label.length; i++) topic[at++] = label.charCodeAt(i);
		return topic;
	}

	/** Where the child whose label starts with `octet` is, or would be. */
	indexOf(octet: number): number {
		const { children } = this;
		let low = 0;
		let high = children.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if (children[middle]!.label.charCodeAt(0) < octet) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	child(octet: number): TopicNode<Owner> | undefined {
		const child = this.children[this.indexOf(octet)];
		return child !== undefined && child.label.charCodeAt(0) === octet ? child : undefined;
	}

	adopt(child: TopicNode<Owner>): void {
		child.parent = this;
		if (this.children.length === 0) this.children = [child];
		else this.children.splice(this.indexOf(child.label.charCodeAt(0)), 0, child);
	}

	orphan(child: TopicNode<Owner>): void {
		if (this.children.length === 1) this.children = none;
		else this.children.splice(this.indexOf(child.label.charCodeAt(0)), 1);
	}

	/** Puts another in the place of a child whose label starts with the same octet. */
	replace(child: TopicNode<Owner>, other: TopicNode<Owner>): void {
		other.parent = this;
		this.children[this.indexOf(child.label.charCodeAt(0))] = other;
	}

	add(subscriber: TopicSubscriber<Owner>): void {
		const { subscribers } = this;
		if (subscribers === undefined) this.subscribers = subscriber;
		else if (subscribers instanceof Set) subscribers.add(subscriber);
		else this.subscribers = new Set([subscribers, subscriber]);
	}

	remove(subscriber: TopicSubscriber<Owner>): void {
		const { subscribers } = this;
		if (subscribers === subscriber) this.subscribers = undefined;
		else if (subscribers instanceof Set && subscribers.delete(subscriber) && subscribers.size === 0) {
			this.subscribers = undefined;
		}
	}
}

/** Shared by all nodes without children; never written to. */
const none: never[] = [];

export class SubscriptionTree<Owner> {
	readonly #root = new TopicNode<Owner>("", undefined);
	#round = 0;
	/** What all of it takes in memory: one for nothing. */
	nodeCount = 1;

	/** Whether anybody has any subscription. */
	get isEmpty(): boolean {
		return this.#root.subscribers === undefined && this.#root.children.length === 0;
	}

	/** Adds a subscription; `topic` is copied. Returns whether nobody had this topic before. */
	add(subscriber: TopicSubscriber<Owner>, topic: Uint8Array): boolean {
		const node = this.#makeWay(topic);
		const isFirst = node.subscribers === undefined;
		const count = subscriber.nodes.get(node);
		if (count === undefined) {
			node.add(subscriber);
			subscriber.bytes += topic.length;
		}
		subscriber.nodes.set(node, (count ?? 0) + 1);
		return isFirst;
	}

	/**
	 * Takes one of the subscriber's subscriptions to the topic away, or `all` of them. Returns what is left of the topic:
	 * `none` (nobody has it any more), `some`, or `unknown` when the subscriber did not have it.
	 */
	remove(subscriber: TopicSubscriber<Owner>, topic: Uint8Array, all = false): "none" | "some" | "unknown" {
		const node = this.#find(topic);
		const count = node && subscriber.nodes.get(node);
		if (node === undefined || count === undefined) return "unknown";
		if (count > 1 && !all) {
			subscriber.nodes.set(node, count - 1);
			return "some";
		}
		subscriber.bytes -= topic.length;
		return this.#drop(subscriber, node) ? "none" : "some";
	}

	/** Takes all subscriptions of a subscriber away. `onGone` hears of each topic, and whether nobody has it any more. */
	clear(subscriber: TopicSubscriber<Owner>, onGone?: (topic: Uint8Array, isLast: boolean) => void): void {
		for (const node of subscriber.nodes.keys()) {
			const topic = onGone && node.topic();
			const isLast = this.#drop(subscriber, node);
			if (topic !== undefined) onGone!(topic, isLast);
		}
		subscriber.bytes = 0;
	}

	/** Whether anybody has a subscription that octets `start` to `end` begin with. */
	has(octets: Uint8Array, start: number, end: number): boolean {
		for (let node: TopicNode<Owner> | undefined = this.#root, at = start; node !== undefined; ) {
			if (node.subscribers !== undefined) return true;
			node = step(node, octets, at, end);
			if (node !== undefined) at += node.label.length;
		}
		return false;
	}

	/** Puts everyone into `found`, from its beginning on, who has a subscription that `octets` begin with. Returns how many. */
	match(octets: Uint8Array, found: TopicSubscriber<Owner>[]): number {
		const round = ++this.#round;
		let count = 0;
		const end = octets.length;
		for (let node: TopicNode<Owner> | undefined = this.#root, at = 0; node !== undefined; ) {
			const { subscribers } = node;
			if (subscribers instanceof Set) {
				for (const subscriber of subscribers) {
					if (subscriber.round === round) continue;
					subscriber.round = round;
					found[count++] = subscriber;
				}
			} else if (subscribers !== undefined && subscribers.round !== round) {
				subscribers.round = round;
				found[count++] = subscribers;
			}
			node = step(node, octets, at, end);
			if (node !== undefined) at += node.label.length;
		}
		return count;
	}

	#find(topic: Uint8Array): TopicNode<Owner> | undefined {
		let node: TopicNode<Owner> | undefined = this.#root;
		for (let at = 0; node !== undefined && at < topic.length; ) {
			node = step(node, topic, at, topic.length);
			if (node !== undefined) at += node.label.length;
		}
		return node;
	}

	/** The node where the topic ends, made if need be. */
	#makeWay(topic: Uint8Array): TopicNode<Owner> {
		let node: TopicNode<Owner> = this.#root;
		for (let at = 0; at < topic.length; ) {
			const child = node.child(topic[at]!);
			if (child === undefined) {
				const end = Math.min(topic.length, at + maxLabelBytes);
				const leaf = new TopicNode(latin1(topic, at, end), node);
				node.adopt(leaf);
				this.nodeCount++;
				node = leaf;
				at = end;
				continue;
			}
			const common = commonLength(child.label, topic, at);
			at += common;
			if (common === child.label.length) {
				node = child;
			} else {
				node = split(child, common);
				this.nodeCount++;
			}
		}
		return node;
	}

	/** Returns whether nobody else has the topic. */
	#drop(subscriber: TopicSubscriber<Owner>, node: TopicNode<Owner>): boolean {
		subscriber.nodes.delete(node);
		node.remove(subscriber);
		if (node.subscribers !== undefined) return false;
		let bare = node;
		while (bare.parent !== undefined && bare.subscribers === undefined && bare.children.length === 0) {
			bare.parent.orphan(bare);
			this.nodeCount--;
			bare = bare.parent;
		}
		if (join(bare)) this.nodeCount--;
		return true;
	}
}

/** The child that the octets from `at` to `end` lead to, when they have all of its label. */
function step<Owner>(
	node: TopicNode<Owner>,
	octets: Uint8Array,
	at: number,
	end: number,
): TopicNode<Owner> | undefined {
	if (at === end || node.children.length === 0) return undefined;
	const child = node.child(octets[at]!);
	if (child === undefined) return undefined;
	const { label } = child;
	if (label.length > end - at) return undefined;
	for (let i = 1; i < label.length; i++) if (label.charCodeAt(i) !== octets[at + i]) return undefined;
	return child;
}

/** How many octets of the topic from `at` on the label shares. */
function commonLength(label: string, topic: Uint8Array, at: number): number {
	const limit = Math.min(label.length, topic.length - at);
	let length = 0;
	while (length < limit && label.charCodeAt(length) === topic[at + length]) length++;
	return length;
}

/** Puts a node in the way to `child` that ends after `length` octets of its label. Returns that node. */
function split<Owner>(child: TopicNode<Owner>, length: number): TopicNode<Owner> {
	const { label, parent } = child;
	const upper = new TopicNode<Owner>(flat(label, 0, length), parent);
	parent!.replace(child, upper);
	child.label = flat(label, length, label.length);
	upper.adopt(child);
	return upper;
}

/** Joins a node that nobody ends at with its only child. Returns whether it did. */
function join<Owner>(node: TopicNode<Owner>): boolean {
	const [child] = node.children;
	if (child === undefined || node.children.length > 1) return false;
	if (node.subscribers !== undefined || node.parent === undefined) return false;
	const label = node.label + child.label;
	if (label.length > maxLabelBytes) return false;
	child.label = flat(label, 0, label.length);
	node.parent.replace(node, child);
	return true;
}

/** A part of a text with memory of its own: what V8 cuts from a string keeps the whole of it. */
function flat(text: string, start: number, end: number): string {
	const octets: number[] = [];
	for (let i = start; i < end; i++) octets.push(text.charCodeAt(i));
	return String.fromCharCode(...octets);
}
