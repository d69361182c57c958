import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { places } from "../../support/zmtp/places.js";
import { bound, useSockets } from "../../support/zmtp/sockets.js";

describe("zmtp sockets under stress", function () {
	this.timeout(60_000);
	leavesNothingOpen();
	const kit = useSockets();

	for (const place of places) {
		it(`over ${place.name}: a hundred connecting sockets closed at once, ten times`, async () => {
			for (let round = 0; round < 10; round++) {
				const publisher = kit.publisher();
				const endpoint = await bound(publisher, place.endpoint());
				const subscribers = Array.from({ length: 100 }, () => kit.subscriber([""]));
				await Promise.all(
					subscribers.map(async (subscriber, i) => {
						subscriber.connect(endpoint);
						// Some before they have dialled, some in their handshake, some behind it.
						for (let turn = 0; turn < i % 10; turn++) await new Promise((resolve) => setImmediate(resolve));
						await subscriber.close();
					}),
				);
				await publisher.close();
			}
		});
	}
});
