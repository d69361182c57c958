import { busyShare } from "../scenarios/rounds.js";

/** What stands below a table: how much other work there was, and what failed. */
export function formatClosing(
	report: { readonly othersShare: number; readonly failures: Readonly<Record<string, string>> },
	footnotes: readonly string[] = [],
): string {
	const failures = Object.entries(report.failures).map(([name, reason]) => `FAILED: ${name}: ${reason}`);
	const others = `${Math.round(report.othersShare * 100)} % of the processor went to other processes`;
	const busy = report.othersShare < busyShare ? others : `BUSY: ${others}; these figures are not to be quoted`;
	return [...footnotes, busy, ...failures].join("\n").trimEnd();
}
