/**
 * The sockets for browsers: in Chromium, as they are published, and, for who has none, in a context of this Node that has no
 * more than a browser. What both do is in sockets-page.ts, bundled without a polyfill.
 */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { WebSocketServer } from "ws";
import type { Router } from "../../packages/zmtp/src/index.js";
import { leavesNothingOpen } from "../support/zmtp/open-handles.js";
import { wsPlace, wssPlace } from "../support/zmtp/places.js";
import { bound, received, useSockets } from "../support/zmtp/sockets.js";
import { type Call, inBareContext, inChromium } from "./hosts.js";

/** Sizes where the heads of frames change, and some that are large. */
const sizes = [0, 1, 124, 125, 126, 254, 255, 256, 65_534, 65_535, 65_536, 1_000_000];

function defineSockets(call: Call): void {
	const kit = useSockets();

	async function echoing(endpoint: string): Promise<[Router, string]> {
		const router = kit.router();
		const address = await bound(router, endpoint);
		void (async () => {
			for await (const frames of router) await router.send(frames);
		})();
		return [router, address];
	}

	it("has nothing of Node", async () => {
		expect(await call("traces")).deep.equal([]);
	});

	it("DEALER echoes messages of all sizes with a ROUTER in Node", async () => {
		const [, endpoint] = await echoing(wsPlace.endpoint());
		const order = (names: readonly string[]) => [...names].map(Number).sort((a, b) => a - b);
		expect(order(await call("echo", endpoint, sizes))).deep.equal(sizes);
		const many = Array.from({ length: 500 }, (_, index) => index);
		expect(order(await call("echo", endpoint, many))).deep.equal(many);
	});

	it("DEALER has its routing id at the ROUTER", async () => {
		const router = kit.router();
		const endpoint = await bound(router, wsPlace.endpoint());
		const echoed = call("echo", endpoint, [3]);
		const [routingId, ...frames] = await router.receive();
		expect(routingId!.toString()).equal("page");
		await router.send(["page", ...frames]);
		expect(await echoed).deep.equal(["3"]);
	});

	it("DEALER echoes with a peer that has RFC 45's own names only, without a mechanism", async () => {
		const peer = new WebSocketServer({
			host: "127.0.0.1",
			port: 0,
			handleProtocols: (names) => names.has("ZWS2.0") && "ZWS2.0",
		});
		try {
			let routingId: Buffer | undefined;
			peer.on("connection", (socket) => {
				// RFC 45, No Mechanism: its routing id, which it has none of.
				socket.send(Buffer.of(0));
				socket.on("message", (message: Buffer) => {
					if (routingId === undefined) routingId = message;
					else socket.send(message);
				});
			});
			await once(peer, "listening");
			const endpoint = `ws://127.0.0.1:${(peer.address() as AddressInfo).port}/`;
			expect(await call("echo", endpoint, [0, 3, 70_000])).deep.equal(["0", "3", "70000"]);
			expect(routingId!.toString("latin1")).equal("\0page");
		} finally {
			peer.close();
		}
	});

	it("hears what socket it has met, and gives up one that does not fit", async () => {
		const publisher = kit.publisher();
		expect(await call("misfit", await bound(publisher, wsPlace.endpoint()))).equal("ZMTP_SOCKET_TYPE_MISMATCH");
	});

	it("REQ gets the replies of a REP", async () => {
		const reply = kit.reply();
		const endpoint = await bound(reply, wsPlace.endpoint());
		const answered = call("ask", endpoint, ["one", "two"]);
		for (const question of ["one", "two"]) {
			expect(await received(reply)).deep.equal([question]);
			await reply.send([`${question}?`, "yes"]);
		}
		expect(await answered).deep.equal(["one?|yes", "two?|yes"]);
	});

	it("SUB gets what it subscribed to, and no longer what it unsubscribed from", async () => {
		const publisher = kit.xpublisher();
		const endpoint = await bound(publisher, wsPlace.endpoint());
		const messages = call("subscribe", endpoint, "a", 2, "b");
		expect(await received(publisher)).deep.equal(["\x01a"]);
		for (const message of ["abc", "x", "b", "a"]) await publisher.send([message, "body"]);
		expect([await received(publisher), await received(publisher)]).deep.equal([["\0a"], ["\x01b"]]);
		for (const message of ["a", "bcd"]) await publisher.send([message, "body"]);
		expect(await messages).deep.equal(["abc|body", "a|body", "bcd|body"]);
	});

	it("PUSH gets its messages to a PULL, the last ones before it is closed too", async () => {
		const pull = kit.pull();
		const endpoint = await bound(pull, wsPlace.endpoint());
		const texts = Array.from({ length: 200 }, (_, index) => `message ${index}`);
		const pushed = call("push", endpoint, texts);
		for (const text of texts) expect(await received(pull)).deep.equal([text, "end"]);
		await pushed;
	});

	it("connects again when its server comes back", async () => {
		const [router, endpoint] = await echoing(wsPlace.endpoint());
		await call("keep", endpoint);
		expect(await call("bounce", "first")).equal("first");
		await router.close();
		await call("lost");
		const bounced = call("bounce", "second");
		await echoing(endpoint);
		expect(await bounced).equal("second");
		await call("drop");
	});

	it("stops sending to a peer that does not read, at its high water mark and what lies in between", async () => {
		const router = kit.router({ receiveHighWaterMark: 1 });
		const endpoint = await bound(router, wsPlace.endpoint());
		expect(await call("flood", endpoint))
			.above(10)
			.and.below(1000);
	});

	it("gives up a peer that sends far more than is received, for it cannot be stopped", async () => {
		const router = kit.router({ mandatory: true });
		const endpoint = await bound(router, wsPlace.endpoint());
		const reason = call("neglect", endpoint);
		const [routingId] = await router.receive();
		const body = Buffer.alloc(1_000_000);
		// Until there is nobody any more to send it to.
		for (let i = 0; i < 1000; i++) {
			if ((await router.send([routingId!, body]).then(undefined, ({ code }) => code)) === "EHOSTUNREACH") break;
		}
		expect(await reason).equal("ZMTP_PEER_TOO_FAST");
	});

	it("says what a browser cannot do", async () => {
		expect(await call("refusals")).deep.equal(["ENOTSUP", "EPROTONOSUPPORT", "ENOTSUP", "ENOTSUP"]);
	});
}

describe("zmtp sockets in a context without Node", () => {
	leavesNothingOpen();
	defineSockets(inBareContext("sockets-page.ts"));
});

describe("zmtp sockets in Chromium", function () {
	this.timeout(60_000);
	const call = inChromium("sockets-page.ts", "zmtp");
	defineSockets(call);

	const kit = useSockets();
	it("DEALER echoes over wss too", async () => {
		const router = kit.router();
		const endpoint = await bound(router, wssPlace.endpoint());
		const echoed = call("echo", endpoint, [10]);
		await router.send(await router.receive());
		expect(await echoed).deep.equal(["10"]);
	});
});
