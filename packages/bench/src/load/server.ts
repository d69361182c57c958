import { createInterface } from "node:readline";
import "./parent.js";
import { type Ready, readCpuUs, tell } from "./messages.js";

/** The life of a server process once it serves: says where, and how much CPU it has used whenever asked. */
export function reportReady(ready: Ready): void {
	createInterface({ input: process.stdin }).on("line", () => tell({ cpuUs: readCpuUs() }));
	tell(ready);
}
