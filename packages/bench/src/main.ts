import { endChildrenWithThisProcess } from "./children/child.js";
import type { Contestant } from "./contestants/contestant.js";
import { describeMachine } from "./machine.js";
import { hasLoad, type Options, readOptions, type Scenario } from "./options.js";
import { formatLoadReport } from "./report/load-report.js";
import { clearProgress, note } from "./report/note.js";
import { formatMachine, formatMemory, formatSlots } from "./report/other-reports.js";
import { type LoadReport, runLoad } from "./scenarios/load.js";
import { type MemoryFigure, runMemory } from "./scenarios/memory.js";
import { runSlots, type SlotsFigure } from "./scenarios/slots.js";
import { isLoadScenario } from "./workload.js";

/** Everything of one run, as `--json` prints it. */
interface Report {
	readonly machine: Awaited<ReturnType<typeof describeMachine>>;
	readonly versions: Record<string, string>;
	/** Contestants that could not take part, and why. */
	readonly absent: Record<string, string>;
	readonly load: LoadReport[];
	memory?: readonly MemoryFigure[];
	slots?: readonly SlotsFigure[];
}

async function main(): Promise<void> {
	const options = readOptions(process.argv.slice(2));
	endChildrenWithThisProcess();
	// A reader that has seen enough (`| head`) ends the run.
	process.stdout.on("error", () => process.exit(1));
	const report: Report = { machine: await describeMachine(), versions: {}, absent: {}, load: [] };
	const print = (text: string) => {
		clearProgress();
		if (!options.json) process.stdout.write(`${text}\n\n`);
	};
	print(formatMachine(report.machine));
	const present = hasLoad(options.scenarios) ? await prepare(options, report) : [];
	for (const scenario of options.scenarios) await run(scenario, present, options, report, print);
	clearProgress();
	if (options.json) process.stdout.write(`${JSON.stringify(report, undefined, "\t")}\n`);
	else if (present.length > 0) print(formatVersions(report));
	if (report.load.some(({ failures }) => Object.keys(failures).length > 0)) process.exitCode = 1;
}

async function run(
	scenario: Scenario,
	present: readonly Contestant[],
	options: Options,
	report: Report,
	print: (text: string) => void,
): Promise<void> {
	if (isLoadScenario(scenario)) {
		const { inFlight, seconds, rounds } = options;
		const load = await runLoad(scenario, present, options.contestants, { inFlight, seconds, rounds });
		Object.assign(report.versions, load.versions);
		report.load.push(load);
		print(formatLoadReport(load, options.contestants));
	} else if (scenario === "memory") {
		report.memory = await runMemory();
		print(formatMemory(report.memory));
	} else {
		report.slots = await runSlots();
		print(formatSlots(report.slots));
	}
}

/** Those that can take part. What keeps one from it is said before anything is measured. */
async function prepare(options: Options, report: Report): Promise<Contestant[]> {
	const present: Contestant[] = [];
	for (const contestant of options.contestants) {
		if (!contestant.scenarios.some((scenario) => options.scenarios.includes(scenario))) continue;
		try {
			report.versions[contestant.name] = await contestant.prepare();
			present.push(contestant);
		} catch (error) {
			report.absent[contestant.name] = (error as Error).message;
			note(`ABSENT: ${contestant.name}: ${(error as Error).message}`);
		}
	}
	return present;
}

function formatVersions({ versions, absent }: Report): string {
	return [
		`versions: ${Object.entries(versions)
			.map(([name, version]) => `${name} ${version}`)
			.join(", ")}`,
		...Object.entries(absent).map(([name, reason]) => `ABSENT: ${name}: ${reason}`),
	].join("\n");
}

try {
	await main();
} catch (error) {
	clearProgress();
	note((error as Error).message);
	process.exitCode = 1;
}
