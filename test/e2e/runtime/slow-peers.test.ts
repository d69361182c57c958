import { expect } from "chai";
import type { LinkPeer } from "../../../packages/runtime/src/link/link.js";
import { Port } from "../../../packages/zmtp/src/port.js";
import { echo } from "../../support/runtime/echo.js";
import { anyPort } from "../../support/runtime/endpoints.js";
import { fast, QueueRig } from "../../support/runtime/queue-rig.js";
import { until, verdict } from "../../support/runtime/until.js";
import { callHeader, pack } from "../../support/runtime/wire.js";

const mebibyte = 1 << 20;

/** A peer below the runtime that can stop reading. */
class RawPort {
	peer: LinkPeer | undefined;
	received = 0;
	readonly port: Port;

	constructor(type: "DEALER" | "ROUTER") {
		this.port = new Port(
			type,
			{ linger: 0, sendHighWaterMark: 0, sendHighWaterMarkBytes: 0 },
			{
				onPeerReady: (peer) => {
					this.peer = peer;
				},
				onPeerLost: () => {
					this.peer = undefined;
				},
				onWritable: () => {},
				onMessage: () => this.received++,
			},
		);
	}

	send(...frames: Uint8Array[]): void {
		const writer = this.peer!.begin();
		for (const [at, frame] of frames.entries()) writer.frame(frame, at < frames.length - 1);
		this.peer!.commit();
	}

	close(): Promise<void> {
		return this.port.close();
	}
}

describe("peers that do not read", () => {
	const rig = new QueueRig();
	const large = "x".repeat(mebibyte);

	it("a client that does not read its answers is not read from either, and others are served", async () => {
		const [server, endpoint] = await rig.serve({ say: () => large });
		const slow = rig.own(new RawPort("DEALER"));
		slow.port.connect(endpoint);
		await until(() => slow.peer !== undefined);
		slow.peer!.pause();
		for (let i = 0; i < 500; i++) slow.send(Buffer.of(1), Buffer.alloc(0), callHeader("Echo.say"), pack(["a"]));
		const bystander = rig.connect(endpoint);
		await until(() => server.stats().served >= 16);
		let before: number;
		do {
			before = server.stats().served;
			for (let i = 0; i < 20; i++) await bystander.call(echo.risky, ["still served"]);
		} while (server.stats().served > before + 20);
		expect(server.stats().served, "answers of the slow client that were made").to.be.below(200);
		slow.peer!.resume();
		await until(() => slow.received === 500);
	}).timeout(30_000);

	it("a client that does not read is given up by a server whose running calls fill 64 MiB", async () => {
		const [server, endpoint] = await rig.serve({ say: async () => large }, { concurrency: 500 });
		const slow = rig.own(new RawPort("DEALER"));
		slow.port.connect(endpoint);
		await until(() => slow.peer !== undefined);
		slow.peer!.pause();
		for (let i = 0; i < 200; i++) slow.send(Buffer.of(1), Buffer.alloc(0), callHeader("Echo.say"), pack(["a"]));
		const lost = new Promise((resolve) => server.once("peer", resolve));
		await lost;
		await until(() => server.stats().running === 0);
	}).timeout(30_000);

	it("a server that does not read holds calls back at its client, which is bounded", async () => {
		const deaf = rig.own(new RawPort("ROUTER"));
		const endpoint = await deaf.port.bind(anyPort);
		const client = rig.connect(endpoint, { ...fast, maxWaitingBytes: 8 * mebibyte });
		await until(() => deaf.peer !== undefined && client.state === "ready");
		deaf.peer!.pause();
		const outcomes: Promise<string>[] = [];
		while (client.stats().waiting === 0) {
			outcomes.push(verdict(client.call(echo.say, [large])));
			await new Promise((resolve) => setImmediate(resolve));
			expect(outcomes.length).to.be.below(200);
		}
		while (client.stats().waiting < 7) outcomes.push(verdict(client.call(echo.say, [large])));
		expect(await verdict(client.call(echo.say, [large]))).to.equal("RESOURCE_EXHAUSTED not-started local");
		await client.close();
		for (const outcome of await Promise.all(outcomes))
			expect(outcome).to.match(/^CANCELLED (unknown|not-started) local$/);
	}).timeout(30_000);

	it("a worker that does not read gets no more work, and the others get it", async () => {
		await rig.start();
		await rig.worker({ say: (text) => text.slice(0, 1) });
		const deaf = rig.own(new RawPort("DEALER"));
		deaf.port.connect(rig.workers);
		await until(() => deaf.peer !== undefined);
		deaf.send(
			Buffer.alloc(0),
			Buffer.of(0x20),
			pack({ protocol: 1, instance: "deaf", concurrency: 1000, services: { Echo: "" } }),
		);
		await until(() => rig.queue.stats().workers.length === 2);
		deaf.peer!.pause();
		const client = rig.client();
		let answered = 0;
		for (let i = 0; i < 100; i++)
			void client.call(echo.say, [large], { timeoutMs: 60_000 }).then(
				() => answered++,
				() => {},
			);
		await until(() => answered >= 50);
		expect(rig.queue.stats().inFlight).to.be.at.most(50);
	}).timeout(30_000);
});
