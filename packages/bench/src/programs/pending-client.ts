/** Puts `--in-flight` calls on one connection to a server that does not answer, and tells what one costs here. */
import { setImmediate as turn } from "node:timers/promises";
import { connect } from "@homing/runtime";
import { EchoClient } from "../generated/echo.js";
import { readArguments } from "../load/arguments.js";
import "../load/parent.js";
import { differ, takeFootprint } from "../load/footprint.js";
import { tell } from "../load/messages.js";
import { makeSmall } from "../workload.js";

/** Calls between two turns of the event loop, so that they leave while more are made. */
const batch = 500;
const sentTimeoutMs = 20_000;

const { port, inFlight } = readArguments();
const connection = connect(`tcp://127.0.0.1:${port}`);
const echo = new EchoClient(connection);

async function put(count: number): Promise<void> {
	for (let i = 0; i < count; i++) {
		// Never rejected while this process lives: the server holds them all.
		void echo.small(makeSmall(i), { timeoutMs: Number.POSITIVE_INFINITY });
		if (i % batch === batch - 1) await turn();
	}
	const deadline = performance.now() + sentTimeoutMs;
	while (connection.stats().waiting > 0) {
		if (performance.now() > deadline) throw new Error(`${connection.stats().waiting} calls did not leave`);
		await turn();
	}
}

// Code is compiled and tables have their first size before anything is counted.
await put(batch);
const before = await takeFootprint();
await put(inFlight);
const after = await takeFootprint();
tell({ ...differ(after, before, inFlight), count: connection.stats().inFlight - batch });
process.exit(0);
