import { expect } from "chai";
import { curveKeyPair } from "../../../packages/zmtp/src/index.js";
import {
	clientKeys,
	curveClient,
	curveServer,
	plainClient,
	quick,
	serverKeys,
} from "../../support/zmtp/credentials.js";
import { sized } from "../../support/zmtp/matrix/pairs.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { ours } from "../../support/zmtp/our-side.js";
import { tcpPlace } from "../../support/zmtp/places.js";
import { type Options, sumsOf } from "../../support/zmtp/side.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event } from "../../support/zmtp/waiting.js";
import { needsPyzmq, pyzmq, zeromqJs } from "../../support/zmtp/zmq-side.js";

const wildcard = "tcp://127.0.0.1:*";
const stranger = curveKeyPair();
const later = curveKeyPair();
const broken = curveKeyPair();
const asCurveClient = (keys: typeof stranger, serverKey = serverKeys.publicKey) => ({
	curveServerKey: serverKey,
	curvePublicKey: keys.publicKey,
	curveSecretKey: keys.secretKey,
});

/** What the libraries' ZAP handlers answer; anybody else: 400. */
const rules = {
	"PLAIN pigeon secret": ["200", "OK", "pigeon"],
	"PLAIN later secret": ["300", "not now", ""],
	"PLAIN broken secret": ["500", "broken", ""],
	[`CURVE ${clientKeys.publicKey}`]: ["200", "OK", "pigeon"],
	[`CURVE ${later.publicKey}`]: ["300", "not now", ""],
	[`CURVE ${broken.publicKey}`]: ["500", "broken", ""],
} as const;

const kinds: readonly {
	readonly name: string;
	readonly server: Options;
	readonly welcome: Options;
	readonly refused: readonly (readonly [status: 300 | 400 | 500, why: string, client: Options])[];
	readonly asked: string;
}[] = [
	{
		name: "PLAIN",
		server: { plainServer: true },
		welcome: plainClient("pigeon", "secret"),
		refused: [
			[400, "a wrong password", plainClient("pigeon", "wrong")],
			[400, "an unknown name", plainClient("nobody", "secret")],
			[500, "a failing handler", plainClient("broken", "secret")],
			[300, "a bad moment", plainClient("later", "secret")],
		],
		asked: "PLAIN pigeon secret",
	},
	{
		name: "CURVE",
		server: curveServer,
		welcome: curveClient,
		refused: [
			[400, "an unknown key", asCurveClient(stranger)],
			[500, "a failing handler", asCurveClient(broken)],
			[300, "a bad moment", asCurveClient(later)],
		],
		asked: `CURVE ${clientKeys.publicKey}`,
	},
];

describe("zmtp security with libzmq", () => {
	leavesNothingOpen();

	for (const library of [pyzmq(), zeromqJs()]) {
		describe(`by way of ${library.name}`, () => {
			const kit = useSockets();
			before(async function () {
				if (library.name === "pyzmq") needsPyzmq(this);
				await library.start();
				await library.zap(rules);
			});
			after(() => library.stop());

			for (const { name, server, welcome, refused, asked } of kinds) {
				for (const isServerBound of [true, false]) {
					it(`${name}: our client is served, as the ${isServerBound ? "connecting" : "binding"} side`, async () => {
						const router = await library.open("ROUTER", server);
						const dealer = kit.dealer({ ...welcome, routingId: "d" });
						if (isServerBound) dealer.connect(await router.bind(wildcard));
						else await router.connect(await bound(dealer, tcpPlace.endpoint()));
						await dealer.send("hello");
						expect(String((await router.receive()).first)).equal("d");
						await router.send([Buffer.from("d")], sized(3));
						expect(await dealer.receive()).length(1);
						await router.close();
					});
				}

				it(`${name}: libzmq's handler sees what our client says of itself`, async () => {
					const router = await library.open("ROUTER", { ...server, zapDomain: "loft" });
					const dealer = kit.dealer(welcome);
					const met = event(dealer.events, "handshake");
					dealer.connect(await router.bind(wildcard));
					await met;
					const last = (await library.zapRequests()).filter(({ domain }) => domain === "loft").at(-1);
					expect([last?.key, last?.address]).deep.equal([asked, "127.0.0.1"]);
					await router.close();
				});

				for (const [status, why, client] of refused) {
					it(`${name}: our client is refused by libzmq with ${status} for ${why}, and ${status === 300 ? "tries again" : "asks no more"}`, async () => {
						const router = await library.open("ROUTER", server);
						// With 300 libzmq says nothing, and does not always close: the client's own patience ends it.
						const dealer = kit.dealer({ ...quick, ...client, handshakeInterval: 500 });
						const outcome =
							status === 300
								? event(dealer.events, "connect:retry").then(({ error }) => error?.code)
								: event(dealer.events, "handshake:error:auth").then(({ error }) => error.status);
						dealer.connect(await router.bind(wildcard));
						expect(await outcome).oneOf(status === 300 ? ["ZMTP_CONNECTION_LOST", "ZMTP_HANDSHAKE_TIMEOUT"] : [status]);
						await router.close();
					});

					it(`${name}: libzmq's client is refused by us with ${status} for ${why}, and another served`, async () => {
						const router = kit.router({
							...server,
							authenticator: ({ username, password, publicKey }) => {
								const isWelcome =
									publicKey === clientKeys.publicKey || (username === "pigeon" && password === "secret");
								return { status: isWelcome ? 200 : status };
							},
						});
						const endpoint = await bound(router, tcpPlace.endpoint());
						const refusing = event(router.events, "handshake:error:auth");
						const dealer = await library.open("DEALER", client);
						await dealer.connect(endpoint);
						expect((await refusing).error.status).equal(status);
						const other = await library.open("DEALER", { ...welcome, routingId: Buffer.from("other") });
						await other.connect(endpoint);
						await other.send([], sized(3));
						expect((await received(router))[0]).equal("other");
						await Promise.all([dealer.close(), other.close()]);
					});
				}
			}

			it("PLAIN: a server of ours without anybody to ask refuses libzmq's client", async () => {
				const router = kit.router({ plainServer: true });
				const refusing = event(router.events, "handshake:error:auth");
				const dealer = await library.open("DEALER", plainClient("pigeon", "secret"));
				await dealer.connect(await bound(router, tcpPlace.endpoint()));
				expect((await refusing).error.code).equal("ZMTP_AUTHENTICATION_FAILED");
				await dealer.close();
			});

			it("CURVE: libzmq's client with another server's key gets nowhere, nor does ours", async () => {
				const ours = kit.router(curveServer);
				const refusing = event(ours.events, "handshake:error:protocol");
				const dealer = await library.open("DEALER", asCurveClient(clientKeys, stranger.publicKey));
				await dealer.connect(await bound(ours, tcpPlace.endpoint()));
				expect((await refusing).error.code).equal("ZMTP_CURVE_HANDSHAKE_INVALID");
				const theirs = await library.open("ROUTER", curveServer);
				const client = kit.dealer({ ...quick, ...asCurveClient(clientKeys, stranger.publicKey) });
				const lost = event(client.events, "handshake:error:other");
				client.connect(await theirs.bind(wildcard));
				expect((await lost).error.code).equal("ZMTP_CONNECTION_LOST");
				await Promise.all([dealer.close(), theirs.close()]);
			});

			it("CURVE against NULL and PLAIN: the mechanisms do not fit, on either side", async () => {
				const router = kit.router(curveServer);
				const endpoint = await bound(router, tcpPlace.endpoint());
				for (const client of [{}, plainClient("pigeon", "secret")]) {
					// libzmq looks at our mechanism before it has told its own, and leaves.
					const failing = event(router.events, "handshake:error:other");
					const dealer = await library.open("DEALER", client);
					await dealer.connect(endpoint);
					expect((await failing).error.code).equal("ZMTP_CONNECTION_LOST");
					await dealer.close();
					const theirs = await library.open("ROUTER", curveServer);
					const stranger = kit.dealer({ ...quick, ...client });
					const refused = event(stranger.events, "connect:retry");
					stranger.connect(await theirs.bind(wildcard));
					expect((await refused).error?.code).oneOf(["ZMTP_CONNECTION_LOST", "ZMTP_MECHANISM_MISMATCH"]);
					await theirs.close();
				}
			});

			it("CURVE: large messages, and those of many frames, go both ways", async () => {
				const specs = [
					sized(1 << 20, 3, 300_000),
					sized(...Array.from({ length: 100 }, (_, index) => (index * 7) % 600)),
				];
				const sides = [
					[ours, library],
					[library, ours],
				] as const;
				for (const [one, other] of sides) {
					const echoing = await one.open("ROUTER", curveServer);
					const asking = await other.open("DEALER", curveClient);
					await asking.connect(await echoing.bind(wildcard));
					await echoing.echo();
					for (const frames of specs) {
						await asking.send([], frames);
						expect((await asking.receive()).frames).deep.equal(sumsOf({ envelope: [], frames }));
					}
					await Promise.all([asking.close(), echoing.close()]);
				}
			});

			it("CURVE: subscriptions travel sealed: what is not subscribed to is not sent", async () => {
				const publisher = kit.xpublisher(curveServer);
				const subscriber = await library.open("SUB", curveClient);
				await subscriber.subscribe(Buffer.from("wanted"));
				await subscriber.connect(await bound(publisher, tcpPlace.endpoint()));
				expect(await received(publisher)).deep.equal(["\x01wanted"]);
				await publisher.send(["unwanted", "x"]);
				await publisher.send(["wanted", "y"]);
				expect(String((await subscriber.receive()).first)).equal("wanted");
				await subscriber.unsubscribe(Buffer.from("wanted"));
				expect(await received(publisher)).deep.equal(["\0wanted"]);
				const theirs = await library.open("XPUB", curveServer);
				const ours = kit.subscriber(["wanted"], curveClient);
				ours.connect(await theirs.bind(wildcard));
				expect(String((await theirs.receive()).first)).equal("\x01wanted");
				await theirs.send([Buffer.from("unwanted")], sized(3));
				await theirs.send([Buffer.from("wanted")], sized(3));
				expect(String((await ours.receive())[0])).equal("wanted");
				await Promise.all([subscriber.close(), theirs.close()]);
			});

			it("CURVE: what waits for a libzmq server goes out when it comes back, under new keys", async () => {
				const first = await library.open("ROUTER", curveServer);
				const endpoint = await first.bind(wildcard);
				const dealer = kit.dealer({ ...quick, ...curveClient, routingId: "d" });
				dealer.connect(endpoint);
				await dealer.send("before");
				await first.receive();
				const left = event(dealer.events, "disconnect");
				await first.close();
				await left;
				for (let i = 0; i < 100; i++) await dealer.send([`${i}`, Buffer.alloc(i * 300)]);
				const second = await library.open("ROUTER", curveServer);
				await second.bind(endpoint);
				const messages = await second.receiveAll(100);
				expect(messages.map(({ frames }) => frames.map(([size]) => size))).deep.equal(
					messages.map((_, i) => [1, `${i}`.length, i * 300]),
				);
				await second.close();
			});
		});
	}
});
