/** Peers that know nothing of Homing: a REP socket in Python serves our client, a REQ socket in Python calls our server. */
import { text } from "node:stream/consumers";
import { connect, Queue, Server } from "@homing/runtime";
import { CalculatorClient, calculatorService } from "./generated/calculator.js";
import { findPython, howToInstall, runScript } from "./python.js";

const python = findPython();
if (python === undefined) {
	console.error(howToInstall);
	process.exit(1);
}

await callPython(python);
await servePython(python);

/** A queue turns plain REP sockets into workers: what they are sent and what they answer is one call. */
async function callPython(python: string): Promise<void> {
	await using queue = new Queue({
		clients: "tcp://127.0.0.1:0",
		workers: "tcp://127.0.0.1:0",
		repWorkers: "tcp://127.0.0.1:0",
		repServices: ["Calculator"],
	});
	const { clients, repWorkers } = await queue.start();
	const worker = runScript(python, "worker.py", repWorkers[0]!);
	process.once("exit", () => worker.kill());
	await using connection = connect(clients);
	const calculator = new CalculatorClient(connection);
	console.log(`worker.py says that 20 + 22 = ${await calculator.add(20, 22)}`);
	worker.kill();
}

/** Method and arguments as two strings: JSON in, JSON out. */
async function servePython(python: string): Promise<void> {
	await using server = new Server();
	server.add(calculatorService({ add: (a, b) => a + b }));
	const client = runScript(python, "client.py", await server.bind("tcp://127.0.0.1:0"));
	process.once("exit", () => client.kill());
	console.log(`client.py was told that 20 + 22 = ${(await text(client.stdout!)).trim()}`);
}
