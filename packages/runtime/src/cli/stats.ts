import { homingDescriptor } from "../reserved/homing.js";
import { Exit } from "./exit.js";
import { formatValue } from "./output.js";
import { converse, type Target } from "./session.js";

/** Prints what a server or queue counts, as JSON. Returns the exit status. */
export function stats(command: Target): Promise<number> {
	return converse("stats", command, async (connection) => {
		const counted = await connection.call(homingDescriptor.methods.stats, []);
		console.log(formatValue(counted, !command.isJson && process.stdout.isTTY === true));
		return Exit.OK;
	});
}
