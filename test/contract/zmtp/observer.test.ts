import { expect } from "chai";
import { codeOf } from "../../support/zmtp/errors.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { inprocPlace, places, tcpPlace } from "../../support/zmtp/places.js";
import { RawPeer } from "../../support/zmtp/raw-peer.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event, recordEvents } from "../../support/zmtp/waiting.js";

describe("zmtp events", () => {
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
				"connect:delay",
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

	it("tell with the handshake what the peer said of itself", async () => {
		const router = kit.router({ routingId: "a router" });
		const endpoint = await bound(router, tcpPlace.endpoint());
		const dealer = kit.dealer({ routingId: "a dealer" });
		const told = [event(router.events, "handshake"), event(dealer.events, "handshake")];
		dealer.connect(endpoint);
		const [dealerSeen, routerSeen] = (await Promise.all(told)).map(({ peer }) => peer);
		expect([dealerSeen!.socketType, dealerSeen!.routingId.toString(), dealerSeen!.version]).deep.equal([
			"DEALER",
			"a dealer",
			"3.1",
		]);
		expect([routerSeen!.socketType, routerSeen!.routingId.toString()]).deep.equal(["ROUTER", "a router"]);
		expect([...routerSeen!.properties.keys()]).deep.equal(["socket-type", "identity"]);
	});

	it("have their type, and nothing that they do not tell", async () => {
		const router = kit.router();
		const bind = event(router.events, "bind");
		const endpoint = await bound(router, tcpPlace.endpoint());
		expect(await bind).deep.equal({ type: "bind", address: endpoint });
		const end = event(router.events, "end");
		await router.close();
		expect(await end).deep.equal({ type: "end" });
	});
});

describe("zmtp events, received", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("come in order from the first use of events on, the last is end, and then the iteration is over", async () => {
		const router = kit.router();
		await router.bind(inprocPlace.endpoint());
		const { events } = router;
		expect(router.events).equal(events);
		const endpoint = await bound(router, inprocPlace.endpoint());
		await router.unbind(endpoint);
		void router.close();
		const heard: string[] = [];
		for await (const { type } of events) heard.push(type);
		expect(heard).deep.equal(["bind", "close", "close", "end"]);
		expect(events.closed).equal(true);
		expect(await codeOf(() => events.receive())).equal("EBADF");
	});

	it("are waited for by one call at a time, until its signal", async () => {
		const { events } = kit.router();
		const stop = new AbortController();
		const waiting = events.receive({ signal: stop.signal });
		expect(await codeOf(() => events.receive())).equal("EBUSY");
		stop.abort();
		await waiting.then(
			() => expect.fail("it did not reject"),
			(reason) => expect(reason).property("name", "AbortError"),
		);
	});

	it("end with close(), which leaves the socket as it is", async () => {
		const router = kit.router();
		const { events } = router;
		const heard = recordEvents(events);
		const waiting = events.receive();
		events.close();
		expect(await codeOf(() => waiting)).equal("EAGAIN");
		expect([events.closed, router.closed]).deep.equal([true, false]);
		await router.bind(inprocPlace.endpoint());
		expect(heard).deep.equal([]);
		for await (const _ of events) expect.fail("it is closed");
	});

	it("are told to listeners as well, once somebody receives", async () => {
		const router = kit.router();
		const heard = recordEvents(router.events);
		const receiving = router.events.receive();
		await router.bind(inprocPlace.endpoint());
		expect((await receiving).type).equal("bind");
		expect(heard).deep.equal(["bind"]);
	});

	it("are the newest thousand when nobody takes them", async () => {
		const router = kit.router();
		const { events } = router;
		for (let i = 0; i < 501; i++) {
			const endpoint = `inproc://events-${i}`;
			await router.bind(endpoint);
			await router.unbind(endpoint);
		}
		expect(await events.receive()).deep.equal({ type: "bind", address: "inproc://events-1" });
	});

	it("are not kept for listeners, who have been told already", async () => {
		const router = kit.router();
		const heard = recordEvents(router.events);
		await router.bind(inprocPlace.endpoint());
		expect(heard).deep.equal(["bind"]);
		const next = router.events.receive();
		await router.bind(inprocPlace.endpoint());
		await router.unbind(router.lastEndpoint!);
		expect((await next).type).equal("bind");
		expect((await router.events.receive()).type).equal("close");
	});
});
