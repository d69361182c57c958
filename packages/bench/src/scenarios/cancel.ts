/** Streams that are opened and left, a great many: what is left of them on either side, and whether their handlers have ended. */
import { program } from "../children/paths.js";
import { differ, type Footprint } from "../load/footprint.js";
import type { Usage } from "../load/messages.js";
import { showProgress } from "../report/note.js";
import { startServer, startTimeoutMs, withProcesses } from "./processes.js";
import { readProcessorTimes, shareOfOthers } from "./processor.js";

/** At a time. */
const inFlight = 64;
/** Of all, those that come before anything is counted: tables have their size, code is compiled. */
const warmUpShare = 0.1;
const msPerStream = 5;
const maxLooks = 20;

export interface CancelReport {
	readonly count: number;
	readonly streamsPerSecond: number;
	/** What each stream has left behind. */
	readonly each: { readonly client: Footprint; readonly server: Footprint };
	/** At the end, warming up included. */
	readonly handlers: { readonly begun: number; readonly ended: number; readonly running: number };
	/** At the end, at the client. */
	readonly open: number;
	readonly othersShare: number;
}

interface ServerState extends Footprint, Usage {
	readonly begun: number;
	readonly ended: number;
	readonly running: number;
}

interface ClientState extends Footprint, Usage {
	readonly seconds: number;
	readonly open: number;
}

export function runCancel(count: number): Promise<CancelReport> {
	return withProcesses("cancel", async (start) => {
		const server = await startServer(start, program("cancel-server", [], ["--expose-gc"]), { scenario: "cancel" });
		const load = { scenario: "cancel", port: server.port, inFlight };
		const client = start("client", program("cancel-client", [], ["--expose-gc"]), load);
		await client.next(startTimeoutMs);
		const leave = (streams: number) => client.ask<ClientState>(`${streams}`, startTimeoutMs + streams * msPerStream);
		/** When the last cancels have come through; a handler that never ends is still there after so many looks. */
		const held = async () => {
			let state = await server.child.ask<ServerState>("state", startTimeoutMs);
			for (let looks = 1; state.running > 0 && looks < maxLooks; looks++) {
				state = await server.child.ask<ServerState>("state", startTimeoutMs);
			}
			return state;
		};

		const warmUp = Math.ceil(count * warmUpShare);
		showProgress(`cancel: the first ${warmUp} streams`);
		const clientBefore = await leave(warmUp);
		const serverBefore = await held();
		showProgress(`cancel: ${count} streams`);
		const machineBefore = readProcessorTimes();
		const clientAfter = await leave(count);
		const machineAfter = readProcessorTimes();
		const serverAfter = await held();
		const ours = clientAfter.cpuUs - clientBefore.cpuUs + serverAfter.cpuUs - serverBefore.cpuUs;
		const { begun, ended, running } = serverAfter;
		return {
			count,
			streamsPerSecond: count / clientAfter.seconds,
			each: { client: differ(clientAfter, clientBefore, count), server: differ(serverAfter, serverBefore, count) },
			handlers: { begun, ended, running },
			open: clientAfter.open,
			othersShare: shareOfOthers(machineBefore, machineAfter, ours),
		};
	});
}
