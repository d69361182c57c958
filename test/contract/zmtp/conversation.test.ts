import { expect } from "chai";
import { codeOf } from "../../support/zmtp/errors.js";
import { textOf } from "../../support/zmtp/frames.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { type Place, places, tcpPlace } from "../../support/zmtp/places.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event } from "../../support/zmtp/waiting.js";

/** An endpoint that nobody is bound to, but can be: for those who connect first. */
async function freeEndpoint(
	place: Place,
	router: { bind(e: string): Promise<void>; unbind(e: string): Promise<void>; lastEndpoint: string | null },
): Promise<string> {
	await router.bind(place.endpoint());
	const endpoint = router.lastEndpoint!;
	await router.unbind(endpoint);
	return endpoint;
}

for (const place of places) {
	describe(`zmtp sockets over ${place.name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();

		it("DEALER and ROUTER talk, whoever bound", async () => {
			for (const isDealerBound of [true, false]) {
				const dealer = kit.dealer({ routingId: "d" });
				const router = kit.router({ mandatory: true });
				if (isDealerBound) router.connect(await bound(dealer, place.endpoint()));
				else dealer.connect(await bound(router, place.endpoint()));
				await dealer.send(["", "hello", ""]);
				expect(await received(router)).deep.equal(["d", "", "hello", ""]);
				await router.send(["d", "back"]);
				expect(await received(dealer)).deep.equal(["back"]);
			}
		});

		it("REQ and REP talk, whoever bound", async () => {
			for (const isRequestBound of [true, false]) {
				const request = kit.request();
				const reply = kit.reply();
				if (isRequestBound) reply.connect(await bound(request, place.endpoint()));
				else request.connect(await bound(reply, place.endpoint()));
				for (const text of ["one", "two"]) {
					await request.send([text, "x"]);
					expect(await received(reply)).deep.equal([text, "x"]);
					await reply.send(["re", text]);
					expect(await received(request)).deep.equal(["re", text]);
				}
			}
		});

		it("REQ asks a ROUTER, a DEALER asks a REP, DEALER and DEALER, ROUTER and ROUTER talk", async () => {
			const router = kit.router();
			const request = kit.request({ routingId: "q" });
			request.connect(await bound(router, place.endpoint()));
			await request.send("question");
			expect(await received(router)).deep.equal(["q", "", "question"]);
			await router.send(["q", "", "answer"]);
			expect(await received(request)).deep.equal(["answer"]);

			const dealer = kit.dealer();
			const reply = kit.reply();
			dealer.connect(await bound(reply, place.endpoint()));
			await dealer.send(["hop", "", "question"]);
			expect(await received(reply)).deep.equal(["question"]);
			await reply.send("answer");
			expect(await received(dealer)).deep.equal(["hop", "", "answer"]);

			const other = kit.dealer();
			const third = kit.dealer();
			third.connect(await bound(other, place.endpoint()));
			await third.send("a");
			expect(await received(other)).deep.equal(["a"]);

			const left = kit.router({ routingId: "left" });
			const right = kit.router({ routingId: "right", mandatory: true });
			const met = event(right.events, "handshake");
			right.connect(await bound(left, place.endpoint()));
			await met;
			await right.send(["left", "a"]);
			expect(await received(left)).deep.equal(["right", "a"]);
		});

		it("a connect that comes first finds the bind that comes later", async () => {
			const dealer = kit.dealer({ reconnectInterval: 10, reconnectMaxInterval: 20 });
			const router = kit.router();
			const endpoint = await freeEndpoint(place, router);
			dealer.connect(endpoint);
			await dealer.send("early");
			await router.bind(endpoint);
			expect((await received(router)).slice(1)).deep.equal(["early"]);
		});

		it("one socket binds and connects several times", async () => {
			const hub = kit.dealer();
			const ends = await Promise.all(
				Array.from({ length: 6 }, async (_, index) => {
					const end = kit.dealer();
					if (index % 2 === 0) end.connect(await bound(hub, place.endpoint()));
					else hub.connect(await bound(end, place.endpoint()));
					await end.send(`from ${index}`);
					return end;
				}),
			);
			const texts: string[] = [];
			for (let i = 0; i < 6; i++) texts.push((await received(hub))[0]!);
			expect(texts.sort()).deep.equal([0, 1, 2, 3, 4, 5].map((index) => `from ${index}`));
			for (let i = 0; i < 6; i++) await hub.send("to one");
			for (const end of ends) expect(await received(end)).deep.equal(["to one"]);
		});

		it("two connects to one endpoint are two peers", async () => {
			const router = kit.router();
			const dealer = kit.dealer();
			const endpoint = await bound(router, place.endpoint());
			dealer.connect(endpoint);
			dealer.connect(endpoint);
			for (const text of ["a", "b"]) await dealer.send(text);
			const [[one], [two]] = [await received(router), await received(router)];
			expect(one).not.equal(two);
		});

		it("messages of 1 to 100 frames of 0 B to 1 MiB arrive whole and in order, both ways", async () => {
			const one = kit.dealer();
			const two = kit.dealer();
			one.connect(await bound(two, place.endpoint()));
			const sizes = [0, 1, 255, 256, 8191, 8192, 8193, 65_536, 1_048_576];
			const messages = Array.from({ length: 40 }, (_, index) =>
				Array.from({ length: index % 10 === 9 ? 100 : 1 + (index % 7) }, (_, frame) =>
					Buffer.alloc(sizes[(index + frame) % (frame < 5 ? sizes.length : 5)]!, `${index},${frame};`),
				),
			);
			for (const [from, to] of [
				[one, two],
				[two, one],
			] as const) {
				const sending = (async () => {
					for (const message of messages) await from.send(message);
				})();
				for (const message of messages) {
					const frames = await to.receive();
					expect(frames.length).equal(message.length);
					frames.forEach((frame, index) => {
						expect(Buffer.compare(frame, message[index]!)).equal(0);
					});
				}
				await sending;
			}
		});

		it("thousands of concurrent sends all arrive, in order", async () => {
			const one = kit.dealer({ sendHighWaterMark: 5000 });
			const two = kit.dealer();
			one.connect(await bound(two, place.endpoint()));
			const sends = Array.from({ length: 5000 }, (_, index) => one.send(`${index}`));
			for (let index = 0; index < 5000; index++) expect(await received(two)).deep.equal([`${index}`]);
			await Promise.all(sends);
		});

		it("unbind stops newcomers and keeps those who are there; the endpoint can be bound again", async () => {
			const router = kit.router();
			const endpoint = await bound(router, place.endpoint());
			const inside = kit.dealer({ reconnectInterval: 10, reconnectMaxInterval: 10 });
			inside.connect(endpoint);
			await inside.send("hello");
			const [id] = await router.receive();
			await router.unbind(endpoint);
			const outside = kit.dealer({ reconnectInterval: 10, reconnectMaxInterval: 10, immediate: true });
			outside.connect(endpoint);
			await router.send([id!, "still"]);
			expect(await received(inside)).deep.equal(["still"]);
			expect(outside.writable).equal(false);
			await router.bind(endpoint);
			await outside.send("in at last");
			expect((await received(router))[1]).equal("in at last");
			expect(await codeOf(() => router.unbind("inproc://never"))).equal("ENOENT");
		});

		it("reconnects when the other end comes back, and sends what waited meanwhile", async () => {
			const dealer = kit.dealer({ reconnectInterval: 10, reconnectMaxInterval: 20 });
			const first = kit.router();
			const endpoint = await bound(first, place.endpoint());
			dealer.connect(endpoint);
			await dealer.send("first");
			expect((await received(first))[1]).equal("first");
			const gone = event(dealer.events, "disconnect");
			await first.close();
			await gone;
			await dealer.send("meanwhile");
			const second = kit.router();
			await second.bind(endpoint);
			expect((await received(second))[1]).equal("meanwhile");
		});

		it("disconnect ends the connection, drops what waits for it, and a new connect starts afresh", async () => {
			const router = kit.router();
			const endpoint = await bound(router, place.endpoint());
			const dealer = kit.dealer({ routingId: "d", sendTimeout: 0 });
			dealer.connect(endpoint);
			await dealer.send("one");
			await received(router);
			const left = event(router.events, "disconnect");
			dealer.disconnect(endpoint);
			await left;
			expect(await codeOf(() => dealer.send("nowhere"))).equal("EAGAIN");
			expect(await codeOf(() => dealer.disconnect(endpoint))).equal("ENOENT");
			dealer.connect(endpoint);
			await dealer.send("two");
			expect(await received(router)).deep.equal(["d", "two"]);
		});

		it("close() sends what is queued before it resolves", async () => {
			const router = kit.router();
			const dealer = kit.dealer({ linger: 10_000 });
			dealer.connect(await bound(router, place.endpoint()));
			const body = Buffer.alloc(100_000, "x");
			for (let i = 0; i < 100; i++) await dealer.send([`${i}`, body]);
			const closed = dealer.close();
			for (let i = 0; i < 100; i++) expect((await received(router))[1]).equal(`${i}`);
			await closed;
		});

		it("for await ends when the socket is closed", async () => {
			const router = kit.router();
			const dealer = kit.dealer();
			dealer.connect(await bound(router, place.endpoint()));
			for (const text of ["a", "b", "c"]) await dealer.send(text);
			const texts: string[] = [];
			for await (const [, text] of router) {
				texts.push(text!.toString());
				if (texts.length === 3) void router.close();
			}
			expect(texts).deep.equal(["a", "b", "c"]);
		});
	});
}

describe("zmtp sockets over several transports at once", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("serve each by the way it came", async () => {
		const router = kit.router();
		const requests = await Promise.all(
			places.map(async (place) => {
				const request = kit.request();
				request.connect(await bound(router, place.endpoint()));
				await request.send(place.name);
				return request;
			}),
		);
		for (const _ of places) {
			const [id, , name] = await router.receive();
			await router.send([id!, "", `to ${name}`]);
		}
		for (const [index, place] of places.entries())
			expect(textOf(await requests[index]!.receive())).deep.equal([`to ${place.name}`]);
	});

	it("over IPv6 and by name too", async () => {
		for (const [bind, connect] of [
			["tcp://[::1]:0", "tcp://[::1]"],
			["tcp://*:0", "tcp://localhost"],
			["tcp://localhost:0", "tcp://localhost"],
		] as const) {
			const reply = kit.reply();
			const port = (await bound(reply, bind)).split(":").at(-1);
			const request = kit.request();
			request.connect(`${connect}:${port}`);
			await request.send(bind);
			expect(await received(reply)).deep.equal([bind]);
		}
	});

	it("know the endpoint bound or connected last", async () => {
		const dealer = kit.dealer();
		expect(dealer.lastEndpoint).equal(null);
		const endpoint = await bound(dealer, tcpPlace.endpoint());
		expect(endpoint).match(/^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
		dealer.connect("inproc://x");
		expect(dealer.lastEndpoint).equal("inproc://x");
	});

	it("unbind a wildcard by what was asked for or by what it became", async () => {
		const router = kit.router();
		await router.bind("tcp://127.0.0.1:*");
		await router.unbind("tcp://127.0.0.1:*");
		await router.unbind(await bound(router, "tcp://127.0.0.1:0"));
		expect(await codeOf(() => router.unbind("tcp://127.0.0.1:0"))).equal("ENOENT");
	});
});
