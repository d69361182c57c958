import { expect } from "chai";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { ipcPlace, type Place, tcpPlace } from "../../support/zmtp/places.js";
import {
	bodyOf,
	type FrameSpec,
	needsPyzmq,
	ours,
	pyzmq,
	type Side,
	type SideSocket,
	sumOf,
	type Type,
	zeromqJs,
} from "../../support/zmtp/zmq-side.js";

const asker = Buffer.from("asker");
const echoer = Buffer.from("echoer");
const delimiter = Buffer.alloc(0);

/** Who asks whom, and what stands in front of the message so that it comes back. */
const pairs: readonly [asks: Type, echoes: Type, envelope: readonly Buffer[]][] = [
	["DEALER", "ROUTER", []],
	["DEALER", "DEALER", []],
	["DEALER", "REP", [delimiter]],
	["REQ", "REP", []],
	["REQ", "ROUTER", []],
	["ROUTER", "DEALER", [echoer]],
	["ROUTER", "ROUTER", [echoer]],
];

const sized = (...sizes: number[]): FrameSpec[] => sizes.map((size, index) => [size, `${size}.${index}`]);

/** One to a hundred frames, sizes on both sides of every border in either implementation. */
const messages: readonly FrameSpec[][] = [
	sized(1),
	sized(255),
	sized(256),
	sized(8191, 8192, 8193),
	sized(1, 0, 0, 1),
	sized(16_383, 16_384, 65_526, 65_527),
	sized(...Array.from({ length: 100 }, (_, index) => (index * 7) % 600)),
	sized(1 << 20, 3, 300_000),
];
/** REQ and REP need something behind the delimiter; for the others an empty frame is a message. */
const empty = sized(0);

async function meet(binder: SideSocket, other: SideSocket, place: Place): Promise<void> {
	const wildcard = place === tcpPlace ? "tcp://127.0.0.1:*" : place.endpoint();
	await other.connect(await binder.bind(wildcard));
}

function define(one: Side, other: Side): void {
	for (const place of [tcpPlace, ipcPlace]) {
		for (const [asks, echoes, envelope] of pairs) {
			for (const isAskerBound of [false, true]) {
				const who = `${one.name} ${asks} asks ${other.name} ${echoes}`;
				it(`${who} over ${place.name}, ${isAskerBound ? "binding" : "connecting"}`, async () => {
					const asking = await one.open(asks, { routingId: asker });
					const echoing = await other.open(echoes, echoes === "REP" ? {} : { routingId: echoer });
					await (isAskerBound ? meet(asking, echoing, place) : meet(echoing, asking, place));
					await echoing.echo();
					for (const frames of [...messages, ...(asks === "REQ" || echoes === "REP" ? [] : [empty])]) {
						await asking.send(envelope, frames);
						const { frames: returned } = await asking.receive();
						expect(returned).deep.equal([...envelope, ...frames.map(bodyOf)].map(sumOf));
					}
					await Promise.all([asking.close(), echoing.close()]);
				});
			}
		}
	}
}

function defineLarge(one: Side, other: Side): void {
	for (const place of [tcpPlace, ipcPlace]) {
		it(`${one.name} DEALER gets a frame of 64 MiB to ${other.name} ROUTER over ${place.name} and back`, async () => {
			const asking = await one.open("DEALER", { routingId: asker });
			const echoing = await other.open("ROUTER");
			await meet(echoing, asking, place);
			await echoing.echo();
			const frames = sized(64 * 2 ** 20, 5);
			await asking.send([], frames);
			expect((await asking.receive()).frames).deep.equal(frames.map(bodyOf).map(sumOf));
			await Promise.all([asking.close(), echoing.close()]);
		});
	}
}

function defineRoutingIds(library: Side): void {
	for (const routingId of [Buffer.of(1), Buffer.from("name"), Buffer.of(255, 0, 128, 0), Buffer.alloc(255, 0xc3)]) {
		it(`a routing id of ${routingId.length} octets (${routingId.subarray(0, 4).toString("hex")}) is the same on both sides of ${library.name}`, async () => {
			for (const [one, other] of [
				[ours, library],
				[library, ours],
			] as const) {
				// zeromq.js takes its own ids as UTF-8 text only.
				if (one.name === "zeromq.js" && routingId.some((octet) => octet > 127 || octet === 0)) continue;
				const dealer = await one.open("DEALER", { routingId });
				const router = await other.open("ROUTER");
				await meet(router, dealer, tcpPlace);
				await dealer.send([], sized(3));
				expect((await router.receive()).first).deep.equal(routingId);
				await router.send([routingId], sized(4));
				expect((await dealer.receive()).frames).deep.equal(sized(4).map(bodyOf).map(sumOf));
				await Promise.all([dealer.close(), router.close()]);
			}
		});
	}

	it(`a peer without a routing id gets one of five octets, with a zero in front, from ${library.name} and from us`, async () => {
		for (const [one, other] of [
			[ours, library],
			[library, ours],
		] as const) {
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

	it(`heartbeats of ${library.name} and ours keep an idle connection`, async () => {
		for (const [one, other] of [
			[ours, library],
			[library, ours],
		] as const) {
			const dealer = await one.open("DEALER", { routingId: asker, heartbeatMs: 50 });
			const router = await other.open("ROUTER", { heartbeatMs: 50 });
			await meet(router, dealer, tcpPlace);
			await dealer.send([], sized(1));
			await router.receive();
			// Longer than timeout and TTL together: whoever does not answer is given up, and the router forgets its id.
			await new Promise((resolve) => setTimeout(resolve, 700));
			await router.send([asker], sized(2));
			expect((await dealer.receive()).frames).length(1);
			await Promise.all([dealer.close(), router.close()]);
		}
	});
}

function defineAll(library: Side): void {
	define(ours, library);
	define(library, ours);
	define(library, library);
	defineLarge(ours, library);
	defineLarge(library, ours);
	defineRoutingIds(library);
}

describe("zmtp interop", () => {
	leavesNothingOpen();

	describe("ours alone, the control", () => {
		define(ours, ours);
	});

	describe("with libzmq by way of zeromq.js", () => {
		const library = zeromqJs();
		before(() => library.start());
		after(() => library.stop());
		defineAll(library);
	});

	describe("with libzmq by way of pyzmq", () => {
		const library = pyzmq();
		before(async function () {
			needsPyzmq(this);
			await library.start();
		});
		after(() => library.stop());
		defineAll(library);
	});
});
