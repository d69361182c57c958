/** `homing-codegen lock`. */
import { dirname, resolve } from "node:path";
import { type Flags, settingsOf } from "../config/settings.js";
import { exitStatus } from "../exit-status.js";
import { Generator } from "../generate.js";
import { lockName, writeLock } from "../lock/lock.js";
import { hasErrors } from "../model/diagnostics.js";
import { compareWithDisk, writeWhole } from "../output.js";
import { shown, slashed } from "../paths.js";
import { report } from "../report/report.js";
import type { Terminal } from "../terminal.js";
import { requireServices } from "./services-found.js";

export interface LockCommand extends Omit<Flags, "out"> {
	/** The lock file. Default: beside the configuration, or in the working directory. */
	readonly out?: string;
	readonly check?: boolean;
}

export function lockCommand({ out, check = false, ...flags }: LockCommand, terminal: Terminal): number {
	const { cwd } = terminal;
	const { jobs, errorFormat, config } = settingsOf(flags, cwd);
	const { models, diagnostics } = new Generator(jobs, cwd).read();
	const folder = config === undefined ? cwd : dirname(config);
	const path = slashed(out === undefined ? resolve(folder, lockName) : resolve(cwd, out));
	const isRefused = hasErrors(diagnostics);
	if (!isRefused) requireServices(models, jobs);
	const lock = { path, source: path, text: isRefused ? "" : writeLock(models, path) };
	const written = isRefused ? [] : compareWithDisk([lock]).map(({ state }) => ({ path, state }));
	report({ diagnostics, files: written, isWriting: !check }, errorFormat, terminal);
	const [state] = written.map((one) => one.state);
	if (state === undefined) return exitStatus.findings;
	const name = shown(path, cwd);
	if (check && state !== "unchanged") {
		terminal.error(`${name} is ${state === "new" ? "missing" : "stale"}.\n`);
		return exitStatus.findings;
	}
	if (state !== "unchanged") writeWhole(lock);
	if (errorFormat === "text") terminal.error(state === "unchanged" ? "1 unchanged.\n" : `Wrote ${name}\n`);
	return exitStatus.ok;
}
