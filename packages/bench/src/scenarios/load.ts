/** The scenarios with calls in flight: every contestant, at each number of them. */
import type { Contestant } from "../contestants/contestant.js";
import { wireBytes } from "../workload.js";
import { type EchoFigures, measureEcho } from "./echo.js";
import type { LoadScenario } from "./names.js";
import { type Outcome, type Turns, takeTurns } from "./rounds.js";
import { type Row, summarize } from "./rows.js";

export interface LoadSettings extends Turns {
	readonly inFlight: readonly number[];
	readonly seconds: number;
}

export interface Level {
	readonly inFlight: number;
	readonly rows: readonly Row<EchoFigures>[];
}

export interface LoadReport extends Omit<Outcome<number, EchoFigures>, "roundsOf"> {
	readonly scenario: LoadScenario;
	readonly settings: LoadSettings;
	readonly levels: readonly Level[];
}

/** Of those that know the scenario `all` get a line in the report, `present` are measured. */
export async function runLoad(
	scenario: LoadScenario,
	present: readonly Contestant[],
	all: readonly Contestant[],
	settings: LoadSettings,
): Promise<LoadReport> {
	const { seconds } = settings;
	const taking = (contestant: Contestant) => contestant.programs[scenario] !== undefined;
	const { roundsOf, ...outcome } = await takeTurns(
		{
			title: scenario,
			contestants: present.filter(taking),
			settings: settings.inFlight,
			describe: (inFlight) => `${inFlight} in flight`,
			measure: (contestant, inFlight) =>
				measureEcho(contestant, scenario, { inFlight, seconds, bytes: wireBytes[scenario] }),
		},
		settings,
	);
	const names = all.filter(taking).map(({ name }) => name);
	const levels = settings.inFlight.map((inFlight) => ({
		inFlight,
		rows: summarize(
			names,
			(name) => roundsOf(name, inFlight),
			(figures) => figures.callsPerSecond,
		),
	}));
	return { scenario, settings, levels, ...outcome };
}
