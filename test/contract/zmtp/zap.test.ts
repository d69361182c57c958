import { expect } from "chai";
import { decodeZ85, type Reply, type Router } from "../../../packages/zmtp/src/index.js";
import { type Peer, Port } from "../../../packages/zmtp/src/port.js";
import { clientKeys, curveClient, curveServer, plainClient, quick } from "../../support/zmtp/credentials.js";
import { property } from "../../support/zmtp/frames.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { tcpPlace } from "../../support/zmtp/places.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { defer, event, recordEvents } from "../../support/zmtp/waiting.js";

const address = "inproc://zeromq.zap.01";

type Frame = Buffer | string;
/** What a handler says to a request's frames, from the version on; nothing when it says nothing. */
type Rule = (request: readonly Buffer[]) => readonly Frame[] | undefined;

const answer =
	(status: string, userId: Frame = "", metadata: Frame = "", text: Frame = ""): Rule =>
	([version, id]) => [version!, id!, status, text, userId, metadata];

/** Serves as RFC 27's handler until its socket is closed. */
async function serve(handler: Reply | Router, rule: () => Rule, heard: Buffer[][] = []): Promise<void> {
	await handler.bind(address);
	void (async () => {
		for await (const frames of handler) {
			const delimiter = frames.findIndex((frame) => frame.length === 0);
			const isReply = handler.constructor.name === "Reply";
			const request = isReply ? frames : frames.slice(delimiter + 1);
			heard.push(request);
			const said = rule()(request);
			if (said !== undefined) await handler.send([...(isReply ? [] : frames.slice(0, delimiter + 1)), ...said]);
		}
	})();
}

describe("zmtp ZAP", () => {
	leavesNothingOpen();
	const kit = useSockets();
	const clients = { NULL: {}, PLAIN: plainClient("admin", "secret"), CURVE: curveClient } as const;
	const servers = { NULL: { zapDomain: "global" }, PLAIN: { plainServer: true }, CURVE: curveServer } as const;
	const mechanisms = ["NULL", "PLAIN", "CURVE"] as const;
	const credentials = {
		NULL: [],
		PLAIN: [Buffer.from("admin"), Buffer.from("secret")],
		CURVE: [Buffer.from(decodeZ85(clientKeys.publicKey)!)],
	} as const;

	for (const mechanism of mechanisms) {
		for (const kind of ["reply", "router"] as const) {
			it(`27/ZAP: ${mechanism}: a ${kind === "reply" ? "REP" : "ROUTER"} at inproc://zeromq.zap.01 is asked, and lets the client in`, async () => {
				const heard: Buffer[][] = [];
				await serve(kit[kind](), () => answer("200"), heard);
				const router = kit.router({ ...servers[mechanism], zapDomain: "global", routingId: "server" });
				const dealer = kit.dealer({ ...clients[mechanism], routingId: "d" });
				dealer.connect(await bound(router, tcpPlace.endpoint()));
				await dealer.send("hello");
				expect(await received(router)).deep.equal(["d", "hello"]);
				const known = ["1.0", "1", "global", "127.0.0.1", "server", mechanism].map((text) => Buffer.from(text));
				expect(heard.map((frames) => frames.map((frame) => frame.toString("hex")))).deep.equal([
					[...known, ...credentials[mechanism]].map((frame) => frame.toString("hex")),
				]);
			});
		}

		it(`27/ZAP: ${mechanism}: statuses 400 and 500 are told to the client, 300 is not`, async () => {
			let rule = answer("400");
			await serve(kit.reply(), () => rule);
			const router = kit.router(servers[mechanism]);
			const endpoint = await bound(router, tcpPlace.endpoint());
			for (const status of [400, 500, 300]) {
				rule = answer(`${status}`, "", "", "because");
				const dealer = kit.dealer({ ...quick, ...clients[mechanism] });
				const heard = recordEvents(dealer.events);
				const refusing = event(router.events, "handshake:error:auth");
				const refused =
					status === 300 ? event(dealer.events, "connect:retry") : event(dealer.events, "handshake:error:auth");
				dealer.connect(endpoint);
				const { error } = await refusing;
				expect([error.status, error.message]).deep.equal([
					status,
					`the peer was refused with status ${status}: because`,
				]);
				expect((await refused).error?.status).equal(status === 300 ? undefined : status);
				expect(heard).include(
					status === 300 ? "handshake:error:other ZMTP_CONNECTION_LOST" : "handshake:error:auth ZMTP_PEER_REFUSED",
				);
				await dealer.close();
			}
		});

		it(`H55: ${mechanism}: a reply that is not RFC 27's to the letter keeps the client out`, async () => {
			const good =
				(...changes: [index: number, frame: Frame][]): Rule =>
				(request) => {
					const frames = [...answer("200")(request)!];
					for (const [index, frame] of changes) frames[index] = frame;
					return frames;
				};
			const lies: readonly [name: string, rule: Rule][] = [
				["another version", good([0, "2.0"])],
				["no version", good([0, ""])],
				["another request", good([1, "2"])],
				["no request", good([1, ""])],
				["status 201", good([2, "201"])],
				["status 2OO", good([2, "2OO"])],
				["status 0200", good([2, "0200"])],
				["no status", good([2, ""])],
				["a text of 256 octets", good([3, Buffer.alloc(256, "x")])],
				["a user id of 256 octets", good([4, Buffer.alloc(256, "x")])],
				["metadata cut short", good([5, property("X-a", "b").subarray(0, -1)])],
				["metadata without a name", good([5, property("", "b")])],
				["metadata above 64 KiB", good([5, property("X-a", Buffer.alloc(65_536))])],
				["eight frames", (request) => [...answer("200")(request)!, ""]],
				["six frames", (request) => answer("200")(request)!.slice(0, -1)],
				["one frame", () => ["200"]],
				["a thousand frames", (request) => [...answer("200")(request)!, ...Array.from({ length: 1000 }, () => "")]],
			];
			let rule = answer("200");
			await serve(kit.reply(), () => rule);
			const router = kit.router(servers[mechanism]);
			const endpoint = await bound(router, tcpPlace.endpoint());
			const bystander = kit.dealer({ ...clients[mechanism], routingId: "bystander" });
			bystander.connect(endpoint);
			await bystander.send("first");
			await received(router);
			for (const [name, lie] of lies) {
				rule = lie;
				const refusing = event(router.events, "handshake:error:auth");
				const dealer = kit.dealer({ ...quick, ...clients[mechanism] });
				dealer.connect(endpoint);
				expect((await refusing).error.status, name).equal(300);
				await dealer.close();
			}
			await bystander.send("last");
			expect(await received(router)).deep.equal(["bystander", "last"]);
			rule = answer("200");
			const late = kit.dealer({ ...quick, ...clients[mechanism], routingId: "late" });
			late.connect(endpoint);
			await late.send("hello");
			expect(await received(router)).deep.equal(["late", "hello"]);
		});
	}

	it("27/ZAP: user id and metadata of the reply are known to those who receive from the client", async () => {
		await serve(kit.reply(), () => answer("200", "pigeon", Buffer.concat([property("X-Loft", "north")])));
		const met = defer<Peer>();
		const port = kit.keep(
			new Port("ROUTER", curveServer, {
				onPeerReady: (peer) => met.resolve(peer),
				onPeerLost() {},
				onMessage() {},
				onWritable() {},
			}),
		);
		kit.dealer(curveClient).connect(await port.bind(tcpPlace.endpoint()));
		const { userId, metadata } = (await met.promise).description!;
		expect([userId, String(metadata.get("x-loft"))]).deep.equal(["pigeon", "north"]);
	});

	/** Whether a client gets in. */
	async function isLetIn(serverOptions: object, clientOptions: object): Promise<boolean> {
		const router = kit.router(serverOptions);
		const dealer = kit.dealer({ reconnectInterval: -1, ...clientOptions });
		const outcome = Promise.race([
			event(router.events, "handshake").then(() => true),
			event(router.events, "handshake:error:auth").then(() => false),
		]);
		dealer.connect(await bound(router, tcpPlace.endpoint()));
		const isIn = await outcome;
		await Promise.all([router.close(), dealer.close()]);
		return isIn;
	}

	it("without a handler PLAIN lets nobody in, NULL and CURVE everybody, unless a domain is enforced", async () => {
		expect(await isLetIn({ plainServer: true }, clients.PLAIN)).equal(false);
		expect(await isLetIn(curveServer, clients.CURVE)).equal(true);
		expect(await isLetIn({ ...curveServer, zapDomain: "x" }, clients.CURVE)).equal(true);
		expect(await isLetIn({ ...curveServer, zapEnforceDomain: true }, clients.CURVE)).equal(true);
		expect(await isLetIn({ ...curveServer, zapDomain: "x", zapEnforceDomain: true }, clients.CURVE)).equal(false);
		expect(await isLetIn({ zapDomain: "x" }, {})).equal(true);
		expect(await isLetIn({ zapDomain: "x", zapEnforceDomain: true }, {})).equal(false);
	});

	it("with a handler NULL asks it for a domain only, CURVE unless domains are enforced and there is none", async () => {
		await serve(kit.reply(), () => answer("400"));
		expect(await isLetIn({}, {})).equal(true);
		expect(await isLetIn({ zapDomain: "x" }, {})).equal(false);
		expect(await isLetIn(curveServer, clients.CURVE)).equal(false);
		expect(await isLetIn({ ...curveServer, zapEnforceDomain: true }, clients.CURVE)).equal(true);
		expect(await isLetIn({ ...curveServer, zapDomain: "x", zapEnforceDomain: true }, clients.CURVE)).equal(false);
		expect(await isLetIn({ plainServer: true, zapEnforceDomain: true }, clients.PLAIN)).equal(false);
	});

	it("an authenticator of the socket's own is asked instead of the handler", async () => {
		await serve(kit.reply(), () => answer("400"));
		expect(await isLetIn({ plainServer: true, authenticator: () => true }, clients.PLAIN)).equal(true);
	});

	it("H55: a handler that leaves in the middle of a request keeps the client out", async () => {
		const handler = kit.reply();
		const asked = defer();
		await serve(handler, () => () => void asked.resolve());
		const router = kit.router({ plainServer: true });
		const refusing = event(router.events, "handshake:error:auth");
		kit.dealer({ ...quick, ...clients.PLAIN }).connect(await bound(router, tcpPlace.endpoint()));
		await asked.promise;
		await handler.close();
		expect((await refusing).error.status).equal(300);
	});

	it("a handler that does not answer one client answers the others all the same", async () => {
		const handler = kit.router();
		await serve(handler, () => (request) => (String(request[6]) === "silence" ? undefined : answer("200")(request)));
		const router = kit.router({ plainServer: true, handshakeInterval: 300 });
		const endpoint = await bound(router, tcpPlace.endpoint());
		const lost = event(router.events, "handshake:error:other");
		kit.dealer({ ...plainClient("silence", ""), plainPassword: "x", reconnectInterval: -1 }).connect(endpoint);
		const dealer = kit.dealer({ ...clients.PLAIN, routingId: "d" });
		dealer.connect(endpoint);
		await dealer.send("hello");
		expect(await received(router)).deep.equal(["d", "hello"]);
		expect((await lost).error.code).equal("ZMTP_HANDSHAKE_TIMEOUT");
	});
});
