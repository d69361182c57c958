import { expect } from "chai";
import { type SideSocket, sumOf } from "../side.js";
import { type Pair, routingIds } from "./pairs.js";

/** What stands in front of a message from `one`, and of one back to it where there is a way back. */
interface Envelopes {
	readonly there: readonly Uint8Array[];
	readonly back?: readonly Uint8Array[];
}

const delimiter = Buffer.alloc(0);

const envelopes: Readonly<Record<string, Envelopes>> = {
	"REQ REP": { there: [], back: [] },
	"REQ ROUTER": { there: [], back: [routingIds.one, delimiter] },
	"DEALER REP": { there: [delimiter], back: [] },
	"DEALER ROUTER": { there: [], back: [routingIds.one] },
	"DEALER DEALER": { there: [], back: [] },
	"ROUTER ROUTER": { there: [routingIds.other], back: [routingIds.one] },
	"PUSH PULL": { there: [] },
	"PAIR PAIR": { there: [], back: [] },
};

const topic = Buffer.from("greeting");

/** What a subscriber has to do, once in its life, to be greeted. */
export async function prepare({ other }: Pair, subscriber: SideSocket): Promise<void> {
	if (other === "SUB" || other === "XSUB") await subscriber.subscribe(topic);
}

/** One small message there and, where the pattern has it, one back: the two have found each other. */
export async function greet(pair: Pair, one: SideSocket, other: SideSocket, word: string): Promise<void> {
	const carry = async (from: SideSocket, to: SideSocket, envelope: readonly Uint8Array[], skip?: Uint8Array) => {
		await from.send([...envelope, Buffer.from(word)], []);
		const [arrived] = await to.receiveAll(1, skip);
		expect(arrived!.frames.at(-1)).deep.equal(sumOf(Buffer.from(word)));
	};
	const ways = envelopes[`${pair.one} ${pair.other}`];
	if (ways === undefined) {
		// Until the subscription is heard of, what is published is lost.
		await one.beacon(topic);
		await other.receive();
		await carry(one, other, [topic], topic);
		return;
	}
	await carry(one, other, ways.there);
	if (ways.back !== undefined) await carry(other, one, ways.back);
}
