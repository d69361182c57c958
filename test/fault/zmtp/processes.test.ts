import { expect } from "chai";
import { heldBytes } from "../../support/zmtp/memory.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { ipcPlace } from "../../support/zmtp/places.js";
import { EchoProcess, echoKinds } from "../../support/zmtp/processes.js";
import { received, useSockets } from "../../support/zmtp/sockets.js";
import { event } from "../../support/zmtp/waiting.js";
import { needsPyzmq } from "../../support/zmtp/zmq-side.js";

const quick = { reconnectInterval: 10, reconnectMaxInterval: 50 };

for (const kind of echoKinds) {
	describe(`zmtp with a peer process that is stopped or killed, the peer being ${kind}`, () => {
		if (kind === "libzmq") {
			before(function () {
				needsPyzmq(this);
			});
		}
		leavesNothingOpen();
		const kit = useSockets();

		it("SIGSTOP and SIGCONT without heartbeats: nothing is lost, and nobody was told", async () => {
			const peer = kit.keep(await EchoProcess.start(kind));
			const dealer = kit.dealer(quick);
			let losses = 0;
			dealer.events.on("disconnect", () => losses++);
			dealer.connect(peer.endpoint);
			await dealer.send("before");
			expect(await received(dealer)).deep.equal(["before"]);
			peer.stop();
			for (let i = 0; i < 500; i++) await dealer.send([`${i}`, "x".repeat(1000)]);
			for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
			expect(dealer.readable).equal(false);
			peer.wake();
			for (let i = 0; i < 500; i++) expect((await received(dealer))[0]).equal(`${i}`);
			expect(losses).equal(0);
		});

		it("H43: SIGSTOP stops the sender at its high water mark, memory and all; SIGCONT lets it go on", async () => {
			const peer = kit.keep(await EchoProcess.start(kind));
			const dealer = kit.dealer({ ...quick, sendHighWaterMark: 20 });
			dealer.connect(peer.endpoint);
			await dealer.send("before");
			await received(dealer);
			peer.stop();
			const body = Buffer.alloc(100_000);
			const before = await heldBytes();
			let sent = 0;
			const sending = (async () => {
				for (; sent < 400; sent++) await dealer.send([`${sent}`, body]);
			})();
			let last = -1;
			while (last !== sent) {
				last = sent;
				for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
			}
			expect(sent).below(400);
			expect((await heldBytes()) - before).below(16 * 2 ** 20);
			peer.wake();
			for (let i = 0; i < 400; i++) expect((await received(dealer))[0]).equal(`${i}`);
			await sending;
		});

		it("SIGSTOP with heartbeats: it is given up, and what is queued from then on arrives once it wakes", async () => {
			const peer = kit.keep(await EchoProcess.start(kind));
			const dealer = kit.dealer({
				...quick,
				heartbeatInterval: 100,
				heartbeatTimeout: 100,
				handshakeInterval: 200,
			});
			dealer.connect(peer.endpoint);
			await dealer.send("before");
			await received(dealer);
			const lost = event(dealer.events, "disconnect");
			peer.stop();
			expect((await lost).error?.code).equal("ZMTP_HEARTBEAT_TIMEOUT");
			for (let i = 0; i < 100; i++) await dealer.send(`${i}`);
			// The kernel goes on accepting for it; a greeting does not come.
			const told = await event(dealer.events, "handshake:error:other");
			expect(told.error.code).equal("ZMTP_HANDSHAKE_TIMEOUT");
			peer.wake();
			for (let i = 0; i < 100; i++) expect(await received(dealer)).deep.equal([`${i}`]);
		});

		it("SIGKILL: it is noticed at once, and what is queued from then on arrives at whoever takes its place", async () => {
			const first = kit.keep(await EchoProcess.start(kind));
			const dealer = kit.dealer(quick);
			dealer.connect(first.endpoint);
			await dealer.send("before");
			await received(dealer);
			const lost = event(dealer.events, "disconnect");
			await first.close();
			expect((await lost).error?.code).equal("ZMTP_CONNECTION_LOST");
			for (let i = 0; i < 100; i++) await dealer.send(`${i}`);
			kit.keep(await EchoProcess.start(kind, first.endpoint));
			for (let i = 0; i < 100; i++) expect(await received(dealer)).deep.equal([`${i}`]);
		});

		it("SIGKILL over ipc leaves a socket file, which its successor takes over", async () => {
			const endpoint = ipcPlace.endpoint();
			const first = kit.keep(await EchoProcess.start(kind, endpoint));
			const dealer = kit.dealer(quick);
			dealer.connect(endpoint);
			await dealer.send("before");
			await received(dealer);
			const lost = event(dealer.events, "disconnect");
			await first.close();
			await lost;
			await dealer.send("after");
			kit.keep(await EchoProcess.start("ours", endpoint));
			expect(await received(dealer)).deep.equal(["after"]);
		});

		it("H43: SIGSTOP of one peer among several holds up none of the others", async () => {
			const stopped = kit.keep(await EchoProcess.start(kind));
			const dealer = kit.dealer({ ...quick, sendHighWaterMark: 2 });
			const awake = kit.router();
			await awake.bind("tcp://127.0.0.1:0");
			for (const endpoint of [stopped.endpoint, awake.lastEndpoint!]) {
				const met = event(dealer.events, "handshake");
				dealer.connect(endpoint);
				await met;
			}
			stopped.stop();
			let count = 0;
			const receiving = (async () => {
				for await (const [, text] of awake) {
					count++;
					if (text!.toString() === "last") return;
				}
			})();
			const body = Buffer.alloc(2 ** 20);
			for (let i = 0; i < 60; i++) await dealer.send([`${i}`, body]);
			// One of two goes to the peer that reads; the other has no room for it.
			for (let i = 0; i < 2; i++) await dealer.send(["last"]);
			await receiving;
			expect(count).above(30);
		});
	});
}
