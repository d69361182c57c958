import { expect } from "chai";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { places } from "../../support/zmtp/places.js";
import { bound, useSockets } from "../../support/zmtp/sockets.js";

describe("zmtp crowds", () => {
	leavesNothingOpen();
	const kit = useSockets();

	for (const place of places) {
		it(`over ${place.name} a hundred sockets connect while the one they connect to is closed, and they with it, ten times`, async () => {
			for (let round = 0; round < 10; round++) {
				const router = kit.router();
				const endpoint = await bound(router, place.endpoint());
				const dealers = Array.from({ length: 100 }, () => kit.dealer());
				const closed: Promise<void>[] = [];
				for (const [i, dealer] of dealers.entries()) {
					dealer.connect(endpoint);
					// Some in the very turn, some a turn or more into their handshakes.
					if (i % 3 === 0) closed.push(dealer.close());
					if (i % 10 === 9) await new Promise((resolve) => setImmediate(resolve));
					if (i === 60) closed.push(router.close());
				}
				await Promise.all([...closed, ...dealers.map((dealer) => dealer.close())]);
				expect([router, ...dealers].every((socket) => socket.closed)).equal(true);
			}
		});

		it(`over ${place.name} a ROUTER answers each of a hundred DEALERs by its id, all of them new at once`, async () => {
			const router = kit.router({ mandatory: true });
			const endpoint = await bound(router, place.endpoint());
			void (async () => {
				for await (const frames of router) await router.send(frames);
			})();
			for (let round = 0; round < 3; round++) {
				await Promise.all(
					Array.from({ length: 100 }, async (_, i) => {
						const name = `${round}.${i}`;
						const dealer = kit.dealer({ routingId: name });
						dealer.connect(endpoint);
						await dealer.send(name);
						expect(String(await dealer.receive())).equal(name);
						await dealer.close();
					}),
				);
			}
		});
	}
});
