/** The scenarios of the sockets beside the echo. */
import { yardstick } from "../contestants/contestants.js";
import { type ConnectionsReport, connectionCount } from "../scenarios/connections.js";
import type { CurveReport } from "../scenarios/curve.js";
import type { StreamScenario } from "../scenarios/names.js";
import { highWaterMarkFor, type StreamReport } from "../scenarios/streams.js";
import { formatClosing } from "./closing.js";
import { formatBytes, formatCount, formatNumber, formatPercent, formatRatio, formatTable } from "./table.js";

/** Ours, whose ratio to every other is shown. */
const subject = "zmtp-classes";

const streamTitles: Record<StreamScenario, string> = {
	"push-pull": "push-pull: messages from a PUSH to a PULL",
	"pub-sub": "pub-sub: messages from a PUB that waits instead of dropping to a SUB",
};

export function formatStreamReport(report: StreamReport): string {
	const { scenario, settings } = report;
	const title = `${streamTitles[scenario]}, counted there; ${settings.rounds} x ${settings.seconds} s, medians`;
	const levels = report.levels.map(({ bytes, rows }) => {
		const head = [
			formatBytes(bytes),
			`of ${yardstick}`,
			`${subject} is`,
			"a second",
			"MB/s",
			"sender CPU us",
			"receiver CPU us",
			"lost",
		];
		const ours = rows.find((row) => row.name === subject);
		const lines = rows.map(({ name, median, ratios }) => [
			name,
			formatRatio(ratios[yardstick]),
			formatRatio(ours?.ratios[name]),
			formatCount(median?.messagesPerSecond),
			formatNumber(median && median.bytesPerSecond / 1e6),
			formatNumber(median?.senderCpuUs),
			formatNumber(median?.receiverCpuUs),
			formatPercent(median?.lostShare),
		]);
		const marks = `high water marks: ${formatCount(highWaterMarkFor(bytes))} messages`;
		return `${formatTable([head, ...lines])}\n${marks}`;
	});
	return [title, ...levels, formatClosing(report)].join("\n\n");
}

export function formatCurveReport(report: CurveReport): string {
	const { settings } = report;
	const title = `curve: the echo of three frames, encrypted; ${settings.rounds} x ${settings.seconds} s, medians`;
	const levels = report.levels.map(({ inFlight, rows }) => {
		const head = [
			`${inFlight} in flight`,
			"of NULL",
			`of ${yardstick}`,
			"CURVE a second",
			"NULL a second",
			"p50 us",
			"p99 us",
			"client CPU us",
			"server CPU us",
		];
		const lines = rows.map(({ name, median, ratios, ofNull, nullCallsPerSecond }) => [
			name,
			formatRatio(ofNull),
			formatRatio(ratios[yardstick]),
			formatCount(median?.callsPerSecond),
			formatCount(nullCallsPerSecond),
			formatNumber(median?.p50Us),
			formatNumber(median?.p99Us),
			formatNumber(median?.clientCpuUs),
			formatNumber(median?.serverCpuUs),
		]);
		return formatTable([head, ...lines]);
	});
	return [title, ...levels, formatClosing(report)].join("\n\n");
}

export function formatConnectionsReport(report: ConnectionsReport): string {
	const title = `connections: ${formatCount(connectionCount)} of them, each with a message there and back; ${report.rounds} rounds, medians`;
	const head = ["", `time of ${yardstick}'s`, "ms for all", "us each", "server: bytes each", "clients: bytes each"];
	const lines = report.rows.map(({ name, median, ratios }) => [
		name,
		formatRatio(ratios[yardstick]),
		formatNumber(median && median.seconds * 1000),
		formatNumber(median && (median.seconds * 1e6) / connectionCount),
		formatNumber(median?.serverBytes),
		formatNumber(median?.clientBytes),
	]);
	return [title, formatTable([head, ...lines]), formatClosing(report)].join("\n\n");
}
