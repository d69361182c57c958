import { expect } from "chai";
import { type Arena, arenas } from "../../support/zmtp/arenas.js";
import { COMMAND, commandFrame, frameOf, propertiesOf, property, type RawFrame } from "../../support/zmtp/frames.js";
import { MeasuredServer } from "../../support/zmtp/measured.js";
import type { MeasuredOptions } from "../../support/zmtp/measured-server.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { curveKeys } from "../../support/zmtp/raw-curve.js";
import { join } from "../../support/zmtp/raw-mechanisms.js";
import { RawPeer } from "../../support/zmtp/raw-peer.js";

const KiB = 1024;
/** What a peer may make us hold before it is known, in all. */
const unknownBytes = 64 * KiB;
/** What a connection costs that does nothing. */
const idleBytes = 30 * 1000;
const peers = 100;

/** As large as a command may be, and never whole. */
const endless: RawFrame = { ...frameOf(COMMAND, Buffer.alloc(unknownBytes - 1)), size: BigInt(unknownBytes) };
/** Properties that fill a command, with room for what CURVE puts around them. */
const large = Buffer.concat([propertiesOf("DEALER"), property("X-large", Buffer.alloc(unknownBytes - 500))]);

describe("zmtp memory held for others", () => {
	leavesNothingOpen();
	for (const arena of arenas) measure(arena);
});

function measure({ name, place, mechanism }: Arena): void {
	// It is the same code as with tcp, and processes take their time.
	if (place.name === "ipc") return;

	describe(`zmtp ROUTER, what it holds for others ${name}`, () => {
		let server: MeasuredServer;
		let undecided: MeasuredServer;

		const start = (more: Partial<MeasuredOptions>) =>
			MeasuredServer.start({
				endpoint: place.endpoint(),
				mechanism: mechanism.name,
				secretKey: Buffer.from(curveKeys.server.privateKey).toString("hex"),
				...more,
			});

		before(async () => {
			const options = { heartbeatInterval: 1000, heartbeatTimeout: 60_000 };
			[server, undecided] = await Promise.all([start({ options }), start({ isUndecided: true })]);
		});
		after(() => Promise.all([server.close(), undecided.close()]));

		it("an idle connection costs at most 30 KB, heartbeats and all", async () => {
			const crowd: RawPeer[] = [];
			const come = async (count: number) => {
				for (let i = 0; i < count; i += 50) {
					crowd.push(
						...(await Promise.all(Array.from({ length: 50 }, () => join(mechanism, server.endpoint, "DEALER")))),
					);
				}
			};
			// The first ones pay for what is made once.
			await come(50);
			const before = await server.measure(({ ready }) => ready === 50);
			const count = mechanism.name === "NULL" && place.name === "tcp" ? 1000 : 200;
			await come(count);
			const after = await server.measure(({ ready }) => ready === 50 + count);
			expect((after.held - before.held) / count, "held").below(idleBytes);
			if (count === 1000) expect((after.resident - before.resident) / count, "resident").below(idleBytes);
			await Promise.all(crowd.map((peer) => peer.close()));
		});

		it("a peer that does not end its first command makes it hold 64 KiB and no more", async () => {
			const before = await server.measure(({ ready, lost }) => ready === lost);
			const attackers = await Promise.all(
				Array.from({ length: peers }, async () => {
					const peer = await RawPeer.connect(server.endpoint);
					await peer.greet({ mechanism: mechanism.name });
					peer.sayBare(endless);
					return peer;
				}),
			);
			const after = await server.measure(({ held }) => held - before.held > peers * unknownBytes);
			expect((after.held - before.held) / peers).below(unknownBytes + idleBytes);
			expect(after.ready).equal(before.ready);
			await Promise.all(attackers.map((peer) => peer.close()));
		});

		it("a peer that is being judged makes it hold 64 KiB and no more, and is left when it goes on talking", async () => {
			const before = await undecided.measure();
			const attackers = await Promise.all(
				Array.from({ length: peers }, async () => {
					const peer = await RawPeer.connect(undecided.endpoint);
					if (mechanism.name === "CURVE") {
						await mechanism.asClient(peer, large);
					} else {
						// NULL asks its authenticator before it reads anything.
						await peer.greet({ mechanism: mechanism.name });
						if (mechanism.name === "PLAIN") peer.say(commandFrame("HELLO", "\x01a\x01b"));
						peer.say(commandFrame("READY", large));
					}
					return peer;
				}),
			);
			const after = await undecided.measure(({ held }) => held - before.held > peers * large.length);
			expect((after.held - before.held) / peers).below(unknownBytes + idleBytes);
			for (const peer of attackers) peer.sayBare(commandFrame("Whatever", Buffer.alloc(1000)));
			await Promise.all(attackers.map((peer) => peer.closed));
			expect((await undecided.measure()).ready).equal(0);
		});
	});
}
