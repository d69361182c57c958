import { setTimeout as pause } from "node:timers/promises";
import type { Connection } from "../client/connection.js";
import { RpcError } from "../errors.js";
import { homingDescriptor } from "../reserved/homing.js";
import { Exit } from "./exit.js";
import { formatValue } from "./output.js";
import { converse, type Target } from "./session.js";

export interface PingCommand extends Target {
	readonly count: number;
	readonly intervalMs: number;
}

/** Measures round trips, one after the other. Returns the exit status: 4 when none came back. */
export function ping(command: PingCommand): Promise<number> {
	return converse("ping", command, async (connection) => {
		const times: number[] = [];
		for (let i = 1; i <= command.count; i++) {
			if (i > 1) await pause(command.intervalMs);
			const time = await once(connection, command, i);
			if (time !== undefined) times.push(time);
		}
		conclude(command, times);
		return times.length > 0 ? Exit.OK : Exit.UNREACHABLE;
	});
}

/** Unit: ms; `undefined`: nobody answered in time. */
async function once(connection: Connection, { isJson }: PingCommand, number: number): Promise<number | undefined> {
	const start = performance.now();
	try {
		const { role, instance } = await connection.call(homingDescriptor.methods.ping, []);
		const ms = round(performance.now() - start);
		console.log(
			isJson ? formatValue({ number, ms, role, instance }, false) : `${number}: ${ms} ms, ${role} ${instance}`,
		);
		return ms;
	} catch (error) {
		if (!(error instanceof RpcError) || error.origin === "peer") throw error;
		console.log(isJson ? formatValue({ number, status: error.status }, false) : `${number}: ${error.status}`);
		return undefined;
	}
}

function conclude({ endpoint, count, isJson }: PingCommand, times: readonly number[]): void {
	const sorted = [...times].sort((a, b) => a - b);
	const [min, median, max] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
	const lost = count - times.length;
	if (isJson) {
		console.log(formatValue({ sent: count, answered: times.length, lost, min, median, max }, false));
		return;
	}
	console.error(`${endpoint}: ${count} sent, ${times.length} answered, ${Math.round((100 * lost) / count)} % lost`);
	if (times.length > 0) console.error(`round trip: min ${min}, median ${median}, max ${max} ms`);
}

function round(ms: number): number {
	return Math.round(ms * 1000) / 1000;
}
