import { expect } from "chai";
import { maxEarlyAnswerBytes, maxEarlyAnswers } from "../../../../packages/runtime/src/limits.js";
import { newCallHeader, readCallHeader } from "../../../../packages/runtime/src/protocol/header.js";
import { CallBook } from "../../../../packages/runtime/src/queue/call-book.js";
import { Pool } from "../../../../packages/runtime/src/queue/pool.js";
import type { QueuedCall } from "../../../../packages/runtime/src/queue/queued-call.js";
import { WaitingRoom } from "../../../../packages/runtime/src/waiting/waiting-line.js";
import { FakePeer } from "../../../support/runtime/fake-peer.js";
import { incoming } from "../../../support/runtime/messages.js";
import { callHeader, deliver, failureIn, flags, followUp, kinds, pack, token } from "../../../support/runtime/wire.js";
import { type FakeWorkerOptions, fakeWorker } from "../../../support/runtime/workers.js";

const body = Buffer.of(0x90);

class Rig {
	readonly slowClients: unknown[] = [];
	readonly stuckWorkers: unknown[] = [];
	readonly client = new FakePeer();
	readonly room: WaitingRoom;
	readonly book: CallBook;
	readonly pool: Pool<QueuedCall>;

	constructor(clientShare = 1) {
		this.room = new WaitingRoom(4, 10_000, clientShare);
		this.book = new CallBook({
			room: this.room,
			takesRuns: true,
			findPool: () => this.pool,
			onSlowClient: (client) => this.slowClients.push(client),
			onStuckWorker: (worker) => this.stuckWorkers.push(worker),
			onLeft: () => {},
		});
		this.pool = this.makePool("Echo", clientShare);
	}

	makePool(service: string, clientShare = 1): Pool<QueuedCall> {
		return new Pool<QueuedCall>(service, "least-loaded", this.room, clientShare);
	}

	hire(options: FakeWorkerOptions = {}) {
		const hired = fakeWorker(options);
		this.pool.add(hired.worker);
		return hired;
	}

	/** A call with the reply token `slot`. */
	call(slot: number, callFlags = 0, budgetMs = 0, priority = 128, client = this.client, pool = this.pool): void {
		const octets = callHeader("Echo.say", { flags: callFlags, budgetMs, priority });
		const message = incoming(token(slot, slot), "", octets, body);
		const header = newCallHeader();
		readCallHeader(message.buffers[1]!, message.starts[2]!, message.ends[2]!, header);
		if ((callFlags & flags.SURVEY) === 0) this.book.accept(client, pool, message, 1, header);
		else this.book.survey(client, pool, message, 1, header);
	}

	/** What `worker` would answer to message `at` that it was sent: its envelope and these frames. */
	reply(hired: ReturnType<typeof fakeWorker>, at: number, ...frames: (string | Uint8Array)[]): boolean {
		const sent = hired.peer.sent[at]!;
		const delimiter = sent.findIndex((frame) => frame.length === 0);
		return this.book.settle(hired.worker, incoming(...sent.slice(0, delimiter), "", ...frames));
	}

	/** The word that the worker leaves message `at` that it was sent to whoever shows `key`. */
	delegate(hired: ReturnType<typeof fakeWorker>, at: number, key: Uint8Array): boolean {
		return this.reply(hired, at, Buffer.of(kinds.DELEGATE, 0), pack({ key, expiresMs: 1000 }));
	}

	/** Somebody answers, with the key and the call's address. */
	deliver(from: FakePeer, key: Uint8Array, address: Uint8Array, value = "answer"): void {
		const route = Buffer.concat([Buffer.of(address.length), address]);
		this.book.handOvers.deliver(from, incoming(token(9, 9), "", deliver(key, route), value), 1);
	}

	lose(hired: ReturnType<typeof fakeWorker>): void {
		this.pool.remove(hired.worker);
		this.book.losses.forgetWorker(hired.worker);
		this.book.dispatch(this.pool);
	}
}

describe("calls in the queue's care", () => {
	let rig: Rig;
	beforeEach(() => {
		rig = new Rig();
	});
	afterEach(() => {
		rig.book.stop();
	});

	it("go to a worker as they came, with the queue's address in front", () => {
		const hired = rig.hire();
		rig.call(7);
		const [queueToken, ...rest] = hired.peer.sent[0]!;
		expect(queueToken).to.have.length(8);
		expect(rest).to.deep.equal([token(7, 7), Buffer.alloc(0), callHeader("Echo.say"), body]);
	});

	it("are answered with everything behind that address", () => {
		const hired = rig.hire();
		rig.call(7);
		expect(rig.reply(hired, 0, "result")).to.equal(true);
		expect(rig.client.sent).to.deep.equal([[token(7, 7), Buffer.alloc(0), Buffer.from("result")]]);
		expect(rig.book.size).to.equal(0);
		expect(hired.worker.unfinished).to.equal(0);
	});

	it("are answered once: repeated, late and foreign answers are dropped and counted", () => {
		const [one, other] = [rig.hire({ concurrency: 1 }), rig.hire({ concurrency: 1 })];
		rig.call(1);
		rig.call(2);
		const forged = incoming(other.peer.sent[0]![0]!, token(2, 2), "", "forged");
		expect(rig.book.settle(one.worker, forged), "another worker's token").to.equal(false);
		expect(rig.reply(one, 0, "result")).to.equal(true);
		expect(rig.reply(one, 0, "again")).to.equal(false);
		expect(rig.book.settle(one.worker, incoming(token(9, 9), token(1, 1), "", "invented"))).to.equal(false);
		expect(rig.client.sent).to.have.length(1);
		expect(rig.book.counters.droppedReplies).to.equal(3);
	});

	it("are not answered behind an envelope other than their own", () => {
		const hired = rig.hire();
		rig.call(1);
		const own = hired.peer.sent[0]![0]!;
		for (const frames of [
			[own, token(2, 2), "", "x"],
			[own, "", Buffer.of(kinds.DRAIN)],
			[own, "x", "y", "z"],
		]) {
			expect(rig.book.settle(hired.worker, incoming(...frames))).to.equal(false);
		}
		expect(rig.client.sent).to.have.length(0);
		expect(rig.reply(hired, 0, "result")).to.equal(true);
	});

	it("wait in order of priority and age while no worker has credit", () => {
		const hired = rig.hire({ concurrency: 1 });
		rig.call(1);
		rig.call(2);
		rig.call(3);
		rig.call(4, 0, 0, 1);
		for (let at = 0; at < 4; at++) {
			rig.reply(hired, at, "done");
			rig.book.dispatch(rig.pool);
		}
		expect(hired.peer.sent.map((sent) => sent[1])).to.deep.equal([1, 4, 2, 3].map((slot) => token(slot, slot)));
	});

	it("are refused when the line is full: RESOURCE_EXHAUSTED, not started", () => {
		for (let slot = 0; slot < 5; slot++) rig.call(slot);
		expect(rig.client.sent).to.have.length(1);
		expect(failureIn(rig.client.sent[0]!)).to.include({ status: 8, flags: flags.NOT_STARTED });
		expect(rig.book.counters.refused).to.equal(1);
	});

	it("that do not wait for a worker are refused at once: UNAVAILABLE, not started", () => {
		rig.call(1, flags.FAIL_FAST);
		expect(failureIn(rig.client.sent[0]!)).to.include({ status: 14, flags: flags.NOT_STARTED });
	});

	it("carry what is left of their budget when they have waited, in the chunk they came in too", async () => {
		rig.client.receivedAt -= 5000;
		rig.call(1, 0, 60_000);
		await new Promise((resolve) => setImmediate(resolve));
		const hired = rig.hire();
		rig.book.dispatch(rig.pool);
		const header = hired.peer.sent[0]![3]!;
		expect(header.readUInt32BE(2)).to.be.within(1, 55_001);
	});

	it("whose deadline passed in line are never given to a worker", async () => {
		rig.call(1, 0, 1);
		for (const end = performance.now() + 2; performance.now() < end; );
		const hired = rig.hire();
		rig.book.dispatch(rig.pool);
		expect(hired.peer.sent).to.have.length(0);
		expect(failureIn(rig.client.sent[0]!)).to.include({ status: 4, flags: flags.NOT_STARTED });
		expect(rig.book.counters.expired).to.equal(1);
	});

	it("that may be repeated go to another worker when theirs is lost, with the number of the attempt", () => {
		const first = rig.hire();
		rig.call(1, flags.IDEMPOTENT);
		first.peer.flush();
		const second = rig.hire();
		rig.lose(first);
		expect(second.peer.sent[0]![3]![6]).to.equal(1);
		expect(rig.reply(first, 0, "late")).to.equal(false);
		expect(rig.reply(second, 0, "result")).to.equal(true);
		expect(rig.client.sent).to.deep.equal([[token(1, 1), Buffer.alloc(0), Buffer.from("result")]]);
	});

	it("that lose four workers one after another are ABORTED: poison must not eat the pool", () => {
		rig.call(1, flags.IDEMPOTENT);
		for (let attempt = 0; attempt < 4; attempt++) {
			expect(rig.client.sent).to.have.length(0);
			const hired = rig.hire();
			rig.book.dispatch(rig.pool);
			expect(hired.peer.sent).to.have.length(1);
			hired.peer.flush();
			rig.lose(hired);
		}
		expect(failureIn(rig.client.sent[0]!)).to.include({ status: 10, flags: flags.UNKNOWN });
		expect(rig.book.counters.poisoned).to.equal(1);
		expect(rig.book.size).to.equal(0);
	});

	it("that never left for the lost worker do not count it as an attempt", () => {
		rig.call(1, flags.IDEMPOTENT);
		for (let attempt = 0; attempt < 10; attempt++) {
			const hired = rig.hire();
			rig.book.dispatch(rig.pool);
			rig.lose(hired);
		}
		expect(rig.client.sent).to.have.length(0);
		expect(rig.book.counters.redelivered).to.equal(10);
	});

	it("that must not be repeated are UNAVAILABLE: outcome unknown if they left, else not started", () => {
		const hired = rig.hire();
		rig.call(1);
		hired.peer.flush();
		rig.call(2);
		rig.lose(hired);
		const failures = rig.client.sent.map((sent) => failureIn(sent));
		expect(failures[0]).to.include({ status: 14, flags: flags.UNKNOWN });
		expect(failures[1]).to.include({ status: 14, flags: flags.NOT_STARTED });
		expect(rig.book.size).to.equal(0);
	});

	it("in line leave with their client; those with a worker are cancelled there and keep its credit", () => {
		const hired = rig.hire({ concurrency: 1 });
		rig.call(1);
		rig.call(2);
		rig.book.losses.forgetClient(rig.client);
		expect(rig.room.calls).to.equal(0);
		const cancel = hired.peer.sent[1]!;
		expect(cancel.slice(1)).to.deep.equal([token(1, 1), Buffer.alloc(0), Buffer.of(kinds.CANCEL, 0)]);
		expect(hired.worker.hasCredit).to.equal(false);
		rig.reply(hired, 0, "nobody reads this");
		expect(hired.worker.hasCredit).to.equal(true);
		expect(rig.client.sent).to.have.length(0);
	});

	it("are cancelled by their own client only", () => {
		const hired = rig.hire();
		const stranger = new FakePeer();
		rig.call(1);
		const cancel = incoming(token(1, 1), "", Buffer.of(kinds.CANCEL, 0));
		rig.book.followUps.cancel(stranger, cancel, 1);
		expect(hired.peer.sent).to.have.length(1);
		rig.book.followUps.cancel(rig.client, cancel, 1);
		expect(hired.peer.sent).to.have.length(2);
		expect(rig.book.counters.cancelled).to.equal(1);
	});

	it("of a client that is gone are not repeated when their worker is lost too", () => {
		const hired = rig.hire();
		rig.call(1, flags.IDEMPOTENT);
		hired.peer.flush();
		rig.book.losses.forgetClient(rig.client);
		const other = rig.hire();
		rig.lose(hired);
		expect(other.peer.sent).to.have.length(0);
		expect(rig.book.size).to.equal(0);
	});

	it("that are one-way free their worker's credit with END, which goes no further", () => {
		const hired = rig.hire({ concurrency: 1 });
		rig.call(0xff_ffff, flags.ONE_WAY);
		expect(hired.worker.hasCredit).to.equal(false);
		expect(rig.reply(hired, 0, Buffer.of(kinds.END, 0))).to.equal(true);
		expect(hired.worker.hasCredit).to.equal(true);
		expect(rig.client.sent).to.have.length(0);
	});

	it("that are one-way are never answered, not even when they are refused or lost", () => {
		rig.call(0xff_ffff, flags.ONE_WAY | flags.FAIL_FAST);
		const hired = rig.hire();
		rig.call(0xff_ffff, flags.ONE_WAY);
		hired.peer.flush();
		rig.lose(hired);
		expect(rig.client.sent).to.have.length(0);
		expect(rig.book.size).to.equal(0);
	});

	it("tell of a client that does not read its answers", () => {
		const hired = rig.hire();
		rig.call(1);
		rig.client.isWritable = false;
		rig.reply(hired, 0, "result");
		expect(rig.slowClients).to.deep.equal([rig.client]);
	});

	it("H77: that are open end when their worker leaves 64 MiB of what follows them up unread", () => {
		const hired = rig.hire();
		rig.call(1);
		const address = hired.peer.sent[0]![0]!;
		rig.reply(hired, 0, Buffer.concat([Buffer.of(kinds.OPEN, 0, 8), token(3, 4)]), "");
		const route = Buffer.concat([Buffer.of(8), address, Buffer.of(8), token(3, 4)]);
		const follow = () =>
			rig.book.followUps.follow(
				rig.client,
				incoming(token(1, 1), "", followUp(kinds.ITEM, route), body),
				1,
				kinds.ITEM,
			);
		hired.peer.queuedBytes = 64 * 1024 * 1024;
		follow();
		expect(hired.peer.sent).to.have.length(2);
		hired.peer.queuedBytes++;
		follow();
		expect(failureIn(rig.client.sent.at(-1)!).status).to.equal(8);
		expect(hired.peer.sent.at(-1)!.at(-1)).to.deep.equal(Buffer.of(kinds.CANCEL, 0));
		follow();
		expect(rig.book.counters.droppedFollowUps).to.equal(2);
		expect([rig.client.sent.length, hired.peer.sent.length]).to.deep.equal([2, 3]);
	});
});

describe("calls that wait for a worker of several services", () => {
	it("are given to it by priority, then age, whichever service they are of", () => {
		const rig = new Rig();
		const other = rig.makePool("Other");
		const { worker, peer } = rig.hire({ concurrency: 1 });
		other.add(worker);
		rig.call(1);
		rig.call(2);
		rig.call(3, 0, 0, 128, rig.client, other);
		rig.call(4, 0, 0, 7, rig.client, other);
		rig.call(5);
		for (let at = 0; at < 5; at++) {
			rig.reply({ worker, peer }, at, "done");
			rig.book.employ(worker, [rig.pool, other]);
		}
		expect(peer.sent.map((sent) => sent[1])).deep.equal([1, 4, 2, 3, 5].map((slot) => token(slot, slot)));
		rig.book.stop();
	});

	it("take the priority of the method that they are forwarded to", () => {
		const rig = new Rig();
		const hired = rig.hire({ concurrency: 1 });
		rig.call(1);
		rig.call(2);
		rig.call(3);
		rig.reply(hired, 0, Buffer.of(kinds.FORWARD, 0), callHeader("Echo.late", { priority: 200 }), body);
		rig.reply(hired, 1, "done");
		rig.book.employ(hired.worker, [rig.pool]);
		rig.reply(hired, 2, "done");
		rig.book.employ(hired.worker, [rig.pool]);
		expect(hired.peer.sent.map((sent) => sent[1])).deep.equal([1, 2, 3, 1].map((slot) => token(slot, slot)));
		rig.book.stop();
	});
});

describe("a client's share", () => {
	let rig: Rig;
	let other: FakePeer;
	beforeEach(() => {
		other = new FakePeer();
		rig = new Rig(0.5);
	});
	afterEach(() => {
		rig.book.stop();
	});

	/** The reply tokens' slots of the calls that a worker was given. */
	const given = ({ peer }: ReturnType<typeof fakeWorker>) => peer.sent.map((sent) => sent[1]!.readUInt32BE(4));

	it("of the workers is what it may have with them; what is beyond waits, and others pass it by", () => {
		const hired = rig.hire({ concurrency: 4 });
		for (const slot of [1, 2, 3, 4]) rig.call(slot);
		expect([given(hired), rig.room.calls]).deep.equal([[1, 2], 2]);
		rig.call(5, 0, 0, 128, other);
		rig.call(6, 0, 0, 128, other);
		expect(given(hired)).deep.equal([1, 2, 5, 6]);
		rig.reply(hired, 2, "done");
		rig.book.employ(hired.worker, [rig.pool]);
		expect(given(hired), "the place is the other's").deep.equal([1, 2, 5, 6]);
		rig.reply(hired, 0, "done");
		rig.book.employ(hired.worker, [rig.pool]);
		expect(given(hired)).deep.equal([1, 2, 5, 6, 3]);
	});

	it("grows with the workers, and comes back when one is lost", () => {
		const first = rig.hire({ concurrency: 2 });
		for (const slot of [1, 2, 3]) rig.call(slot, flags.IDEMPOTENT);
		expect(given(first)).deep.equal([1]);
		const second = rig.hire({ concurrency: 4 });
		rig.book.dispatch(rig.pool);
		expect([given(first), given(second)]).deep.equal([[1, 3], [2]]);
		first.peer.flush();
		rig.lose(first);
		expect(given(second), "two of its four").deep.equal([2, 1]);
		rig.reply(second, 0, "done");
		rig.book.dispatch(rig.pool);
		expect(given(second)).deep.equal([2, 1, 3]);
	});

	it("of the line is what it may have waiting: RESOURCE_EXHAUSTED, not started", () => {
		for (const slot of [1, 2, 3]) rig.call(slot);
		expect(failureIn(rig.client.sent[0]!)).include({ status: 8, flags: flags.NOT_STARTED });
		rig.call(4, 0, 0, 128, other);
		expect([other.sent.length, rig.room.calls]).deep.equal([0, 3]);
		rig.book.losses.forgetClient(rig.client);
		expect(rig.room.calls).equal(1);
	});

	it("is given back with a call that its client cancels, or leaves behind, only when the worker is done", () => {
		const hired = rig.hire({ concurrency: 2 });
		rig.call(1);
		rig.book.followUps.cancel(rig.client, incoming(token(1, 1), "", Buffer.of(kinds.CANCEL, 0)), 1);
		rig.call(2);
		expect(given(hired)).deep.equal([1, 1]);
		rig.reply(hired, 0, "done");
		rig.book.dispatch(rig.pool);
		expect(given(hired)).deep.equal([1, 1, 2]);
	});

	it("counts surveys too, of which one may go beyond it", () => {
		const hired = rig.hire({ concurrency: 2 });
		rig.call(1);
		rig.call(2, flags.SURVEY);
		rig.call(3, flags.SURVEY);
		expect(given(hired)).deep.equal([1, 2]);
		expect(failureIn(rig.client.sent[0]!)).include({ status: 8, flags: flags.NOT_STARTED });
		rig.call(4, flags.SURVEY, 0, 128, other);
		expect(given(hired)).deep.equal([1, 2, 4]);
	});
});

describe("answers that overtake the word of their delegation", () => {
	const key = Buffer.alloc(16, 7);
	const result = [token(1, 1), Buffer.alloc(0), Buffer.from("answer")];
	const taken = [token(9, 9), Buffer.alloc(0), Buffer.of(0xc0)];
	let rig: Rig;
	let hired: ReturnType<typeof fakeWorker>;
	let answerer: FakePeer;
	/** The call's at the queue. */
	let address: Buffer;

	beforeEach(() => {
		rig = new Rig();
		hired = rig.hire();
		answerer = new FakePeer();
		rig.call(1, flags.IDEMPOTENT);
		address = hired.peer.sent[0]![0]!;
	});
	afterEach(() => {
		rig.book.stop();
	});

	/** The last that the answerer was told is that nobody waits. */
	function expectRefused(): void {
		expect(failureIn(answerer.sent.at(-1)!)).include({ status: 5, flags: flags.NOT_STARTED });
		expect(rig.book.earlyAnswers).equal(0);
	}

	it("wait for it, and are taken once", () => {
		rig.deliver(answerer, key, address);
		expect([answerer.sent, rig.client.sent, rig.book.earlyAnswers]).deep.equal([[], [], 1]);
		expect(rig.delegate(hired, 0, key)).equal(true);
		expect(rig.client.sent).deep.equal([result]);
		expect(answerer.sent).deep.equal([taken]);
		expect([rig.book.size, rig.book.delegated, rig.book.earlyAnswers]).deep.equal([0, 0, 0]);
		rig.deliver(answerer, key, address);
		expectRefused();
		expect(rig.client.sent).length(1);
	});

	it("are two: the first counts, the second is refused", () => {
		const second = new FakePeer();
		rig.deliver(answerer, key, address);
		rig.deliver(second, key, address, "another");
		rig.delegate(hired, 0, key);
		expect(rig.client.sent).deep.equal([result]);
		expect(failureIn(second.sent[0]!)).include({ status: 5, flags: flags.NOT_STARTED });
	});

	it("with another key are refused when the right one is known", () => {
		rig.deliver(answerer, Buffer.alloc(16, 8), address);
		rig.delegate(hired, 0, key);
		expectRefused();
		rig.deliver(answerer, key, address);
		expect(answerer.sent.at(-1)).deep.equal(taken);
		expect(rig.client.sent).deep.equal([result]);
	});

	it("find the address among others, and are refused at once when none is of a call at a worker", () => {
		rig.deliver(answerer, key, Buffer.alloc(0));
		expectRefused();
		for (const cut of [address.subarray(0, 7), token(1, 1), Buffer.concat([address, Buffer.of(0)])]) {
			rig.deliver(answerer, key, cut);
			expectRefused();
		}
		const route = Buffer.concat([Buffer.of(8), token(3, 3), Buffer.of(8), address]);
		rig.book.handOvers.deliver(answerer, incoming(token(9, 9), "", deliver(key, route), "answer"), 1);
		rig.delegate(hired, 0, key);
		expect(answerer.sent.at(-1)).deep.equal(taken);
	});

	for (const [how, end] of [
		["is answered by its worker", () => void rig.reply(hired, 0, "result")],
		["goes to another worker", () => rig.lose(hired)],
		[
			"is cancelled, and its worker delegates all the same",
			() => {
				rig.book.followUps.cancel(rig.client, incoming(token(1, 1), "", Buffer.of(kinds.CANCEL, 0)), 1);
				rig.delegate(hired, 0, key);
			},
		],
	] as const) {
		it(`are refused when the call ${how}`, () => {
			hired.peer.flush();
			rig.deliver(answerer, key, address);
			end();
			expectRefused();
		});
	}

	it("count as never come when whoever sent them is gone, or gives up", () => {
		rig.deliver(answerer, key, address);
		rig.book.losses.forgetClient(answerer);
		rig.deliver(answerer, key, address);
		rig.book.followUps.cancel(answerer, incoming(token(9, 9), "", Buffer.of(kinds.CANCEL, 0)), 1);
		expect(rig.book.earlyAnswers).equal(0);
		rig.delegate(hired, 0, key);
		expect([rig.client.sent, answerer.sent]).deep.equal([[], []]);
		expect(rig.book.delegated).equal(1);
	});

	it("are refused beyond a bound, in number and in octets: RESOURCE_EXHAUSTED, not started", () => {
		for (let i = 0; i < maxEarlyAnswers; i++) rig.deliver(answerer, key, address, "");
		expect(answerer.sent).length(0);
		rig.deliver(answerer, key, address, "");
		expect(failureIn(answerer.sent[0]!)).include({ status: 8, flags: flags.NOT_STARTED });
		rig.book.losses.forgetClient(answerer);
		rig.deliver(answerer, key, address, "x".repeat(maxEarlyAnswerBytes + 1));
		expect(failureIn(answerer.sent[1]!)).include({ status: 8, flags: flags.NOT_STARTED });
		expect(rig.book.earlyAnswers).equal(0);
	});
});
