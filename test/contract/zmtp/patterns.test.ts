import { expect } from "chai";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { places } from "../../support/zmtp/places.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event } from "../../support/zmtp/waiting.js";

for (const place of places) {
	describe(`zmtp patterns over ${place.name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();

		it("PUSH shares messages out among PULLs in turn", async () => {
			const push = kit.push();
			const pulls = [kit.pull(), kit.pull()];
			for (const pull of pulls) push.connect(await bound(pull, place.endpoint()));
			for (let i = 0; i < 4; i++) await push.send([`${i}`, "x"]);
			expect([await received(pulls[0]!), await received(pulls[0]!)]).deep.equal([
				["0", "x"],
				["2", "x"],
			]);
			expect([await received(pulls[1]!), await received(pulls[1]!)]).deep.equal([
				["1", "x"],
				["3", "x"],
			]);
		});

		it("PAIR talks to its peer, both ways", async () => {
			const one = kit.pair();
			const other = kit.pair();
			one.connect(await bound(other, place.endpoint()));
			await one.send("there");
			expect(await received(other)).deep.equal(["there"]);
			await other.send(["and", "back"]);
			expect(await received(one)).deep.equal(["and", "back"]);
		});

		it("XPUB hears of subscriptions, and SUB gets what it subscribed to and nothing else", async () => {
			const publisher = kit.xpublisher();
			const subscriber = kit.subscriber(["a"]);
			subscriber.connect(await bound(publisher, place.endpoint()));
			expect(await received(publisher)).deep.equal(["\x01a"]);
			for (const topic of ["b", "ab", "", "a"]) await publisher.send([topic, "body"]);
			expect([await received(subscriber), await received(subscriber)]).deep.equal([
				["ab", "body"],
				["a", "body"],
			]);
			subscriber.unsubscribe("a");
			expect(await received(publisher)).deep.equal(["\x00a"]);
		});

		it("XPUB hears that a subscriber has gone", async () => {
			const publisher = kit.xpublisher();
			const subscriber = kit.subscriber(["a", "b"]);
			subscriber.connect(await bound(publisher, place.endpoint()));
			await received(publisher);
			await received(publisher);
			await subscriber.close();
			expect([await received(publisher), await received(publisher)]).deep.equal([["\x00a"], ["\x00b"]]);
		});

		it("PUB sends to a SUB that bound, too", async () => {
			const publisher = kit.publisher();
			const subscriber = kit.subscriber([""]);
			const endpoint = await bound(subscriber, place.endpoint());
			const connected = event(subscriber.events, "handshake");
			publisher.connect(endpoint);
			await connected;
			let count = 0;
			const first = received(subscriber);
			let isThere = false;
			void first.then(() => {
				isThere = true;
			});
			while (!isThere) {
				await publisher.send(`${count++}`);
				await new Promise((resolve) => setImmediate(resolve));
			}
			expect(Number((await first)[0])).lessThan(count);
		});

		it("XSUB subscribes with messages, and sends others upstream", async () => {
			const publisher = kit.xpublisher();
			const subscriber = kit.xsubscriber();
			await subscriber.send("\x01news");
			subscriber.connect(await bound(publisher, place.endpoint()));
			expect(await received(publisher)).deep.equal(["\x01news"]);
			await subscriber.send(["question", "?"]);
			expect(await received(publisher)).deep.equal(["question", "?"]);
			await publisher.send(["news", "!"]);
			expect(await received(subscriber)).deep.equal(["news", "!"]);
		});
	});
}
