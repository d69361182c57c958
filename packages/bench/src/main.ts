import { writeFile } from "node:fs/promises";
import { makeBundles } from "./children/bundles.js";
import { endChildrenWithThisProcess } from "./children/child.js";
import type { Contestant } from "./contestants/contestant.js";
import { describeMachine } from "./machine.js";
import { type Options, readOptions } from "./options.js";
import { plotCodecReport } from "./report/codec-plot.js";
import { clearProgress, note } from "./report/note.js";
import { formatMachine } from "./report/other-reports.js";
import { isCompared } from "./scenarios/names.js";
import { comparisonsOf, type Results, runScenario } from "./scenarios/run.js";

/** Everything of one run, as `--json` prints it. */
interface Report extends Results {
	readonly machine: Awaited<ReturnType<typeof describeMachine>>;
	readonly versions: Record<string, string>;
	/** Contestants that could not take part, and why. */
	readonly absent: Record<string, string>;
}

async function main(): Promise<void> {
	const options = readOptions(process.argv.slice(2));
	endChildrenWithThisProcess();
	// A reader that has seen enough (`| head`) ends the run.
	process.stdout.on("error", () => process.exit(1));
	const report: Report = { machine: await describeMachine(), versions: {}, absent: {}, load: [], streams: [] };
	const print = (text: string) => {
		clearProgress();
		if (!options.json) process.stdout.write(`${text}\n\n`);
	};
	print(formatMachine(report.machine));
	await makeBundles();
	const present = await prepare(options, report);
	for (const scenario of options.scenarios) {
		print(await runScenario(scenario, present, options.contestants, options, report));
	}
	if (options.plot !== undefined && report.codec !== undefined) {
		await writeFile(options.plot, plotCodecReport(report.codec));
	}
	const comparisons = comparisonsOf(report);
	for (const { versions } of comparisons) Object.assign(report.versions, versions);
	clearProgress();
	if (options.json) process.stdout.write(`${JSON.stringify(report, undefined, "\t")}\n`);
	else if (present.length > 0) print(formatVersions(report));
	if (comparisons.some(({ failures }) => Object.keys(failures).length > 0)) process.exitCode = 1;
}

/** Those that can take part. What keeps one from it is said before anything is measured. */
async function prepare(options: Options, report: Report): Promise<Contestant[]> {
	const present: Contestant[] = [];
	const compared = options.scenarios.filter(isCompared);
	for (const contestant of options.contestants) {
		if (!compared.some((scenario) => contestant.programs[scenario] !== undefined)) continue;
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
