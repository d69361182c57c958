import { expect } from "chai";
import { Proxy } from "../../../packages/zmtp/src/index.js";
import { codeOf } from "../../support/zmtp/errors.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { inprocPlace, tcpPlace } from "../../support/zmtp/places.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event, until } from "../../support/zmtp/waiting.js";

describe("zmtp Proxy", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("makes a shared queue of a ROUTER and a DEALER: several clients, several workers, every reply to its asker", async () => {
		const proxy = new Proxy(kit.router(), kit.dealer());
		const front = await bound(proxy.frontEnd, tcpPlace.endpoint());
		const back = await bound(proxy.backEnd, inprocPlace.endpoint());
		const over = proxy.run();
		let served = 0;
		for (let i = 0; i < 3; i++) {
			const reply = kit.reply();
			reply.connect(back);
			void (async () => {
				for await (const [text] of reply) {
					served++;
					await reply.send(["re", text!]);
				}
			})();
		}
		await Promise.all(
			Array.from({ length: 5 }, async (_, client) => {
				const request = kit.request();
				request.connect(front);
				for (let i = 0; i < 20; i++) {
					await request.send(`${client}.${i}`);
					expect(await received(request)).deep.equal(["re", `${client}.${i}`]);
				}
			}),
		);
		expect(served).equal(100);
		proxy.terminate();
		await over;
		expect([proxy.frontEnd.closed, proxy.backEnd.closed]).deep.equal([true, true]);
	});

	it("ends when it is terminated before it ran, while it waits, or when one of its sockets is closed", async () => {
		const early = new Proxy(kit.router(), kit.dealer());
		early.terminate();
		await early.run();
		const idle = new Proxy(kit.router(), kit.dealer());
		await bound(idle.frontEnd, inprocPlace.endpoint());
		await bound(idle.backEnd, inprocPlace.endpoint());
		const over = idle.run();
		idle.terminate();
		await over;
		for (const side of ["frontEnd", "backEnd"] as const) {
			const proxy = new Proxy(kit.dealer(), kit.dealer());
			const client = kit.dealer();
			client.connect(await bound(proxy.frontEnd, inprocPlace.endpoint()));
			await bound(proxy.backEnd, inprocPlace.endpoint());
			const running = proxy.run();
			await client.send("waits for the back, where nobody is");
			await until(() => proxy.frontEnd.readable);
			await proxy[side].close();
			await running;
			expect([proxy.frontEnd.closed, proxy.backEnd.closed]).deep.equal([true, true]);
		}
	});

	it("with a mandatory ROUTER goes on when a client has left before its reply", async () => {
		const proxy = new Proxy(kit.router({ mandatory: true }), kit.dealer());
		const front = await bound(proxy.frontEnd, tcpPlace.endpoint());
		const worker = kit.dealer();
		worker.connect(await bound(proxy.backEnd, inprocPlace.endpoint()));
		const over = proxy.run();
		const leaving = kit.dealer();
		leaving.connect(front);
		await leaving.send("x");
		const request = await worker.receive();
		const gone = event(proxy.frontEnd.events, "disconnect");
		await leaving.close();
		await gone;
		await worker.send(request);
		const staying = kit.dealer();
		staying.connect(front);
		await staying.send("y");
		await worker.send(await worker.receive());
		expect(await received(staying)).deep.equal(["y"]);
		proxy.terminate();
		await over;
	});

	it("holds a client up while nobody works, and loses nothing", async () => {
		const options = { sendHighWaterMark: 5, receiveHighWaterMark: 5 };
		const proxy = new Proxy(kit.dealer(options), kit.dealer(options));
		const front = await bound(proxy.frontEnd, inprocPlace.endpoint());
		const back = await bound(proxy.backEnd, inprocPlace.endpoint());
		const over = proxy.run();
		const client = kit.dealer(options);
		client.connect(front);
		let sent = 0;
		const sending = (async () => {
			for (; sent < 200; sent++) await client.send([`${sent}`, Buffer.alloc(50_000)]);
		})();
		for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
		expect(sent).below(60);
		const worker = kit.dealer();
		worker.connect(back);
		for (let i = 0; i < 200; i++) expect((await worker.receive())[0]!.toString()).equal(`${i}`);
		await sending;
		proxy.terminate();
		await over;
	});

	it("relays one way where the sockets know only one", async () => {
		const proxy = new Proxy(kit.pull(), kit.push());
		const push = kit.push();
		const pull = kit.pull();
		push.connect(await bound(proxy.frontEnd, inprocPlace.endpoint()));
		pull.connect(await bound(proxy.backEnd, tcpPlace.endpoint()));
		const over = proxy.run();
		await push.send(["a", "b"]);
		expect(await received(pull)).deep.equal(["a", "b"]);
		proxy.terminate();
		await over;
	});

	it("of one socket gives back what comes", async () => {
		const router = kit.router();
		const proxy = new Proxy(router, router);
		const endpoint = await bound(router, tcpPlace.endpoint());
		const over = proxy.run();
		const requests = [kit.request(), kit.request()];
		for (const [i, request] of requests.entries()) {
			request.connect(endpoint);
			await request.send(`${i}`);
		}
		for (const [i, request] of requests.entries()) expect(await received(request)).deep.equal([`${i}`]);
		expect(proxy.statistics.frontEnd).deep.equal(proxy.statistics.backEnd);
		expect(proxy.statistics.frontEnd.sent.messages).equal(2);
		proxy.terminate();
		await over;
	});

	it("of XSUB and XPUB forwards subscriptions one way and messages the other", async () => {
		const proxy = new Proxy(kit.xsubscriber(), kit.xpublisher());
		const publisher = kit.publisher();
		publisher.connect(await bound(proxy.frontEnd, tcpPlace.endpoint()));
		const back = await bound(proxy.backEnd, tcpPlace.endpoint());
		const over = proxy.run();
		const subscribers = ["a", "b"].map((topic) => kit.subscriber([topic]));
		for (const subscriber of subscribers) subscriber.connect(back);
		await until(() => proxy.statistics.backEnd.received.messages === 2);
		const all = ["a1", "b1", "c1", "a2", "b2"];
		const sending = (async () => {
			// Until the subscriptions have come through, nobody is there to send to.
			while (proxy.statistics.frontEnd.received.messages < 20) for (const text of all) await publisher.send(text);
		})();
		const [a, b] = subscribers;
		for (let i = 0; i < 5; i++) {
			expect((await received(a!))[0]).match(/^a/);
			expect((await received(b!))[0]).match(/^b/);
		}
		await sending;
		proxy.terminate();
		await over;
	});

	it("with an XPUB that drops nothing makes a slow subscriber hold up the publisher, and loses nothing", async () => {
		const proxy = new Proxy(
			kit.xsubscriber({ receiveHighWaterMark: 5 }),
			kit.xpublisher({ noDrop: true, sendHighWaterMark: 5 }),
		);
		const publisher = kit.xpublisher({ noDrop: true, sendHighWaterMark: 5 });
		publisher.connect(await bound(proxy.frontEnd, inprocPlace.endpoint()));
		const back = await bound(proxy.backEnd, inprocPlace.endpoint());
		const over = proxy.run();
		const subscriber = kit.subscriber([""], { receiveHighWaterMark: 5 });
		subscriber.connect(back);
		await publisher.receive();
		let sent = 0;
		const sending = (async () => {
			for (; sent < 200; sent++) await publisher.send([`${sent}`, Buffer.alloc(50_000)]);
		})();
		for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
		expect(sent).below(60);
		for (let i = 0; i < 200; i++) expect((await subscriber.receive())[0]!.toString()).equal(`${i}`);
		await sending;
		proxy.terminate();
		await over;
	});

	it("sends a third socket a copy of everything, which holds it up when it has no room", async () => {
		const capture = kit.push({ sendHighWaterMark: 2 });
		const proxy = new Proxy(kit.router(), kit.dealer(), capture);
		const request = kit.request();
		request.connect(await bound(proxy.frontEnd, inprocPlace.endpoint()));
		const reply = kit.reply();
		reply.connect(await bound(proxy.backEnd, inprocPlace.endpoint()));
		const over = proxy.run();
		await request.send("question");
		await until(() => proxy.frontEnd.writable);
		expect(reply.readable).equal(false);
		const watcher = kit.pull();
		watcher.connect(await bound(capture, inprocPlace.endpoint()));
		await reply.send((await reply.receive())[0]!);
		expect(await received(request)).deep.equal(["question"]);
		expect((await received(watcher)).slice(1)).deep.equal(["", "question"]);
		expect((await received(watcher)).slice(1)).deep.equal(["", "question"]);
		proxy.terminate();
		await over;
		expect(capture.closed).equal(false);
	});

	it("pauses: what comes waits; and goes on", async () => {
		const proxy = new Proxy(kit.dealer(), kit.dealer());
		const one = kit.dealer();
		const two = kit.dealer();
		one.connect(await bound(proxy.frontEnd, inprocPlace.endpoint()));
		two.connect(await bound(proxy.backEnd, inprocPlace.endpoint()));
		const over = proxy.run();
		proxy.pause();
		await one.send("a");
		await two.send("b");
		await until(() => proxy.frontEnd.readable && proxy.backEnd.readable);
		expect(proxy.statistics.frontEnd.received.messages).equal(0);
		proxy.resume();
		expect([await received(two), await received(one)]).deep.equal([["a"], ["b"]]);
		proxy.terminate();
		await over;
	});

	it("counts messages and octets of each side", async () => {
		const proxy = new Proxy(kit.dealer(), kit.dealer());
		const one = kit.dealer();
		const two = kit.dealer();
		one.connect(await bound(proxy.frontEnd, inprocPlace.endpoint()));
		two.connect(await bound(proxy.backEnd, inprocPlace.endpoint()));
		const over = proxy.run();
		await one.send(["abc", "", "de"]);
		await one.send("f");
		await two.receive();
		await two.receive();
		await two.send("back");
		await one.receive();
		const forth = { messages: 2, bytes: 6 };
		const back = { messages: 1, bytes: 4 };
		expect(proxy.statistics).deep.equal({
			frontEnd: { received: forth, sent: back },
			backEnd: { received: back, sent: forth },
		});
		proxy.terminate();
		await over;
	});

	it("has its sockets to itself", async () => {
		const proxy = new Proxy(kit.dealer(), kit.dealer());
		await bound(proxy.frontEnd, inprocPlace.endpoint());
		expect(await codeOf(() => proxy.run())).equal("EINVAL");
		expect(proxy.frontEnd.closed).equal(false);
		await bound(proxy.backEnd, inprocPlace.endpoint());
		const stop = new AbortController();
		const waiting = proxy.backEnd.receive({ signal: stop.signal });
		expect(await codeOf(() => proxy.run())).equal("EBUSY");
		stop.abort();
		await waiting.catch(() => {});
		const over = proxy.run();
		expect(await codeOf(() => proxy.frontEnd.send("x"))).equal("EBUSY");
		expect(await codeOf(() => proxy.backEnd.receive())).equal("EBUSY");
		expect(await codeOf(() => new Proxy(proxy.frontEnd, proxy.backEnd).run())).equal("EBUSY");
		proxy.terminate();
		await over;
		expect(await codeOf(() => proxy.frontEnd.send("x"))).equal("EBADF");
	});

	it("ends with a signal, also one that was aborted before", async () => {
		for (const isEarly of [true, false]) {
			const proxy = new Proxy(kit.dealer(), kit.dealer());
			await bound(proxy.frontEnd, inprocPlace.endpoint());
			await bound(proxy.backEnd, inprocPlace.endpoint());
			const stop = new AbortController();
			if (isEarly) stop.abort();
			const over = proxy.run({ signal: stop.signal });
			stop.abort();
			await over;
			expect([proxy.frontEnd.closed, proxy.backEnd.closed]).deep.equal([true, true]);
		}
	});

	it("is refused between sockets that have nothing to relay", async () => {
		const proxy = new Proxy(kit.pull(), kit.pull());
		await bound(proxy.frontEnd, inprocPlace.endpoint());
		await bound(proxy.backEnd, inprocPlace.endpoint());
		expect(await codeOf(() => proxy.run())).equal("EINVAL");
		expect([proxy.frontEnd.closed, proxy.backEnd.closed]).deep.equal([false, false]);
	});
});
