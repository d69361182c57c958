import { expect } from "chai";
import { afterHandshake, attacks } from "../../support/zmtp/attacks.js";
import { bystanderOf } from "../../support/zmtp/bystander.js";
import { chunkings } from "../../support/zmtp/chunking.js";
import { command, frame, greeting, MORE, message, property, ready } from "../../support/zmtp/frames.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { tcpPlace } from "../../support/zmtp/places.js";
import { RawPeer } from "../../support/zmtp/raw-peer.js";
import { bound, useSockets } from "../../support/zmtp/sockets.js";
import { event, recordEvents } from "../../support/zmtp/waiting.js";

describe("zmtp ROUTER under attack", () => {
	leavesNothingOpen();
	const kit = useSockets();

	for (const { id, what, octets, code, isPeer = false, options = {} } of attacks) {
		it(`${id}: ${what} ends that connection with ${code} and nothing else, however it is cut`, async () => {
			const router = kit.router(options);
			const endpoint = await bound(router, tcpPlace.endpoint());
			const bystander = bystanderOf(kit, router, endpoint);
			await bystander.bounce();
			const stop = bystander.start();
			for (const { cut } of octets.length > 20_000 ? chunkings.slice(0, 1) : chunkings) {
				const name = isPeer ? "disconnect" : "handshake:error:protocol";
				const told = event(router.events, name);
				const attacker = await RawPeer.connect(endpoint);
				attacker.write(...cut(octets));
				const { error, address } = await told;
				expect(error?.code).equal(code);
				expect(address).match(/^tcp:\/\/127\.0\.0\.1:\d+$/);
				await attacker.closed;
			}
			expect(await stop()).above(1);
			await bystander.bounce();
		});
	}

	describe("whose handshake does not end", () => {
		it("H01: a connection that says nothing is closed when the handshake's time is over", async () => {
			const router = kit.router({ handshakeInterval: 100 });
			const endpoint = await bound(router, tcpPlace.endpoint());
			const bystander = bystanderOf(kit, router, endpoint);
			const told = event(router.events, "handshake:error:other");
			const silent = await RawPeer.connect(endpoint);
			await bystander.bounce();
			expect((await told).error.code).equal("ZMTP_HANDSHAKE_TIMEOUT");
			await silent.closed;
			await bystander.bounce();
		});

		it("H03: a greeting that comes an octet at a time does not extend that time", async () => {
			const router = kit.router({ handshakeInterval: 150 });
			const endpoint = await bound(router, tcpPlace.endpoint());
			const told = event(router.events, "handshake:error:other");
			const slow = await RawPeer.connect(endpoint);
			const octets = greeting();
			let at = 0;
			const dripping = setInterval(() => slow.write(octets.subarray(at, ++at)), 10);
			expect((await told).error.code).equal("ZMTP_HANDSHAKE_TIMEOUT");
			clearInterval(dripping);
			expect(at).below(64);
			await slow.closed;
		});

		it("H02: no more of them than maxPendingHandshakes are kept, and a good client gets in meanwhile", async () => {
			const router = kit.router({ maxPendingHandshakes: 20 });
			const endpoint = await bound(router, tcpPlace.endpoint());
			const bystander = bystanderOf(kit, router, endpoint);
			await bystander.bounce();
			const events = recordEvents(router.events);
			const idle = await Promise.all(Array.from({ length: 200 }, () => RawPeer.connect(endpoint)));
			await Promise.all(idle.slice(0, 180).map((peer) => peer.closed));
			expect(events.filter((name) => name === "handshake:error:other ZMTP_TOO_MANY_HANDSHAKES")).length(180);
			const latecomer = kit.dealer({ routingId: "late", reconnectInterval: 10 });
			const ready = event(latecomer.events, "handshake");
			latecomer.connect(endpoint);
			await ready;
			await bystander.bounce();
			await Promise.all(idle.map((peer) => peer.close()));
		});
	});

	it("H04: every prefix of greeting, READY and message, followed by FIN or RST, ends that connection only", async () => {
		const router = kit.router();
		const endpoint = await bound(router, tcpPlace.endpoint());
		const others: string[] = [];
		const bystander = bystanderOf(kit, router, endpoint, (frames) => others.push(frames.slice(1).join("|")));
		await bystander.bounce();
		const stop = bystander.start();
		const octets = afterHandshake(message("half", "whole"));
		for (const leave of ["end", "reset"] as const) {
			for (let length = 0; length < octets.length; length += 3) {
				const peer = await RawPeer.connect(endpoint);
				peer.write(octets.subarray(0, length));
				peer[leave]();
				await peer.closed;
			}
		}
		await stop();
		await bystander.bounce();
		expect(others).deep.equal([]);
	});

	it("H05: a conversation sliced or coalesced is the same conversation, traffic behind READY included", async () => {
		for (const { cut } of chunkings) {
			const router = kit.router();
			const endpoint = await bound(router, tcpPlace.endpoint());
			const peer = await RawPeer.connect(endpoint);
			peer.write(
				...cut(
					Buffer.concat([
						greeting(),
						ready("DEALER", "raw"),
						message("a"),
						command("PING", "\0\0ctx"),
						message("b", "c"),
					]),
				),
			);
			expect((await router.receive()).join("|")).equal("raw|a");
			expect((await router.receive()).join("|")).equal("raw|b|c");
			await peer.read(64);
			expect(await peer.readCommand()).include("READY");
			expect(await peer.readCommand()).equal("\x04PONGctx");
			await peer.close();
		}
	});

	it("H10: newer versions, odd padding, filler and as-server are accepted and spoken to as 3.1", async () => {
		const router = kit.router();
		const endpoint = await bound(router, tcpPlace.endpoint());
		for (const parts of [
			{ minor: 9 },
			{ major: 4, minor: 0 },
			{ major: 255, minor: 255 },
			{ padding: Buffer.from("0000000000000009", "hex") },
			{ filler: 0xff },
			{ asServer: 1 },
		]) {
			const peer = await RawPeer.connect(endpoint);
			peer.write(greeting(parts), ready("DEALER", "x"), message("hi"), command("PING", "\0\0"));
			expect((await router.receive())[1]!.toString()).equal("hi");
			await peer.read(64);
			await peer.readCommand();
			expect(await peer.readCommand()).equal("\x04PONG");
			const gone = event(router.events, "disconnect");
			await peer.close();
			await gone;
		}
	});

	it("H18, H19: property names like __proto__, a missing Socket-Type and odd case change nothing", async () => {
		const router = kit.router();
		const endpoint = await bound(router, tcpPlace.endpoint());
		for (const properties of [
			["__proto__", "constructor", "toString", "hasOwnProperty"].map((name) => property(name, "x")),
			[],
			[property("SOCKET-TYPE", "REQ")],
		]) {
			const peer = await RawPeer.connect(endpoint);
			peer.write(greeting(), command("READY", Buffer.concat(properties)), message("hi"));
			expect((await router.receive())[1]!.toString()).equal("hi");
			await peer.close();
		}
		expect(({} as Record<string, unknown>)["x"]).equal(undefined);
	});

	it("H24: a refusal with control characters is logged as plain text", async () => {
		const router = kit.router();
		const endpoint = await bound(router, tcpPlace.endpoint());
		const told = event(router.events, "handshake:error:auth");
		const peer = await RawPeer.connect(endpoint);
		peer.write(greeting(), command("ERROR", Buffer.concat([Buffer.of(255), Buffer.alloc(255, "\x1b]0;owned\x07")])));
		const { error } = await told;
		expect(error.code).equal("ZMTP_PEER_REFUSED");
		expect(error.message).match(/^[\x20-\x7e]*$/);
		await peer.closed;
	});

	it("H26: unknown commands within the limit are ignored, a thousand of them", async () => {
		const router = kit.router();
		const endpoint = await bound(router, tcpPlace.endpoint());
		const peer = await RawPeer.ready(endpoint, "DEALER");
		for (let i = 0; i < 1000; i++) peer.write(command("Whatever", Buffer.alloc(1000)));
		peer.write(message("still here"));
		expect((await router.receive())[1]!.toString()).equal("still here");
		await peer.close();
	});

	it("H27, H30, H31: a PONG holds what the PING held; a PONG unasked and a 3.0 peer's PING are ignored", async () => {
		const router = kit.router();
		const endpoint = await bound(router, tcpPlace.endpoint());
		const peer = await RawPeer.ready(endpoint, "DEALER");
		for (const context of ["", "a", "0123456789abcdef"]) {
			peer.write(command("PONG", "unasked"), command("PING", `\0\0${context}`));
			expect(await peer.readCommand()).equal(`\x04PONG${context}`);
		}
		await peer.close();
		const old = await RawPeer.ready(endpoint, "DEALER", { minor: 0 });
		old.write(command("PING", "\0\0"), message("hi"));
		const [id] = await router.receive();
		await router.send([id!, "first of all"]);
		expect((await old.readFrame()).body.toString()).equal("first of all");
		await old.close();
	});

	it("H28: 100 000 PINGs from a peer that reads none of the PONGs cost a bounded queue and nobody else's time", async () => {
		const router = kit.router({ sendHighWaterMarkBytes: Number.POSITIVE_INFINITY, sendHighWaterMark: 0 });
		const endpoint = await bound(router, tcpPlace.endpoint());
		const bystander = bystanderOf(kit, router, endpoint);
		await bystander.bounce();
		const peer = await RawPeer.ready(endpoint, "DEALER");
		peer.socket.pause();
		const before = process.memoryUsage();
		const stop = bystander.start();
		const flood = Buffer.concat(Array.from({ length: 20_000 }, () => command("PING", "\0\x000123456789abcdef")));
		for (let i = 0; i < 15; i++) {
			await new Promise<void>((resolve) => peer.socket.write(flood, () => resolve()));
		}
		expect(await stop()).above(1);
		const now = process.memoryUsage();
		expect(now.arrayBuffers - before.arrayBuffers).below(16 * 2 ** 20);
		await peer.close();
	});

	it("H33: half a message, then the end, a thousand times: nothing is delivered and nothing kept", async () => {
		const router = kit.router();
		const endpoint = await bound(router, tcpPlace.endpoint());
		const others: string[] = [];
		const bystander = bystanderOf(kit, router, endpoint, (frames) => others.push(frames.join("|")));
		await bystander.bounce();
		const octets = afterHandshake(frame(MORE, "half"), frame(MORE, Buffer.alloc(3000)));
		for (let i = 0; i < 1000; i += 50) {
			await Promise.all(
				Array.from({ length: 50 }, async () => {
					const peer = await RawPeer.connect(endpoint);
					peer.write(octets);
					peer.end();
					peer.socket.resume();
					await peer.closed;
				}),
			);
		}
		await bystander.bounce();
		expect(others).deep.equal([]);
	});

	it("H22: one routing id taken over by 300 newcomers in a row, in the middle of messages: replies go to the newest only", async () => {
		const router = kit.router({ handover: true, mandatory: true });
		const endpoint = await bound(router, tcpPlace.endpoint());
		let former: RawPeer | undefined;
		for (let i = 0; i < 300; i++) {
			const peer = await RawPeer.ready(endpoint, "DEALER", { routingId: "same" });
			former?.write(frame(MORE, "half"));
			peer.write(message(`${i}`));
			expect((await router.receive()).join("|")).equal(`same|${i}`);
			await router.send(["same", `to ${i}`]);
			expect(await peer.readMessage()).deep.equal([`to ${i}`]);
			await former?.closed;
			expect(former?.unread ?? 0).equal(0);
			former = peer;
		}
		await former?.close();
	});
});
