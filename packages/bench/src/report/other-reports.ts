import type { Machine } from "../machine.js";
import type { CodeSize } from "../scenarios/code-size.js";
import { type IdleReport, idleBounds } from "../scenarios/idle.js";
import type { MemoryFigure } from "../scenarios/memory.js";
import type { SlotsFigure } from "../scenarios/slots.js";
import { formatCount, formatNumber, formatRatio, formatTable } from "./table.js";

export function formatMachine(machine: Machine): string {
	const { cpu, cores, system, node, commit, date } = machine;
	return `${cpu}, ${cores} cores, ${system}, Node ${node.slice(1)}, commit ${commit}, ${date}`;
}

export function formatMemory(figures: readonly MemoryFigure[]): string {
	const head = ["memory: bytes each", "how many", "of bound", "bound", "resident", "heap and buffers"];
	const rows = figures.map((figure) => [
		figure.what,
		formatCount(figure.count),
		formatRatio(figure.residentBytes / figure.boundBytes),
		formatCount(figure.boundBytes),
		formatNumber(figure.residentBytes),
		formatNumber(figure.heapBytes),
	]);
	return formatTable([head, ...rows]);
}

export function formatIdle(report: IdleReport): string {
	const { connections, openSeconds, each, lost, idleCpuShare, latency, othersShare } = report;
	const head = [
		`idle: a client beside ${formatCount(connections)} connections, ms`,
		"of bound",
		"p50",
		"p99",
		"longest",
	];
	const rows = (["before", "opening", "idle"] as const).map((phase) => [
		{ before: "before they come", opening: "while they are opened", idle: "while they idle" }[phase],
		formatRatio(latency[phase].p99Ms / idleBounds.p99Ms),
		formatNumber(latency[phase].p50Ms),
		formatNumber(latency[phase].p99Ms),
		formatNumber(latency[phase].longestMs),
	]);
	return [
		formatTable([head, ...rows]),
		[
			`opened in ${formatNumber(openSeconds)} s, ${formatCount(connections / openSeconds)} a second; ${formatCount(lost)} lost`,
			`each takes ${formatNumber(each.residentBytes)} bytes resident, ${formatRatio(each.residentBytes / idleBounds.residentBytes)} of the bound; ${formatNumber(each.heapBytes)} in heap and buffers`,
			`heartbeats take ${formatNumber(idleCpuShare * 100)} % of one processor; ${Math.round(othersShare * 100)} % of all went to other processes`,
		].join("\n"),
	].join("\n\n");
}

export function formatSlots(figures: readonly SlotsFigure[]): string {
	const head = ["slots: ns for a call and its reply", "Map takes", "slots", "Map"];
	const rows = figures.map(({ inFlight, isShuffled, slotsNs, mapNs }) => [
		`${formatCount(inFlight)} in flight, replies ${isShuffled ? "in any order" : "in order"}`,
		formatRatio(mapNs / slotsNs),
		formatNumber(slotsNs),
		formatNumber(mapNs),
	]);
	return formatTable([head, ...rows]);
}

export function formatCodeSize(figures: readonly CodeSize[]): string {
	const head = [
		"code-size: of stubs",
		"octets a method",
		"lines a method",
		"octets",
		"lines",
		"packed",
		"of the sources",
	];
	const rows = figures.map(({ methods, services, sources, stubs, packedOctets }) => [
		`${formatCount(methods)} methods in ${formatCount(services)} services`,
		formatCount(stubs.octets / methods),
		formatNumber(stubs.lines / methods),
		formatCount(stubs.octets),
		formatCount(stubs.lines),
		formatCount(packedOctets),
		formatRatio(stubs.octets / sources.octets),
	]);
	return formatTable([head, ...rows]);
}
