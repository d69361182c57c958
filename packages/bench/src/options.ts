import { Command, InvalidArgumentError, Option } from "commander";
import type { Contestant } from "./contestants/contestant.js";
import { contestants } from "./contestants/contestants.js";
import { methodsPerService } from "./made/files.js";
import { defaultScenarios, groups, type Scenario, scenarioNames } from "./scenarios/names.js";
import type { RunSettings } from "./scenarios/run.js";
import { leastStreamBytes } from "./workload.js";

export interface Options extends RunSettings {
	readonly scenarios: readonly Scenario[];
	readonly contestants: readonly Contestant[];
	readonly json: boolean;
	/** A file for the picture of `codec`. */
	readonly plot?: string;
}

const KiB = 1024;
const MiB = 1024 * KiB;

const maxInFlight = 100_000;
const maxMethods = 10_000;
const programSizes = [100, 300, 1000];
const maxSeconds = 600;
const standardSizes = [16, 256, 4 * KiB, 64 * KiB, MiB];
/** `@homing/zmtp` takes frames of up to 64 MiB unless told otherwise. */
const maxSize = 64 * MiB;

/** Ends the process with status 2, and a line that says why, when the words make no sense. */
export function readOptions(words: readonly string[]): Options {
	const command = createCommand();
	command.parse(words, { from: "user" });
	const { peers, ...flags } = command.opts<
		RunSettings & { json: boolean; plot?: string; peers: readonly Contestant[] }
	>();
	return {
		...flags,
		scenarios: command.args.length === 0 ? defaultScenarios : parseScenarios(command),
		contestants: peers,
	};
}

function createCommand(): Command {
	return new Command("bench")
		.description("Measures Homing beside what it is compared with, in turns, on this machine. Ratios first.")
		.argument("[scenario...]", `which of ${scenarioNames.join(", ")} (default: ${defaultScenarios.join(", ")})`)
		.addOption(
			new Option("--in-flight <numbers>", "calls in flight").default([1, 64, 512], "1,64,512").argParser(parseInFlight),
		)
		.addOption(
			new Option("--sizes <numbers>", "octets of a message in push-pull and pub-sub")
				.default(standardSizes, standardSizes.join(","))
				.argParser(parseSizes),
		)
		.option("--seconds <number>", "how long one contestant is measured at a time", parseSeconds, 2)
		.option("--rounds <number>", "how often all of them are; medians are reported", parseRounds, 3)
		.addOption(
			new Option("--repetitions <number>", "how often one is done again when other processes disturbed it")
				.default(2)
				.argParser(parseRepetitions),
		)
		.addOption(
			new Option("--count <number>", "streams that are left in cancel").default(1_000_000).argParser(parseCount),
		)
		.addOption(
			new Option("--methods <numbers>", "methods of the programs in codegen and code-size")
				.default(programSizes, programSizes.join(","))
				.argParser(parseMethods),
		)
		.addOption(
			new Option("--peers <names>", "only these contestants").default(contestants, "all").argParser(parsePeers),
		)
		.option("--plot <file>", "draws what codec gave into an SVG")
		.option("--json", "one JSON document on standard output", false)
		.helpOption("--help", "this")
		.addHelpText(
			"after",
			[
				"",
				"Several scenarios by one name:",
				...Object.entries(groups).map(([name, scenarios]) => `  ${name.padEnd(12)} ${scenarios.join(", ")}`),
				"",
				"Contestants:",
				...contestants.map(
					({ name, summary, programs }) =>
						`  ${name.padEnd(16)} ${summary}\n${" ".repeat(19)}(${Object.keys(programs).join(", ")})`,
				),
				"",
				"Exit status: 0, 1 something failed, 2 the words on the command line make no sense.",
			].join("\n"),
		)
		.showHelpAfterError("bench --help says more.")
		.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
}

function parseScenarios(command: Command): Scenario[] {
	const isScenario = (name: string): name is Scenario => (scenarioNames as readonly string[]).includes(name);
	const isGroup = (name: string): name is keyof typeof groups => Object.hasOwn(groups, name);
	const scenarios = command.args.flatMap((name): readonly Scenario[] => {
		if (isGroup(name)) return groups[name];
		if (isScenario(name)) return [name];
		const known = [...scenarioNames, ...Object.keys(groups)];
		return command.error(`error: no scenario is called ${name}; there are ${known.join(", ")}`);
	});
	return [...new Set(scenarios)];
}

function parseInFlight(text: string): number[] {
	return text.split(",").map((word) => parseWhole(word, 1, maxInFlight));
}

function parseSizes(text: string): number[] {
	return text.split(",").map((word) => parseWhole(word, leastStreamBytes, maxSize));
}

function parseMethods(text: string): number[] {
	const steps = text.split(",").map((word) => parseWhole(word, methodsPerService, maxMethods));
	if (steps.some((methods) => methods % methodsPerService > 0))
		throw new InvalidArgumentError(`${methodsPerService} to a service: multiples of it.`);
	return steps.toSorted((a, b) => a - b);
}

function parseRounds(text: string): number {
	return parseWhole(text, 1, 1000);
}

function parseCount(text: string): number {
	return parseWhole(text, 1, 1_000_000_000);
}

function parseRepetitions(text: string): number {
	return parseWhole(text, 0, 100);
}

function parseSeconds(text: string): number {
	const seconds = Number(text);
	if (!(seconds >= 0.1 && seconds <= maxSeconds)) throw new InvalidArgumentError(`0.1 to ${maxSeconds}.`);
	return seconds;
}

function parseWhole(text: string, least: number, most: number): number {
	const number = Number(text);
	if (text.trim() === "" || !Number.isInteger(number) || number < least || number > most) {
		throw new InvalidArgumentError(`whole numbers from ${least} to ${most}.`);
	}
	return number;
}

function parsePeers(text: string): Contestant[] {
	const names = text.split(",").map((name) => name.trim());
	const unknown = names.find((name) => !contestants.some((contestant) => contestant.name === name));
	if (unknown !== undefined) {
		throw new InvalidArgumentError(`There are ${contestants.map(({ name }) => name).join(", ")}.`);
	}
	return contestants.filter(({ name }) => names.includes(name));
}
