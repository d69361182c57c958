import type { ChildProcess } from "node:child_process";
import { expect } from "chai";
import { connect, type RpcError } from "../../../packages/runtime/src/index.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { echo } from "../../support/runtime/echo.js";
import { kill, startQueue, startWorker, WorkLog } from "../../support/runtime/processes.js";
import { until, verdict } from "../../support/runtime/until.js";

describe("processes that are killed", () => {
	const own = closeAfterEach();

	/** With 25 ms of work a call, 512 in flight make some 15 000 calls a second: time enough for several deaths. */
	const workMs = 25;
	const total = 200_000;
	const inFlight = 512;
	const killEveryMs = 2000;
	const timeoutMs = 15_000;

	it(`${total} calls through a queue and 4 workers, one killed every 2 s: no idempotent call is lost or fails, no other runs twice, and failures say that the outcome is unknown`, async () => {
		const queue = await startQueue();
		own({ close: () => kill(queue.child) });
		const log = own(new WorkLog());
		const workerEndpoint = queue.endpoints.workers[0]!;
		const spawn = () => startWorker(workerEndpoint, log, workMs);
		const workers: ChildProcess[] = await Promise.all([spawn(), spawn(), spawn(), spawn()]);
		own({ close: () => Promise.all(workers.map(kill)) });
		const connection = own(connect(queue.endpoints.clients));

		let kills = 0;
		let respawned: Promise<unknown> = Promise.resolve();
		const killer = setInterval(() => {
			const victim = kills++ % workers.length;
			respawned = kill(workers[victim]!).then(async () => {
				workers[victim] = await spawn();
			});
		}, killEveryMs);
		own({ close: () => clearInterval(killer) });

		let started = 0;
		let longest = 0;
		const answered: string[] = [];
		const failed: { readonly text: string; readonly error: RpcError; readonly isIdempotent: boolean }[] = [];
		const loop = async () => {
			while (started < total) {
				const number = started++;
				const isIdempotent = number % 2 === 0;
				const text = `${isIdempotent ? "again" : "once"} ${number}`;
				const before = performance.now();
				try {
					const answer = await connection.call(isIdempotent ? echo.say : echo.risky, [text], { timeoutMs });
					expect(answer.startsWith(`${text} by `)).to.equal(true);
					answered.push(text);
				} catch (error) {
					failed.push({ text, error: error as RpcError, isIdempotent });
				}
				longest = Math.max(longest, performance.now() - before);
			}
		};
		await Promise.all(Array.from({ length: inFlight }, loop));
		clearInterval(killer);
		await respawned;

		expect(kills, "workers killed").to.be.at.least(3);
		expect(answered.length + failed.length, "calls with an outcome").to.equal(total);
		expect(failed.filter((each) => each.isIdempotent).map(({ error }) => error.message)).to.deep.equal([]);
		const runs = new Map<string, number>();
		for (const { text } of log.read()) runs.set(text, (runs.get(text) ?? 0) + 1);
		const twice = [...runs].filter(([text, times]) => text.startsWith("once") && times > 1);
		expect(twice, "executed twice").to.deep.equal([]);
		for (const { text, error } of failed) {
			expect(error.status).to.equal("UNAVAILABLE");
			// Not started: it had not left the queue, and no worker may know of it.
			if (error.outcome === "not-started") expect(runs.has(text), text).to.equal(false);
			else expect(error.outcome).to.equal("unknown");
		}
		expect(failed.length, "calls in flight with the dead").to.be.within(1, kills * inFlight);
		expect(longest, "the longest that anybody waited").to.be.below(timeoutMs + 1000);
		const { inFlight: left, waiting, redelivered, lost } = await queue.stats();
		expect({ left, waiting }).to.deep.equal({ left: 0, waiting: 0 });
		expect(redelivered).to.be.greaterThan(0);
		expect(lost).to.equal(failed.length);
		expect(connection.stats().droppedReplies).to.equal(0);
	}).timeout(90_000);

	// T5
	it("a queue that is killed costs its callers an error at once: nothing is lost silently", async () => {
		const queue = await startQueue();
		own({ close: () => kill(queue.child) });
		const log = own(new WorkLog());
		const worker = await startWorker(queue.endpoints.workers[0]!, log, 60_000);
		own({ close: () => kill(worker) });
		const connection = own(connect(queue.endpoints.clients));
		const calls = Array.from({ length: 100 }, (_, at) =>
			verdict(connection.call(at % 2 === 0 ? echo.say : echo.risky, [String(at)], { timeoutMs: 60_000 })),
		);
		await until(async () => (await queue.stats()).inFlight === 100);
		await kill(queue.child);
		expect(new Set(await Promise.all(calls))).to.deep.equal(new Set(["UNAVAILABLE unknown local"]));
	});
});
