import type { Contestant } from "../contestants/contestant.js";
import type { Mechanism } from "../load/arguments.js";
import type { EchoResult } from "../load/messages.js";
import type { ServedScenario } from "./names.js";
import { observe } from "./processes.js";
import type { Figures, Measured } from "./rounds.js";

/** A closed loop of round trips. Times in microseconds. */
export interface EchoFigures extends Figures {
	readonly callsPerSecond: number;
	readonly p50Us: number;
	readonly p99Us: number;
	readonly clientCpuUs: number;
	/** All processes that are not the client, per call. */
	readonly serverCpuUs: number;
}

export interface EchoLoad {
	readonly inFlight: number;
	readonly seconds: number;
	readonly bytes: number;
	readonly mechanism?: Mechanism;
}

/** One contestant, once. */
export async function measureEcho(
	contestant: Contestant,
	scenario: ServedScenario,
	load: EchoLoad,
): Promise<Measured<EchoFigures>> {
	const { result, serverCpuUs, othersShare, version } = await observe<EchoResult>(
		contestant.name,
		contestant.programs[scenario]!,
		{ scenario, ...load },
	);
	if (result.calls === 0) throw new Error(`${contestant.name} client got no reply in ${result.seconds} s`);
	const figures = {
		callsPerSecond: result.calls / result.seconds,
		p50Us: result.latencyUs.p50,
		p99Us: result.latencyUs.p99,
		clientCpuUs: result.cpuUs / result.calls,
		serverCpuUs: serverCpuUs / result.calls,
		othersShare,
	};
	return { figures, version };
}
