/**
 * Python at both sides, twice: as peers that know nothing of Homing, a REP socket that serves our client and a REQ socket
 * that calls our server; and with what is generated for Python from the same interface.
 */
import { text } from "node:stream/consumers";
import { connect, Queue, Server } from "@homing/runtime";
import { CalculatorClient, calculatorService } from "./generated/calculator.js";
import { findPython, howToInstall, runScript } from "./python.js";

const python = findPython();
if (python === undefined) {
	console.error(howToInstall);
	process.exit(1);
}

// A queue turns plain REP sockets into workers: what they are sent and what they answer is one call.
await callPython(python, "worker.py", "repWorkers");
await callPython(python, "typed_worker.py", "workers");
// Method and arguments as two strings: JSON in, JSON out.
await servePython(python, "client.py");
await servePython(python, "typed_client.py");

async function callPython(python: string, script: string, place: "workers" | "repWorkers"): Promise<void> {
	await using queue = new Queue({
		clients: "tcp://127.0.0.1:0",
		workers: "tcp://127.0.0.1:0",
		repWorkers: "tcp://127.0.0.1:0",
		repServices: ["Calculator"],
	});
	const bound = await queue.start();
	const worker = runScript(python, script, bound[place][0]!);
	process.once("exit", () => worker.kill());
	await using connection = connect(bound.clients);
	const calculator = new CalculatorClient(connection);
	console.log(`${script} says that 20 + 22 = ${await calculator.add(20, 22)}`);
	worker.kill();
}

async function servePython(python: string, script: string): Promise<void> {
	await using server = new Server();
	server.add(calculatorService({ add: (a, b) => a + b }));
	const client = runScript(python, script, await server.bind("tcp://127.0.0.1:0"));
	process.once("exit", () => client.kill());
	console.log(`${script} was told that 20 + 22 = ${(await text(client.stdout!)).trim()}`);
}
