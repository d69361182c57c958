// Sockets in worker threads: each thread has sockets of its own, and they meet over tcp, ipc and inproc.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { Pull, Push } from "@homing/zmtp";
import { check } from "./check.mjs";

const messages = 500;
const threads = 3;

if (isMainThread) {
	for (const endpoint of ["tcp://127.0.0.1:*", "ipc://*", "inproc://threads"]) {
		await check(`threads meet over ${endpoint.split(":")[0]}`, async () => {
			const pull = new Pull();
			await pull.bind(endpoint);
			const counts = new Map();
			const workers = Array.from(
				{ length: threads },
				(_, name) =>
					new Worker(fileURLToPath(import.meta.url), { workerData: { name: `${name}`, endpoint: pull.lastEndpoint } }),
			);
			const ended = workers.map((worker) => new Promise((resolve) => worker.on("exit", resolve)));
			for (let i = 0; i < threads * messages; i++) {
				const [name, number] = (await pull.receive()).map(String);
				const count = counts.get(name) ?? 0;
				assert.equal(Number(number), count);
				counts.set(name, count + 1);
			}
			assert.deepEqual([...counts.values()], Array(threads).fill(messages));
			for (const worker of workers) worker.postMessage("over");
			assert.deepEqual(await Promise.all(ended), Array(threads).fill(0));
			await pull.close();
		});
	}
} else {
	// Ends by itself when it has been told, unless something of ours holds it. Deno drops what comes before there is a listener.
	parentPort.once("message", () => {});
	const { name, endpoint } = workerData;
	const push = new Push();
	push.connect(endpoint);
	for (let i = 0; i < messages; i++) await push.send([name, `${i}`]);
	await push.close();
}
