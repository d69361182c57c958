import { Child, type Command } from "../children/child.js";
import type { Programs } from "../contestants/contestant.js";
import { type LoadArguments, toFlags } from "../load/arguments.js";
import type { Ready, Result, Usage } from "../load/messages.js";
import { readProcessorTimes, shareOfOthers } from "./processor.js";

/** For a process to load and for a client to connect. */
export const startTimeoutMs = 15_000;
/** Beyond the time that a client is given. */
const lateMs = 15_000;

/** Starts another process of a contestant. */
export type Start = (part: string, command: Command, load: LoadArguments) => Child;

/** Fresh processes, so that no run profits or suffers from another, and ended in any case. */
export async function withProcesses<T>(name: string, use: (start: Start) => Promise<T>): Promise<T> {
	const children: Child[] = [];
	const start: Start = (part, command, load) => {
		const child = new Child(`${name} ${part}`, { ...command, flags: [...command.flags, ...toFlags(load)] });
		children.push(child);
		return child;
	};
	try {
		return await use(start);
	} finally {
		await Promise.all(children.map((child) => child.stop()));
	}
}

/** What a server said once it served. */
export interface Serving extends Ready {
	readonly child: Child;
	readonly port: number;
}

export async function startServer(start: Start, command: Command, load: LoadArguments): Promise<Serving> {
	const child = start("server", command, load);
	const ready = await child.next<Ready>(startTimeoutMs);
	if (ready.port === undefined) throw new Error("the server did not say where it listens");
	if (load.mechanism === "CURVE" && ready.publicKey === undefined) throw new Error("the server does not speak CURVE");
	return { ...ready, child, port: ready.port };
}

/** What a client counted, and what the processes that are not the client used meanwhile. */
export interface Observation<R extends Result> {
	readonly result: R;
	readonly serverCpuUs: number;
	readonly othersShare: number;
	/** Where the server says it. */
	readonly version: string | undefined;
}

/** Servers and a client, the latter warmed up and then measured. */
export async function observe<R extends Result>(
	name: string,
	programs: Programs,
	load: LoadArguments & { readonly seconds: number },
): Promise<Observation<R>> {
	return withProcesses(name, async (start) => {
		const server = await startServer(start, programs.server, load);
		const workers = (programs.workers ?? []).map((command) =>
			start("worker", command, { ...load, port: server.workerPort! }),
		);
		await Promise.all(workers.map((worker) => worker.next<Ready>(startTimeoutMs)));

		const servers = [server.child, ...workers];
		const warmUpSeconds = warmUpOf(load.seconds);
		const key = server.publicKey === undefined ? {} : { serverKey: server.publicKey };
		const client = start("client", programs.client, { ...load, port: server.port, warmUpSeconds, ...key });
		await client.next(startTimeoutMs + warmUpSeconds * 1000);
		const machineBefore = readProcessorTimes();
		const before = await readUsage(servers);
		const result = await client.next<R>(lateMs + load.seconds * 1000);
		const after = await readUsage(servers);
		const machineAfter = readProcessorTimes();
		return {
			result,
			serverCpuUs: after - before,
			othersShare: shareOfOthers(machineBefore, machineAfter, after - before + result.cpuUs),
			version: server.version,
		};
	});
}

/** What they have used since they began, together. Unit: microseconds. */
export async function readUsage(servers: readonly Child[]): Promise<number> {
	const usages = await Promise.all(servers.map((server) => server.ask<Usage>("usage", startTimeoutMs)));
	return usages.reduce((sum, usage) => sum + usage.cpuUs, 0);
}

/**
 * Compilers are not done with six processes on two cores in less than two seconds, and what they take meanwhile counts as the calls'.
 * Who measures for a moment only wants to see it run. Unit: s.
 */
function warmUpOf(seconds: number): number {
	return seconds < 1 ? 0.5 : Math.max(2, seconds / 4);
}
