import { createConnection } from "node:net";
import { expect } from "chai";
import { WebSocket } from "ws";
import { Dealer } from "../../../packages/zmtp/src/index.js";
import { testTls } from "../../support/zmtp/certificate.js";
import { codeOf, thrownCode } from "../../support/zmtp/errors.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { wssPlace } from "../../support/zmtp/places.js";
import { addressOf } from "../../support/zmtp/raw-peer.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event } from "../../support/zmtp/waiting.js";

describe("zmtp over ws", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("says where it is bound, with the port of the system's choice and the path", async () => {
		for (const [endpoint, form] of [
			["ws://127.0.0.1:*", /^ws:\/\/127\.0\.0\.1:[1-9]\d*\/$/],
			["ws://127.0.0.1:0/a/b?c", /^ws:\/\/127\.0\.0\.1:[1-9]\d*\/a\/b\?c$/],
			["ws://[::1]:*/x", /^ws:\/\/\[::1\]:[1-9]\d*\/x$/],
			["ws://*:*/", /^ws:\/\/0\.0\.0\.0:[1-9]\d*\/$/],
		] as const) {
			expect(await bound(kit.router(), endpoint)).match(form);
		}
	});

	it("can be unbound by what was asked for and by what was bound", async () => {
		const router = kit.router();
		await router.bind("ws://127.0.0.1:*/x");
		await router.unbind("ws://127.0.0.1:*/x");
		await router.unbind(await bound(router, "ws://127.0.0.1:*/x"));
	});

	it("lets a peer in by whatever path it asks for, as libzmq does", async () => {
		const router = kit.router();
		const endpoint = await bound(router, "ws://127.0.0.1:0/here");
		const dealer = kit.dealer();
		dealer.connect(endpoint.replace("here", "elsewhere?and=more"));
		await dealer.send("hello");
		expect((await received(router))[1]).equal("hello");
	});

	it("takes one path at a port: a second listener there is refused", async () => {
		const endpoint = await bound(kit.router(), "ws://127.0.0.1:0/one");
		expect(await codeOf(() => kit.router().bind(endpoint.replace("one", "two")))).equal("EADDRINUSE");
	});

	it("refuses endpoints that name no host or port, or a path that is no path", async () => {
		const dealer = kit.dealer();
		for (const endpoint of [
			"ws://",
			"ws:///path",
			"ws://*:80",
			"ws://127.0.0.1:0/",
			"ws://127.0.0.1:80/a b",
			"ws://127.0.0.1:80/a\r\nX: y",
			"ws://127.0.0.1:80/é",
			"ws://127.0.0.1:80/#part",
			"ws://user@127.0.0.1:80x",
			"wss://::1:443/",
		]) {
			expect(
				thrownCode(() => dealer.connect(endpoint)),
				endpoint,
			).equal("EINVAL");
		}
		expect(await codeOf(() => dealer.bind("ws://127.0.0.1/no-port"))).equal("EINVAL");
	});

	it("connects to the scheme's own port when none is named", () => {
		const dealer = kit.dealer();
		for (const endpoint of ["ws://127.0.0.1", "ws://127.0.0.1/x", "wss://[::1]/x", "wss://localhost"]) {
			dealer.connect(endpoint);
		}
	});

	it("talks with another library's WebSocket, without a mechanism", async () => {
		const router = kit.router();
		const endpoint = await bound(router, "ws://127.0.0.1:0/");
		const client = new WebSocket(endpoint, "ZWS2.0");
		const messages: Buffer[] = [];
		const message = (count: number) =>
			new Promise<void>((resolve) => {
				client.on("message", () => messages.length === count && resolve());
			});
		client.on("message", (data: Buffer) => messages.push(data));
		const introduced = message(1);
		await new Promise((resolve) => client.once("open", resolve));
		client.send(Buffer.from("\0me"));
		await introduced;
		client.send(Buffer.from("\x01first"));
		client.send(Buffer.concat([Buffer.of(0), Buffer.alloc(100_000, 7)]));
		const [routingId, first, second] = await router.receive();
		expect([routingId!.toString(), first!.toString(), second!.length]).deep.equal(["me", "first", 100_000]);
		const answered = message(3);
		await router.send(["me", "a", Buffer.alloc(70_000, 1)]);
		await answered;
		expect(messages.map((data) => data.length)).deep.equal([1, 2, 70_001]);
		expect(messages[1]!.toString()).equal("\x01a");
		const closed = new Promise((resolve) => client.once("close", resolve));
		await router.close();
		expect(await closed).equal(1000);
	});
});

describe("zmtp over wss", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("needs a key and a certificate to bind, and takes none that are not", async () => {
		for (const tls of [
			null,
			{},
			{ key: testTls.key! },
			{ cert: testTls.cert! },
			{ key: "no key", cert: "no certificate" },
		]) {
			expect(await codeOf(() => kit.router({ tls }).bind(wssPlace.endpoint()))).equal("EINVAL");
		}
		for (const tls of [{ keys: "x" }, { key: 5 }, "x", { requestCert: "yes" }, { minVersion: "SSLv3" }]) {
			expect(thrownCode(() => new Dealer({ tls: tls as never }))).equal("EINVAL");
		}
	});

	it("talks by name and by address to a server whose certificate says so", async () => {
		const router = kit.router();
		const endpoint = await bound(router, "wss://localhost:0/x");
		const port = new URL(endpoint).port;
		const host = new URL(endpoint).hostname;
		for (const name of ["localhost", host]) {
			const dealer = kit.dealer({ tls: { ca: testTls.ca! } });
			dealer.connect(`wss://${name}:${port}/x`);
			await dealer.send(name);
			expect((await received(router))[1]).equal(name);
		}
	});

	it("does not talk to a server that nobody vouches for, or that has another name, unless told to", async () => {
		const router = kit.router();
		const endpoint = await bound(router, wssPlace.endpoint());
		for (const tls of [null, { ca: testTls.ca!, servername: "elsewhere.test" }]) {
			const dealer = kit.dealer({ tls, reconnectInterval: 100_000 });
			const retried = event(dealer.events, "connect:retry");
			dealer.connect(endpoint);
			expect((await retried).error?.code).equal("ESYSTEM");
		}
		const careless = kit.dealer({ tls: { rejectUnauthorized: false } });
		careless.connect(endpoint);
		await careless.send("hello");
		expect((await received(router))[1]).equal("hello");
	});

	it("can ask clients for a certificate, and lets in those alone that have one", async () => {
		const router = kit.router({ tls: { ...testTls, requestCert: true } });
		const endpoint = await bound(router, wssPlace.endpoint());
		const stranger = kit.dealer({ tls: { ca: testTls.ca! }, reconnectInterval: 100_000 });
		const refused = event(stranger.events, "connect:retry");
		stranger.connect(endpoint);
		await refused;
		const friend = kit.dealer();
		friend.connect(endpoint);
		await friend.send("hello");
		expect((await received(router))[1]).equal("hello");
	});

	it("tells of peers that fail at TLS, and serves others", async () => {
		const router = kit.router();
		const endpoint = await bound(router, wssPlace.endpoint());
		const told = event(router.events, "accept:error");
		const attacker = createConnection(addressOf(endpoint));
		attacker.on("error", () => {}).resume();
		attacker.write("GET / HTTP/1.1\r\n\r\n");
		expect((await told).error.code).equal("ZMTP_NOT_ZMTP");
		await new Promise((resolve) => attacker.once("close", resolve));
		const dealer = kit.dealer();
		dealer.connect(endpoint);
		await dealer.send("hello");
		expect((await received(router))[1]).equal("hello");
	});

	it("H09: gives up peers that stay silent at TLS, the oldest when there are too many, and when it closes", async () => {
		const router = kit.router({ handshakeInterval: 200, maxPendingHandshakes: 3 });
		const endpoint = await bound(router, wssPlace.endpoint());
		const closings: Promise<number>[] = [];
		const connect = async (index: number) => {
			const socket = createConnection(addressOf(endpoint));
			socket.on("error", () => {}).resume();
			closings.push(new Promise((resolve) => socket.once("close", () => resolve(index))));
			await new Promise((resolve) => socket.once("connect", resolve));
			return socket;
		};
		for (let i = 0; i < 4; i++) await connect(i);
		expect(await Promise.race(closings)).equal(0);
		await Promise.all(closings);

		const patient = kit.router();
		const other = createConnection(addressOf(await bound(patient, wssPlace.endpoint())));
		other.on("error", () => {}).resume();
		await new Promise((resolve) => other.once("connect", resolve));
		await patient.close();
		await new Promise((resolve) => other.once("close", resolve));
	});
});
