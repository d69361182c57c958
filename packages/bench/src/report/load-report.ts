import type { Contestant } from "../contestants/contestant.js";
import { largeYardstick, yardstick } from "../contestants/contestants.js";
import type { Level, LoadReport } from "../scenarios/load.js";
import type { LoadScenario } from "../scenarios/names.js";
import { wireBytes } from "../workload.js";
import { formatClosing } from "./closing.js";
import { formatCount, formatNumber, formatRatio, formatTable } from "./table.js";

const titles: Record<LoadScenario, string> = {
	small: "small: calls with { name, id, v }",
	medium: "medium: calls with a nested order, 105 octets of msgpack",
	echo: "echo: three frames there and back, no codec",
	large: "large: calls with a mebibyte as their argument and as their result",
	pool: "pool: the small call through a queue to 4 workers",
	context: "context: the small call, bare and with an interceptor, metadata and a parent's deadline",
	stream: "stream: items { name, id, v } from the server, beside calls that bring one each",
};

/** Ours, whose ratio to every other is shown. */
function subjectOf(scenario: LoadScenario): string {
	return scenario === "echo" ? "zmtp" : "homing";
}

/** What it is measured against. */
function yardstickOf(scenario: LoadScenario): string {
	return scenario === "large" ? largeYardstick : yardstick;
}

export function formatLoadReport(report: LoadReport, contestants: readonly Contestant[]): string {
	const { scenario, settings } = report;
	const title = `${titles[scenario]} (${wireBytes[scenario]} octets on the wire); ${settings.rounds} x ${settings.seconds} s, medians`;
	const taking = contestants.filter(({ programs }) => programs[scenario] !== undefined);
	const bare = new Set(taking.filter(({ isBare }) => isBare).map(({ name }) => name));
	const levels = report.levels.map((level) => formatLevel(level, subjectOf(scenario), yardstickOf(scenario), bare));
	const footnotes =
		bare.size === 0 || scenario === "echo" ? [] : ["* echoes bare octets: no call, no codec, no validation"];
	return [title, ...levels, formatClosing(report, footnotes)].join("\n\n");
}

function formatLevel(level: Level, subject: string, against: string, bare: ReadonlySet<string>): string {
	const head = [
		`${level.inFlight} in flight`,
		`of ${against}`,
		`${subject} is`,
		"a second",
		"p50 us",
		"p99 us",
		"client CPU us",
		"server CPU us",
	];
	const ours = level.rows.find((row) => row.name === subject);
	const rows = level.rows.map(({ name, median, ratios }) => [
		bare.has(name) && subject !== "zmtp" ? `${name} *` : name,
		formatRatio(ratios[against]),
		formatRatio(ours?.ratios[name]),
		formatCount(median?.callsPerSecond),
		formatNumber(median?.p50Us),
		formatNumber(median?.p99Us),
		formatNumber(median?.clientCpuUs),
		formatNumber(median?.serverCpuUs),
	]);
	return formatTable([head, ...rows]);
}
