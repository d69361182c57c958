import type { PathReport, PathRowName } from "../scenarios/path.js";
import { formatCount, formatNumber, formatRatio, formatTable } from "./table.js";

const titles: Readonly<Record<PathRowName, string>> = {
	small: "small",
	"small-async": "small, asynchronous handler",
	medium: "medium",
	queue: "small through a queue",
	promises: "promises alone",
};

export function formatPathReport({ settings, rows }: PathReport): string {
	const { rounds, inFlight, slices } = settings;
	const head = [
		`${formatCount(inFlight)} in flight`,
		"of promises",
		"fastest ns",
		"5 %",
		"25 %",
		"lowest: fastest",
		"5 %",
		"25 %",
	];
	const lines = rows.map(({ name, ofPromises, median, lowest }) => [
		titles[name],
		formatRatio(ofPromises),
		...[median, lowest].flatMap(({ fastestNs, p5Ns, p25Ns }) => [fastestNs, p5Ns, p25Ns].map(formatNumber)),
	]);
	return [
		`path: ns a whole call, both sides in one process; ${rounds} x ${slices.count} slices of ${formatCount(slices.calls)} calls, medians and lowest`,
		formatTable([head, ...lines]),
	].join("\n\n");
}
