import { expect } from "chai";
import { RpcError } from "../../../../packages/runtime/src/index.js";
import type { Pool } from "../../../../packages/runtime/src/queue/pool.js";
import { Pools } from "../../../../packages/runtime/src/queue/pools.js";
import type { QueuedCall } from "../../../../packages/runtime/src/queue/queued-call.js";
import { Worker } from "../../../../packages/runtime/src/queue/worker.js";
import { WaitingRoom } from "../../../../packages/runtime/src/waiting/waiting-line.js";
import { FakePeer } from "../../../support/runtime/fake-peer.js";

const name = Buffer.from("Echo.say");

/** What the line of a pool needs of a call. */
const waiter = { priority: 0, age: 0, size: 1, owner: undefined } as QueuedCall;

function rig(patienceMs = 60_000) {
	const gone: (string | undefined)[] = [];
	const pools = new Pools({
		policy: "least-loaded",
		room: new WaitingRoom(10_000, 10_000),
		clientShare: 1,
		patienceMs,
		onVersionGone: ({ schemaHash }) => gone.push(schemaHash),
	});
	const hire = (...hashes: string[]) => {
		const queued = hashes.length > 1;
		const versions = { Echo: Object.fromEntries(hashes.map((hash, index) => [hash, index + 1])) };
		const worker = new Worker(
			new FakePeer(),
			{
				instance: "w",
				concurrency: 16,
				services: { Echo: hashes[0]! },
				...(queued ? { queues: ["w"], credits: { Echo: 10 }, versions } : {}),
			},
			false,
			0,
		);
		pools.add(worker);
		return worker;
	};
	const echo = () => pools.find(name, 0, name.length)!;
	const find = (hash: string, mayCome = false) => pools.findVersion(echo(), hash, mayCome);
	const found = (hash: string, mayCome = false) => {
		const version = find(hash, mayCome);
		if (version instanceof RpcError) throw version;
		return version;
	};
	return { pools, gone, hire, echo, find, found };
}

describe("versions of a service", () => {
	let pools: Pools | undefined;
	afterEach(() => pools?.stop());
	const start = (patienceMs?: number) => {
		const made = rig(patienceMs);
		({ pools } = made);
		return made;
	};

	it("have the workers of their hash, from when they are asked for, and those that come and go then", () => {
		const { pools: all, hire, found } = start();
		const [first] = [hire("a"), hire("b")];
		const version = found("a");
		expect(version.workers).deep.equal([first]);
		const third = hire("a");
		expect(version.workers).deep.equal([first, third]);
		all.remove(first);
		expect(version.workers).deep.equal([third]);
		expect(all.of(third)).include.members([version]);
		expect(found("a")).equal(version);
	});

	it("of which there is no worker are there when nobody serves the service, or somebody may come", () => {
		const { hire, find, found } = start();
		expect(found("c").size).equal(0);
		hire("a");
		const refusal = find("b");
		expect(refusal).include({ status: "FAILED_PRECONDITION", outcome: "not-started" });
		expect(found("b", true).size).equal(0);
	});

	it("share a queue's credit for the service, each up to its own", () => {
		const { hire, echo, found } = start();
		const queue = hire("a", "b");
		const [a, b] = [found("a"), found("b")];
		const give = (pool: Pool<QueuedCall>) => {
			const worker = pool.choose();
			worker?.take(pool);
			return worker === queue;
		};
		expect([give(a), give(a), give(b), give(b), give(b)]).deep.equal([true, false, true, true, false]);
		expect(Array.from({ length: 8 }, () => give(echo()))).deep.equal([...Array(7).fill(true), false]);
		queue.giveBack(a);
		expect([give(b), give(a), give(a)]).deep.equal([false, true, false]);
	});

	it("are given up when their last worker has not come back in time, and are there again when one comes", async () => {
		const { pools: all, gone, hire, find, found } = start(1);
		const first = hire("a");
		hire("b");
		const version = found("a");
		all.remove(first);
		await new Promise<void>((resolve) => {
			const look = () => (gone.length > 0 ? resolve() : void setImmediate(look));
			look();
		});
		expect([gone, version.isGone]).deep.equal([["a"], true]);
		expect(find("a")).instanceOf(RpcError);
		hire("a");
		expect(found("a")).equal(version);
		expect(version.isGone).equal(false);
	});

	it("are 1024 at most, of which those that nobody serves, or waits for, make room", () => {
		const { hire, echo, find, found } = start();
		hire("a");
		const served = found("a");
		const waiting = Array.from({ length: 1023 }, (_, i) => found(`x${i}`, true));
		for (const version of waiting) version.line.add({ ...waiter } as QueuedCall);
		expect(find("one more", true)).include({ status: "RESOURCE_EXHAUSTED" });
		const [call] = waiting[0]!.line;
		waiting[0]!.line.remove(call!);
		expect(found("one more", true).size).equal(0);
		expect(waiting[0]!.isGone).equal(true);
		expect(echo().versions.size).equal(1024);
		expect(found("a")).equal(served);
	});
});
