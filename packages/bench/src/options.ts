import { Command, InvalidArgumentError, Option } from "commander";
import type { Contestant } from "./contestants/contestant.js";
import { contestants } from "./contestants/contestants.js";
import { isLoadScenario } from "./workload.js";

export const scenarioNames = ["small", "medium", "echo", "pool", "memory", "slots"] as const;
export type Scenario = (typeof scenarioNames)[number];
const defaultScenarios: readonly Scenario[] = ["small", "medium", "echo"];

export interface Options {
	readonly scenarios: readonly Scenario[];
	readonly contestants: readonly Contestant[];
	readonly inFlight: readonly number[];
	readonly seconds: number;
	readonly rounds: number;
	readonly json: boolean;
}

const maxInFlight = 100_000;
const maxSeconds = 600;

/** Ends the process with status 2, and a line that says why, when the words make no sense. */
export function readOptions(words: readonly string[]): Options {
	const command = createCommand();
	command.parse(words, { from: "user" });
	const flags = command.opts<Omit<Options, "scenarios" | "contestants"> & { peers: readonly Contestant[] }>();
	return {
		scenarios: command.args.length === 0 ? defaultScenarios : parseScenarios(command),
		contestants: flags.peers,
		inFlight: flags.inFlight,
		seconds: flags.seconds,
		rounds: flags.rounds,
		json: flags.json,
	};
}

function createCommand(): Command {
	return new Command("bench")
		.description("Measures Homing beside what it is compared with, in turns, on this machine. Ratios first.")
		.argument("[scenario...]", `which of ${scenarioNames.join(", ")} (default: ${defaultScenarios.join(", ")})`)
		.addOption(
			new Option("--in-flight <numbers>", "calls in flight").default([1, 64, 512], "1,64,512").argParser(parseInFlight),
		)
		.option("--seconds <number>", "how long one contestant is measured at a time", parseSeconds, 2)
		.option("--rounds <number>", "how often all of them are; medians are reported", parseRounds, 3)
		.addOption(
			new Option("--peers <names>", "only these contestants").default(contestants, "all").argParser(parsePeers),
		)
		.option("--json", "one JSON document on standard output", false)
		.helpOption("--help", "this")
		.addHelpText(
			"after",
			[
				"",
				"Contestants:",
				...contestants.map(
					({ name, summary, scenarios }) =>
						`  ${name.padEnd(10)} ${summary}\n${" ".repeat(13)}(${scenarios.join(", ")})`,
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
	const unknown = command.args.find((name) => !isScenario(name));
	if (unknown !== undefined) {
		command.error(`error: no scenario is called ${unknown}; there are ${scenarioNames.join(", ")}`);
	}
	return [...new Set(command.args.filter(isScenario))];
}

function parseInFlight(text: string): number[] {
	return text.split(",").map((word) => parseWhole(word, 1, maxInFlight));
}

function parseRounds(text: string): number {
	return parseWhole(text, 1, 1000);
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

/** Whether any of the scenarios needs contestants to be prepared. */
export function hasLoad(scenarios: readonly Scenario[]): boolean {
	return scenarios.some(isLoadScenario);
}
