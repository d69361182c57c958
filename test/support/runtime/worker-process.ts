/**
 * A worker in a process of its own: joins the queue it is told of, says "ready", and serves echo and octets after a
 * pause, writing down what it starts.
 */
import { openSync, writeSync } from "node:fs";
import { Server } from "../../../packages/runtime/src/index.js";
import { blobsService } from "./blobs.js";
import { echoService } from "./echo.js";

const [endpoint, log, pauseMs] = process.argv.slice(2) as [string, string, string];
const file = openSync(log, "a");

const serve = (text: string) => {
	// At once and by the system, so that a killed process has not kept any of it.
	writeSync(file, `${process.pid} ${text}\n`);
	return new Promise((resolve) => setTimeout(resolve, Number(pauseMs), `${text} by ${process.pid}`));
};

const block = (ms: unknown) => {
	for (const end = performance.now() + Number(ms); performance.now() < end; );
	return process.pid;
};

const carry = async (octets: Uint8Array) => {
	await serve(`${octets.length} octets`);
	return octets;
};

const server = new Server({ reconnectMs: 5, reconnectMaxMs: 50 })
	.add(echoService({ say: serve, risky: serve, work: block }))
	.add(blobsService({ echo: carry }));
await server.join(endpoint);
process.send?.("ready");
// The parent is gone: so is the reason to be here.
process.on("disconnect", () => process.exit());
