/** What ten thousand connections that do nothing cost: memory of the server, and the time of a client that does something. */
import { setTimeout as sleep } from "node:timers/promises";
import { program } from "../children/paths.js";
import { differ, type Footprint } from "../load/footprint.js";
import type { Usage } from "../load/messages.js";
import { showProgress } from "../report/note.js";
import { startServer, startTimeoutMs, withProcesses } from "./processes.js";
import { readProcessorTimes, shareOfOthers } from "./processor.js";

export const idleConnections = 10_000;
/** At a time. */
const batch = 100;
const openTimeoutMs = 120_000;

/** What the project allows itself. */
export const idleBounds = { residentBytes: 30 * 1024, p99Ms: 50 } as const;

/** Of round trips, from when a message was due. */
export interface SteadyLatency {
	readonly count: number;
	readonly p50Ms: number;
	readonly p99Ms: number;
	readonly longestMs: number;
}

export interface IdleReport {
	readonly connections: number;
	/** From the first connect until the last peer was ready. */
	readonly openSeconds: number;
	/** For each connection, at the server. */
	readonly each: Footprint;
	/** Connections that heartbeats gave up, or that were lost otherwise. */
	readonly lost: number;
	/** The server's share of one processor while all are idle. */
	readonly idleCpuShare: number;
	readonly latency: Readonly<Record<"before" | "opening" | "idle", SteadyLatency>>;
	readonly othersShare: number;
}

interface Held extends Footprint, Usage {
	readonly peers: number;
	readonly lost: number;
}

/** `seconds`: how long the client is measured before and while the connections are idle. */
export function runIdle(seconds: number): Promise<IdleReport> {
	return withProcesses("idle", async (start) => {
		const command = program("idle-router", [], ["--expose-gc"]);
		const server = await startServer(start, command, { scenario: "idle" });
		const load = { scenario: "idle", port: server.port, batch };
		const held = () => server.child.ask<Held>("footprint", startTimeoutMs);
		// One of each first, so that what is needed only once is in the figure before.
		await start("first dealer", program("idle-dealers"), { ...load, inFlight: 1 }).next(startTimeoutMs);
		const client = start("steady client", program("steady-client"), load);
		await client.next(startTimeoutMs);
		const latency = () => client.ask<SteadyLatency>("latency", startTimeoutMs);

		showProgress("idle: the client alone");
		const before = await held();
		await latency();
		await sleep(seconds * 1000);
		const latencyBefore = await latency();

		showProgress(`idle: opening ${idleConnections} connections`);
		const dealers = start("dealers", program("idle-dealers"), { ...load, inFlight: idleConnections });
		const { seconds: openSeconds } = await dealers.next<{ seconds: number }>(openTimeoutMs);
		const latencyOpening = await latency();

		showProgress(`idle: ${idleConnections} connections, idle`);
		const after = await held();
		await latency();
		const machineBefore = readProcessorTimes();
		await sleep(seconds * 1000);
		const latencyIdle = await latency();
		const machineAfter = readProcessorTimes();
		const later = await held();
		const cpuUs = later.cpuUs - after.cpuUs;
		return {
			connections: after.peers - before.peers,
			openSeconds,
			each: differ(after, before, after.peers - before.peers),
			lost: later.lost,
			idleCpuShare: cpuUs / 1e6 / seconds,
			latency: { before: latencyBefore, opening: latencyOpening, idle: latencyIdle },
			othersShare: shareOfOthers(machineBefore, machineAfter, cpuUs),
		};
	});
}
