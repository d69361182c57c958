/** What encryption costs: the bare echo with the NULL mechanism and with CURVE, in turns. */
import type { Contestant } from "../contestants/contestant.js";
import { wireBytes } from "../workload.js";
import { type EchoFigures, measureEcho } from "./echo.js";
import type { LoadSettings } from "./load.js";
import { type Outcome, takeTurns } from "./rounds.js";
import { type Row, ratioWithinRounds, summarize } from "./rows.js";

export interface CurveRow extends Row<EchoFigures> {
	/** Round trips a second with CURVE against those with NULL. */
	readonly ofNull: number | undefined;
	readonly nullCallsPerSecond: number | undefined;
}

export interface CurveReport extends Omit<Outcome<CurveSetting, EchoFigures>, "roundsOf"> {
	readonly settings: LoadSettings;
	readonly levels: readonly { readonly inFlight: number; readonly rows: readonly CurveRow[] }[];
}

interface CurveSetting {
	readonly inFlight: number;
	readonly mechanism: "NULL" | "CURVE";
}

/** Of those that know the scenario `all` get a line in the report, `present` are measured. */
export async function runCurve(
	present: readonly Contestant[],
	all: readonly Contestant[],
	settings: LoadSettings,
): Promise<CurveReport> {
	const taking = (contestant: Contestant) => contestant.programs.curve !== undefined;
	const { seconds } = settings;
	const pairs = settings.inFlight.map(
		(inFlight) =>
			({
				inFlight,
				plain: { inFlight, mechanism: "NULL" },
				secured: { inFlight, mechanism: "CURVE" },
			}) as const,
	);
	const { roundsOf, ...outcome } = await takeTurns<CurveSetting, EchoFigures>(
		{
			title: "curve",
			contestants: present.filter(taking),
			settings: pairs.flatMap(({ plain, secured }) => [plain, secured]),
			describe: ({ inFlight, mechanism }) => `${mechanism}, ${inFlight} in flight`,
			measure: (contestant, { inFlight, mechanism }) =>
				measureEcho(contestant, "curve", { inFlight, mechanism, seconds, bytes: wireBytes.echo }),
		},
		settings,
	);
	const names = all.filter(taking).map(({ name }) => name);
	const speedOf = (figures: EchoFigures) => figures.callsPerSecond;
	const levels = pairs.map(({ inFlight, plain, secured }) => {
		const plainRows = summarize(names, (name) => roundsOf(name, plain), speedOf);
		const rows = summarize(names, (name) => roundsOf(name, secured), speedOf);
		return {
			inFlight,
			rows: rows.map((row, i) => ({
				...row,
				ofNull: ratioWithinRounds(row.rounds.map(speedOf), plainRows[i]!.rounds.map(speedOf)),
				nullCallsPerSecond: plainRows[i]!.median?.callsPerSecond,
			})),
		};
	});
	return { settings, levels, ...outcome };
}
