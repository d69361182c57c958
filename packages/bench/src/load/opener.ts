import { createInterface } from "node:readline";
import "./parent.js";
import { readArguments } from "./arguments.js";
import { differ, takeFootprint } from "./footprint.js";
import { readCpuUs, tell } from "./messages.js";

/**
 * The life of a client that opens many connections and keeps them. `open` makes one and resolves when a message has gone
 * there and come back; it returns what must not be collected meanwhile.
 */
export async function runOpener(open: (port: number) => Promise<unknown>): Promise<void> {
	const { port, inFlight: count, batch } = readArguments();
	const kept: unknown[] = [];
	const openMany = async (wanted: number) => {
		for (let opened = 0; opened < wanted; opened += batch) {
			const size = Math.min(batch, wanted - opened);
			kept.push(...(await Promise.all(Array.from({ length: size }, () => open(port)))));
		}
	};
	// One first, so that what is needed only once is in the figure before.
	await openMany(1);
	const before = await takeFootprint();
	createInterface({ input: process.stdin }).once("line", async () => {
		const cpuBefore = readCpuUs();
		const startedAt = performance.now();
		await openMany(count);
		const seconds = (performance.now() - startedAt) / 1000;
		const footprint = differ(await takeFootprint(), before, count);
		tell({ seconds, cpuUs: readCpuUs() - cpuBefore, ...footprint, kept: kept.length });
	});
	tell({});
}
