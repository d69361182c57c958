import { expect } from "chai";
import { codeOf, thrownCode } from "../../support/zmtp/errors.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { inprocPlace, places, tcpPlace } from "../../support/zmtp/places.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event } from "../../support/zmtp/waiting.js";

describe("zmtp disconnect()", () => {
	leavesNothingOpen();
	const kit = useSockets();

	for (const place of places) {
		it(`over ${place.name} sends what waits, and takes nothing more`, async () => {
			const router = kit.router();
			const endpoint = await bound(router, place.endpoint());
			const dealer = kit.dealer({ linger: -1, sendTimeout: 0 });
			dealer.connect(endpoint);
			await dealer.send("before");
			const [id] = await router.receive();
			const body = Buffer.alloc(300_000);
			for (let i = 0; i < 20; i++) await dealer.send([`${i}`, body]);
			const gone = event(router.events, "disconnect");
			dealer.disconnect(endpoint);
			expect(thrownCode(() => dealer.disconnect(endpoint))).equal("ENOENT");
			expect(await codeOf(() => dealer.send("after"))).equal("EAGAIN");
			for (let i = 0; i < 20; i++) expect((await router.receive())[1]!.toString()).equal(`${i}`);
			await router.send([id!, "not read"]);
			await gone;
			expect(dealer.readable).equal(false);
		});

		it(`over ${place.name} sends what waits also when the endpoint comes later`, async () => {
			const router = kit.router();
			const endpoint = await bound(router, place.endpoint());
			await router.unbind(endpoint);
			const dealer = kit.dealer({ linger: -1, reconnectInterval: 5, reconnectMaxInterval: 5 });
			dealer.connect(endpoint);
			await dealer.send("late");
			dealer.disconnect(endpoint);
			await router.bind(endpoint);
			expect((await received(router))[1]).equal("late");
		});
	}

	it("gives up what waits when linger is over", async () => {
		const dealer = kit.dealer({ linger: 20 });
		dealer.connect("inproc://never-bound");
		await dealer.send("x");
		dealer.disconnect("inproc://never-bound");
		dealer.linger = -1;
		// Which would wait for ever if anything were left.
		await dealer.close();
	});

	it("and then connect() makes a new peer, while the former still sends", async () => {
		const router = kit.router({ receiveHighWaterMark: 1 });
		const endpoint = await bound(router, inprocPlace.endpoint());
		const dealer = kit.dealer({ linger: -1, routingId: "one" });
		dealer.connect(endpoint);
		for (let i = 0; i < 5; i++) await dealer.send(`${i}`);
		dealer.disconnect(endpoint);
		dealer.routingId = "two";
		dealer.connect(endpoint);
		await dealer.send("5");
		const heard = new Map<string, string[]>([
			["one", []],
			["two", []],
		]);
		for (let i = 0; i < 6; i++) {
			const [id, text] = await received(router);
			heard.get(id!)!.push(text!);
		}
		expect([...heard]).deep.equal([
			["one", ["0", "1", "2", "3", "4"]],
			["two", ["5"]],
		]);
	});

	it("and close() wait for the same messages", async () => {
		const router = kit.router();
		const endpoint = await bound(router, tcpPlace.endpoint());
		await router.unbind(endpoint);
		const dealer = kit.dealer({ linger: -1, reconnectInterval: 5, reconnectMaxInterval: 5 });
		dealer.connect(endpoint);
		await dealer.send("x");
		dealer.disconnect(endpoint);
		const closed = dealer.close();
		await router.bind(endpoint);
		await closed;
		expect((await received(router))[1]).equal("x");
	});

	it("with a linger of 0 drops what waits, though close() would wait", async () => {
		const dealer = kit.dealer({ linger: 0 });
		dealer.connect("inproc://never-bound");
		await dealer.send("x");
		dealer.disconnect("inproc://never-bound");
		dealer.linger = -1;
		await dealer.close();
	});
});
