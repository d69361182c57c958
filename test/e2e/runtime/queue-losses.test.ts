import { expect } from "chai";
import type { RpcError } from "../../../packages/runtime/src/index.js";
import { echo } from "../../support/runtime/echo.js";
import { fast, QueueRig } from "../../support/runtime/queue-rig.js";
import { deferred, until, verdict } from "../../support/runtime/until.js";

describe("a queue that loses workers, calls and clients", () => {
	const rig = new QueueRig();
	let held: (() => void)[];
	let ran: unknown[];
	beforeEach(() => {
		held = [];
		ran = [];
	});
	afterEach(() => {
		for (const release of held) release();
	});

	/** Runs until the test is over; writes down what ran. */
	const hold = (what: unknown) => {
		ran.push(what);
		return new Promise((resolve) => held.push(() => resolve(what)));
	};

	it("hands a call on when its worker is lost, if it may be repeated; others are UNAVAILABLE, outcome unknown", async () => {
		await rig.start();
		const doomed = await rig.worker({ say: hold, risky: hold });
		const client = rig.client();
		const [say, risky] = [client.call(echo.say, ["a"]), verdict(client.call(echo.risky, ["b"]))];
		await until(() => ran.length === 2);
		await rig.worker({ say: (text, { attempt }) => `${text} ${attempt}` });
		await doomed.close();
		expect(await say).to.equal("a 1");
		expect(await risky).to.equal("UNAVAILABLE unknown peer");
		expect(rig.queue.stats()).to.include({ redelivered: 1, lost: 1, inFlight: 0 });
	});

	// H86
	it("takes a call that kills every worker for poison, and the pool survives", async () => {
		await rig.start();
		const attempts: number[] = [];
		const doomed = async () => {
			const server = rig.server(
				{
					work: (_, { attempt }) => {
						attempts.push(attempt);
						void server.close();
						return new Promise(() => {});
					},
				},
				fast,
			);
			await server.join(rig.workers);
		};
		const client = rig.client();
		const call = verdict(client.call(echo.work, ["poison"]));
		for (let lost = 1; lost <= 4; lost++) {
			await doomed();
			await until(() => attempts.length === lost);
		}
		expect(await call).to.equal("ABORTED unknown peer");
		expect(attempts).to.deep.equal([0, 1, 2, 3]);
		await rig.worker();
		expect(await client.call(echo.work, ["healthy"])).to.equal("healthy");
	});

	it("passes a cancellation on to the worker, and forgets a waiting call", async () => {
		await rig.start();
		const aborted = deferred<string>();
		await rig.worker(
			{
				work: (_, { signal }) =>
					new Promise((_resolve, reject) => {
						ran.push(signal);
						signal.addEventListener("abort", () => {
							aborted.resolve((signal.reason as RpcError).status);
							reject(signal.reason);
						});
					}),
			},
			{ concurrency: 1 },
		);
		const client = rig.client();
		const controller = new AbortController();
		const running = verdict(client.call(echo.work, [1], { signal: controller.signal }));
		await until(() => ran.length === 1);
		const waiting = verdict(client.call(echo.work, [2], { signal: controller.signal }));
		await until(() => rig.queue.stats().waiting === 1);
		controller.abort();
		expect(await running).to.equal("CANCELLED unknown local");
		expect(await waiting).to.equal("CANCELLED unknown local");
		expect(await aborted.promise).to.equal("CANCELLED");
		await until(() => rig.queue.stats().waiting === 0 && rig.queue.stats().inFlight === 0);
		expect(ran).to.have.length(1);
		expect(rig.queue.stats().cancelled).to.equal(2);
	});

	// H93
	it("cancels the work of a client that is gone", async () => {
		await rig.start();
		const aborted = deferred();
		await rig.worker(
			{
				work: (_, { signal }) =>
					new Promise((resolve) => {
						ran.push(1);
						signal.addEventListener("abort", () => {
							aborted.resolve();
							resolve(0);
						});
					}),
			},
			{ concurrency: 1 },
		);
		const client = rig.client();
		const calls = [1, 2, 3].map((at) => verdict(client.call(echo.work, [at])));
		await until(() => ran.length === 1 && rig.queue.stats().waiting === 2);
		await client.close();
		await aborted.promise;
		await Promise.all(calls);
		await until(() => rig.queue.stats().inFlight + rig.queue.stats().waiting === 0);
		expect(ran).to.have.length(1);
	});
});
