import { expect } from "chai";
import { FaultProxy } from "../../support/zmtp/fault-proxy.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { tcpPlace } from "../../support/zmtp/places.js";
import { createRandom, printedSeed } from "../../support/zmtp/seed.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event } from "../../support/zmtp/waiting.js";

const quick = { reconnectInterval: 5, reconnectMaxInterval: 10 };

describe("zmtp over a bad network", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("sliced into tiny pieces, large and small messages arrive as they were", async () => {
		const router = kit.router();
		const proxy = kit.keep(await FaultProxy.to(await bound(router, tcpPlace.endpoint())));
		proxy.toxics = { slicer: 7 };
		const dealer = kit.dealer();
		dealer.connect(proxy.endpoint);
		const large = Buffer.alloc(100_000, "0123456789abcdef");
		for (let i = 0; i < 5; i++) await dealer.send([`${i}`, "", large.subarray(0, i * 25_000)]);
		for (let i = 0; i < 5; i++) {
			const [id, text, , body] = await router.receive();
			expect([text!.toString(), Buffer.compare(body!, large.subarray(0, i * 25_000))]).deep.equal([`${i}`, 0]);
			await router.send([id!, body!]);
			expect(Buffer.compare((await dealer.receive())[0]!, body!)).equal(0);
		}
	});

	it(`reset again and again at any octet (${printedSeed}), no message is delivered in part, twice or out of order`, async () => {
		const random = createRandom();
		const router = kit.router();
		const endpoint = await bound(router, tcpPlace.endpoint());
		const proxy = kit.keep(await FaultProxy.to(endpoint));
		const dealer = kit.dealer({ ...quick, immediate: true });
		const numbers: number[] = [];
		const receiving = (async () => {
			for await (const [, number, ...rest] of router) {
				if (number!.length === 0) return;
				numbers.push(Number(number));
				expect(rest.length).equal(1 + (numbers.at(-1)! % 4));
				for (const frame of rest) expect(frame.length).equal((numbers.at(-1)! * 37) % 5000);
			}
		})();
		dealer.connect(proxy.endpoint);
		for (let number = 0; number < 400; number++) {
			proxy.toxics = { resetAfter: 150 + Math.floor(random() * 60_000) };
			const body = Buffer.alloc((number * 37) % 5000);
			await dealer.send([`${number}`, ...Array.from({ length: 1 + (number % 4) }, () => body)]);
			if (number % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
		}
		proxy.toxics = {};
		proxy.reset();
		await event(dealer.events, "handshake");
		// An empty number ends the receiver; until it gets there, the connection it went out on may have been lost.
		await dealer.send("");
		await receiving;
		expect(proxy.connections).above(3);
		expect(numbers).deep.equal([...new Set(numbers)].sort((a, b) => a - b));
	});

	it("gone silent without a word, the peer is given up by its missing PONG, and found again when it is back", async () => {
		const router = kit.router();
		const proxy = kit.keep(await FaultProxy.to(await bound(router, tcpPlace.endpoint())));
		const dealer = kit.dealer({ ...quick, heartbeatInterval: 50, heartbeatTimeout: 50 });
		dealer.connect(proxy.endpoint);
		await dealer.send("before");
		await received(router);
		const lost = event(dealer.events, "disconnect");
		proxy.toxics = { isBlackHole: true };
		expect((await lost).error?.code).equal("ZMTP_HEARTBEAT_TIMEOUT");
		proxy.toxics = {};
		proxy.reset();
		await dealer.send("after");
		expect((await received(router))[1]).equal("after");
	});

	it("slow, everything arrives all the same, and heartbeats hold", async () => {
		const router = kit.router({ heartbeatInterval: 60 });
		const proxy = kit.keep(await FaultProxy.to(await bound(router, tcpPlace.endpoint())));
		proxy.toxics = { latencyMs: 20 };
		const dealer = kit.dealer({ heartbeatInterval: 60, heartbeatTimeToLive: 200 });
		let losses = 0;
		dealer.events.on("disconnect", () => losses++);
		dealer.connect(proxy.endpoint);
		for (let i = 0; i < 10; i++) {
			await dealer.send(`${i}`);
			const [id, text] = await router.receive();
			await router.send([id!, text!]);
			expect(await received(dealer)).deep.equal([`${i}`]);
		}
		expect(losses).equal(0);
		await Promise.all([dealer.close(), router.close()]);
	});
});
