import { readdirSync } from "node:fs";
import { expect } from "chai";
import { Dealer, Router, type SocketOptions } from "../../../packages/zmtp/src/index.js";
import { type Arena, arenas } from "../../support/zmtp/arenas.js";
import { bystanderOf } from "../../support/zmtp/bystander.js";
import { heldBytes } from "../../support/zmtp/memory.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { join } from "../../support/zmtp/raw-mechanisms.js";
import { bound, received, useSockets } from "../../support/zmtp/sockets.js";
import { until } from "../../support/zmtp/waiting.js";

/** Open descriptors of this process, where the system shows them. */
function descriptors(): number {
	try {
		return readdirSync("/proc/self/fd").length;
	} catch {
		return 0;
	}
}

const resources = () => process.getActiveResourcesInfo().length;

function listenersOf(router: Router): number {
	return router.events.eventNames().reduce((sum, name) => sum + router.events.listenerCount(name), 0);
}

/** What must be again as it was. */
async function baseline(router: Router) {
	return {
		held: await heldBytes(),
		descriptors: descriptors(),
		resources: resources(),
		listeners: listenersOf(router),
	};
}

/** Between two looks, `come` has run many times. */
async function expectNothingLeft(router: Router, come: () => Promise<void>, rounds: number): Promise<void> {
	// What is made once, and grows to the size that is needed, is there after the first round.
	await come();
	const before = await baseline(router);
	for (let i = 0; i < rounds; i++) await come();
	await until(() => descriptors() <= before.descriptors && resources() <= before.resources);
	const after = await baseline(router);
	expect(after.listeners).equal(before.listeners);
	expect(after.held / before.held, "held memory, of before").below(1.05);
}

const crowd = 50;

function churn(arena: Arena): void {
	const { name, place, mechanism } = arena;
	/** Of so many. Ten thousand where they are cheap. */
	const rounds = name === "over tcp with NULL" ? 200 : 10;

	describe(`zmtp connections that come and go ${name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();

		async function arena(options: SocketOptions<Router> = {}) {
			const router = kit.router({ ...mechanism.server, ...options });
			let gone = 0;
			router.events.on("disconnect", () => gone++);
			const endpoint = await bound(router, place.endpoint());
			const bystander = bystanderOf(kit, router, endpoint, { options: mechanism.client });
			await bystander.bounce();
			return { router, endpoint, bystander, gone: () => gone };
		}

		it(`H97: ${rounds * crowd} of raw peers leave no descriptor, no timer, no listener and no memory; a bystander loses nothing`, async () => {
			const { router, endpoint, bystander, gone } = await arena();
			let made = 0;
			await expectNothingLeft(
				router,
				async () => {
					await Promise.all(
						Array.from({ length: crowd }, async () => {
							const peer = await join(mechanism, endpoint, "DEALER");
							await peer.close();
							made++;
						}),
					);
					await bystander.bounce();
					await until(() => gone() === made);
				},
				rounds,
			);
		});

		it(`H97: ${rounds * crowd} of our own sockets, made, used and closed, leave nothing either`, async () => {
			const { router, endpoint, bystander } = await arena();
			await expectNothingLeft(
				router,
				async () => {
					await Promise.all(
						Array.from({ length: crowd }, async (_, index) => {
							// Not kept anywhere, so that what it holds once it is closed is garbage.
							const dealer = new Dealer({ ...mechanism.client, routingId: `d${index}`, linger: 1000 });
							dealer.connect(endpoint);
							await dealer.send("there");
							await dealer.close();
						}),
					);
					await bystander.bounce();
				},
				rounds,
			);
		});
	});
}

for (const arena of arenas) churn(arena);

describe("zmtp sockets that are bound and closed", () => {
	leavesNothingOpen();
	const kit = useSockets();

	it("H97: a thousand binds, and as many connects that find nobody, leave nothing", async () => {
		const witness = kit.router();
		await expectNothingLeft(
			witness,
			async () => {
				for (let i = 0; i < 50; i++) {
					const router = new Router({ linger: 0 });
					await router.bind("tcp://127.0.0.1:0");
					const dealer = new Dealer({ linger: 0, reconnectInterval: 1 });
					dealer.connect("tcp://127.0.0.1:1");
					await Promise.all([router.close(), dealer.close()]);
				}
			},
			20,
		);
		const other = kit.dealer();
		other.connect(await bound(witness, "tcp://127.0.0.1:0"));
		await other.send("still there");
		expect((await received(witness))[1]).equal("still there");
	});
});
