import { expect } from "chai";
import {
	controlKind,
	readOffer,
	readTerms,
	sendDrain,
	sendPulse,
	sendReady,
	sendWelcome,
} from "../../../../packages/runtime/src/protocol/control.js";
import { FakePeer } from "../../../support/runtime/fake-peer.js";
import { incoming } from "../../../support/runtime/messages.js";
import { kinds, pack } from "../../../support/runtime/wire.js";

const offer = { protocol: 1, instance: "w", concurrency: 4, services: { Echo: "hash" } } as const;
const ready = (body: unknown) => incoming("", Buffer.of(kinds.READY), pack(body));
const welcome = (body: unknown) => incoming("", Buffer.of(kinds.WELCOME), pack(body));

describe("control messages", () => {
	it("have an empty envelope, their kind, and a body where they have one", () => {
		const peer = new FakePeer();
		sendReady(peer, offer);
		sendWelcome(peer, { heartbeatMs: 100, leaseMs: 1000 });
		sendDrain(peer);
		sendPulse(peer);
		expect(peer.sent).to.deep.equal([
			[Buffer.alloc(0), Buffer.of(kinds.READY), pack(offer)],
			[Buffer.alloc(0), Buffer.of(kinds.WELCOME), pack({ heartbeatMs: 100, leaseMs: 1000 })],
			[Buffer.alloc(0), Buffer.of(kinds.DRAIN)],
			[Buffer.alloc(0), Buffer.of(kinds.PULSE)],
		]);
		for (const sent of peer.sent) expect(controlKind(incoming(...sent))).to.equal(sent[1]![0]);
	});

	it("without a kind are none", () => {
		expect(controlKind(incoming(""))).to.equal(-1);
		expect(controlKind(incoming("", ""))).to.equal(-1);
	});

	it("READY is read field by field", () => {
		expect(readOffer(ready({ ...offer, more: 1 }))).to.deep.equal(offer);
		expect(readOffer(ready({ ...offer, concurrency: 2.9 }))).to.include({ concurrency: 2 });
	});

	it("READY of a queue names it and those below, and may have the services of all", () => {
		const queued = { ...offer, queues: ["w", "x"] };
		expect(readOffer(ready(queued))).to.deep.equal(queued);
		const services = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`S${i}`, ""]));
		expect(Object.keys(readOffer(ready({ ...queued, services }))!.services)).to.have.length(2000);
	});

	it("READY of a queue has credit for each service", () => {
		const queued = { ...offer, queues: ["w"], credits: { Echo: 3 } };
		expect(readOffer(ready(queued))).deep.equal(queued);
		expect(readOffer(ready({ ...offer, credits: { Echo: 3 } })), "not of a server").deep.equal(offer);
	});

	it("READY of a queue has credit for each version of a service, where there are several", () => {
		const queued = { ...offer, queues: ["w"], versions: { Echo: { a: 3, b: 1 } } };
		expect(readOffer(ready(queued))).deep.equal(queued);
		expect(readOffer(ready({ ...offer, versions: queued.versions })), "not of a server").deep.equal(offer);
	});

	// H87: a worker that lies about its capacity is believed up to a bound.
	it("READY cannot claim more than 65 536 calls at a time", () => {
		expect(readOffer(ready({ ...offer, concurrency: 1e300 }))).to.include({ concurrency: 65_536 });
		expect(readOffer(ready({ ...offer, concurrency: Number.POSITIVE_INFINITY }))).to.include({ concurrency: 65_536 });
	});

	const senseless: [name: string, body: unknown][] = [
		["no concurrency", { ...offer, concurrency: undefined }],
		["a concurrency of 0", { ...offer, concurrency: 0 }],
		["a negative one", { ...offer, concurrency: -1 }],
		["NaN", { ...offer, concurrency: Number.NaN }],
		["a text as concurrency", { ...offer, concurrency: "4" }],
		["no services", { ...offer, services: null }],
		["a service without a hash", { ...offer, services: { Echo: 1 } }],
		["a service without a name", { ...offer, services: { "": "x" } }],
		[
			"2000 services",
			{ ...offer, services: Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`S${i}`, ""])) },
		],
		["a very long instance", { ...offer, instance: "x".repeat(65) }],
		["queues that are no list", { ...offer, queues: "w" }],
		["a queue without a name", { ...offer, queues: [7] }],
		["versions that are none", { ...offer, queues: ["w"], versions: [7] }],
		["a version without credit", { ...offer, queues: ["w"], versions: { Echo: { a: 0 } } }],
		["a version whose credit is a text", { ...offer, queues: ["w"], versions: { Echo: { a: "1" } } }],
		[
			"20 000 versions",
			{
				...offer,
				queues: ["w"],
				versions: Object.fromEntries(
					["A", "B"].map((name) => [name, Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`v${i}`, 1]))]),
				),
			},
		],
		["2000 queues", { ...offer, queues: Array.from({ length: 2000 }, String) }],
		...[7, null, { Echo: 0 }, { Echo: 1.5 }, { Echo: "3" }].map((credits): [string, unknown] => [
			`credits of a queue that are ${JSON.stringify(credits)}`,
			{ ...offer, queues: ["w"], credits },
		]),
		["no map", 7],
		["nil", null],
	];
	for (const [name, body] of senseless) {
		it(`READY with ${name} makes no sense`, () => {
			expect(readOffer(ready(body))).to.equal(undefined);
		});
	}

	it("READY that is no msgpack, or has a frame too many, makes no sense", () => {
		expect(readOffer(incoming("", Buffer.of(kinds.READY), "\xc1"))).to.equal(undefined);
		expect(readOffer(incoming("", Buffer.of(kinds.READY)))).to.equal(undefined);
		expect(readOffer(incoming("", Buffer.of(kinds.READY), pack(offer), ""))).to.equal(undefined);
	});

	it("WELCOME has terms that can be kept, or none", () => {
		expect(readTerms(welcome({ heartbeatMs: 100, leaseMs: 1000 }))).to.deep.equal({ heartbeatMs: 100, leaseMs: 1000 });
		for (const terms of [
			{ heartbeatMs: 1, leaseMs: 1000 },
			{ heartbeatMs: 100, leaseMs: 99 },
			{ heartbeatMs: 100, leaseMs: 2 ** 31 },
			{ heartbeatMs: Number.NaN, leaseMs: 1000 },
			{ heartbeatMs: 100 },
			null,
		]) {
			expect(readTerms(welcome(terms)), JSON.stringify(terms)).to.equal(undefined);
		}
	});
});
