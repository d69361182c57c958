import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError } from "commander";

export interface Options {
	readonly folder: string;
	readonly workers: number;
	readonly inFlight: number;
	readonly limit: number;
	readonly maxMebibytes: number;
	readonly kill: boolean;
}

/** The dependencies that the repository has installed: there on every machine that can run this. */
const defaultFolder = fileURLToPath(new URL("../../../../node_modules/.pnpm", import.meta.url));

/** npm runs scripts in the folder of the package, and says here where it was called. */
const whereTyped = process.env["INIT_CWD"] ?? process.cwd();

/** Ends the process after --help and after a mistake. */
export function readOptions(args: readonly string[]): Options {
	const command = new Command("npm start --")
		.description("Takes the measures of every file of a folder: one call each, through a queue, to a pool of workers.")
		.argument("[folder]", "folder to walk (default: the installed dependencies of this repository)")
		.option("--workers <n>", "worker processes", toCount, 4)
		.option("--in-flight <n>", "calls made at a time", toCount, 32)
		.option("--limit <n>", "files to look at, at most (default: all)", toCount)
		.option("--max-mebibytes <n>", "leave larger files out", toCount, 4)
		.option("--kill", "kill a worker in the middle of it; the totals are the same")
		.configureOutput({ getOutHasColors: () => false });
	command.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
	command.parse(args, { from: "user" });
	return {
		folder: command.args[0] === undefined ? defaultFolder : resolve(whereTyped, command.args[0]),
		limit: Number.POSITIVE_INFINITY,
		kill: false,
		...command.opts<Pick<Options, "workers" | "inFlight" | "maxMebibytes">>(),
	};
}

function toCount(text: string): number {
	const count = Number(text);
	if (!Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError("It must be a whole number from 1.");
	return count;
}
