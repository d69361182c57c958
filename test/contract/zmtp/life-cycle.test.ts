import { expect } from "chai";
import { Dealer, type SocketOptions } from "../../../packages/zmtp/src/index.js";
import { testTls } from "../../support/zmtp/certificate.js";
import { codeOf, thrownCode } from "../../support/zmtp/errors.js";
import { greeting } from "../../support/zmtp/frames.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { inprocPlace, places, tcpPlace } from "../../support/zmtp/places.js";
import { RawPeer, RawServer } from "../../support/zmtp/raw-peer.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event, recordEvents, until } from "../../support/zmtp/waiting.js";

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** How long it took to close. Unit: ms. */
async function closing(socket: { close(): Promise<void> }): Promise<number> {
	const start = performance.now();
	await socket.close();
	return performance.now() - start;
}

describe("zmtp socket, closed", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("H99: before anything, and twice, is closed", async () => {
		const dealer = new Dealer();
		expect(dealer.closed).equal(false);
		const first = dealer.close();
		expect(dealer.closed).equal(true);
		await Promise.all([first, dealer.close()]);
		await dealer.close();
	});

	it("H99: is of no more use: EBADF", async () => {
		const dealer = kit.dealer();
		const router = kit.router();
		dealer.connect(await bound(router, tcpPlace.endpoint()));
		await router.close();
		await dealer.close();
		for (const action of [
			() => dealer.bind("tcp://127.0.0.1:0"),
			() => dealer.unbind("tcp://127.0.0.1:1"),
			() => dealer.connect("tcp://127.0.0.1:1"),
			() => dealer.disconnect("tcp://127.0.0.1:1"),
			() => dealer.send("x"),
			() => dealer.receive(),
		]) {
			expect(await codeOf(action)).equal("EBADF");
		}
		expect([dealer.readable, dealer.writable]).deep.equal([false, false]);
	});

	it("H99: ends waiting send() and receive() with EAGAIN", async () => {
		const dealer = kit.dealer();
		const waiting = [codeOf(() => dealer.receive()), codeOf(() => dealer.send("x"))];
		await dealer.close();
		expect(await Promise.all(waiting)).deep.equal(["EAGAIN", "EAGAIN"]);
	});

	it("H99: during bind() lets go of the endpoint, which rejects with EBADF", async () => {
		for (const place of places) {
			const dealer = kit.dealer();
			const other = kit.router();
			const endpoint = await bound(other, place.endpoint());
			await other.unbind(endpoint);
			const binding = codeOf(() => dealer.bind(endpoint));
			await dealer.close();
			expect(await binding).equal("EBADF");
			await other.bind(endpoint);
		}
	});

	it("H99: while it connects, to nobody, or with an attempt pending", async () => {
		for (const endpoint of [
			"tcp://127.0.0.1:1",
			"tcp://192.0.2.1:80",
			"tcp://nobody.invalid:80",
			"ipc:///nowhere",
			inprocPlace.endpoint(),
		]) {
			const dealer = kit.dealer();
			dealer.connect(endpoint);
			expect(await closing(dealer), endpoint).below(500);
			const retrying = kit.dealer({ reconnectInterval: 10_000 });
			retrying.connect(endpoint);
			await turn();
			expect(await closing(retrying), endpoint).below(500);
		}
	});

	it("H99: in the middle of a handshake, on either side", async () => {
		for (const octets of [Buffer.alloc(0), greeting().subarray(0, 11), greeting()]) {
			const server = kit.keep(await RawServer.listen());
			const dealer = kit.dealer();
			dealer.connect(server.endpoint);
			const accepted = await server.accept();
			accepted.write(octets);
			const router = kit.router();
			const peer = await RawPeer.connect(await bound(router, tcpPlace.endpoint()));
			peer.write(octets);
			await Promise.all([accepted.read(11), peer.read(11)]);
			expect(await closing(dealer)).below(900);
			expect(await closing(router)).below(900);
			await Promise.all([accepted.closed, peer.closed]);
		}
	});

	it("H99: with a peer that does not read, no later than linger says", async () => {
		for (const linger of [0, 100]) {
			const dealer = kit.dealer({ linger, sendHighWaterMark: 5 });
			const peer = await RawPeer.ready(await bound(dealer, tcpPlace.endpoint()), "DEALER");
			peer.socket.pause();
			await until(() => dealer.writable);
			for (let i = 0; i < 50; i++) if (dealer.writable) await dealer.send(Buffer.alloc(2 ** 20));
			expect(await closing(dealer)).within(linger - 2, linger + 700);
			await peer.close();
		}
	});

	it("says so in its last event, when everything is released", async () => {
		const dealer = kit.dealer();
		const endpoint = await bound(dealer, tcpPlace.endpoint());
		const events = recordEvents(dealer.events);
		await dealer.close();
		expect(events).deep.equal(["close", "end"]);
		await kit.router().bind(endpoint);
	});
});

describe("zmtp linger", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("of 0 drops at once what waits for an endpoint that is not there", async () => {
		const dealer = kit.dealer({ linger: 0 });
		dealer.connect("tcp://127.0.0.1:1");
		await dealer.send("x");
		expect(await closing(dealer)).below(200);
	});

	it("that is finite gives it that long", async () => {
		const dealer = kit.dealer({ linger: 80 });
		dealer.connect("tcp://127.0.0.1:1");
		await dealer.send("x");
		expect(await closing(dealer)).within(78, 600);
	});

	it("without end waits until the endpoint is there and has everything", async () => {
		for (const place of places) {
			const router = kit.router();
			const target = await bound(router, place.endpoint());
			await router.unbind(target);
			const dealer = new Dealer({ reconnectInterval: 5, reconnectMaxInterval: 10, tls: testTls });
			dealer.connect(target);
			for (const text of ["a", "b"]) await dealer.send(text);
			const closed = dealer.close();
			await turn();
			await router.bind(target);
			expect((await received(router))[1]).equal("a");
			expect((await received(router))[1]).equal("b");
			await closed;
		}
	});

	it("does not wait when nothing waits", async () => {
		const dealer = new Dealer();
		dealer.connect("tcp://127.0.0.1:1");
		expect(await closing(dealer)).below(200);
	});

	it("without end does not wait for what was dropped with an endpoint before, nor for peers that left", async () => {
		const dealer = new Dealer({ linger: 0 });
		dealer.connect("tcp://127.0.0.1:1");
		await dealer.send("x");
		dealer.disconnect("tcp://127.0.0.1:1");
		dealer.linger = -1;
		expect(await closing(dealer)).below(200);
		const bindingDealer = new Dealer({ sendHighWaterMark: 5 });
		const peer = await RawPeer.ready(await bound(bindingDealer, tcpPlace.endpoint()), "DEALER");
		peer.socket.pause();
		await until(() => bindingDealer.writable);
		for (let i = 0; i < 50; i++) if (bindingDealer.writable) await bindingDealer.send(Buffer.alloc(2 ** 20));
		const closed = bindingDealer.close();
		await turn();
		await peer.close();
		await closed;
	});
});

describe("zmtp socket, used wrongly", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("refuses malformed endpoints at once, without an effect", async () => {
		const dealer = kit.dealer();
		for (const endpoint of [
			"",
			"tcp://",
			"tcp://x",
			"tcp://*:80",
			"tcp://x:0",
			"tcp://x:99999",
			"ipc://@",
			`ipc:///${"x".repeat(200)}`,
			"nonsense",
		]) {
			expect(
				thrownCode(() => dealer.connect(endpoint)),
				endpoint,
			).equal("EINVAL");
		}
		for (const endpoint of ["udp://x:1", "pgm://x"]) {
			expect(
				thrownCode(() => dealer.connect(endpoint)),
				endpoint,
			).equal("EPROTONOSUPPORT");
			expect(await codeOf(() => dealer.bind(endpoint)), endpoint).equal("EPROTONOSUPPORT");
		}
		for (const endpoint of ["tcp://x", "tcp://127.0.0.1:-1", "ipc://@"]) {
			expect(await codeOf(() => dealer.bind(endpoint)), endpoint).equal("EINVAL");
		}
		expect(dealer.lastEndpoint).equal(null);
	});

	it("refuses a bind to an address in use, and stays usable", async () => {
		for (const place of places) {
			const router = kit.router();
			const endpoint = await bound(router, place.endpoint());
			const other = kit.router();
			const told = event(other.events, "bind:error");
			expect(await codeOf(() => other.bind(endpoint))).equal("EADDRINUSE");
			expect((await told).error.code).equal("EADDRINUSE");
			await other.bind(place.endpoint());
		}
	});

	it("refuses frames made of nothing that has octets, and messages of no frame", async () => {
		const dealer = kit.dealer({ sendTimeout: 0 });
		for (const message of [undefined, 1n, {}, true, [undefined], ["a", false], Symbol("x")]) {
			expect(await codeOf(() => dealer.send(message as never)), String(message)).equal("EINVAL");
		}
		expect(await codeOf(() => dealer.send([]))).equal("EINVAL");
	});

	it("takes text, octets of every kind and null for frames", async () => {
		const one = kit.dealer();
		const two = kit.dealer();
		one.connect(await bound(two, tcpPlace.endpoint()));
		const octets = Uint8Array.of(1, 2, 3, 4);
		await one.send([
			"é",
			octets.subarray(1),
			octets.buffer,
			new DataView(octets.buffer, 2),
			new Uint16Array(octets.buffer, 0, 1),
			null,
			new SharedArrayBuffer(2),
		]);
		const frames = await two.receive();
		expect(frames.map((frame) => frame.toString("hex"))).deep.equal([
			"c3a9",
			"020304",
			"01020304",
			"0304",
			"0102",
			"",
			"0000",
		]);
	});

	it("lets one receive() wait at a time: EBUSY", async () => {
		const dealer = kit.dealer();
		const first = codeOf(() => dealer.receive());
		expect(await codeOf(() => dealer.receive())).equal("EBUSY");
		await dealer.close();
		expect(await first).equal("EAGAIN");
	});

	it("ends receive() and send() with EAGAIN when their time is over", async () => {
		for (const timeout of [0, 20]) {
			const dealer = kit.dealer({ receiveTimeout: timeout, sendTimeout: timeout });
			expect(await codeOf(() => dealer.receive())).equal("EAGAIN");
			expect(await codeOf(() => dealer.send("x"))).equal("EAGAIN");
		}
	});

	it("REQ and REP out of turn: EFSM, and the turn stays as it was", async () => {
		const request = kit.request();
		const reply = kit.reply();
		request.connect(await bound(reply, tcpPlace.endpoint()));
		expect(await codeOf(() => request.receive())).equal("EFSM");
		expect(await codeOf(() => reply.send("x"))).equal("EFSM");
		await request.send("a");
		expect(await codeOf(() => request.send("b"))).equal("EFSM");
		await received(reply);
		expect(await codeOf(() => reply.receive())).equal("EFSM");
		await reply.send("c");
		expect(await received(request)).deep.equal(["c"]);
	});

	it("H100: does not keep a small frame's memory after send(), nor share what receive() gave", async () => {
		const one = kit.dealer();
		const two = kit.dealer();
		one.connect(await bound(two, inprocPlace.endpoint()));
		const memory = Buffer.from("first");
		await one.send(memory);
		memory.write("XXXXX");
		await one.send("second");
		const [first] = await two.receive();
		const [second] = await two.receive();
		first!.fill(0);
		expect(second!.toString()).equal("second");
		expect(first!.length).equal(5);
	});
});

describe("zmtp connecting", () => {
	leavesNothingOpen();
	const kit = useSockets();
	const retries = (options: SocketOptions, endpoint: string, count: number) =>
		new Promise<{ interval: number; code: string | undefined }[]>((resolve) => {
			const heard: { interval: number; code: string | undefined }[] = [];
			const dealer = kit.dealer(options);
			dealer.events.on("connect:retry", ({ interval, error }) => {
				heard.push({ interval, code: error?.code });
				if (heard.length === count) resolve(heard);
			});
			dealer.connect(endpoint);
		});

	it("tries again and again with growing, spread pauses", async () => {
		const heard = await retries({ reconnectInterval: 8, reconnectMaxInterval: 32 }, "tcp://127.0.0.1:1", 5);
		[8, 16, 32, 32, 32].forEach((longest, index) => {
			expect(heard[index]!.interval).within(longest / 2, longest);
			expect(heard[index]!.code).equal("ESYSTEM");
		});
	});

	it("H98: goes on trying when a name cannot be resolved", async () => {
		expect(await retries({ reconnectInterval: 2, reconnectMaxInterval: 2 }, "tcp://nobody.invalid:80", 3)).length(3);
	});

	it("gives an attempt up after connectTimeout", async () => {
		const heard = await retries({ connectTimeout: 20, reconnectInterval: 2 }, inprocPlace.endpoint(), 2);
		expect(heard.map(({ code }) => code)).deep.equal(["ECANCELED", "ECANCELED"]);
	});

	it("does not try again with a reconnectInterval without end, and queues nothing more for it", async () => {
		const dealer = kit.dealer({ reconnectInterval: -1, sendTimeout: 0, linger: Number.POSITIVE_INFINITY });
		const events = recordEvents(dealer.events);
		dealer.connect("tcp://127.0.0.1:1");
		await until(() => !dealer.writable);
		expect(await codeOf(() => dealer.send("x"))).equal("EAGAIN");
		await dealer.close();
		expect(events).deep.equal(["connect:delay", "end"]);
	});

	it("with immediate queues nothing before the connection stands", async () => {
		const dealer = kit.dealer({ immediate: true });
		const router = kit.router();
		const endpoint = await bound(router, tcpPlace.endpoint());
		dealer.connect(endpoint);
		expect(dealer.writable).equal(false);
		await dealer.send("waits for the peer");
		expect((await received(router))[1]).equal("waits for the peer");
		const gone = event(dealer.events, "disconnect");
		await router.close();
		await gone;
		expect(dealer.writable).equal(false);
	});
});
