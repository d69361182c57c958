import { expect } from "chai";
import { sized } from "../../support/zmtp/matrix/pairs.js";
import { type Mechanism, securityOf, zapRules } from "../../support/zmtp/matrix/security.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { ours } from "../../support/zmtp/our-side.js";
import { ipcPlace, type Place, tcpPlace, wsPlace } from "../../support/zmtp/places.js";
import { heartbeats, type Side, type SideSocket, sumsOf } from "../../support/zmtp/side.js";
import { needsPyzmq, pyzmq, zeromqJs } from "../../support/zmtp/zmq-side.js";

const asker = Buffer.from("asker");
const arrived = (...sizes: number[]) => sumsOf({ envelope: [], frames: sized(...sizes) });

async function meet(binder: SideSocket, other: SideSocket, place: Place): Promise<void> {
	const wildcard = place === tcpPlace ? "tcp://127.0.0.1:*" : place.endpoint();
	await other.connect(await binder.bind(wildcard));
}

function defineLarge(one: Side, other: Side): void {
	for (const place of [tcpPlace, ipcPlace, wsPlace]) {
		it(`${one.name} DEALER gets frames of 1 MiB and of 64 MiB to ${other.name} ROUTER over ${place.name} and back`, async () => {
			const asking = await one.open("DEALER", { routingId: asker });
			const echoing = await other.open("ROUTER");
			await meet(echoing, asking, place);
			await echoing.echo();
			for (const sizes of [
				[1 << 20, 3, 300_000],
				[64 * 2 ** 20, 5],
			]) {
				await asking.send([], sized(...sizes));
				expect((await asking.receive()).frames).deep.equal(arrived(...sizes));
			}
			await Promise.all([asking.close(), echoing.close()]);
		});
	}
}

function defineRoutingIds(library: Side): void {
	const orders = [
		[ours, library],
		[library, ours],
	] as const;

	for (const routingId of [Buffer.of(1), Buffer.from("name"), Buffer.of(255, 0, 128, 0), Buffer.alloc(255, 0xc3)]) {
		it(`a routing id of ${routingId.length} octets (${routingId.subarray(0, 4).toString("hex")}) is the same on both sides`, async () => {
			for (const [one, other] of orders) {
				// zeromq.js takes its own ids as UTF-8 text only.
				if (one.name === "zeromq.js" && routingId.some((octet) => octet > 127 || octet === 0)) continue;
				const dealer = await one.open("DEALER", { routingId });
				const router = await other.open("ROUTER");
				await meet(router, dealer, tcpPlace);
				await dealer.send([], sized(3));
				expect((await router.receive()).first).deep.equal(routingId);
				await router.send([routingId], sized(4));
				expect((await dealer.receive()).frames).deep.equal(arrived(4));
				await Promise.all([dealer.close(), router.close()]);
			}
		});
	}

	it("a peer without a routing id gets one of five octets, with a zero in front", async () => {
		for (const [one, other] of orders) {
			const dealer = await one.open("DEALER");
			const router = await other.open("ROUTER");
			await meet(router, dealer, tcpPlace);
			await dealer.send([], sized(3));
			const { first } = await router.receive();
			expect([first.length, first[0]]).deep.equal([5, 0]);
			await router.send([first], sized(4));
			expect((await dealer.receive()).frames).length(1);
			await Promise.all([dealer.close(), router.close()]);
		}
	});

	for (const [place, mechanism] of [
		[tcpPlace, "NULL"],
		[tcpPlace, "CURVE"],
		[wsPlace, "NULL"],
		[wsPlace, "CURVE"],
	] as const) {
		it(`heartbeats keep an idle connection over ${place.name} with ${mechanism}`, async () => {
			await Promise.all(orders.map(([one, other]) => stayIdle(one, other, place, mechanism)));
		});
	}
}

async function stayIdle(one: Side, other: Side, place: Place, mechanism: Mechanism): Promise<void> {
	const dealer = await one.open("DEALER", { routingId: asker, ...heartbeats(50), ...securityOf(mechanism, false) });
	const router = await other.open("ROUTER", { ...heartbeats(50), ...securityOf(mechanism, true) });
	await meet(router, dealer, place);
	await dealer.send([], sized(1));
	await router.receive();
	// Longer than timeout and TTL together: whoever does not answer is given up, and the router forgets its id.
	await new Promise((resolve) => setTimeout(resolve, 700));
	await router.send([asker], sized(2));
	expect((await dealer.receive()).frames).length(1);
	await Promise.all([dealer.close(), router.close()]);
}

describe("zmtp interop", () => {
	leavesNothingOpen();
	before(() => ours.zap(zapRules));
	after(() => ours.stop());

	for (const library of [zeromqJs(), pyzmq()]) {
		describe(`with libzmq by way of ${library.name}`, () => {
			before(async function () {
				if (library.name === "pyzmq") needsPyzmq(this);
				await library.start();
				await library.zap(zapRules);
			});
			after(() => library.stop());
			defineLarge(ours, library);
			defineLarge(library, ours);
			defineRoutingIds(library);
		});
	}
});
