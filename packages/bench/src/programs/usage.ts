/** Loaded before a tool: at its end, what the process took, as JSON on the fourth descriptor. */
import { writeSync } from "node:fs";

process.on("exit", () => {
	const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
	writeSync(3, JSON.stringify({ cpuUs: userCPUTime + systemCPUTime, peakKiB: maxRSS }));
});
