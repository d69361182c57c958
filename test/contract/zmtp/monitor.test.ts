import { expect } from "chai";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { places, tcpPlace } from "../../support/zmtp/places.js";
import { RawPeer } from "../../support/zmtp/raw-peer.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event, recordEvents } from "../../support/zmtp/waiting.js";

describe("zmtp monitor", () => {
	leavesNothingOpen();
	const kit = useSockets();

	for (const place of places) {
		it(`tells over ${place.name} all that happens to a connection, in order, on both sides`, async () => {
			const router = kit.router();
			const accepting = recordEvents(router.events);
			const dealer = kit.dealer({ reconnectInterval: 5000 });
			const connecting = recordEvents(dealer.events);
			const endpoint = await bound(router, place.endpoint());
			dealer.connect(endpoint);
			await dealer.send("x");
			await received(router);
			const gone = event(dealer.events, "connect:retry");
			await router.close();
			await gone;
			await dealer.close();
			expect(accepting).deep.equal(["bind", "accept", "handshake", "close", "disconnect", "end"]);
			expect(connecting).deep.equal([
				"connect",
				"handshake",
				"disconnect ZMTP_CONNECTION_LOST",
				"connect:retry ZMTP_CONNECTION_LOST",
				"end",
			]);
		});
	}

	it("names the endpoint where it is ours, and the peer where it is the peer's", async () => {
		const router = kit.router();
		const bind = event(router.events, "bind");
		const endpoint = await bound(router, tcpPlace.endpoint());
		expect((await bind).address).equal(endpoint);
		const accept = event(router.events, "accept");
		const handshake = event(router.events, "handshake");
		const dealer = kit.dealer();
		const connect = event(dealer.events, "connect");
		const ready = event(dealer.events, "handshake");
		dealer.connect(endpoint);
		expect([(await connect).address, (await ready).address]).deep.equal([endpoint, endpoint]);
		const { address } = await accept;
		expect(address)
			.match(/^tcp:\/\/127\.0\.0\.1:\d+$/)
			.and.not.equal(endpoint);
		expect((await handshake).address).equal(address);
		const close = event(router.events, "close");
		await router.unbind(endpoint);
		expect((await close).address).equal(endpoint);
	});

	it("tells a reset from a farewell by nothing but the cause", async () => {
		const router = kit.router();
		const endpoint = await bound(router, tcpPlace.endpoint());
		for (const leave of ["end", "reset"] as const) {
			const peer = await RawPeer.ready(endpoint, "DEALER");
			const gone = event(router.events, "disconnect");
			peer[leave]();
			const { error } = await gone;
			expect(error?.code).equal("ZMTP_CONNECTION_LOST");
			expect(error?.cause === undefined).equal(leave === "end");
		}
	});
});
