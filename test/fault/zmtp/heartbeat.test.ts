import { expect } from "chai";
import { command, message } from "../../support/zmtp/frames.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { places, tcpPlace } from "../../support/zmtp/places.js";
import { RawPeer } from "../../support/zmtp/raw-peer.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event, until } from "../../support/zmtp/waiting.js";

describe("zmtp heartbeats", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("PING a silent peer with our TTL, and give it up when it does not answer", async () => {
		const dealer = kit.dealer({ heartbeatInterval: 60, heartbeatTimeout: 40, heartbeatTimeToLive: 1200 });
		const lost = event(dealer.events, "disconnect");
		const peer = await RawPeer.ready(await bound(dealer, tcpPlace.endpoint()), "DEALER");
		const start = performance.now();
		expect(await peer.readCommand()).equal("\x04PING\0\x0c");
		expect((await lost).error?.code).equal("ZMTP_HEARTBEAT_TIMEOUT");
		expect(performance.now() - start).within(95, 1000);
		await peer.closed;
	});

	it("keep a peer that answers, or says anything at all", async () => {
		const dealer = kit.dealer({ heartbeatInterval: 40 });
		const endpoint = await bound(dealer, tcpPlace.endpoint());
		let losses = 0;
		dealer.events.on("disconnect", () => losses++);
		const answering = await RawPeer.ready(endpoint, "DEALER");
		const talking = await RawPeer.ready(endpoint, "DEALER");
		for (let i = 0; i < 8; i++) {
			await answering.readCommand();
			answering.write(command("PONG"));
			talking.write(message("x"));
		}
		expect(losses).equal(0);
		await Promise.all([answering.close(), talking.close()]);
	});

	it("H29: give a peer up that asked for it by its TTL and then fell silent", async () => {
		const dealer = kit.dealer();
		const endpoint = await bound(dealer, tcpPlace.endpoint());
		const lost = event(dealer.events, "disconnect");
		const peer = await RawPeer.ready(endpoint, "DEALER");
		const start = performance.now();
		peer.write(command("PING", "\0\x01"));
		expect((await lost).error?.code).equal("ZMTP_HEARTBEAT_TIMEOUT");
		expect(performance.now() - start).within(95, 600);
		await peer.closed;
	});

	it("do not blame a peer that is not read from, and tell it that we live", async () => {
		const dealer = kit.dealer({ heartbeatInterval: 30, receiveHighWaterMark: 1 });
		let losses = 0;
		dealer.events.on("disconnect", () => losses++);
		const peer = await RawPeer.ready(await bound(dealer, tcpPlace.endpoint()), "DEALER");
		peer.write(message("a"), message("b"));
		await until(() => dealer.readable);
		for (let i = 0; i < 6; i++) expect(await peer.readCommand()).include("PING");
		expect(losses).equal(0);
		for (const text of ["a", "b"]) expect(await received(dealer)).deep.equal([text]);
		await peer.close();
	});

	it("find a peer that reads nothing and says nothing, though much waits for it", async () => {
		const dealer = kit.dealer({ heartbeatInterval: 40, sendHighWaterMark: 3 });
		const peer = await RawPeer.ready(await bound(dealer, tcpPlace.endpoint()), "DEALER");
		peer.socket.pause();
		await until(() => dealer.writable);
		const lost = event(dealer.events, "disconnect");
		const sending = Array.from({ length: 6 }, () => dealer.send(Buffer.alloc(4 * 2 ** 20)).catch(() => {}));
		expect((await lost).error?.code).equal("ZMTP_HEARTBEAT_TIMEOUT");
		await dealer.close();
		await Promise.all(sending);
		await peer.close();
	});

	it("are not sent to a 3.0 peer", async () => {
		const dealer = kit.dealer({ heartbeatInterval: 20, heartbeatTimeout: 5000 });
		const endpoint = await bound(dealer, tcpPlace.endpoint());
		const old = await RawPeer.ready(endpoint, "DEALER", { minor: 0 });
		const other = await RawPeer.ready(endpoint, "DEALER");
		for (let i = 0; i < 4; i++) {
			await other.readCommand();
			other.write(command("PONG"));
		}
		expect(old.unread).equal(0);
		await Promise.all([old.close(), other.close()]);
	});

	for (const place of places) {
		it(`hold between two of our own sockets over ${place.name}`, async () => {
			const options = { heartbeatInterval: 25, heartbeatTimeout: 200, heartbeatTimeToLive: 300 };
			const one = kit.dealer(options);
			const two = kit.dealer(options);
			let losses = 0;
			for (const socket of [one, two]) socket.events.on("disconnect", () => losses++);
			one.connect(await bound(two, place.endpoint()));
			await one.send("a");
			await received(two);
			const end = performance.now() + 300;
			await until(() => performance.now() > end);
			expect(losses).equal(0);
			await Promise.all([one.close(), two.close()]);
		});
	}
});
