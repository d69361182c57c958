import { expect } from "chai";
import { arenas } from "../../support/zmtp/arenas.js";
import { bystanderOf } from "../../support/zmtp/bystander.js";
import { chunkings } from "../../support/zmtp/chunking.js";
import { commandFrame, messageFrames, propertiesOf, property } from "../../support/zmtp/frames.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { join, type RawMechanism } from "../../support/zmtp/raw-mechanisms.js";
import { RawPeer } from "../../support/zmtp/raw-peer.js";
import { bound, useSockets } from "../../support/zmtp/sockets.js";
import { event, recordEvents } from "../../support/zmtp/waiting.js";

/** Begins a handshake and falls silent after so many writes: greeting, then one for each command. */
async function stall(mechanism: RawMechanism, endpoint: string, writes: number): Promise<RawPeer> {
	const peer = await RawPeer.connect(endpoint);
	let left = writes;
	peer.cut = (octets) => (left-- > 0 ? [octets] : []);
	mechanism.asClient(peer, propertiesOf("DEALER")).catch(() => {});
	return peer;
}

for (const { name, place, mechanism } of arenas) {
	describe(`zmtp ROUTER, handshakes that do not end ${name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();
		/** A WebSocket has no greeting, so a peer there speaks ZMTP 3.0, which has no PING. */
		const hasGreeting = place.name !== "ws";
		const knowsPing = hasGreeting;
		/** The last write is the one that ends the handshake. */
		const lastWrite = mechanism.name === "NULL" ? 1 : 2;

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

		it("H01: a connection that falls silent at any step is closed when the handshake's time is over", async () => {
			const { router, endpoint, bystander } = await arena({ handshakeInterval: 120 });
			const events = recordEvents(router.events);
			const stop = bystander.start();
			const silent = await Promise.all(
				Array.from({ length: lastWrite + 1 }, (_, writes) => stall(mechanism, endpoint, writes)),
			);
			await Promise.all(silent.map((peer) => peer.closed));
			expect(events.filter((text) => text === "handshake:error:other ZMTP_HANDSHAKE_TIMEOUT")).length(lastWrite + 1);
			expect(await stop()).above(1);
			await bystander.bounce();
		});

		it("H03: a handshake that comes an octet at a time does not extend that time", async () => {
			const { router, endpoint, bystander } = await arena({ handshakeInterval: 150 });
			const told = event(router.events, "handshake:error:other");
			const slow = await RawPeer.connect(endpoint);
			const waiting: number[] = [];
			slow.cut = (octets) => {
				waiting.push(...octets);
				return [];
			};
			mechanism.asClient(slow, propertiesOf("DEALER")).catch(() => {});
			let sent = 0;
			const dripping = setInterval(() => {
				const octet = waiting.shift();
				if (octet !== undefined) slow.socket.write(Buffer.of(octet));
				sent++;
			}, 10);
			expect((await told).error.code).equal("ZMTP_HANDSHAKE_TIMEOUT");
			clearInterval(dripping);
			expect(sent).within(1, 64);
			await slow.closed;
			await bystander.bounce();
		});

		it("H02: no more of them than maxPendingHandshakes are kept, and a good client gets in meanwhile", async () => {
			const { router, endpoint, bystander } = await arena({ maxPendingHandshakes: 30 });
			const events = recordEvents(router.events);
			const stop = bystander.start();
			const idle = await Promise.all(
				Array.from({ length: 300 }, (_, index) => stall(mechanism, endpoint, index % (lastWrite + 1))),
			);
			await Promise.all(idle.slice(0, 270).map((peer) => peer.closed));
			expect(events.filter((text) => text === "handshake:error:other ZMTP_TOO_MANY_HANDSHAKES")).length(270);
			const latecomer = kit.dealer({ ...mechanism.client, routingId: "late", reconnectInterval: 10 });
			const ready = event(latecomer.events, "handshake");
			latecomer.connect(endpoint);
			await ready;
			expect(await stop()).above(1);
			await Promise.all(idle.map((peer) => peer.close()));
		});

		it("H04: every prefix of a handshake and a message, followed by FIN or RST, ends that connection only", async () => {
			const { endpoint, others, bystander } = await arena();
			const stop = bystander.start();
			for (const leave of ["end", "reset"] as const) {
				for (let length = 0, isWhole = false; !isWhole; length += 7) {
					const peer = await RawPeer.connect(endpoint);
					let left = length;
					peer.cut = (octets) => {
						const piece = octets.subarray(0, left);
						left -= piece.length;
						if (left === 0) queueMicrotask(() => peer[leave]());
						return [piece];
					};
					const whole = async () => {
						const complete = await mechanism.asClient(peer, propertiesOf("DEALER"));
						await complete();
						peer.say(...messageFrames("half", "whole"));
						isWhole = left > 0;
						if (isWhole) await peer.close();
					};
					await whole().catch(() => {});
					await peer.closed;
				}
			}
			expect(await stop()).above(1);
			await bystander.bounce();
			for (const text of others) expect(text).equal("half|whole");
			expect(others.length).most(2);
		});

		it("H05: a conversation sliced or coalesced is the same conversation", async () => {
			for (const { cut } of chunkings) {
				const router = kit.router(mechanism.server);
				const peer = await join(mechanism, await bound(router, place.endpoint()), "DEALER", { routingId: "raw", cut });
				peer.say(...messageFrames("a"), commandFrame("PING", "\0\0ctx"), ...messageFrames("b", "c"));
				expect((await router.receive()).join("|")).equal("raw|a");
				expect((await router.receive()).join("|")).equal("raw|b|c");
				if (knowsPing) expect(await peer.readCommand()).equal("\x04PONGctx");
				await peer.close();
			}
		});

		it("H18, H19: property names like __proto__, a missing Socket-Type and odd case change nothing", async () => {
			const router = kit.router(mechanism.server);
			const endpoint = await bound(router, place.endpoint());
			for (const properties of [
				["__proto__", "constructor", "toString", "hasOwnProperty"].map((name) => property(name, "x")),
				[],
				[property("SOCKET-TYPE", "REQ")],
			]) {
				const peer = await RawPeer.connect(endpoint);
				const complete = await mechanism.asClient(peer, Buffer.concat(properties));
				await complete();
				peer.say(...messageFrames("hi"));
				expect((await router.receive())[1]!.toString()).equal("hi");
				await peer.close();
			}
			expect(({} as Record<string, unknown>)["x"]).equal(undefined);
		});

		it("H17: as many tiny properties as 64 KiB hold are read, and cost no more than one of that size", async () => {
			const { endpoint, bystander } = await arena();
			const tiny = Buffer.concat(Array.from({ length: 9000 }, (_, index) => property(`${index % 100}`, "")));
			const peer = await RawPeer.connect(endpoint);
			const complete = await mechanism.asClient(peer, tiny);
			await complete();
			await peer.close();
			await bystander.bounce();
		});

		it("H24: a refusal with control characters is logged as plain text", async () => {
			const { router, endpoint } = await arena();
			const told = event(router.events, "handshake:error:auth");
			const peer = await RawPeer.connect(endpoint);
			await peer.greet({ mechanism: mechanism.name });
			const reason = Buffer.concat([Buffer.of(255), Buffer.alloc(255, "\x1b]0;owned\x07")]);
			peer.say(commandFrame("ERROR", reason));
			const { error } = await told;
			expect(error.code).equal("ZMTP_PEER_REFUSED");
			expect(error.message).match(/^[\x20-\x7e]*$/);
			await peer.closed;
		});

		if (!hasGreeting) return;

		it("H10: newer versions, odd padding, filler and as-server are accepted and spoken to as 3.1", async () => {
			const { router, endpoint, others } = await arena();
			for (const greeting of [
				{ minor: 9 },
				{ major: 4, minor: 0 },
				{ major: 255, minor: 255 },
				{ padding: Buffer.from("0000000000000009", "hex") },
				{ filler: 0xff },
				{ asServer: 1 },
			]) {
				const peer = await join(mechanism, endpoint, "DEALER", { routingId: "x", greeting });
				peer.say(...messageFrames("hi"), commandFrame("PING", "\0\0"));
				expect(await peer.readCommand()).equal("\x04PONG");
				expect(others.pop()).equal("hi");
				const gone = event(router.events, "disconnect");
				await peer.close();
				await gone;
			}
		});
	});
}
