import { expect } from "chai";
import type { ZmtpError } from "../../../packages/zmtp/src/index.js";
import { type Message, type Peer, Port, type PortHandler } from "../../../packages/zmtp/src/port.js";
import { testTls } from "../../support/zmtp/certificate.js";
import { hexOf } from "../../support/zmtp/frames.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { places, tcpPlace } from "../../support/zmtp/places.js";
import { RawPeer } from "../../support/zmtp/raw-peer.js";
import { useSockets } from "../../support/zmtp/sockets.js";
import { until } from "../../support/zmtp/waiting.js";

/** Writes down what happens at a port. */
class Recorder implements PortHandler {
	isRelay = false;
	readonly ready: Peer[] = [];
	readonly lost: { peer: Peer; error: ZmtpError | undefined }[] = [];
	readonly messages: string[] = [];
	writable = 0;
	onText: (peer: Peer, text: string) => void = () => {};

	onPeerReady(peer: Peer): void {
		this.ready.push(peer);
	}

	onPeerLost(peer: Peer, error: ZmtpError | undefined): void {
		this.lost.push({ peer, error });
	}

	onMessage(peer: Peer, message: Message): void {
		const text = hexOf(message)
			.map((hex) => Buffer.from(hex, "hex").toString())
			.join("|");
		this.messages.push(text);
		this.onText(peer, text);
	}

	onWritable(): void {
		this.writable++;
	}
}

function send(peer: Peer, ...frames: (string | Uint8Array)[]): void {
	const writer = peer.begin();
	frames.forEach((frame, index) => {
		writer.frame(Buffer.from(frame), index < frames.length - 1);
	});
	peer.commit();
}

for (const place of places) {
	describe(`zmtp port over ${place.name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();
		const open = (type: "DEALER" | "ROUTER", recorder: Recorder, options = {}) =>
			kit.keep(
				new Port(
					type,
					{ linger: 0, tls: testTls, reconnectInterval: 5, reconnectMaxInterval: 10, ...options },
					recorder,
				),
			);

		async function pair(options = {}, isRelay = false) {
			const server = new Recorder();
			const client = new Recorder();
			client.isRelay = isRelay;
			const router = open("ROUTER", server, options);
			const endpoint = await router.bind(place.endpoint());
			const dealer = open("DEALER", client, options);
			dealer.connect(endpoint);
			await until(() => server.ready.length === 1 && client.ready.length === 1);
			return { server, client, router, dealer, endpoint };
		}

		it("adds no frame and takes none, and answers from within a message", async () => {
			const { server, client } = await pair();
			server.onText = (peer, text) => send(peer, "re", text);
			send(client.ready[0]!, "", "question", "");
			send(client.ready[0]!, "two");
			await until(() => client.messages.length === 2);
			expect(server.messages).deep.equal(["|question|", "two"]);
			expect(client.messages).deep.equal(["re||question|", "re|two"]);
		});

		it("sends what is committed, and nothing of what is rolled back", async () => {
			const { server, client } = await pair();
			const peer = client.ready[0]!;
			send(peer, "one");
			const writer = peer.begin();
			writer.frame(Buffer.from("never"), true);
			writer.frame(Buffer.alloc(20_000), true);
			peer.rollback();
			send(peer, "two");
			await until(() => server.messages.length === 2);
			expect(server.messages).deep.equal(["one", "two"]);
			expect([peer.committed, peer.flushed, peer.queuedBytes]).deep.equal([2, 2, 0]);
		});

		for (const isRelay of [false, true]) {
			it(`sends at the end of the turn${isRelay ? ", or, where much came before, once all have been read" : ""}`, async () => {
				const { server, client } = await pair({}, isRelay);
				const peer = client.ready[0]!;
				const tick = () => new Promise((resolve) => process.nextTick(resolve));
				const immediate = () => new Promise((resolve) => setImmediate(resolve));
				send(peer, "one");
				send(peer, "two");
				expect(peer.flushed).equal(0);
				await immediate();
				expect(peer.flushed).equal(2);
				await until(() => server.messages.length === 2 && peer.queuedBytes === 0);
				send(peer, "three");
				await tick();
				expect(peer.flushed).equal(isRelay ? 2 : 3);
				await immediate();
				expect(peer.flushed).equal(3);
				await until(() => server.messages.length === 3 && peer.queuedBytes === 0);
				// It came alone: nor does the next one wait.
				send(peer, "four");
				await tick();
				expect(peer.flushed).equal(4);
				await until(() => server.messages.length === 4);
			});
		}

		it("says when a peer is lost, with what was committed but not flushed; the same peer comes back", async () => {
			const { server, client, router, endpoint } = await pair();
			const peer = client.ready[0]!;
			peer.context = "mine";
			send(peer, "one");
			await until(() => server.messages.length === 1);
			await router.close();
			await until(() => client.lost.length === 1);
			expect(client.lost[0]!.peer).equal(peer);
			expect(client.lost[0]!.error?.code).equal("ZMTP_CONNECTION_LOST");
			const again = new Recorder();
			await open("ROUTER", again).bind(endpoint);
			await until(() => client.ready.length === 2);
			expect([client.ready[1] === peer, peer.context, peer.committed - peer.flushed]).deep.equal([true, "mine", 0]);
			send(peer, "two");
			await until(() => again.messages.length === 1);
			expect(again.messages).deep.equal(["two"]);
		});

		it("stops reading a paused peer, down to its sender, and reads on where it stopped", async () => {
			const { server, client } = await pair({ sendHighWaterMark: 20 });
			server.onText = (peer) => peer.pause();
			const from = client.ready[0]!;
			let sent = 0;
			for (let still = 0; still < 50; ) {
				if (from.isWritable) {
					send(from, `${sent++}`, Buffer.alloc(30_000));
					still = 0;
				} else {
					still++;
					await new Promise((resolve) => setImmediate(resolve));
				}
			}
			expect(server.messages).length(1);
			expect(sent).below(500);
			const writableBefore = client.writable;
			server.onText = () => {};
			server.ready[0]!.resume();
			await until(() => server.messages.length === sent);
			expect(server.messages.map((text) => text.split("|")[0])).deep.equal(
				Array.from({ length: sent }, (_, index) => `${index}`),
			);
			await until(() => client.writable > writableBefore);
			expect(from.isWritable).equal(true);
		});

		it("closes one peer and keeps the others", async () => {
			const { server, client, endpoint } = await pair({ reconnectInterval: 10_000 });
			const other = new Recorder();
			open("DEALER", other).connect(endpoint);
			await until(() => other.ready.length === 1 && server.ready.length === 2);
			server.ready[0]!.close(undefined);
			expect(server.lost.map(({ peer }) => peer)).deep.equal([server.ready[0]]);
			await until(() => client.lost.length === 1);
			send(other.ready[0]!, "still here");
			await until(() => server.messages.length === 1);
		});

		it("closes from within a message", async () => {
			const { server, client, router } = await pair();
			let closed: Promise<void> | undefined;
			server.onText = () => {
				closed = router.close();
			};
			for (const text of ["a", "b", "c"]) send(client.ready[0]!, text);
			await until(() => closed !== undefined);
			await closed;
			expect(server.messages.length).within(1, 3);
			await until(() => client.lost.length === 1);
		});
	});
}

describe("zmtp port", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("tells its own properties in READY and its peer's in the description", async () => {
		const recorder = new Recorder();
		const port = kit.keep(new Port("ROUTER", {}, recorder, [["X-Homing", Buffer.from("1")]]));
		const peer = await RawPeer.connect(await port.bind(tcpPlace.endpoint()));
		const { body } = await peer.shakeHands("DEALER", { routingId: "abc" });
		expect(body.toString("latin1")).equal(
			"\x05READY\x0bSocket-Type\0\0\0\x06ROUTER\x08Identity\0\0\0\0\x08X-Homing\0\0\0\x011",
		);
		await until(() => recorder.ready.length === 1);
		expect(Buffer.from(recorder.ready[0]!.peerRoutingId).toString()).equal("abc");
		expect(recorder.ready[0]!.address).match(/^tcp:\/\/127\.0\.0\.1:/);
		await peer.close();
	});
});
