import { expect } from "chai";
import { arenas } from "../../support/zmtp/arenas.js";
import { bystanderOf } from "../../support/zmtp/bystander.js";
import { commandFrame, frameOf, MORE, messageFrames } from "../../support/zmtp/frames.js";
import { heldBytes } from "../../support/zmtp/memory.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { join } from "../../support/zmtp/raw-mechanisms.js";
import type { RawPeer } from "../../support/zmtp/raw-peer.js";
import { bound, useSockets } from "../../support/zmtp/sockets.js";

const MiB = 2 ** 20;

for (const { name, place, mechanism } of arenas) {
	describe(`zmtp ROUTER, peers that mean ill ${name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();

		/** How often what should leave nothing behind is tried; a thousand handshakes of CURVE take their time. */
		const times = place.name === "tcp" && mechanism.name === "NULL" ? 1000 : 200;

		async function arena(options = {}) {
			const router = kit.router({ ...mechanism.server, ...options });
			const endpoint = await bound(router, place.endpoint());
			const others: string[] = [];
			const bystander = bystanderOf(kit, router, endpoint, {
				options: mechanism.client,
				onOther: (frames) => others.push(frames.slice(1).join("|")),
			});
			await bystander.bounce();
			return { router, endpoint, others, bystander };
		}

		it("H09: a frame of exactly maxFrameBytes is taken", async () => {
			const router = kit.router({ ...mechanism.server, maxFrameBytes: 1000 });
			const peer = await join(mechanism, await bound(router, place.endpoint()), "DEALER");
			peer.say(...messageFrames("x".repeat(1000)));
			expect((await router.receive())[1]).length(1000);
			await peer.close();
		});

		it("H26: unknown commands within the limit are ignored, a thousand of them", async () => {
			const router = kit.router(mechanism.server);
			const peer = await join(mechanism, await bound(router, place.endpoint()), "DEALER");
			for (let i = 0; i < 1000; i++) peer.say(commandFrame("Whatever", Buffer.alloc(1000)));
			peer.say(...messageFrames("still here"));
			expect((await router.receive())[1]!.toString()).equal("still here");
			await peer.close();
		});

		it("H32, H33: half a message, then the end, again and again: nothing is delivered and nothing kept", async () => {
			const { endpoint, others, bystander } = await arena();
			const before = await heldBytes();
			for (let i = 0; i < times; i += 50) {
				await Promise.all(
					Array.from({ length: 50 }, async () => {
						const peer = await join(mechanism, endpoint, "DEALER");
						peer.say(frameOf(MORE, "half"), frameOf(MORE, Buffer.alloc(3000)));
						peer.end();
						peer.socket.resume();
						await peer.closed;
					}),
				);
			}
			await bystander.bounce();
			expect(others).deep.equal([]);
			expect((await heldBytes()) - before).below(2 * MiB);
		});

		it("H22: one routing id taken over by newcomers again and again, in the middle of messages: replies go to the newest only", async () => {
			const router = kit.router({ ...mechanism.server, handover: true, mandatory: true });
			const endpoint = await bound(router, place.endpoint());
			let former: RawPeer | undefined;
			for (let i = 0; i < times; i++) {
				const peer = await join(mechanism, endpoint, "DEALER", { routingId: "same" });
				former?.say(frameOf(MORE, "half"));
				peer.say(...messageFrames(`${i}`));
				expect((await router.receive()).join("|")).equal(`same|${i}`);
				await router.send(["same", `to ${i}`]);
				expect(await peer.readMessage()).deep.equal([`to ${i}`]);
				await former?.closed;
				// But for the Close frame of a WebSocket.
				expect(former?.unread ?? 0).equal(former !== undefined && place.name === "ws" ? 4 : 0);
				former = peer;
			}
			await former?.close();
		});

		// Over a WebSocket peers speak ZMTP 3.0: it has PINGs of its own, which are tried in a file of their own.
		if (place.name === "ws") return;

		it("H27, H30, H31: a PONG holds what the PING held; a PONG unasked and a 3.0 peer's PING are ignored", async () => {
			const router = kit.router(mechanism.server);
			const endpoint = await bound(router, place.endpoint());
			const peer = await join(mechanism, endpoint, "DEALER");
			for (const context of ["", "a", "0123456789abcdef"]) {
				peer.say(commandFrame("PONG", "unasked"), commandFrame("PING", `\0\0${context}`));
				expect(await peer.readCommand()).equal(`\x04PONG${context}`);
			}
			await peer.close();
			const old = await join(mechanism, endpoint, "DEALER", { greeting: { minor: 0 } });
			old.say(commandFrame("PING", "\0\0"), commandFrame("SUBSCRIBE", "x"), ...messageFrames("hi"));
			const [id] = await router.receive();
			await router.send([id!, "first of all"]);
			expect((await old.readFrame()).body.toString()).equal("first of all");
			await old.close();
		});

		it("H28: 100 000 PINGs from a peer that reads none of the PONGs cost a bounded queue and nobody else's time", async () => {
			const { endpoint, bystander } = await arena({
				sendHighWaterMarkBytes: Number.POSITIVE_INFINITY,
				sendHighWaterMark: 0,
			});
			const peer = await join(mechanism, endpoint, "DEALER");
			peer.socket.pause();
			const before = await heldBytes();
			const stop = bystander.start();
			const flood = Array.from({ length: 2000 }, () => commandFrame("PING", "\0\x000123456789abcdef"));
			for (let i = 0; i < 50; i++) {
				peer.say(...flood);
				await new Promise<void>((resolve) => peer.socket.write("", () => resolve()));
			}
			expect(await stop()).above(1);
			expect((await heldBytes()) - before).below(4 * MiB);
			await peer.close();
		});
	});
}
