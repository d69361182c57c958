import { createInterface } from "node:readline";
import "./parent.js";
import { takeFootprint } from "./footprint.js";
import { type Ready, readCpuUs, tell } from "./messages.js";

/**
 * The life of a server process once it serves: says where, and, whenever asked, how much CPU it has used (`usage`) and
 * what it holds (`footprint`, which needs `--expose-gc`).
 */
export function reportReady(ready: Ready): void {
	createInterface({ input: process.stdin }).on("line", async (line) => {
		const footprint = line === "footprint" ? await takeFootprint() : {};
		tell({ cpuUs: readCpuUs(), ...footprint });
	});
	tell(ready);
}
