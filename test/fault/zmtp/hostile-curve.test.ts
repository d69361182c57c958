import { expect } from "chai";
import { arenas } from "../../support/zmtp/arenas.js";
import { bystanderOf } from "../../support/zmtp/bystander.js";
import {
	type CurveAttack,
	clientAttacks,
	flippedHellos,
	flippedInitiates,
	serverAttacks,
} from "../../support/zmtp/curve-attacks.js";
import { messageFrames, propertiesOf } from "../../support/zmtp/frames.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { curveKeys, RawCurveClient } from "../../support/zmtp/raw-curve.js";
import { RawPeer, RawServer } from "../../support/zmtp/raw-peer.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { event } from "../../support/zmtp/waiting.js";

const quick = { reconnectInterval: 5, reconnectMaxInterval: 20 };

for (const { name, place, mechanism } of arenas) {
	if (mechanism.name !== "CURVE") continue;

	describe(`zmtp ROUTER attacked by who knows CURVE ${name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();

		async function arena() {
			const router = kit.router(mechanism.server);
			const endpoint = await bound(router, place.endpoint());
			const others: string[] = [];
			const bystander = bystanderOf(kit, router, endpoint, {
				options: mechanism.client,
				onOther: (frames) => others.push(frames.slice(1).join("|")),
			});
			await bystander.bounce();
			return { router, endpoint, bystander, others };
		}

		async function suffer(
			{ router, endpoint }: Pick<Awaited<ReturnType<typeof arena>>, "router" | "endpoint">,
			{ act, codes, isPeer }: Pick<CurveAttack, "act" | "codes" | "isPeer">,
		): Promise<void> {
			const told = event(router.events, isPeer ? "disconnect" : "handshake:error:protocol");
			const attacker = await RawPeer.connect(endpoint);
			await attacker.greet({ mechanism: "CURVE" });
			await act(attacker, endpoint);
			expect(codes).include((await told).error?.code);
			await attacker.closed;
		}

		for (const one of clientAttacks) {
			it(`${one.id}: ${one.what} ends that connection and delivers nothing; a bystander loses nothing`, async () => {
				const { bystander, others, ...rest } = await arena();
				const stop = bystander.start();
				await suffer(rest, one);
				expect(await stop()).above(1);
				expect(others).deep.equal([]);
			});
		}

		it("H45, H48: a bit flipped anywhere in HELLO or INITIATE ends that connection and delivers nothing", async () => {
			const { bystander, others, ...rest } = await arena();
			const stop = bystander.start();
			for (const one of [...flippedHellos, ...flippedInitiates]) await suffer(rest, one);
			expect(await stop()).above(1);
			expect(others).deep.equal([]);
		});

		it("H48: an INITIATE without any property is taken", async () => {
			const { endpoint } = await arena();
			const peer = await RawPeer.connect(endpoint);
			const complete = await mechanism.asClient(peer, Buffer.alloc(0));
			await complete();
			await peer.close();
		});

		it("H52: a thousand HELLOs from one address get a WELCOME each and nothing more; others are served meanwhile", async () => {
			const { router, endpoint, bystander } = await arena();
			let handshakes = 0;
			router.events.on("handshake", () => handshakes++);
			const before = await bystander.start()();
			const stop = bystander.start();
			for (let i = 0; i < 1000; i += 50) {
				await Promise.all(
					Array.from({ length: 50 }, async () => {
						const peer = await RawPeer.connect(endpoint);
						await peer.greet({ mechanism: "CURVE" });
						peer.say(new RawCurveClient(curveKeys.server.publicKey, curveKeys.client).hello());
						expect((await peer.readFrame()).body.toString("latin1", 1, 8)).equal("WELCOME");
						await peer.close();
					}),
				);
			}
			// Once at least for each burst: no burst keeps the others waiting for another.
			expect((await stop()) - before).above(20);
			expect(handshakes).equal(0);
		});
	});

	describe(`zmtp DEALER connected to a server that knows CURVE ${name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();

		for (const { id, what, codes, isPeer = false, act } of serverAttacks) {
			it(`H14, ${id}: ${what} ends that connection; the next is served, and so is another server of the socket`, async () => {
				const server = kit.keep(await RawServer.listen(place.endpoint()));
				const dealer = kit.dealer({ ...quick, ...mechanism.client });
				const good = kit.router(mechanism.server);
				dealer.connect(await bound(good, place.endpoint()));
				await dealer.send("to the good one");
				await received(good);
				const told = event(dealer.events, isPeer ? "disconnect" : "handshake:error:protocol");
				dealer.connect(server.endpoint);
				const attacker = await server.accept();
				await attacker.greet({ mechanism: "CURVE" });
				await act(attacker, server.endpoint);
				expect(codes).include((await told).error?.code);
				await attacker.closed;
				const reformed = await server.accept();
				const complete = await mechanism.asServer(reformed, propertiesOf("ROUTER"));
				await complete();
				reformed.say(...messageFrames("good", "now"));
				while ((await received(dealer)).join() !== "good,now");
				await dealer.send("one of two");
				await dealer.send("one of two");
				expect((await received(good))[1]).equal("one of two");
			});
		}
	});
}
