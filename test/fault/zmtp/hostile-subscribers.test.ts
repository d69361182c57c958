import { expect } from "chai";
import type { Publisher, Subscriber, XPublisher } from "../../../packages/zmtp/src/index.js";
import { arenas } from "../../support/zmtp/arenas.js";
import { commandFrame, frameOf, type RawFrame } from "../../support/zmtp/frames.js";
import { heldBytes } from "../../support/zmtp/memory.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { join } from "../../support/zmtp/raw-mechanisms.js";
import type { RawPeer } from "../../support/zmtp/raw-peer.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event, until } from "../../support/zmtp/waiting.js";

const KiB = 1024;
const MiB = 1024 * KiB;

const subscribe = (topic: Uint8Array | string) => commandFrame("SUBSCRIBE", topic);
const cancel = (topic: Uint8Array | string) => commandFrame("CANCEL", topic);
/** As ZMTP 3.0 says it. */
const legacy = (kind: 0 | 1, topic: Uint8Array | string) =>
	frameOf(0, Buffer.concat([Buffer.of(kind), Buffer.from(topic)]));

/** Says many frames without filling this side's memory with them. Resolves with the most that was held meanwhile. Unit: bytes. */
async function sayAll(peer: RawPeer, frames: Iterable<RawFrame>): Promise<number> {
	let batch: RawFrame[] = [];
	let most = 0;
	const flush = async () => {
		peer.say(...batch);
		batch = [];
		await new Promise<void>((resolve) => peer.socket.write("", () => resolve()));
		most = Math.max(most, await heldBytes());
	};
	for (const frame of frames) {
		batch.push(frame);
		if (batch.length === 1000) await flush();
		if (peer.socket.destroyed) return most;
	}
	await flush();
	return most;
}

for (const { name, place, mechanism } of arenas) {
	describe(`zmtp PUB and its peers that mean ill ${name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();

		/** A subscriber that does as it should, and has to get every message meanwhile. */
		async function bystander(publisher: Publisher | XPublisher, endpoint: string) {
			const good = kit.subscriber(["good"], mechanism.client);
			good.connect(endpoint);
			let count = 0;
			const bounce = async () => {
				const text = `good ${count++}`;
				await publisher.send([text, "x".repeat(count % 300)]);
				expect((await received(good))[0]).equal(text);
			};
			await reached(publisher, good);
			return {
				start: () => {
					let isOver = false;
					const over = (async () => {
						while (!isOver) {
							await bounce();
							await new Promise((resolve) => setImmediate(resolve));
						}
						return count;
					})();
					over.catch(() => {});
					return () => {
						isOver = true;
						return over;
					};
				},
			};
		}

		async function reached(publisher: Publisher | XPublisher, good: Subscriber): Promise<void> {
			let isThere = false;
			const first = received(good).then(() => {
				isThere = true;
			});
			for (; !isThere; await new Promise((resolve) => setImmediate(resolve))) await publisher.send("good: hello?");
			await first;
			while (good.readable) await good.receive();
		}

		async function arena(options = {}) {
			const publisher = kit.publisher({ ...mechanism.server, ...options });
			const endpoint = await bound(publisher, place.endpoint());
			return { publisher, endpoint, good: await bystander(publisher, endpoint) };
		}

		// Peers over ws are spoken to as libzmq is: see docs/zmtp-profile.md.
		const isCounting = place.name !== "ws";

		// Doing as much everywhere, or sealing it, tries nothing else.
		const flood = place.name === "tcp" ? 1024 : 96;

		if (mechanism.name === "NULL")
			it(`H35: ${flood} MiB of messages from a subscriber are discarded, and memory stays flat`, async () => {
				const { endpoint, good } = await arena();
				const peer = await join(mechanism, endpoint, "SUB");
				const stop = good.start();
				const frame = frameOf(0, Buffer.alloc(MiB, "x"));
				const before = await heldBytes();
				for (let i = 0; i < flood; i++) {
					peer.say(frame);
					await new Promise<void>((resolve) => peer.socket.write("", () => resolve()));
				}
				expect((await heldBytes()) - before).below(64 * MiB);
				expect(await stop()).above(1);
				await peer.close();
			}).timeout(60_000);

		it("H36: a topic of 1 MiB as a command ends the connection; as a message it is taken, and given back", async () => {
			const { publisher, endpoint, good } = await arena();
			const stop = good.start();
			const topic = Buffer.alloc(MiB, "t");
			const told = event(publisher.events, "disconnect");
			const rude = await join(mechanism, endpoint, "SUB");
			rude.say(subscribe(topic));
			expect((await told).error?.code).equal("ZMTP_COMMAND_TOO_LARGE");
			await rude.closed;
			const peer = await join(mechanism, endpoint, "SUB");
			for (let i = 0; i < 5; i++) peer.say(legacy(1, topic), legacy(0, topic));
			peer.say(subscribe("mark"));
			await answered(publisher, peer, "mark");
			expect(await stop()).above(1);
			await peer.close();
		});

		it("H36: more topics than maxSubscriptions, or deeper shared prefixes than maxSubscriptionBytes, end the connection", async () => {
			const { publisher, endpoint, good } = await arena({ maxSubscriptions: 5000, maxSubscriptionBytes: MiB });
			const stop = good.start();
			const before = await heldBytes();
			const many = function* () {
				for (let i = 0; i < 1_000_000; i++) yield subscribe(`topic ${i}`);
			};
			const nested = function* () {
				for (let i = 1; i < 60_000; i++) yield subscribe(Buffer.alloc(i, "a"));
			};
			for (const topics of [many(), nested()]) {
				const told = event(publisher.events, "disconnect");
				const peer = await join(mechanism, endpoint, "SUB");
				expect((await sayAll(peer, topics)) - before).below(64 * MiB);
				expect((await told).error?.code).equal("ZMTP_TOO_MANY_SUBSCRIPTIONS");
				await peer.closed;
			}
			expect(await stop()).above(1);
		}).timeout(60_000);

		it("H37: CANCELs of what was never subscribed, doubled ones, and subscriptions that end with their peer leave the counts right", async () => {
			const publisher = kit.xpublisher({ ...mechanism.server });
			const endpoint = await bound(publisher, place.endpoint());
			const heard = async () => {
				const [message] = await publisher.receive();
				return `${message![0] === 1 ? "+" : "-"}${message!.subarray(1)}`;
			};
			for (let i = 0; i < 20; i++) {
				const peer = await join(mechanism, endpoint, "SUB");
				peer.say(cancel("never"), legacy(0, "never"), subscribe("a"), legacy(1, "a"), subscribe("a"));
				expect(await heard()).equal("+a");
				if (isCounting) peer.say(cancel("a"), cancel("a"));
				peer.say(subscribe("b"));
				expect(await heard()).equal("+b");
				if (i % 2 === 0) {
					peer.say(cancel("a"), cancel("a"), cancel("b"));
					expect([await heard(), await heard()]).deep.equal(["-a", "-b"]);
					await peer.close();
				} else {
					await peer.close();
					expect([await heard(), await heard()].sort()).deep.equal(["-a", "-b"]);
				}
			}
			expect(publisher.readable).equal(false);
		});

		it("H38: topics of all sizes around the border, in both forms, from peers of both versions", async () => {
			const { publisher, endpoint } = await arena();
			for (const minor of [0, 1]) {
				for (const size of [0, 1, 244, 245, 246, 253, 254, 255, 256, 1000]) {
					const topic = Buffer.alloc(size, "t");
					for (const frame of [subscribe(topic), legacy(1, topic)]) {
						const peer = await join(mechanism, endpoint, "SUB", { greeting: { minor } });
						peer.say(frame, subscribe("mark"));
						await answered(publisher, peer, "mark");
						await publisher.send([topic, "body"]);
						expect((await peer.readMessage()).map((text) => text.length)).deep.equal([size, 4]);
						await peer.close();
					}
				}
			}
		});

		it("H38: a SUB tells topics of all sizes in the form that the publisher's version knows", async () => {
			for (const minor of [0, 1]) {
				const subscriber = kit.subscriber([], mechanism.server);
				const endpoint = await bound(subscriber, place.endpoint());
				const there = event(subscriber.events, "handshake");
				const peer = await join(mechanism, endpoint, "PUB", { greeting: { minor } });
				await there;
				for (const size of [0, 1, 245, 246, 254, 255, 256]) {
					const topic = "t".repeat(size);
					subscriber.subscribe(topic);
					subscriber.unsubscribe(topic);
					const [first, second] = [await peer.readFrame(), await peer.readFrame()];
					const expected =
						minor === 1 && isCounting ? [subscribe(topic), cancel(topic)] : [legacy(1, topic), legacy(0, topic)];
					expect([first, second].map(({ flags, body }) => [flags & ~2, `${body}`])).deep.equal(
						expected.map(({ flags, body }) => [flags, `${body}`]),
					);
				}
				await peer.close();
			}
		});

		it("H43: a publisher that reads no subscriptions is left before they fill the memory; the others hear of each", async () => {
			const subscriber = kit.subscriber([], mechanism.server);
			const endpoint = await bound(subscriber, place.endpoint());
			const good = kit.xpublisher({ ...mechanism.client, verbosity: "allSubsUnsubs", receiveHighWaterMark: 0 });
			const goodThere = event(subscriber.events, "handshake");
			good.connect(endpoint);
			await goodThere;
			const there = event(subscriber.events, "handshake");
			const peer = await join(mechanism, endpoint, "PUB");
			await there;
			peer.socket.pause();
			let code: string | undefined;
			subscriber.events.once("disconnect", ({ error }) => {
				code = error?.code;
			});
			const before = await heldBytes();
			const rest = Buffer.alloc(30 * KiB, "t");
			let told = 0;
			for (; code === undefined && told < 4000; told++) {
				subscriber.subscribe(Buffer.concat([Buffer.from(`${told} `), rest]));
				subscriber.unsubscribe(Buffer.concat([Buffer.from(`${told} `), rest]));
				// The good one reads, so that nothing waits for it.
				for (let i = 0; i < 2; i++)
					expect((await good.receive())[0]!.subarray(1, 20).toString()).match(new RegExp(`^${told} t`));
			}
			expect(code).equal("ZMTP_SUBSCRIPTIONS_UNREAD");
			expect((await heldBytes()) - before).below(64 * MiB);
			await peer.close();
		}).timeout(60_000);

		it("H43: a subscriber that does not read costs its mark and no more; the others lose nothing, and it gets whole messages later", async () => {
			const { publisher, endpoint, good } = await arena({ sendHighWaterMark: 20 });
			const peer = await join(mechanism, endpoint, "SUB");
			peer.say(subscribe("flood"), subscribe("mark"));
			await answered(publisher, peer, "mark");
			peer.socket.pause();
			const stop = good.start();
			const before = await heldBytes();
			const body = Buffer.alloc(100 * KiB, "x");
			for (let i = 0; i < 3000; i++) {
				await publisher.send(["flood", `${i}`, body]);
				if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
			}
			expect((await heldBytes()) - before).below(32 * MiB);
			expect(await stop()).above(1);
			peer.socket.resume();
			let last = -1;
			// The queue's end, and then the first message that finds room.
			const sending = (async () => {
				while (last < 3000) {
					await publisher.send(["flood", "3000", body]);
					await new Promise((resolve) => setImmediate(resolve));
				}
			})();
			while (last < 3000) {
				const frames = await peer.readMessage();
				expect([frames.length, frames[2]?.length, Number(frames[1]) > last || last === 3000]).deep.equal([
					3,
					body.length,
					true,
				]);
				last = Number(frames[1]);
			}
			await sending;
			await peer.close();
		}).timeout(60_000);

		it("H44: with a mark of one, messages of ten frames arrive whole or not at all", async () => {
			const { publisher, endpoint } = await arena({ sendHighWaterMark: 1 });
			const peer = await join(mechanism, endpoint, "SUB");
			peer.say(subscribe("ten"), subscribe("mark"));
			await answered(publisher, peer, "mark");
			peer.socket.pause();
			const rest = Array.from({ length: 9 }, (_, i) => Buffer.alloc(20 * KiB, `${i}`));
			for (let i = 0; i < 200; i++) {
				await publisher.send([`ten ${i}`, ...rest]);
				await new Promise((resolve) => setImmediate(resolve));
			}
			peer.socket.resume();
			await until(() => peer.unread > 0);
			let isOver = false;
			const ending = (async () => {
				for (; !isOver; await new Promise((resolve) => setImmediate(resolve)))
					await publisher.send(["ten, the end", ...rest]);
			})();
			let taken = 0;
			for (let first = ""; !first.endsWith("the end"); taken++) {
				const frames = await peer.readMessage();
				expect(frames.slice(1).map((frame) => frame.length)).deep.equal(rest.map((frame) => frame.length));
				first = frames[0]!;
			}
			isOver = true;
			await ending;
			expect(taken).within(2, 150);
			await peer.close();
		});

		/** Waits until the publisher has heard of everything that the peer said before `topic`. */
		async function answered(publisher: Publisher, peer: RawPeer, topic: string): Promise<void> {
			let isHeard = false;
			const heard = (async () => {
				while ((await peer.readMessage())[0] !== `${topic}!`);
				isHeard = true;
			})();
			while (!isHeard) {
				await publisher.send(`${topic}?`);
				await new Promise((resolve) => setImmediate(resolve));
				await publisher.send(`${topic}!`);
			}
			await heard;
			// What was sent while the answer was on its way.
			await publisher.send(`${topic} over`);
			while ((await peer.readMessage())[0] !== `${topic} over`);
		}
	});
}
