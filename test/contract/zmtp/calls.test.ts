import { constants } from "node:os";
import { expect } from "chai";
import type { Socket, ZmtpError } from "../../../packages/zmtp/src/index.js";
import { Dealer, Publisher } from "../../../packages/zmtp/src/index.js";
import { codeOf, thrown } from "../../support/zmtp/errors.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { inprocPlace, places, tcpPlace } from "../../support/zmtp/places.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event } from "../../support/zmtp/waiting.js";

/** What a promise rejects with. */
const reasonOf = (promise: Promise<unknown>): Promise<unknown> =>
	promise.then(
		() => expect.fail("it did not reject"),
		(reason: unknown) => reason,
	);

describe("zmtp calls with a signal", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("do nothing when it has been aborted before", async () => {
		const dealer = kit.dealer();
		const other = kit.dealer();
		const endpoint = await bound(other, inprocPlace.endpoint());
		dealer.connect(endpoint);
		await dealer.send("kept");
		const reason = new Error("enough");
		const signal = AbortSignal.abort(reason);
		expect(await reasonOf(dealer.send("not sent", { signal }))).equal(reason);
		expect(await reasonOf(other.receive({ signal }))).equal(reason);
		expect(await reasonOf(other.bind(tcpPlace.endpoint(), { signal }))).equal(reason);
		expect(other.lastEndpoint).equal(endpoint);
		await dealer.send("sent");
		expect([await received(other), await received(other)]).deep.equal([["kept"], ["sent"]]);
	});

	it("receive() stops waiting, and the next one gets the message", async () => {
		const dealer = kit.dealer();
		const other = kit.dealer();
		other.connect(await bound(dealer, inprocPlace.endpoint()));
		const stop = new AbortController();
		const waiting = dealer.receive({ signal: stop.signal });
		const reason = new Error("enough");
		stop.abort(reason);
		expect(await reasonOf(waiting)).equal(reason);
		await other.send("later");
		expect(await received(dealer)).deep.equal(["later"]);
	});

	it("send() stops waiting, its message is not sent, and those behind it are", async () => {
		const dealer = kit.dealer();
		const stop = new AbortController();
		const first = dealer.send("first", { signal: stop.signal });
		const second = dealer.send("second");
		stop.abort();
		expect(await reasonOf(first)).property("name", "AbortError");
		const other = kit.dealer();
		other.connect(await bound(dealer, inprocPlace.endpoint()));
		await second;
		expect(await received(other)).deep.equal(["second"]);
	});

	it("many sockets can be waited for at once, and none loses a message by it", async () => {
		const pairs = await Promise.all(
			Array.from({ length: 8 }, async () => {
				const [here, there] = [kit.dealer(), kit.dealer()];
				there.connect(await bound(here, inprocPlace.endpoint()));
				return { here, there };
			}),
		);
		/** Waits for all of them until one has a message. Others may have got one at the same time. */
		const firstOf = async (): Promise<string[]> => {
			const found = new AbortController();
			const waiting = pairs.map(({ here }) => here.receive({ signal: found.signal }));
			await Promise.race(waiting);
			found.abort();
			const ends = await Promise.allSettled(waiting);
			return ends.flatMap((end) => (end.status === "fulfilled" ? [String(end.value[0])] : []));
		};
		const sent: string[] = [];
		const heard: string[] = [];
		for (let i = 0; i < 100; i++) {
			await pairs[(i * 7) % pairs.length]!.there.send(`${i}`);
			sent.push(`${i}`);
			if (i % 3 === 0) heard.push(...(await firstOf()));
		}
		while (heard.length < sent.length) heard.push(...(await firstOf()));
		expect(heard).have.members(sent);
	});

	it("take no notice of it once they are done", async () => {
		const stop = new AbortController();
		const dealer = kit.dealer();
		const other = kit.dealer();
		await dealer.bind(inprocPlace.endpoint(), { signal: stop.signal });
		other.connect(dealer.lastEndpoint!);
		const sending = dealer.send("x", { signal: stop.signal });
		const receiving = other.receive({ signal: stop.signal });
		await Promise.all([sending, receiving]);
		stop.abort();
		other.connect(dealer.lastEndpoint!);
	});

	for (const place of places) {
		it(`bind() over ${place.name} undoes what it began`, async () => {
			const dealer = kit.dealer();
			const endpoint = await bound(dealer, place.endpoint());
			await dealer.unbind(endpoint);
			const stop = new AbortController();
			const binding = dealer.bind(endpoint, { signal: stop.signal });
			stop.abort();
			expect(await reasonOf(binding)).property("name", "AbortError");
			await kit.dealer().bind(endpoint);
		});
	}
});

describe("zmtp errors", () => {
	const kit = useSockets();

	it("have the system's number, and the endpoint they are about", async () => {
		const dealer = kit.dealer({ receiveTimeout: 0 });
		const errorOf = (action: () => Promise<unknown>) => reasonOf(action()) as Promise<ZmtpError>;
		const endpoint = await bound(dealer, tcpPlace.endpoint());
		const other = kit.dealer();
		const inUse = await errorOf(() => other.bind(endpoint));
		expect(inUse).include({ code: "EADDRINUSE", errno: constants.errno.EADDRINUSE, address: endpoint });
		expect(await errorOf(() => other.unbind(endpoint))).include({ code: "ENOENT", address: endpoint });
		expect(await errorOf(() => other.bind("tcp://nonsense"))).include({ code: "EINVAL", address: "tcp://nonsense" });
		expect(thrown(() => other.connect("tipc://x"))).include({
			code: "EPROTONOSUPPORT",
			errno: constants.errno.EPROTONOSUPPORT,
			address: "tipc://x",
		});
		expect(thrown(() => other.disconnect(endpoint))).include({ code: "ENOENT", address: endpoint });
		const none = await errorOf(() => dealer.receive());
		expect(none).include({ code: "EAGAIN", errno: constants.errno.EAGAIN }).and.not.property("address");
		const out = await errorOf(() => kit.request().receive());
		expect(out).include({ code: "EFSM", errno: 156_384_763 });
	});

	it("say ENOTSUP where a socket does not send, or does not receive", async () => {
		const reader = kit.pull() as unknown as Dealer;
		const writer = kit.push() as unknown as Dealer;
		expect(await codeOf(() => reader.send("x"))).equal("ENOTSUP");
		expect(await codeOf(() => writer.receive())).equal("ENOTSUP");
	});
});

describe("zmtp calls of zeromq.js", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("send() takes numbers, as text", async () => {
		const dealer = kit.dealer();
		const other = kit.dealer();
		other.connect(await bound(dealer, inprocPlace.endpoint()));
		await other.send(7);
		await other.send(["a", -0.5, 1e21]);
		expect([await received(dealer), await received(dealer)]).deep.equal([["7"], ["a", "-0.5", "1e+21"]]);
	});

	it("bindSync() and unbindSync() do not wait, and what follows can count on them", async () => {
		const endpoint = await freePort(kit.dealer());
		const dealer = kit.dealer();
		const other = kit.dealer();
		dealer.bindSync(endpoint);
		other.connect(endpoint);
		await other.send("x");
		expect(await received(dealer)).deep.equal(["x"]);
		const closed = event(dealer.events, "close");
		dealer.unbindSync(endpoint);
		expect((await closed).address).equal(endpoint);
	});

	it("close() need not be waited for, and a block can end with it", async () => {
		let kept: Socket;
		{
			await using dealer = new Dealer({ linger: 0 });
			kept = dealer;
			await dealer.bind(inprocPlace.endpoint());
		}
		expect(kept.closed).equal(true);
		const publisher = new Publisher();
		publisher.close();
		expect(publisher.closed).equal(true);
		await publisher.close();
	});
});

describe("zmtp options changed later", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("sendTimeout and receiveTimeout hold for the next call", async () => {
		const dealer = kit.dealer();
		dealer.sendTimeout = 0;
		dealer.receiveTimeout = 0;
		expect(await codeOf(() => dealer.send("x"))).equal("EAGAIN");
		expect(await codeOf(() => dealer.receive())).equal("EAGAIN");
	});

	it("a high water mark holds for what is queued from then on", async () => {
		const dealer = kit.dealer({ sendHighWaterMark: 2, sendTimeout: 0 });
		dealer.connect(await freePort(kit.dealer()));
		const sendAll = async () => {
			let count = 0;
			while ((await dealer.send("x").catch(() => "full")) !== "full") count++;
			return count;
		};
		expect(await sendAll()).equal(2);
		dealer.sendHighWaterMark = 5;
		expect(await sendAll()).equal(3);
		dealer.sendHighWaterMark = 1;
		expect(await sendAll()).equal(0);
	});

	it("linger holds for the close() that follows", async () => {
		const dealer = kit.dealer({ linger: -1 });
		dealer.connect(await freePort(kit.dealer()));
		await dealer.send("never leaves");
		dealer.linger = 0;
		await dealer.close();
	});

	it("a routing id holds for endpoints connected from then on, also before they are reached", async () => {
		const router = kit.router();
		const endpoint = await bound(router, inprocPlace.endpoint());
		const dealer = kit.dealer({ routingId: "one" });
		dealer.connect(endpoint);
		dealer.routingId = "two";
		dealer.connect(endpoint);
		await dealer.send("x");
		await dealer.send("x");
		expect([(await received(router))[0], (await received(router))[0]]).have.members(["one", "two"]);
	});
});

/** An endpoint that nobody listens on. */
async function freePort(socket: Dealer): Promise<string> {
	const endpoint = await bound(socket, tcpPlace.endpoint());
	await socket.unbind(endpoint);
	return endpoint;
}

describe("zmtp loops", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("of sends that never wait keep nothing else from running", async () => {
		const publisher = kit.keep(new Publisher());
		let isOver = false;
		setTimeout(() => {
			isOver = true;
		}, 1);
		while (!isOver) await publisher.send("to nobody");
	});

	it("over a socket's messages may be left and entered again", async () => {
		const dealer = kit.dealer();
		const other = kit.dealer();
		other.connect(await bound(dealer, inprocPlace.endpoint()));
		for (const text of ["a", "b", "c"]) await other.send(text);
		const heard: string[] = [];
		for await (const [text] of dealer) {
			heard.push(String(text));
			if (heard.length === 2) break;
		}
		for await (const [text] of dealer) {
			heard.push(String(text));
			break;
		}
		expect(heard).deep.equal(["a", "b", "c"]);
	});

	it("over a socket's messages end with it, also while they wait; over a closed one they do not begin", async () => {
		const dealer = kit.dealer();
		const messages = dealer[Symbol.asyncIterator]();
		const waiting = messages.next();
		await dealer.close();
		expect(await waiting).deep.equal({ value: undefined, done: true });
		expect(await messages.next()).deep.equal({ value: undefined, done: true });
		for await (const _ of dealer) expect.fail("a message of a closed socket");
	});

	it("over a socket's messages throw what receive() would reject with", async () => {
		const dealer = kit.dealer({ receiveTimeout: 1 });
		const messages = dealer[Symbol.asyncIterator]();
		expect(await codeOf(() => messages.next())).equal("EAGAIN");
		const waiting = dealer.receive();
		expect(await codeOf(() => messages.next())).equal("EBUSY");
		expect(await codeOf(() => waiting)).equal("EAGAIN");
	});
});
