/** Calls servers in turn at a steady rate, whatever became of the calls before, hedged or not, and times each from when it was due. */
import { connect } from "@homing/runtime";
import { EchoClient } from "../generated/echo.js";
import { readArguments } from "../load/arguments.js";
import "../load/parent.js";
import type { Latency } from "../load/messages.js";
import { type Counter, runPhases } from "../load/phases.js";
import { callPeriodMs } from "../scenarios/hedging-settings.js";
import { makeSmall } from "../workload.js";

const load = readArguments();
const endpoints = load.ports.map((port) => `tcp://127.0.0.1:${port}`);
const connection = connect(endpoints, load.hedgeMs > 0 ? { hedge: { delayMs: load.hedgeMs } } : {});
const echo = new EchoClient(connection);

class SteadyMeter implements Counter {
	isOver = false;
	#latencies: number[] = [];
	#hedgesBefore = 0;

	reset(): void {
		this.#latencies = [];
		this.#hedgesBefore = connection.stats().hedges;
	}

	add(latencyMs: number): void {
		this.#latencies.push(latencyMs);
	}

	read(): { readonly calls: number; readonly hedges: number } {
		return { calls: this.#latencies.length, hedges: connection.stats().hedges - this.#hedgesBefore };
	}

	/** Unit: microseconds. */
	conclude(): { readonly latencyUs: Latency } {
		const sorted = this.#latencies.sort((a, b) => a - b);
		const percentile = (share: number) => (sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN) * 1000;
		return { latencyUs: { p50: percentile(0.5), p99: percentile(0.99) } };
	}
}

const meter = new SteadyMeter();
let number = 0;

async function call(due: number): Promise<void> {
	await echo.small(makeSmall(number++));
	meter.add(performance.now() - due);
}

await connection.ready();
while (connection.stats().endpoints.some(({ state }) => state !== "ready")) {
	await new Promise((resolve) => connection.once("peer", resolve));
}
let due = performance.now();
setInterval(() => {
	// What this process itself was late for is sent at once, and counts from when it was due.
	for (; !meter.isOver && due <= performance.now(); due += callPeriodMs) void call(due);
}, callPeriodMs);
await runPhases(load, meter);
