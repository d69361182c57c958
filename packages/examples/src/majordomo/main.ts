/**
 * A broker, three worker processes, four clients, a hundred questions; in the middle one worker is killed. Each question is
 * answered all the same: its client asks again, and the broker no longer counts on the dead.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Broker } from "./broker.js";
import { Client } from "./client.js";

const questionsEach = 25;

// In `dist` it is worker.js, run from the sources worker.ts.
const program = fileURLToPath(new URL(`./worker${extname(import.meta.url)}`, import.meta.url));

const broker = new Broker();
const endpoint = await broker.bind("tcp://127.0.0.1:*");
const serving = broker.run();
const workers = Array.from({ length: 3 }, () =>
	spawn(process.execPath, [...process.execArgv, program, endpoint], { stdio: "inherit" }),
);
// Whoever is killed is to have been at work.
await broker.joined(workers.length);
const clients = Array.from({ length: 4 }, () => new Client(endpoint));

let right = 0;
await Promise.all(
	clients.map(async (client, first) => {
		for (let i = 0; i < questionsEach; i++) {
			const question = first * questionsEach + i;
			if ((await client.ask("square", `${question}`)) === `${question ** 2}`) right++;
			if (right === 40) kill(workers[0]!);
		}
		client.close();
	}),
);
console.log(`${right} of ${clients.length * questionsEach} answers are right`);
console.error(`${clients.reduce((sum, { repeated }) => sum + repeated, 0)} questions were asked again`);

for (const worker of workers) worker.kill();
await Promise.all(workers.map((worker) => worker.signalCode ?? once(worker, "exit")));
broker.close();
await serving;
console.error(`${broker.expired} workers fell silent`);

/** As a crash would: it finishes nothing and tells nobody. */
function kill(worker: ChildProcess): void {
	if (worker.kill("SIGKILL")) console.log("killed a worker");
}
