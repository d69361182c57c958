/** Time and memory to open many connections: one ROUTER, and so many DEALERs in another process. */
import type { Contestant } from "../contestants/contestant.js";
import { differ, type Footprint } from "../load/footprint.js";
import type { Result, Usage } from "../load/messages.js";
import { startServer, startTimeoutMs, withProcesses } from "./processes.js";
import { readProcessorTimes, shareOfOthers } from "./processor.js";
import { type Figures, type Measured, type Outcome, type Turns, takeTurns } from "./rounds.js";
import { type Row, summarize } from "./rows.js";

export const connectionCount = 1000;
/** At a time: a burst of a thousand would measure the backlog of the listening socket. */
const batch = 50;
const openTimeoutMs = 60_000;

export interface ConnectionsFigures extends Figures {
	/** From the first connect until a message has come back over each connection. */
	readonly seconds: number;
	/** Resident, for each connection. Unit: bytes. */
	readonly serverBytes: number;
	/** The same in the process of the clients, with a socket each. */
	readonly clientBytes: number;
}

export interface ConnectionsReport extends Omit<Outcome<"open", ConnectionsFigures>, "roundsOf"> {
	readonly rounds: number;
	readonly rows: readonly Row<ConnectionsFigures>[];
}

/** Of those that know the scenario `all` get a line in the report, `present` are measured. */
export async function runConnections(
	present: readonly Contestant[],
	all: readonly Contestant[],
	turns: Turns,
): Promise<ConnectionsReport> {
	const taking = (contestant: Contestant) => contestant.programs.connections !== undefined;
	const { roundsOf, ...outcome } = await takeTurns(
		{
			title: "connections",
			contestants: present.filter(taking),
			settings: ["open" as const],
			describe: () => `${connectionCount} of them`,
			measure: openConnections,
		},
		turns,
	);
	const rows = summarize(
		all.filter(taking).map(({ name }) => name),
		(name) => roundsOf(name, "open"),
		(figures) => figures.seconds,
	);
	return { rounds: turns.rounds, rows, ...outcome };
}

async function openConnections(contestant: Contestant): Promise<Measured<ConnectionsFigures>> {
	const programs = contestant.programs.connections!;
	const load = { scenario: "connections", inFlight: connectionCount, batch };
	return withProcesses(contestant.name, async (start) => {
		const server = await startServer(start, programs.server, load);
		const client = start("client", programs.client, { ...load, port: server.port });
		await client.next(startTimeoutMs);
		const before = await server.child.ask<Footprint & Usage>("footprint", startTimeoutMs);
		const machineBefore = readProcessorTimes();
		const result = await client.ask<Footprint & Result>("open", openTimeoutMs);
		const machineAfter = readProcessorTimes();
		const after = await server.child.ask<Footprint & Usage>("footprint", startTimeoutMs);
		const figures = {
			seconds: result.seconds,
			serverBytes: differ(after, before, connectionCount).residentBytes,
			clientBytes: result.residentBytes,
			othersShare: shareOfOthers(machineBefore, machineAfter, after.cpuUs - before.cpuUs + result.cpuUs),
		};
		return { figures, version: server.version };
	});
}
