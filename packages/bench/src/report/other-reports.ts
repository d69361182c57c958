import type { Machine } from "../machine.js";
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
