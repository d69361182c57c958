/** Told a number, opens so many streams and leaves each: every other at its first item, the others before it. */
import { createInterface } from "node:readline";
import { connect } from "@homing/runtime";
import { EchoClient } from "../generated/echo.js";
import { readArguments } from "../load/arguments.js";
import "../load/parent.js";
import { takeFootprint } from "../load/footprint.js";
import { readCpuUs, tell } from "../load/messages.js";

const { port, inFlight } = readArguments();
const connection = connect(`tcp://127.0.0.1:${port}`);
const echo = new EchoClient(connection);
let left = 0;

async function openAndLeave(): Promise<void> {
	while (left > 0) {
		const items = echo.items(2)[Symbol.asyncIterator]();
		if (left-- % 2 === 0) await items.next();
		await items.return!();
	}
}

createInterface({ input: process.stdin }).on("line", async (line) => {
	left = Number(line);
	const startedAt = performance.now();
	await Promise.all(Array.from({ length: inFlight }, openAndLeave));
	const seconds = (performance.now() - startedAt) / 1000;
	const footprint = await takeFootprint();
	tell({ ...footprint, seconds, open: connection.stats().inFlight, cpuUs: readCpuUs() });
});
await connection.ready();
tell({});
