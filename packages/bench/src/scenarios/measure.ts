import { Child, type Command } from "../children/child.js";
import type { Contestant } from "../contestants/contestant.js";
import { toFlags } from "../load/arguments.js";
import type { Ready, Result, Usage } from "../load/messages.js";
import { type LoadScenario, wireBytes } from "../workload.js";
import { readProcessorTimes, shareOfOthers } from "./processor.js";

/** For a process to load and for a client to connect. */
const startTimeoutMs = 15_000;
/** Beyond the time that a client is given. */
const lateMs = 15_000;

export interface Load {
	readonly scenario: LoadScenario;
	readonly inFlight: number;
	readonly seconds: number;
}

/** One contestant, once. Times in microseconds. */
export interface Measurement {
	readonly callsPerSecond: number;
	readonly p50Us: number;
	readonly p99Us: number;
	readonly clientCpuUs: number;
	/** All processes that are not the client, per call. */
	readonly serverCpuUs: number;
	/** Of all cores' time, what other processes took meanwhile: 0 to 1. */
	readonly othersShare: number;
}

export interface Measured extends Measurement {
	/** Where the server says it. */
	readonly version: string | undefined;
}

/** Starts fresh processes, so that no run profits or suffers from another, and ends them in any case. */
export async function measure(contestant: Contestant, load: Load): Promise<Measured> {
	const children: Child[] = [];
	const start = (part: string, command: Command, flags: readonly string[] = []) => {
		const child = new Child(`${contestant.name} ${part}`, { ...command, flags: [...command.flags, ...flags] });
		children.push(child);
		return child;
	};
	try {
		const programs = await contestant.programs(load.scenario);
		const server = start("server", programs.server);
		const { port, workerPort, version } = await server.next<Ready>(startTimeoutMs);
		if (port === undefined) throw new Error(`${contestant.name} server did not say where it listens`);
		const workers = (programs.workers ?? []).map((command) => start("worker", command, ["--port", String(workerPort)]));
		await Promise.all(workers.map((worker) => worker.next<Ready>(startTimeoutMs)));

		const servers = [server, ...workers];
		const warmUpSeconds = Math.max(0.5, load.seconds / 4);
		const client = start(
			"client",
			programs.client,
			toFlags({ ...load, port, warmUpSeconds, bytes: wireBytes[load.scenario] }),
		);
		await client.next(startTimeoutMs + warmUpSeconds * 1000);
		const machineBefore = readProcessorTimes();
		const before = await readUsage(servers);
		const result = await client.next<Result>(lateMs + load.seconds * 1000);
		const after = await readUsage(servers);
		const machineAfter = readProcessorTimes();
		if (result.calls === 0) throw new Error(`${contestant.name} client got no reply in ${result.seconds} s`);
		return {
			callsPerSecond: result.calls / result.seconds,
			p50Us: result.latencyUs.p50,
			p99Us: result.latencyUs.p99,
			clientCpuUs: result.cpuUs / result.calls,
			serverCpuUs: (after - before) / result.calls,
			othersShare: shareOfOthers(machineBefore, machineAfter, after - before + result.cpuUs),
			version,
		};
	} finally {
		await Promise.all(children.map((child) => child.stop()));
	}
}

async function readUsage(servers: readonly Child[]): Promise<number> {
	const usages = await Promise.all(servers.map((server) => server.ask<Usage>("usage", startTimeoutMs)));
	return usages.reduce((sum, usage) => sum + usage.cpuUs, 0);
}
