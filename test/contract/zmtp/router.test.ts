import { expect } from "chai";
import { codeOf } from "../../support/zmtp/errors.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { places } from "../../support/zmtp/places.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event } from "../../support/zmtp/waiting.js";

for (const place of places) {
	describe(`zmtp ROUTER over ${place.name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();
		const quick = { reconnectInterval: 5, reconnectMaxInterval: 10 };

		it("H41: drops what is for nobody, and says EHOSTUNREACH when mandatory", async () => {
			const silent = kit.router();
			const loud = kit.router({ mandatory: true });
			for (const id of ["nobody", "", Buffer.from("0000000001", "hex"), Buffer.alloc(300, 1)]) {
				await silent.send([id, "x"]);
				expect(await codeOf(() => loud.send([id, "x"]))).equal("EHOSTUNREACH");
			}
			await loud.send("address only");
		});

		it("H41: a peer that just left is nobody", async () => {
			const router = kit.router({ mandatory: true });
			const dealer = kit.dealer({ routingId: "d" });
			dealer.connect(await bound(router, place.endpoint()));
			await dealer.send("hello");
			await received(router);
			const left = event(router.events, "disconnect");
			const closed = dealer.close();
			await left;
			expect(await codeOf(() => router.send(["d", "x"]))).equal("EHOSTUNREACH");
			await closed;
		});

		it("gives peers without an id one of its own, which works for replies", async () => {
			const router = kit.router({ mandatory: true });
			const endpoint = await bound(router, place.endpoint());
			const dealers = Array.from({ length: 10 }, () => kit.dealer());
			for (const [index, dealer] of dealers.entries()) {
				dealer.connect(endpoint);
				await dealer.send(`${index}`);
			}
			for (const _ of dealers) {
				const [id, text] = await router.receive();
				expect([id!.length, id![0], Buffer.isBuffer(id)]).deep.equal([5, 0, true]);
				await router.send([id!, `to ${text}`]);
			}
			for (const [index, dealer] of dealers.entries()) expect(await received(dealer)).deep.equal([`to ${index}`]);
		});

		it("H22: refuses a second peer with the same id, and tells both sides; the first is served on", async () => {
			const router = kit.router();
			const endpoint = await bound(router, place.endpoint());
			const first = kit.dealer({ routingId: "same" });
			first.connect(endpoint);
			await first.send("first");
			await received(router);
			const refused = event(router.events, "handshake:error:protocol");
			const second = kit.dealer({ routingId: "same", ...quick });
			const retried = event(second.events, "connect:retry");
			second.connect(endpoint);
			expect((await refused).error.code).equal("ZMTP_ROUTING_ID_TAKEN");
			await retried;
			await router.send(["same", "still yours"]);
			expect(await received(first)).deep.equal(["still yours"]);
			// And has its turn when the first is gone.
			const taken = event(router.events, "handshake");
			await first.close();
			await taken;
			await second.send("second");
			expect(await received(router)).deep.equal(["same", "second"]);
		});

		it("with handover, gives the id to the newest and ends the former", async () => {
			const router = kit.router({ handover: true });
			const endpoint = await bound(router, place.endpoint());
			const first = kit.dealer({ routingId: "same", reconnectInterval: Number.POSITIVE_INFINITY });
			first.connect(endpoint);
			await first.send("first");
			await received(router);
			const ended = event(first.events, "disconnect");
			const reported = event(router.events, "disconnect");
			const second = kit.dealer({ routingId: "same" });
			second.connect(endpoint);
			await second.send("second");
			expect(await received(router)).deep.equal(["same", "second"]);
			await ended;
			expect((await reported).error?.code).equal("ZMTP_ROUTING_ID_TAKEN");
			await router.send(["same", "to the newest"]);
			expect(await received(second)).deep.equal(["to the newest"]);
		});

		it("28/REQREP ROUTER: SHOULD allow the peer to specify its id: takes 1 to 255 octets, whatever they hold but a zero in front", async () => {
			const router = kit.router({ mandatory: true });
			const endpoint = await bound(router, place.endpoint());
			for (const routingId of [Buffer.of(1), Buffer.of(255, 0, 254), Buffer.alloc(255, 0xee)]) {
				const dealer = kit.dealer({ routingId });
				dealer.connect(endpoint);
				await dealer.send("x");
				const [id] = await router.receive();
				expect(id).deep.equal(routingId);
				await router.send([routingId, "y"]);
				expect(await received(dealer)).deep.equal(["y"]);
			}
		});

		it("keeps its id over a reconnect, and gets what waited for it there", async () => {
			const dealer = kit.dealer({ routingId: "d", ...quick });
			const router = kit.router({ mandatory: true });
			const endpoint = await bound(router, place.endpoint());
			dealer.connect(endpoint);
			await dealer.send("one");
			await received(router);
			const gone = event(dealer.events, "disconnect");
			await router.close();
			await gone;
			const second = kit.router({ mandatory: true });
			await dealer.send("two");
			await second.bind(endpoint);
			expect(await received(second)).deep.equal(["d", "two"]);
			await second.send(["d", "back"]);
			expect(await received(dealer)).deep.equal(["back"]);
		});
	});
}
