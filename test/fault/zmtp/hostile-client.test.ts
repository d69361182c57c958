import { expect } from "chai";
import { arenas } from "../../support/zmtp/arenas.js";
import { attack, attacksIn, theftOfRoutingId } from "../../support/zmtp/attacks.js";
import { bystanderOf } from "../../support/zmtp/bystander.js";
import { chunkings } from "../../support/zmtp/chunking.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { RawPeer } from "../../support/zmtp/raw-peer.js";
import { bound, useSockets } from "../../support/zmtp/sockets.js";
import { event } from "../../support/zmtp/waiting.js";

for (const arena of arenas) {
	const { name, place, mechanism } = arena;
	describe(`zmtp ROUTER attacked ${name}`, () => {
		leavesNothingOpen();
		const kit = useSockets();

		for (const one of [...attacksIn(arena), theftOfRoutingId]) {
			it(`${one.id}: ${one.what} ends that connection with ${one.code} and nothing else, however it is cut`, async () => {
				const router = kit.router({ ...mechanism.server, ...one.options });
				const endpoint = await bound(router, place.endpoint());
				const bystander = bystanderOf(kit, router, endpoint, { options: mechanism.client });
				await bystander.bounce();
				const stop = bystander.start();
				for (const { cut } of chunkings) {
					const told = event(router.events, one.stage === "traffic" ? "disconnect" : "handshake:error:protocol");
					const attacker = await RawPeer.connect(endpoint);
					attacker.cut = (octets) => (octets.length > 20_000 ? [octets] : cut(octets));
					await attack(attacker, one, mechanism, mechanism.asClient, "DEALER");
					const { error, address } = await told;
					expect(error?.code).equal(one.code);
					expect(address).match(/^((tcp|ws):\/\/127\.0\.0\.1:\d+|ipc:\/\/.+)$/);
					await attacker.closed;
				}
				expect(await stop()).above(1);
				await bystander.bounce();
			});
		}
	});
}
