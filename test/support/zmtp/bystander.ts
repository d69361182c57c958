import { expect } from "chai";
import type { Router, SocketOptions } from "../../../packages/zmtp/src/index.js";
import { type Kit, received } from "./sockets.js";

/** A well-behaved client of a ROUTER: whatever others do there, it loses nothing. */
export interface Bystander {
	/** Goes there and back with a message now. */
	bounce(): Promise<void>;
	/** Bounces again and again until told to stop; resolves to how often, once every message is back. */
	start(): () => Promise<number>;
}

export interface BystanderOptions {
	/** What the client has to be told: credentials. */
	readonly options?: SocketOptions;
	/** Messages that are not the bystander's. */
	readonly onOther?: (frames: Buffer[]) => void;
}

/** The router must leave receiving to the bystander, whose messages it echoes; other messages go to `onOther`. */
export function bystanderOf(
	kit: Kit,
	router: Router,
	endpoint: string,
	{ options = {}, onOther = () => {} }: BystanderOptions = {},
): Bystander {
	const routingId = "bystander";
	const dealer = kit.dealer({ routingId, reconnectInterval: 10, ...options });
	dealer.connect(endpoint);
	void (async () => {
		for await (const frames of router) {
			if (frames[0]!.toString() === routingId) await router.send(frames);
			else onOther(frames);
		}
	})();
	let count = 0;
	const bounce = async () => {
		const text = `bounce ${count++}`;
		await dealer.send([text, "x".repeat(count % 300)]);
		expect((await received(dealer))[0]).equal(text);
	};
	return {
		bounce,
		start: () => {
			let isOver = false;
			const over = (async () => {
				while (!isOver) await bounce();
				return count;
			})();
			// A failure is seen when the test stops it.
			over.catch(() => {});
			return () => {
				isOver = true;
				return over;
			};
		},
	};
}
