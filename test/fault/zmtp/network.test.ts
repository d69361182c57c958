import dns from "node:dns";
import { expect } from "chai";
import type { SocketOptions } from "../../../packages/zmtp/src/index.js";
import { type Direction, FaultProxy, type Toxics } from "../../support/zmtp/fault-proxy.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { ipcPlace, tcpPlace } from "../../support/zmtp/places.js";
import { createRandom, printedSeed } from "../../support/zmtp/seed.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event, until } from "../../support/zmtp/waiting.js";

const quick = { reconnectInterval: 5, reconnectMaxInterval: 10 };
const directions: readonly Direction[] = ["upstream", "downstream"];

for (const place of [tcpPlace, ipcPlace]) {
	describe(`zmtp over a bad network in front of ${place.name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();

		async function echo(options: SocketOptions = {}) {
			const router = kit.router({ receiveHighWaterMark: 0, sendHighWaterMark: 0 });
			const proxy = kit.keep(await FaultProxy.to(await bound(router, place.endpoint())));
			void (async () => {
				for await (const frames of router) await router.send(frames);
			})();
			const dealer = kit.dealer({ ...quick, ...options });
			const losses: string[] = [];
			dealer.events.on("disconnect", ({ error }) => losses.push(error?.code ?? "none"));
			return { router, proxy, dealer, losses };
		}

		/** What only delays or cuts: everything arrives, in order, whole, over one connection. */
		const harmless: readonly (readonly [string, Toxics])[] = [
			["latency", { latencyMs: 20 }],
			["latency with jitter", { latencyMs: 15, jitterMs: 15 }],
			["bandwidth", { bytesPerSecond: 2_000_000 }],
			["slicer", { slicerBytes: 7 }],
			["slicer with pauses", { slicerBytes: 5000, slicerDelayMs: 1 }],
		];
		for (const [name, toxics] of harmless) {
			for (const direction of directions) {
				it(`${name} ${direction}: large and small messages come back as they were, with heartbeats between them`, async () => {
					// A PING waits behind what is sent, and tens of thousands of slices take a while: the time that is given is that of a hang.
					const patience = { heartbeatTimeout: 10_000, heartbeatTimeToLive: 10_000 };
					const { proxy, dealer, losses } = await echo({ heartbeatInterval: 20, ...patience });
					proxy[direction] = toxics;
					dealer.connect(proxy.endpoint);
					const large = Buffer.alloc(60_000, "0123456789abcdef");
					for (let i = 0; i < 6; i++) await dealer.send([`${i}`, "", large.subarray(0, i * 12_000)]);
					for (let i = 0; i < 6; i++) {
						const [text, , body] = await dealer.receive();
						expect(text!.toString()).equal(`${i}`);
						expect(Buffer.compare(body!, large.subarray(0, i * 12_000))).equal(0);
					}
					expect(losses).deep.equal([]);
				});
			}
		}

		/** What ends connections: what the queue holds while there is none goes out over the next one. */
		const deadly: readonly (readonly [string, Toxics, string])[] = [
			["limit_data", { limitDataBytes: 3000 }, "ZMTP_CONNECTION_LOST"],
			["reset_peer at an octet", { limitDataBytes: 3000, resetPeerMs: 0 }, "ZMTP_CONNECTION_LOST"],
			["reset_peer", { resetPeerMs: 30 }, "ZMTP_CONNECTION_LOST"],
			["timeout", { timeoutMs: 40 }, "ZMTP_CONNECTION_LOST"],
			["timeout without end", { timeoutMs: 0 }, "ZMTP_HEARTBEAT_TIMEOUT"],
		];
		for (const [name, toxics, code] of deadly) {
			for (const direction of directions) {
				it(`${name} ${direction}: the connection is lost with ${code}; what was queued meanwhile arrives once, in order, over the next`, async () => {
					const { proxy, dealer } = await echo(
						code === "ZMTP_HEARTBEAT_TIMEOUT" ? { heartbeatInterval: 60, heartbeatTimeout: 60 } : {},
					);
					dealer.connect(proxy.endpoint);
					await dealer.send("before");
					expect(await received(dealer)).deep.equal(["before"]);
					const lost = event(dealer.events, "disconnect");
					proxy[direction] = toxics;
					for (let i = 0; i < 100; i++) await dealer.send(["lost or not", "x".repeat(100)]);
					expect((await lost).error?.code).equal(code);
					for (let i = 0; i < 100; i++) await dealer.send(["after", `${i}`]);
					proxy.toxics = {};
					const after: string[] = [];
					while (after.length < 100) {
						const [text, number] = await received(dealer);
						if (text === "after") after.push(number!);
					}
					expect(after).deep.equal(Array.from({ length: 100 }, (_, index) => `${index}`));
				});
			}
		}

		it("down: sends wait in the queue while there is nobody, and arrive in order once there is", async () => {
			const { proxy, dealer } = await echo();
			dealer.connect(proxy.endpoint);
			await dealer.send("before");
			await received(dealer);
			const lost = event(dealer.events, "disconnect");
			await proxy.down();
			await lost;
			for (let i = 0; i < 200; i++) await dealer.send(`${i}`);
			const refused = event(dealer.events, "connect:retry", ({ error }) => error?.cause !== undefined);
			await refused;
			await proxy.up();
			for (let i = 0; i < 200; i++) expect(await received(dealer)).deep.equal([`${i}`]);
		});

		for (const direction of directions) {
			it(`slow_close ${direction}: close() waits for nobody's end longer than its own patience`, async () => {
				const { proxy, dealer } = await echo();
				dealer.connect(proxy.endpoint);
				await dealer.send("x");
				await received(dealer);
				proxy[direction] = { slowCloseMs: 60_000 };
				await dealer.close();
			});
		}

		it("timeout that heals before heartbeats notice: nothing is lost, doubled or out of order", async () => {
			const { proxy, dealer, losses } = await echo({ heartbeatInterval: 5000 });
			dealer.connect(proxy.endpoint);
			await dealer.send("before");
			await received(dealer);
			proxy.toxics = { timeoutMs: 0 };
			for (let i = 0; i < 100; i++) await dealer.send(`${i}`);
			for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
			expect(dealer.readable).equal(false);
			proxy.toxics = {};
			for (let i = 0; i < 100; i++) expect(await received(dealer)).deep.equal([`${i}`]);
			expect(losses).deep.equal([]);
		});
	});
}

describe("zmtp over a bad network", () => {
	leavesNothingOpen();
	const kit = useSockets();

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
			proxy.upstream = { limitDataBytes: 150 + Math.floor(random() * 60_000), resetPeerMs: 0 };
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

	it("gone silent one way only, both sides notice by themselves, each by what it does not hear", async () => {
		const router = kit.router({ heartbeatInterval: 50, heartbeatTimeout: 50 });
		const proxy = kit.keep(await FaultProxy.to(await bound(router, tcpPlace.endpoint())));
		const dealer = kit.dealer({ ...quick, heartbeatInterval: 50, heartbeatTimeout: 50 });
		dealer.connect(proxy.endpoint);
		await dealer.send("before");
		await received(router);
		const lost = [event(router.events, "disconnect"), event(dealer.events, "disconnect")];
		proxy.upstream = { timeoutMs: 0 };
		expect((await lost[0]!).error?.code).equal("ZMTP_HEARTBEAT_TIMEOUT");
		await lost[1];
		proxy.toxics = {};
		await dealer.send("after");
		await until(() => router.readable);
		expect((await received(router))[1]).equal("after");
	});

	it("H13: connected to itself, as happens where nobody listens, a socket notices and tries again; its other peers are served", async () => {
		const probe = kit.router();
		const free = await bound(probe, tcpPlace.endpoint());
		const { port } = new URL(free);
		await probe.close();
		const router = kit.router();
		const dealer = kit.dealer(quick);
		dealer.connect(await bound(router, tcpPlace.endpoint()));
		await dealer.send("there");
		await received(router);
		const retries: string[] = [];
		dealer.events.on("connect:retry", ({ error }) => retries.push(error?.code ?? "none"));
		// From the port that it goes to: what the system may choose by chance.
		dealer.connect(`tcp://127.0.0.1:${port};127.0.0.1:${port}`);
		await until(() => retries.filter((code) => code === "ZMTP_SELF_CONNECTED").length >= 2);
		dealer.disconnect(`tcp://127.0.0.1:${port};127.0.0.1:${port}`);
		await dealer.send("still there");
		expect((await received(router))[1]).equal("still there");
	});

	it("H98: a name whose address has changed is found at the new one, at the next attempt", async () => {
		const lookup = dns.lookup;
		let address = "127.0.0.1";
		// What the system asks for a name: only these tests' own name is answered otherwise.
		dns.lookup = ((name: string, options: { all?: boolean }, callback: (...answer: unknown[]) => void) => {
			if (name !== "moving.test") return lookup(name, options, callback as never);
			setImmediate(() => (options.all ? callback(null, [{ address, family: 4 }]) : callback(null, address, 4)));
		}) as never;
		try {
			const former = kit.router();
			const { port } = new URL(await bound(former, tcpPlace.endpoint()));
			const dealer = kit.dealer(quick);
			dealer.connect(`tcp://moving.test:${port}`);
			await dealer.send("one");
			await received(former);
			const latter = kit.router();
			await latter.bind(`tcp://127.0.0.2:${port}`);
			address = "127.0.0.2";
			await former.close();
			await event(dealer.events, "handshake");
			await dealer.send("two");
			expect((await received(latter))[1]).equal("two");
		} finally {
			dns.lookup = lookup;
		}
	});
});
