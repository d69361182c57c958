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

	for (const endpoint of ["tcp://127.0.0.1:*", `ipc:///tmp/homing-threads-${process.pid}`, "inproc://threads"]) {
		it(`in several threads talk, and one that ends takes no other with it, over ${endpoint.split(":")[0]}`, async () => {
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

	it("meet over inproc whoever binds and whoever is first; a thread that does not read holds its sender up, one that dies is a lost connection", async () => {
		const thread = `
			import("@homing/zmtp").then(async (imported) => {
				const zmq = imported.default ?? imported;
				const { parentPort } = await import("node:worker_threads");
				const pull = new zmq.Pull({ receiveHighWaterMark: 10 });
				await pull.bind("inproc://thread");
				const told = new Promise((resolve) => parentPort.once("message", resolve));
				parentPort.postMessage("bound");
				await told;
				let count = 0;
				for await (const [number] of pull) if (Number(number) !== count++ || count === 3000) break;
				parentPort.postMessage(count);
				await new Promise(() => parentPort.on("message", () => {}));
			});
		`;
		const { status, stdout, stderr } = await runOn(
			"ours",
			`
				const { once } = await import("node:events");
				const { readdirSync } = await import("node:fs");
				const { tmpdir } = await import("node:os");
				const { Worker } = await import("node:worker_threads");
				const before = readdirSync(tmpdir()).filter((name) => /^homing-.{6}$/.test(name)).length;
				// Nobody has bound the name yet.
				const push = new zmq.Push({ sendHighWaterMark: 10, sendTimeout: 0, linger: 0 });
				push.connect("inproc://thread");
				const worker = new Worker(${JSON.stringify(thread)}, { eval: true });
				await Promise.all([once(worker, "message"), once(push.events, "handshake")]);
				const body = Buffer.alloc(10_000);
				let sent = 0;
				try {
					while (sent < 3000) {
						await push.send([String(sent), body]);
						sent++;
						await new Promise(setImmediate);
					}
				} catch (error) {
					say(error.code);
				}
				push.sendTimeout = -1;
				worker.postMessage("read");
				while (sent < 3000) await push.send([String(sent++), body]);
				say((await once(worker, "message"))[0]);
				const lost = once(push.events, "disconnect");
				await worker.terminate();
				say((await lost)[0].address);
				await push.close();
				const folders = readdirSync(tmpdir()).filter((name) => /^homing-.{6}$/.test(name));
				say(folders.length - before);
				`,
		);
		expect({ status, stdout, stderr }).deep.equal({
			status: 0,
			stdout: "EAGAIN\n3000\ninproc://thread\n0\n",
			stderr: "",
		});
	});
});
