/** Messages one way, from PUSH to PULL or PUB to SUB, each in its own process; counted where they arrive. */
import type { Contestant } from "../contestants/contestant.js";
import type { StreamResult } from "../load/messages.js";
import type { StreamScenario } from "./names.js";
import { observe } from "./processes.js";
import { type Figures, type Measured, type Outcome, type Turns, takeTurns } from "./rounds.js";
import { type Row, summarize } from "./rows.js";

/** Times in microseconds. */
export interface StreamFigures extends Figures {
	readonly messagesPerSecond: number;
	readonly bytesPerSecond: number;
	readonly senderCpuUs: number;
	readonly receiverCpuUs: number;
	/** Of the messages sent, the share that was skipped between those that came: 0 to 1. */
	readonly lostShare: number;
}

export interface StreamSettings extends Turns {
	readonly sizes: readonly number[];
	readonly seconds: number;
}

export interface StreamReport extends Omit<Outcome<number, StreamFigures>, "roundsOf"> {
	readonly scenario: StreamScenario;
	readonly settings: StreamSettings;
	readonly levels: readonly { readonly bytes: number; readonly rows: readonly Row<StreamFigures>[] }[];
}

/** Most octets that the marks below let wait on one side. */
const maxWaitingBytes = 64 * 1024 * 1024;

/** libzmq's default, for both sides of everybody; fewer where so many would be a gigabyte. Unit: messages. */
export function highWaterMarkFor(bytes: number): number {
	return Math.min(1000, Math.floor(maxWaitingBytes / bytes));
}

/** Of those that know the scenario `all` get a line in the report, `present` are measured. */
export async function runStreams(
	scenario: StreamScenario,
	present: readonly Contestant[],
	all: readonly Contestant[],
	settings: StreamSettings,
): Promise<StreamReport> {
	const taking = (contestant: Contestant) => contestant.programs[scenario] !== undefined;
	const { roundsOf, ...outcome } = await takeTurns(
		{
			title: scenario,
			contestants: present.filter(taking),
			settings: settings.sizes,
			describe: (bytes) => `${bytes} octets`,
			measure: (contestant, bytes) => measureStream(contestant, scenario, bytes, settings.seconds),
		},
		settings,
	);
	const names = all.filter(taking).map(({ name }) => name);
	const levels = settings.sizes.map((bytes) => ({
		bytes,
		rows: summarize(
			names,
			(name) => roundsOf(name, bytes),
			(figures) => figures.messagesPerSecond,
		),
	}));
	return { scenario, settings, levels, ...outcome };
}

async function measureStream(
	contestant: Contestant,
	scenario: StreamScenario,
	bytes: number,
	seconds: number,
): Promise<Measured<StreamFigures>> {
	const { result, serverCpuUs, othersShare, version } = await observe<StreamResult>(
		contestant.name,
		contestant.programs[scenario]!,
		{ scenario, bytes, seconds, highWaterMark: highWaterMarkFor(bytes) },
	);
	const { messages, lost } = result;
	if (messages === 0) throw new Error(`${contestant.name} receiver got no message in ${result.seconds} s`);
	const figures = {
		messagesPerSecond: messages / result.seconds,
		bytesPerSecond: (messages * bytes) / result.seconds,
		senderCpuUs: serverCpuUs / messages,
		receiverCpuUs: result.cpuUs / messages,
		lostShare: lost / (messages + lost),
		othersShare,
	};
	return { figures, version };
}
