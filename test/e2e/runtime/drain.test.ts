import { expect } from "chai";
import type { Connection, RpcError } from "../../../packages/runtime/src/index.js";
import { Dealer } from "../../../packages/zmtp/src/index.js";
import { echo } from "../../support/runtime/echo.js";
import { fast, QueueRig } from "../../support/runtime/queue-rig.js";
import { deferred, until, verdict } from "../../support/runtime/until.js";
import { callHeader, failureIn, kinds, pack } from "../../support/runtime/wire.js";

/** Calls without pause until it is stopped; counts and keeps the failures. */
class Load {
	readonly errors: string[] = [];
	calls = 0;
	#isOver = false;
	readonly #loops: Promise<void>[];

	constructor(connection: Connection, inFlight: number) {
		this.#loops = Array.from({ length: inFlight }, async () => {
			while (!this.#isOver) {
				await connection.call(echo.risky, ["x"]).catch((error: RpcError) => {
					this.errors.push(`${error.status} ${error.outcome} ${error.message}`);
				});
				this.calls++;
			}
		});
	}

	/** Waits for so many more calls. */
	async progress(calls = 200): Promise<void> {
		const goal = this.calls + calls;
		await until(() => this.calls >= goal);
	}

	async stop(): Promise<void> {
		this.#isOver = true;
		await Promise.all(this.#loops);
	}
}

const soon = (text: string) => new Promise((resolve) => setTimeout(resolve, 1, text));

describe("drain", () => {
	const rig = new QueueRig();

	// T16
	it("servers that are drained and replaced one after another under load cost no caller an error", async () => {
		const [first, endpoint] = await rig.serve({ risky: soon });
		const [second, otherEndpoint] = await rig.serve({ risky: soon });
		const load = new Load(rig.connect([endpoint, otherEndpoint], fast), 64);
		await load.progress();
		for (const [old, place] of [
			[first, endpoint],
			[second, otherEndpoint],
		] as const) {
			await old.drain();
			await load.progress();
			await rig.server({ risky: soon }).bind(place);
			await load.progress();
		}
		await load.stop();
		expect(load.errors).to.deep.equal([]);
	});

	it("a lone server that is drained and replaced under load costs a wait and no error", async () => {
		const [server, endpoint] = await rig.serve({ risky: soon });
		const load = new Load(rig.connect(endpoint, fast), 64);
		await load.progress();
		await server.drain();
		await rig.server({ risky: soon }).bind(endpoint);
		await load.progress();
		await load.stop();
		expect(load.errors).to.deep.equal([]);
	});

	it("finishes what it has, its line included", async () => {
		const release = deferred();
		const [server, endpoint] = await rig.serve(
			{ work: (what) => release.promise.then(() => what) },
			{ concurrency: 2 },
		);
		const client = rig.connect(endpoint, fast);
		const calls = [0, 1, 2, 3, 4].map((at) => client.call(echo.work, [at]));
		await until(() => server.stats().running === 2 && server.stats().waiting === 3);
		const drained = server.drain();
		release.resolve();
		expect(await Promise.all(calls)).to.deep.equal([0, 1, 2, 3, 4]);
		await drained;
	});

	it("aborts what runs beyond its time", async () => {
		const aborted = deferred<string>();
		const [server, endpoint] = await rig.serve({
			work: (_, { signal }) =>
				new Promise(() => signal.addEventListener("abort", () => aborted.resolve((signal.reason as RpcError).status))),
		});
		const call = verdict(rig.connect(endpoint, fast).call(echo.work, [1]));
		await until(() => server.stats().running === 1);
		await server.drain({ timeoutMs: 20 });
		expect(await aborted.promise).to.equal("CANCELLED");
		expect(await call).to.equal("UNAVAILABLE unknown local");
	});

	it("answers clients that do not understand it UNAVAILABLE, not started", async () => {
		const release = deferred();
		const [server, endpoint] = await rig.serve({ work: () => release.promise });
		const raw = rig.own(new Dealer({ linger: 0 }));
		raw.connect(endpoint);
		await raw.send(["1", "", callHeader("Echo.work"), pack([1])]);
		await until(() => server.stats().running === 1);
		const drained = server.drain();
		expect((await raw.receive()).map((frame) => frame.toString("hex"))).to.deep.equal(["", "21"]);
		await until(async () => {
			await raw.send(["2", "", callHeader("Echo.say"), pack(["late"])]);
			const answer = await raw.receive();
			return answer.length === 4 && failureIn(answer).status === 14;
		});
		release.resolve();
		expect((await raw.receive())[0]!.toString()).to.equal("1");
		await drained;
	});

	it("workers of a queue that are drained and replaced one after another under load cost no caller an error", async () => {
		await rig.start();
		let workers = [await rig.worker({ risky: soon }), await rig.worker({ risky: soon })];
		const load = new Load(rig.client(), 64);
		await load.progress();
		for (let round = 0; round < 3; round++) {
			const [old, ...rest] = workers;
			await Promise.all([old!.drain(), load.progress()]);
			workers = [...rest, await rig.worker({ risky: soon })];
			await load.progress();
		}
		await load.stop();
		expect(load.errors).to.deep.equal([]);
		expect(rig.queue.stats()).to.include({ lost: 0, redelivered: 0 });
	});

	it("the only worker of a queue may be drained and replaced under load: calls wait", async () => {
		await rig.start();
		const worker = await rig.worker({ risky: soon });
		const load = new Load(rig.client(), 64);
		await load.progress();
		await worker.drain();
		await rig.worker({ risky: soon });
		await load.progress();
		await load.stop();
		expect(load.errors).to.deep.equal([]);
	});

	it("one of two queues may be drained under load", async () => {
		await rig.start();
		const [first, firstClients, firstWorkers] = [rig.queue, rig.clients, rig.workers];
		await rig.start();
		const server = rig.server({ risky: soon }, fast);
		await Promise.all([server.join(firstWorkers), server.join(rig.workers)]);
		const load = new Load(rig.connect([firstClients, rig.clients], fast), 64);
		await load.progress();
		await first.drain();
		await load.progress();
		await load.stop();
		expect(load.errors).to.deep.equal([]);
	});

	it("a queue that drains finishes what waits in its line", async () => {
		await rig.start();
		const release = deferred();
		await rig.worker({ work: (what) => release.promise.then(() => what) }, { concurrency: 1 });
		const client = rig.client();
		const calls = [0, 1, 2].map((at) => client.call(echo.work, [at]));
		await until(() => rig.queue.stats().waiting === 2);
		const drained = rig.queue.drain();
		release.resolve();
		expect(await Promise.all(calls)).to.deep.equal([0, 1, 2]);
		await drained;
	});

	it("a queue tells raw workers that none will come, and takes what they still owe", async () => {
		await rig.start();
		const raw = rig.own(new Dealer({ linger: 0 }));
		raw.connect(rig.workers);
		await raw.send([
			"",
			Buffer.of(kinds.READY),
			pack({ protocol: 1, instance: "raw", concurrency: 1, services: { Echo: "" } }),
		]);
		const call = rig.client().call(echo.say, ["a"]);
		let message: Buffer[];
		do message = await raw.receive();
		while (message[0]!.length === 0);
		await raw.send(["", Buffer.of(kinds.DRAIN)]);
		await until(() => rig.queue.stats().workers[0]?.state === "draining");
		await raw.send([message[0]!, message[1]!, "", pack("owed")]);
		expect(await call).to.equal("owed");
	});
});
