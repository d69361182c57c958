/** Command lines that are run to their end, as users would, and what each took of the machine. */
import { type ChildProcess, spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { packagePath } from "./paths.js";

export interface ToolRun {
	readonly output: string;
	readonly seconds: number;
	/** User's and system's. */
	readonly cpuSeconds: number;
	/** Most memory that was resident at once. */
	readonly peakMiB: number;
}

/** A tool that has not ended by then hangs. Unit: ms. */
const timeoutMs = 300_000;
const running = new Set<ChildProcess>();

process.on("exit", () => {
	for (const child of running) child.kill("SIGKILL");
});

export interface Tool {
	/** Standard error. */
	readonly errors: NodeJS.ReadableStream;
	/** Rejects with what it said where it does not end well. */
	readonly ended: Promise<ToolRun>;
	/** As Ctrl-C does. */
	interrupt(): void;
}

export function runTool(script: string, words: readonly string[], cwd: string): Promise<ToolRun> {
	return startTool(script, words, cwd).ended;
}

/** Starts a script of Node's, which tells at its end what it took. */
export function startTool(script: string, words: readonly string[], cwd: string): Tool {
	const started = performance.now();
	const meter = packagePath("dist/programs/usage.js");
	const child = spawn(process.execPath, ["--import", meter, script, ...words], {
		cwd,
		stdio: ["ignore", "pipe", "pipe", "pipe"],
		timeout: timeoutMs,
	});
	running.add(child);
	const status = new Promise<string | undefined>((resolve, reject) => {
		child.on("error", reject);
		child.on("close", (code, signal) => {
			running.delete(child);
			resolve(code === 0 ? undefined : `${code ?? signal}`);
		});
	});
	const streams = [child.stdout!, child.stderr!, child.stdio[3] as NodeJS.ReadableStream];
	const ended = Promise.all([status, ...streams.map((stream) => text(stream))]).then(
		([failure, output = "", errors = "", usage = ""]): ToolRun => {
			const seconds = (performance.now() - started) / 1000;
			if (failure !== undefined) throw new Error(`${script} ended with ${failure}:\n${excerpt(errors + output)}`);
			const { cpuUs, peakKiB } = JSON.parse(usage) as { cpuUs: number; peakKiB: number };
			return { output, seconds, cpuSeconds: cpuUs / 1e6, peakMiB: peakKiB / 1024 };
		},
	);
	return { errors: child.stderr!, ended, interrupt: () => child.kill("SIGINT") };
}

function excerpt(said: string): string {
	return said.length > 4000 ? `${said.slice(0, 4000)}...` : said;
}
