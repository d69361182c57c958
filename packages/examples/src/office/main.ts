/**
 * Calls that are answered by somebody else than who was called. Ada calls the office; the office's worker passes small purchases on to the
 * till (a tail call), and leaves the others to the boss (delegation), who comes later, in a process of its own. Ada cannot tell: she has
 * awaited one method. Everybody is known by a token, and what ada's says of her goes with the call.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Queue, RpcError } from "@homing/runtime";
import { OfficeClient } from "./generated/office.js";
import { Declined } from "./office.js";
import { connectAs } from "./people.js";

await using queue = new Queue({ clients: "tcp://127.0.0.1:0", workers: "tcp://127.0.0.1:0" });
const { clients, workers } = await queue.start();

const start = (name: string, endpoint: string) => {
	const program = fileURLToPath(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url));
	const child = spawn(process.execPath, [...process.execArgv, program, endpoint], {
		stdio: ["ignore", "inherit", "inherit", "ipc"],
	});
	process.once("exit", () => child.kill());
	return child;
};

const worker = start("worker", workers[0]!);
await once(worker, "message");
await using connection = connectAs("ada", clients[0]!);
const office = new OfficeClient(connection);

const pens = await office.buy("pens", 900);
console.log(`${pens.item} for ${pens.by}, says ${pens.from}`);

const larger = [office.buy("a desk", 45_000), office.buy("a yacht", 90_000_000)];

try {
	for await (const request of office.requests()) console.log(request);
} catch (error) {
	if (!(error instanceof RpcError)) throw error;
	console.log(`${error.status}: ${error.message}`);
}

const boss = start("boss", clients[0]!);
for (const outcome of await Promise.allSettled(larger)) {
	if (outcome.status === "fulfilled")
		console.log(`${outcome.value.item} for ${outcome.value.by}, says ${outcome.value.from}`);
	else if (outcome.reason instanceof Declined)
		console.log(`${outcome.reason.message}: at most ${outcome.reason.data.most}`);
	else throw outcome.reason;
}

for (const child of [boss, worker]) child.kill();
