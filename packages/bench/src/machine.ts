import { execFile } from "node:child_process";
import { cpus, release, type } from "node:os";
import { promisify } from "node:util";
import { packagePath } from "./children/paths.js";

/** What a figure cannot be read without. */
export interface Machine {
	readonly cpu: string;
	readonly cores: number;
	readonly system: string;
	readonly node: string;
	/** Of the working tree; `+` at its end when that has been changed since. */
	readonly commit: string;
	readonly date: string;
}

export async function describeMachine(): Promise<Machine> {
	const processors = cpus();
	return {
		cpu: processors[0]?.model.trim() ?? "unknown",
		cores: processors.length,
		system: `${type()} ${release().split("-")[0]}`,
		node: process.version,
		commit: await readCommit(),
		date: new Date().toISOString().slice(0, 10),
	};
}

async function readCommit(): Promise<string> {
	const git = promisify(execFile);
	const cwd = packagePath(".");
	try {
		const { stdout: commit } = await git("git", ["rev-parse", "--short", "HEAD"], { cwd });
		const { stdout: changes } = await git("git", ["status", "--porcelain", "--untracked-files=no"], { cwd });
		return commit.trim() + (changes === "" ? "" : "+");
	} catch {
		return "unknown";
	}
}
