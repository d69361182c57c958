import { expect } from "chai";
import {
	type AuthenticationAnswer,
	type AuthenticationRequest,
	curveKeyPair,
	curvePublicKey,
	Dealer,
	decodeZ85,
	type ZmtpError,
} from "../../../packages/zmtp/src/index.js";
import { type Peer, Port } from "../../../packages/zmtp/src/port.js";
import { clientKeys, curveClient, curveServer, plainClient, quick } from "../../support/zmtp/credentials.js";
import { codeOf, thrownCode } from "../../support/zmtp/errors.js";
import { command, greeting } from "../../support/zmtp/frames.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { inprocPlace, ipcPlace, tcpPlace } from "../../support/zmtp/places.js";
import { RawPeer } from "../../support/zmtp/raw-peer.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { defer, event, recordEvents } from "../../support/zmtp/waiting.js";

for (const place of [tcpPlace, ipcPlace]) {
	describe(`zmtp security over ${place.name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();

		it("PLAIN: a client with the right password is served", async () => {
			const asked: AuthenticationRequest[] = [];
			const router = kit.router({
				plainServer: true,
				zapDomain: "global",
				routingId: "server",
				authenticator: (request) => {
					asked.push(request);
					return request.password === "sécret";
				},
			});
			const dealer = kit.dealer({ ...plainClient("admin", "sécret"), routingId: "d" });
			dealer.connect(await bound(router, place.endpoint()));
			await dealer.send("hello");
			expect(await received(router)).deep.equal(["d", "hello"]);
			await router.send(["d", "welcome"]);
			expect(await received(dealer)).deep.equal(["welcome"]);
			expect(asked.map(({ routingId, ...rest }) => ({ ...rest, routingId: String(routingId) }))).deep.equal([
				{
					domain: "global",
					address: place === tcpPlace ? "127.0.0.1" : "",
					routingId: "server",
					mechanism: "PLAIN",
					username: "admin",
					password: "sécret",
				},
			]);
		});

		it("PLAIN: a client with a wrong password is told 400, and does not ask again", async () => {
			const router = kit.router({ plainServer: true, authenticator: ({ password }) => password === "right" });
			const endpoint = await bound(router, place.endpoint());
			const dealer = kit.dealer({ ...quick, ...plainClient("admin", "wrong") });
			const refusing = event(router.events, "handshake:error:auth");
			const refused = event(dealer.events, "handshake:error:auth");
			const heard = recordEvents(dealer.events);
			dealer.connect(endpoint);
			const { error } = await refusing;
			expect([error.code, error.status]).deep.equal(["ZMTP_AUTHENTICATION_FAILED", 400]);
			const told = (await refused).error;
			expect([told.code, told.status]).deep.equal(["ZMTP_PEER_REFUSED", 400]);
			// Another client is served meanwhile, which takes far longer than another attempt of the first would.
			const other = kit.dealer({ ...quick, ...plainClient("admin", "right"), routingId: "other" });
			other.connect(endpoint);
			await other.send("hello");
			expect(await received(router)).deep.equal(["other", "hello"]);
			expect(heard.filter((name) => name.startsWith("connect:retry"))).deep.equal([]);
		});

		it("PLAIN: a server that has nobody to ask lets nobody in", async () => {
			const router = kit.router({ plainServer: true });
			const dealer = kit.dealer({ ...quick, ...plainClient("admin", "secret") });
			const refusing = event(router.events, "handshake:error:auth");
			dealer.connect(await bound(router, place.endpoint()));
			const { error } = await refusing;
			expect([error.code, error.status]).deep.equal(["ZMTP_AUTHENTICATION_FAILED", 300]);
			// No ERROR: the server may find an authenticator, so the client asks again.
			await event(dealer.events, "connect:retry");
		});

		it("PLAIN: the server may be the side that connects", async () => {
			const dealer = kit.dealer({ ...plainClient("admin", "secret"), routingId: "d" });
			const router = kit.router({ plainServer: true, authenticator: () => true, mandatory: true });
			const endpoint = await bound(dealer, place.endpoint());
			const met = event(router.events, "handshake");
			router.connect(endpoint);
			await met;
			await router.send(["d", "hello"]);
			expect(await received(dealer)).deep.equal(["hello"]);
		});

		it("status 300 is a close without a word: the client tries again, and is let in when it is time", async () => {
			let times = 0;
			const router = kit.router({
				plainServer: true,
				authenticator: () => (++times < 3 ? { status: 300, text: "not yet" } : { status: 200 }),
			});
			const dealer = kit.dealer({ ...quick, ...plainClient("admin", "secret"), routingId: "d" });
			const heard = recordEvents(dealer.events);
			dealer.connect(await bound(router, place.endpoint()));
			await dealer.send("hello");
			expect(await received(router)).deep.equal(["d", "hello"]);
			expect(times).equal(3);
			expect(heard.filter((name) => name === "handshake:error:other ZMTP_CONNECTION_LOST")).length(2);
			expect(heard.filter((name) => name.startsWith("handshake:error:auth"))).deep.equal([]);
		});

		const nonsense: readonly [name: string, authenticator: () => unknown][] = [
			["undefined", () => undefined],
			["null", () => null],
			["a number", () => 200],
			["status 999", () => ({ status: 999 })],
			["status as text", () => ({ status: "200" })],
			["status 2OO", () => ({ status: "2OO" })],
			["a text that is none", () => ({ status: 200, text: 1 })],
			["a user id that is none", () => ({ status: 200, userId: {} })],
			["metadata that are none", () => ({ status: 200, metadata: "x" })],
			[
				"an exception",
				() => {
					throw new Error("broken");
				},
			],
			["a rejection", () => Promise.reject(new Error("broken"))],
			[
				"an object that throws when it is looked at",
				() => ({
					get status() {
						throw new Error("broken");
					},
				}),
			],
		];
		for (const mechanism of ["NULL", "PLAIN", "CURVE"] as const) {
			it(`H55: ${mechanism}: whatever is not a clear yes of the authenticator keeps the peer out`, async () => {
				let answer: () => unknown = () => true;
				const router = kit.router({
					...(mechanism === "PLAIN" ? { plainServer: true } : mechanism === "CURVE" ? curveServer : {}),
					authenticator: () => answer() as AuthenticationAnswer,
				});
				const endpoint = await bound(router, place.endpoint());
				const client =
					mechanism === "PLAIN" ? plainClient("admin", "secret") : mechanism === "CURVE" ? curveClient : {};
				const bystander = kit.dealer({ ...client, routingId: "bystander" });
				bystander.connect(endpoint);
				await bystander.send("first");
				await received(router);
				for (const [name, authenticator] of nonsense) {
					answer = authenticator;
					const refusing = event(router.events, "handshake:error:auth");
					const dealer = kit.dealer({ ...quick, ...client });
					dealer.connect(endpoint);
					const { error } = await refusing;
					expect([error.code, error.status], name).deep.equal(["ZMTP_AUTHENTICATION_FAILED", 300]);
					await dealer.close();
				}
				await bystander.send("last");
				expect(await received(router)).deep.equal(["bystander", "last"]);
			});
		}

		it("H55: an authenticator that never answers keeps its peer out and holds up nobody else", async () => {
			const late = defer<boolean>();
			const asked = defer();
			const router = kit.router({
				plainServer: true,
				handshakeInterval: 200,
				authenticator: ({ username }) => {
					if (username === "good") return true;
					asked.resolve();
					return late.promise;
				},
			});
			const endpoint = await bound(router, place.endpoint());
			const lost = event(router.events, "handshake:error:other");
			kit.dealer({ ...plainClient("waits", "x"), reconnectInterval: -1 }).connect(endpoint);
			await asked.promise;
			const good = kit.dealer({ ...plainClient("good", "x"), routingId: "good" });
			good.connect(endpoint);
			await good.send("hello");
			expect(await received(router)).deep.equal(["good", "hello"]);
			expect((await lost).error.code).equal("ZMTP_HANDSHAKE_TIMEOUT");
			// Too late: there is nothing left that it could let in.
			late.resolve(true);
			await good.send("again");
			expect(await received(router)).deep.equal(["good", "again"]);
		});

		it("tells those who receive from a peer whom the authenticator takes it for", async () => {
			const met = defer<Peer>();
			const port = kit.keep(
				new Port(
					"ROUTER",
					{
						...curveServer,
						authenticator: async ({ publicKey }) => ({
							status: 200,
							userId: publicKey === clientKeys.publicKey ? "pigeon" : "stranger",
							metadata: JSON.parse('{ "X-Loft": "north", "__proto__": "own", "level": "7" }'),
						}),
					},
					{ onPeerReady: (peer) => met.resolve(peer), onPeerLost() {}, onMessage() {}, onWritable() {} },
				),
			);
			kit.dealer(curveClient).connect(await port.bind(place.endpoint()));
			const { userId, metadata } = (await met.promise).description!;
			expect(userId).equal("pigeon");
			expect([...metadata].map(([name, value]) => [name, Buffer.from(value).toString("latin1")])).deep.equal([
				["x-loft", "north"],
				["__proto__", "own"],
				["level", "7"],
			]);
		});

		it("CURVE: messages of every size go both ways", async () => {
			const router = kit.router(curveServer);
			const dealer = kit.dealer({ ...curveClient, routingId: "d" });
			dealer.connect(await bound(router, place.endpoint()));
			const sizes = [
				[0],
				[1],
				[0, 0, 1],
				[221, 222, 223, 255, 256],
				[1023, 1024, 16_350, 16_351, 16_384],
				[1 << 20, 3],
			];
			for (const frames of sizes.map((list) => list.map((size) => Buffer.alloc(size, size & 0xff)))) {
				await dealer.send(frames);
				const [id, ...there] = await router.receive();
				expect(Buffer.concat(there).equals(Buffer.concat(frames))).equal(true);
				expect(there.map(({ length }) => length)).deep.equal(frames.map(({ length }) => length));
				await router.send([id!, ...there]);
				const back = await dealer.receive();
				expect(back.map(({ length }) => length)).deep.equal(frames.map(({ length }) => length));
				expect(Buffer.concat(back).equals(Buffer.concat(frames))).equal(true);
			}
		});

		it("CURVE: a client that knows another server's key is nobody's client", async () => {
			const router = kit.router(curveServer);
			const dealer = kit.dealer({ ...quick, ...curveClient, curveServerKey: curveKeyPair().publicKey });
			const refusing = event(router.events, "handshake:error:protocol");
			const lost = event(dealer.events, "handshake:error:other");
			dealer.connect(await bound(router, place.endpoint()));
			expect((await refusing).error.code).equal("ZMTP_CURVE_HANDSHAKE_INVALID");
			expect((await lost).error.code).equal("ZMTP_CONNECTION_LOST");
		});

		it("CURVE: the authenticator sees the public key that the client has proven to have", async () => {
			const friend = curveKeyPair();
			const router = kit.router({ ...curveServer, authenticator: ({ publicKey }) => publicKey === friend.publicKey });
			const endpoint = await bound(router, place.endpoint());
			const stranger = kit.dealer(curveClient);
			const refused = event(stranger.events, "handshake:error:auth");
			stranger.connect(endpoint);
			expect((await refused).error.status).equal(400);
			const dealer = kit.dealer({ curveServerKey: curveClient.curveServerKey, curveSecretKey: friend.secretKey });
			dealer.connect(endpoint);
			await dealer.send("hello");
			expect((await received(router))[1]).equal("hello");
		});

		it("CURVE: what waits in a queue goes out over the next connection, in order and once, under its keys", async () => {
			const first = kit.router(curveServer);
			const endpoint = await bound(first, place.endpoint());
			const dealer = kit.dealer({ ...quick, ...curveClient, routingId: "d" });
			dealer.connect(endpoint);
			await dealer.send("before");
			expect(await received(first)).deep.equal(["d", "before"]);
			const left = event(dealer.events, "disconnect");
			await first.close();
			await left;
			const numbers = Array.from({ length: 500 }, (_, index) => `${index}`);
			for (const number of numbers) await dealer.send([number, Buffer.alloc(Number(number) * 50, number)]);
			const second = kit.router(curveServer);
			await second.bind(endpoint);
			for (const number of numbers) {
				const [, text, body] = await second.receive();
				expect([String(text), body!.length]).deep.equal([number, Number(number) * 50]);
			}
		});

		it("CURVE: a peer that does not read fills its queue up to the high water mark and no further", async () => {
			const marks = { sendHighWaterMark: 10, receiveHighWaterMark: 1 };
			const router = kit.router({ ...curveServer, ...marks });
			const dealer = kit.dealer({ ...curveClient, ...marks, sendTimeout: 0 });
			const met = event(dealer.events, "handshake");
			dealer.connect(await bound(router, place.endpoint()));
			await met;
			const frame = Buffer.alloc(100_000, 1);
			let sent = 0;
			const send = () => dealer.send([`${sent}`, frame]);
			for (let isFull = false; !isFull; ) {
				try {
					await send();
					sent++;
				} catch (error) {
					expect((error as ZmtpError).code).equal("EAGAIN");
					isFull = true;
				}
			}
			expect(sent).greaterThan(9).lessThan(1000);
			for (let i = 0; i < sent; i++) expect((await received(router))[1]).equal(`${i}`);
			await send();
			expect((await received(router))[1]).equal(`${sent}`);
		});

		it("H53: two clients, two servers, and CURVE against PLAIN or NULL never meet", async () => {
			const plainServer = { plainServer: true, authenticator: () => true };
			const sides: readonly [name: string, one: object, other: object, code: string][] = [
				["PLAIN clients", plainClient("a", "b"), plainClient("a", "b"), "ZMTP_COMMAND_UNEXPECTED"],
				["PLAIN servers", plainServer, plainServer, "ZMTP_HANDSHAKE_TIMEOUT"],
				["CURVE clients", curveClient, curveClient, "ZMTP_COMMAND_UNEXPECTED"],
				["CURVE servers", curveServer, curveServer, "ZMTP_HANDSHAKE_TIMEOUT"],
				["CURVE and PLAIN", curveServer, plainClient("a", "b"), "ZMTP_MECHANISM_MISMATCH"],
				["PLAIN and NULL", plainServer, {}, "ZMTP_MECHANISM_MISMATCH"],
				["NULL and CURVE", {}, curveClient, "ZMTP_MECHANISM_MISMATCH"],
			];
			for (const [name, one, other, code] of sides) {
				const router = kit.router({ ...one, handshakeInterval: 100 });
				const dealer = kit.dealer({ ...other, reconnectInterval: -1 });
				const failing = Promise.race([
					event(router.events, "handshake:error:protocol"),
					event(router.events, "handshake:error:other"),
				]);
				dealer.connect(await bound(router, place.endpoint()));
				expect((await failing).error.code, name).equal(code);
				await Promise.all([router.close(), dealer.close()]);
			}
		});
	});
}

describe("zmtp security, while a peer is judged", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("leaves it when it talks on, and what the authenticator says then changes nothing", async () => {
		const asked = defer();
		const late = defer<boolean>();
		const router = kit.router({
			plainServer: true,
			authenticator: () => {
				asked.resolve();
				return late.promise;
			},
		});
		const peer = kit.keep(await RawPeer.connect(await bound(router, tcpPlace.endpoint())));
		peer.write(greeting({ mechanism: "PLAIN" }), command("HELLO", "\x01a\x01b"));
		await asked.promise;
		const left = event(router.events, "handshake:error:protocol");
		peer.write(Buffer.alloc(1 << 20, 1));
		expect((await left).error.code).equal("ZMTP_COMMAND_TOO_LARGE");
		await peer.closed;
		late.resolve(true);
		await new Promise((resolve) => setImmediate(resolve));
		expect(router.readable).equal(false);
	});
});

describe("zmtp security options", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("securityMechanism says which mechanism the options amount to", () => {
		expect(kit.dealer().securityMechanism).equal(null);
		expect(kit.dealer({ zapDomain: "x" }).securityMechanism).equal(null);
		expect(kit.dealer({ plainServer: true }).securityMechanism).equal("plain");
		expect(kit.dealer({ plainUsername: "a" }).securityMechanism).equal("plain");
		expect(kit.dealer(curveServer).securityMechanism).equal("curve");
		expect(kit.dealer(curveClient).securityMechanism).equal("curve");
	});

	it("refuses options that do not go together, when they are to be used", async () => {
		const other = curveKeyPair();
		const wrong: readonly [name: string, options: object][] = [
			["a server's and a client's of PLAIN", { plainServer: true, plainUsername: "a" }],
			["a server's and a client's of CURVE", { ...curveServer, curveServerKey: other.publicKey }],
			["PLAIN's and CURVE's", { ...curveServer, plainServer: true }],
			["a CURVE server without its secret key", { curveServer: true }],
			["a CURVE client without its secret key", { curveServerKey: other.publicKey }],
			["keys that are no pair", { ...curveClient, curvePublicKey: other.publicKey }],
			["a server key of low order", { ...curveClient, curveServerKey: new Uint8Array(32) }],
		];
		for (const [name, options] of wrong) {
			const dealer = kit.dealer(options);
			expect(await codeOf(() => dealer.bind("tcp://127.0.0.1:*")), name).equal("EINVAL");
			expect(
				thrownCode(() => dealer.connect("tcp://127.0.0.1:1")),
				name,
			).equal("EINVAL");
		}
	});

	it("takes effect for what is bound or connected afterwards", async () => {
		const router = kit.router();
		const open = await bound(router, tcpPlace.endpoint());
		router.plainServer = true;
		router.authenticator = () => true;
		const closed = await bound(router, tcpPlace.endpoint());
		for (const [endpoint, options] of [
			[open, {}],
			[closed, plainClient("a", "b")],
		] as const) {
			const dealer = kit.dealer(options);
			dealer.connect(endpoint);
			await dealer.send("hello");
			expect((await received(router))[1]).equal("hello");
		}
	});

	it("asks nobody inside the process, whatever the mechanism, as libzmq does", async () => {
		const router = kit.router({ ...curveServer, authenticator: () => false });
		const dealer = kit.dealer();
		dealer.connect(await bound(router, inprocPlace.endpoint()));
		await dealer.send("hello");
		expect((await received(router))[1]).equal("hello");
	});

	it("curveKeyPair makes pairs of 40 digits each, curvePublicKey finds the one to the other", () => {
		const { publicKey, secretKey } = curveKeyPair();
		for (const key of [publicKey, secretKey]) expect(decodeZ85(key)).length(32);
		expect(curvePublicKey(secretKey)).equal(publicKey);
		expect(curvePublicKey(decodeZ85(secretKey)!)).equal(publicKey);
		expect(curveKeyPair().secretKey).not.equal(secretKey);
		// The pair that libzmq's manual shows.
		expect(curvePublicKey("D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs")).equal(
			"Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
		);
	});

	it("curvePublicKey refuses what is no key", () => {
		for (const key of ["", "x", "~".repeat(40), "0".repeat(39), "0".repeat(45), new Uint8Array(31)]) {
			expect(thrownCode(() => curvePublicKey(key))).equal("EINVAL");
		}
	});

	it("never shows a key in an error", () => {
		const secret = "not a key at all, but a secret";
		try {
			new Dealer({ curveSecretKey: secret });
			expect.fail("taken");
		} catch (error) {
			expect(String(error)).not.include(secret);
		}
	});
});
