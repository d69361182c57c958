/** What a second request saves when one server in four is slow, and what it costs: the same steady calls with it and without. */
import { program } from "../children/paths.js";
import { contestants } from "../contestants/contestants.js";
import type { EchoResult } from "../load/messages.js";
import { hedgeDelayMs, hedgingServers } from "./hedging-settings.js";
import { readUsage, startServer, startTimeoutMs, withProcesses } from "./processes.js";
import { readProcessorTimes, shareOfOthers } from "./processor.js";
import { type Figures, type Measured, type Outcome, type Turns, takeTurns } from "./rounds.js";
import { type Row, ratioWithinRounds, summarize } from "./rows.js";

/** Times in milliseconds, from when a call was due. */
export interface HedgingFigures extends Figures {
	readonly callsPerSecond: number;
	readonly p50Ms: number;
	readonly p99Ms: number;
	/** Attempts in all, against calls. */
	readonly attempts: number;
}

export interface HedgingReport extends Omit<Outcome<number, HedgingFigures>, "roundsOf"> {
	readonly settings: Turns & { readonly seconds: number };
	readonly plain: Row<HedgingFigures>;
	readonly hedged: Row<HedgingFigures>;
	/** The p99 without hedging against that with it: the median of the ratios within one round. */
	readonly p99Ratio: number | undefined;
}

interface HedgingResult extends EchoResult {
	readonly hedges: number;
}

const name = "homing";

export async function runHedging(settings: HedgingReport["settings"]): Promise<HedgingReport> {
	const { roundsOf, ...outcome } = await takeTurns<number, HedgingFigures>(
		{
			title: "hedging",
			contestants: contestants.filter((contestant) => contestant.name === name),
			settings: [0, hedgeDelayMs],
			describe: (hedgeMs) => (hedgeMs === 0 ? "not hedged" : `hedged after ${hedgeMs} ms`),
			measure: (_, hedgeMs) => measureHedging(hedgeMs, settings.seconds),
		},
		settings,
	);
	const p99Of = (figures: HedgingFigures) => figures.p99Ms;
	const [plain, hedged] = [0, hedgeDelayMs].map(
		(hedgeMs) => summarize([name], () => roundsOf(name, hedgeMs), p99Of)[0]!,
	);
	return {
		settings,
		plain: plain!,
		hedged: hedged!,
		p99Ratio: ratioWithinRounds(plain!.rounds.map(p99Of), hedged!.rounds.map(p99Of)),
		...outcome,
	};
}

/** `hedgeMs`: 0 for calls that are made once. */
function measureHedging(hedgeMs: number, seconds: number): Promise<Measured<HedgingFigures>> {
	return withProcesses("hedging", async (start) => {
		const load = { scenario: "hedging", seconds, warmUpSeconds: Math.max(0.5, seconds / 4) };
		const commands = Array.from({ length: hedgingServers }, (_, index) =>
			program(index === hedgingServers - 1 ? "slow-server" : "homing-server"),
		);
		const serving = await Promise.all(commands.map((command) => startServer(start, command, load)));
		const servers = serving.map(({ child }) => child);
		const ports = serving.map(({ port }) => port);
		const client = start("client", program("hedging-client"), { ...load, ports, hedgeMs });
		await client.next(startTimeoutMs + load.warmUpSeconds * 1000);
		const machineBefore = readProcessorTimes();
		const before = await readUsage(servers);
		const { calls, hedges, latencyUs, ...result } = await client.next<HedgingResult>(startTimeoutMs + seconds * 1000);
		const after = await readUsage(servers);
		if (calls === 0) throw new Error(`no call was answered in ${result.seconds} s`);
		const figures = {
			callsPerSecond: calls / result.seconds,
			p50Ms: latencyUs.p50 / 1000,
			p99Ms: latencyUs.p99 / 1000,
			attempts: (calls + hedges) / calls,
			othersShare: shareOfOthers(machineBefore, readProcessorTimes(), after - before + result.cpuUs),
		};
		return { figures };
	});
}
