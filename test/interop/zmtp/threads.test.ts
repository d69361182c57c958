import { expect } from "chai";
import { buildOurs, runOn } from "../../support/zmtp/either.js";

/** A thread that answers what it is asked, and one word to say that it is there. */
const worker = `
	import("@homing/zmtp").then(async (imported) => {
		const zmq = imported.default ?? imported;
		const { workerData } = await import("node:worker_threads");
		const dealer = new zmq.Dealer({ routingId: "thread" + workerData.index, linger: 0 });
		dealer.connect(workerData.endpoint);
		await dealer.send("here");
		for await (const [question] of dealer) await dealer.send("re " + question);
	});
`;

// With zeromq.js 6.8 a thread that is terminated while it has a socket ends the whole process: there is no control.
describe("sockets of ours", function () {
	this.timeout(60_000);
	before(buildOurs);

	for (const endpoint of ["tcp://127.0.0.1:*", `ipc:///tmp/homing-threads-${process.pid}`]) {
		it(`in several threads talk, and one that ends takes no other with it, over ${endpoint.slice(0, 3)}`, async () => {
			const { status, stdout, stderr } = await runOn(
				"ours",
				`
					const { Worker } = await import("node:worker_threads");
					const router = new zmq.Router({ linger: 0 });
					await router.bind("${endpoint}");
					const workers = [0, 1, 2].map((index) => new Worker(${JSON.stringify(worker)}, {
						eval: true,
						workerData: { index, endpoint: router.lastEndpoint },
					}));
					const hear = async () => (await router.receive()).map(String);
					const here = [];
					for (let i = 0; i < 3; i++) here.push((await hear()).join(" "));
					say(here.sort().join(", "));
					await workers[1].terminate();
					for (const index of [0, 2]) {
						for (let i = 0; i < 100; i++) await router.send(["thread" + index, "q" + i]);
						for (let i = 0; i < 100; i++) if ((await hear())[1] !== "re q" + i) say("wrong");
					}
					say("answered");
					await Promise.all(workers.map((worker) => worker.terminate()));
					router.close();
					`,
			);
			expect({ status, stdout, stderr }).deep.equal({
				status: 0,
				stdout: "thread0 here, thread1 here, thread2 here\nanswered\n",
				stderr: "",
			});
		});
	}
});
