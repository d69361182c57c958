/** Reports of what calls do beside being answered: hedged, and left. */
import type { CancelReport } from "../scenarios/cancel.js";
import type { HedgingReport } from "../scenarios/hedging.js";
import { callPeriodMs, hedgeDelayMs, hedgingServers, slowMs } from "../scenarios/hedging-settings.js";
import { formatClosing } from "./closing.js";
import { formatCount, formatNumber, formatRatio, formatTable } from "./table.js";

export function formatHedging(report: HedgingReport): string {
	const { settings, plain, hedged, p99Ratio } = report;
	const title = `hedging: a call every ${callPeriodMs} ms to ${hedgingServers} servers in turn, one of which takes ${slowMs} ms; ${settings.rounds} x ${settings.seconds} s, medians`;
	const head = ["", "p99 is", "p50 ms", "p99 ms", "attempts a call", "a second"];
	const row = (name: string, { median }: typeof plain, ratio: number | undefined) => [
		name,
		formatRatio(ratio),
		formatNumber(median?.p50Ms),
		formatNumber(median?.p99Ms),
		formatNumber(median?.attempts),
		formatCount(median?.callsPerSecond),
	];
	const table = formatTable([
		head,
		row("not hedged", plain, p99Ratio),
		row(`hedged after ${hedgeDelayMs} ms`, hedged, hedged.median && 1),
	]);
	return [title, table, formatClosing(report)].join("\n\n");
}

export function formatCancel(report: CancelReport): string {
	const { count, streamsPerSecond, each, handlers, open, othersShare } = report;
	const head = ["cancel: bytes that each stream has left behind", "resident", "heap and buffers"];
	const rows = (["client", "server"] as const).map((side) => [
		`at the ${side}`,
		formatNumber(each[side].residentBytes),
		formatNumber(each[side].heapBytes),
	]);
	return [
		`cancel: ${formatCount(count)} streams opened and left, ${formatCount(streamsPerSecond)} a second`,
		formatTable([head, ...rows]),
		[
			`${formatCount(handlers.begun)} handlers began, ${formatCount(handlers.ended)} have ended, ${formatCount(handlers.running)} calls run; ${formatCount(open)} are open at the client`,
			formatClosing({ othersShare, failures: {} }),
		].join("\n"),
	].join("\n\n");
}
