import { expect } from "chai";
import { arenas } from "../../support/zmtp/arenas.js";
import { attack, attacksIn } from "../../support/zmtp/attacks.js";
import { chunkings } from "../../support/zmtp/chunking.js";
import { command, greeting, messageFrames, propertiesOf, ready } from "../../support/zmtp/frames.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { RawServer } from "../../support/zmtp/raw-peer.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event, recordEvents } from "../../support/zmtp/waiting.js";

const quick = { reconnectInterval: 5, reconnectMaxInterval: 20 };

for (const arena of arenas) {
	const { name, place, mechanism } = arena;
	describe(`zmtp DEALER connected to a hostile server ${name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();

		for (const one of attacksIn(arena)) {
			it(`H14, ${one.id}: ${one.what} ends that connection with ${one.code}; another server of the socket is served, and so is the next connection`, async () => {
				const server = kit.keep(await RawServer.listen(place.endpoint()));
				const dealer = kit.dealer({ ...quick, ...mechanism.client, ...one.options });
				const good = kit.router(mechanism.server);
				dealer.connect(await bound(good, place.endpoint()));
				await dealer.send("to the good one");
				await received(good);
				const told = event(dealer.events, one.stage === "traffic" ? "disconnect" : "handshake:error:protocol");
				dealer.connect(server.endpoint);
				const attacker = await server.accept();
				attacker.cut = chunkings[2]!.cut;
				await attack(attacker, one, mechanism, mechanism.asServer, "ROUTER");
				expect((await told).error?.code).equal(one.code);
				await attacker.closed;
				const reformed = await server.accept();
				const complete = await mechanism.asServer(reformed, propertiesOf("ROUTER"));
				await complete();
				reformed.say(...messageFrames("good", "now"));
				while ((await received(dealer)).join() !== "good,now");
				await dealer.send("one of two");
				await dealer.send("one of two");
				expect((await received(good))[1]).equal("one of two");
			});
		}
	});
}

describe("zmtp DEALER connected to a hostile server", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("H14: backs off, with jitter, from a server that always says nonsense", async () => {
		const server = kit.keep(await RawServer.listen());
		server.onPeer = (peer) => peer.write(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"));
		const dealer = kit.dealer({ reconnectInterval: 20, reconnectMaxInterval: 160 });
		const pauses: number[] = [];
		dealer.events.on("connect:retry", ({ interval }) => pauses.push(interval));
		dealer.connect(server.endpoint);
		while (server.arrivals.length < 7) await server.accept();
		[20, 40, 80, 160, 160, 160].forEach((longest, index) => {
			expect(pauses[index], `pause ${index}`).within(longest / 2, longest);
			expect(server.arrivals[index + 1]! - server.arrivals[index]!).least(longest / 2 - 2);
		});
		expect(new Set(pauses.slice(3).map((pause) => Math.round(pause))).size).above(1);
	});

	it("backs off anew after a handshake that succeeded", async () => {
		const server = kit.keep(await RawServer.listen());
		server.onPeer = (peer) => peer.end();
		const dealer = kit.dealer({ reconnectInterval: 4, reconnectMaxInterval: 1000 });
		dealer.connect(server.endpoint);
		for (let i = 0; i < 5; i++) await server.accept();
		server.onPeer = () => {};
		const peer = await server.accept();
		await peer.shakeHands("ROUTER");
		const retry = event(dealer.events, "connect:retry");
		peer.end();
		expect((await retry).interval).within(2, 4);
		await server.accept();
	});

	it("does not ask again a server that refused it, and holds nothing for it", async () => {
		const server = kit.keep(await RawServer.listen());
		const dealer = kit.dealer({ ...quick, linger: Number.POSITIVE_INFINITY, sendTimeout: 0 });
		const events = recordEvents(dealer.events);
		await new Promise<void>((resolve) => {
			dealer.events.on("handshake:error:auth", () => resolve());
			dealer.connect(server.endpoint);
			void dealer.send("never to be sent");
			void server.accept().then((peer) => {
				peer.write(greeting(), command("ERROR", "\x03400"));
			});
		});
		expect(dealer.writable).equal(false);
		await dealer.close();
		expect(events).deep.equal(["connect:delay", "connect", "handshake:error:auth ZMTP_PEER_REFUSED", "end"]);
		expect(server.arrivals).length(1);
	});

	it("waits for a greeting no longer than the handshake's time, then tries again", async () => {
		const server = kit.keep(await RawServer.listen());
		const dealer = kit.dealer({ ...quick, handshakeInterval: 60 });
		const told = event(dealer.events, "handshake:error:other");
		dealer.connect(server.endpoint);
		const silent = await server.accept();
		expect((await told).error.code).equal("ZMTP_HANDSHAKE_TIMEOUT");
		await silent.closed;
		await server.accept();
	});

	it("sends nothing but its handshake before the server's READY, and keeps what waits when that never comes", async () => {
		const server = kit.keep(await RawServer.listen());
		const dealer = kit.dealer(quick);
		dealer.connect(server.endpoint);
		await dealer.send("patience");
		const first = await server.accept();
		first.write(greeting());
		await first.read(64);
		expect((await first.readFrame()).body.toString()).include("READY");
		first.end();
		await first.closed;
		expect(first.unread).equal(0);
		const second = await server.accept();
		second.write(greeting(), ready("ROUTER"));
		await second.read(64);
		expect(await second.readMessage()).deep.equal(["patience"]);
	});
});
