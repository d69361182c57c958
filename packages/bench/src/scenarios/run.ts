import type { Contestant } from "../contestants/contestant.js";
import { formatCancel, formatHedging } from "../report/call-reports.js";
import { formatCodecReport } from "../report/codec-report.js";
import { formatCodegenReport } from "../report/codegen-report.js";
import { formatLoadReport } from "../report/load-report.js";
import { formatCodeSize, formatIdle, formatMemory, formatSlots } from "../report/other-reports.js";
import { formatPathReport } from "../report/path-report.js";
import { formatConnectionsReport, formatCurveReport, formatStreamReport } from "../report/socket-reports.js";
import { type CancelReport, runCancel } from "./cancel.js";
import { type CodeSize, runCodeSize } from "./code-size.js";
import { type CodecReport, runCodecs } from "./codec.js";
import { type CodegenReport, runCodegen } from "./codegen.js";
import { type ConnectionsReport, runConnections } from "./connections.js";
import { type CurveReport, runCurve } from "./curve.js";
import { type HedgingReport, runHedging } from "./hedging.js";
import { type IdleReport, runIdle } from "./idle.js";
import { type LoadReport, runLoad } from "./load.js";
import { type MemoryFigure, runMemory } from "./memory.js";
import { isLoadScenario, isStreamScenario, type LoadScenario, type Scenario } from "./names.js";
import { type PathReport, runPath } from "./path.js";
import type { Turns } from "./rounds.js";
import { runSlots, type SlotsFigure } from "./slots.js";
import { runStreams, type StreamReport } from "./streams.js";

/** Everything that a run measures, as `--json` prints it. */
export interface Results {
	readonly load: LoadReport[];
	readonly streams: StreamReport[];
	curve?: CurveReport;
	connections?: ConnectionsReport;
	codec?: CodecReport;
	memory?: readonly MemoryFigure[];
	idle?: IdleReport;
	slots?: readonly SlotsFigure[];
	path?: PathReport;
	hedging?: HedgingReport;
	cancel?: CancelReport;
	codeSize?: readonly CodeSize[];
	codegen?: CodegenReport;
}

/** What every scenario takes of it what it needs. */
export interface RunSettings extends Turns {
	readonly inFlight: readonly number[];
	readonly sizes: readonly number[];
	readonly seconds: number;
	/** Streams that are left. */
	readonly count: number;
	/** Of the programs in `codegen`; ascending. */
	readonly methods: readonly number[];
}

/** Runs one scenario and enters what it gave. Resolves to the report for people. */
export async function runScenario(
	scenario: Scenario,
	present: readonly Contestant[],
	all: readonly Contestant[],
	settings: RunSettings,
	results: Results,
): Promise<string> {
	const { inFlight, sizes, seconds, rounds, repetitions, count } = settings;
	const turns = { rounds, repetitions };
	if (isLoadScenario(scenario)) {
		const load = await runLoad(scenario, present, all, { ...turns, inFlight: levelsOf(scenario, inFlight), seconds });
		results.load.push(load);
		return formatLoadReport(load, all);
	}
	if (isStreamScenario(scenario)) {
		const streams = await runStreams(scenario, present, all, { ...turns, sizes, seconds });
		results.streams.push(streams);
		return formatStreamReport(streams);
	}
	switch (scenario) {
		case "curve":
			results.curve = await runCurve(present, all, { ...turns, inFlight, seconds });
			return formatCurveReport(results.curve);
		case "connections":
			results.connections = await runConnections(present, all, turns);
			return formatConnectionsReport(results.connections);
		case "codec":
			results.codec = await runCodecs(present, all, { ...turns, seconds });
			return formatCodecReport(results.codec);
		case "memory":
			results.memory = await runMemory();
			return formatMemory(results.memory);
		case "idle":
			results.idle = await runIdle(seconds);
			return formatIdle(results.idle);
		case "slots":
			results.slots = await runSlots();
			return formatSlots(results.slots);
		case "path":
			results.path = await runPath(rounds);
			return formatPathReport(results.path);
		case "hedging":
			results.hedging = await runHedging({ ...turns, seconds });
			return formatHedging(results.hedging);
		case "cancel":
			results.cancel = await runCancel(count);
			return formatCancel(results.cancel);
		case "code-size":
			results.codeSize = await runCodeSize(settings.methods);
			return formatCodeSize(results.codeSize);
		case "codegen":
			results.codegen = await runCodegen(present, rounds, settings.methods);
			return formatCodegenReport(results.codegen);
	}
}

/** Calls of a mebibyte are not many at a time: their octets would be the measurement. */
const mostLarge = 16;

function levelsOf(scenario: LoadScenario, inFlight: readonly number[]): readonly number[] {
	return scenario === "large" ? [...new Set(inFlight.map((number) => Math.min(number, mostLarge)))] : inFlight;
}

/** Those that compare contestants: they know versions and failures. */
export function comparisonsOf({ load, streams, curve, connections, codec, hedging, codegen }: Results) {
	return [...load, ...streams, curve, connections, codec, hedging, codegen].filter((report) => report !== undefined);
}
