import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));

export interface Run {
	readonly status: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** A program run from its sources, with everything that it starts. */
export class Program {
	readonly #process: ChildProcess;
	#stdout = "";
	#stderr = "";
	#onOutput = () => {};
	/** Streams end when the last process that holds them does: one that is left behind keeps this from resolving. */
	readonly result: Promise<Run>;

	/** `path`: from the root of the repository. */
	constructor(path: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
		const flags = ["--conditions=homing-source", "--import", "tsx"];
		this.#process = spawn(process.execPath, [...flags, path, ...args], {
			cwd: root,
			env: { ...process.env, INIT_CWD: root, ...env },
			stdio: ["ignore", "pipe", "pipe"],
		});
		this.#process.stdout!.on("data", (chunk) => {
			this.#stdout += String(chunk);
			this.#onOutput();
		});
		this.#process.stderr!.on("data", (chunk) => {
			this.#stderr += String(chunk);
			this.#onOutput();
		});
		this.result = once(this.#process, "close").then(([status, signal]) => ({
			status,
			signal,
			stdout: this.#stdout,
			stderr: this.#stderr,
		}));
	}

	/** Resolves when it has said so; rejects when it has ended before. */
	async said(words: string): Promise<void> {
		const isSaid = () => this.#stdout.includes(words) || this.#stderr.includes(words);
		const saying = new Promise<void>((resolve) => {
			this.#onOutput = () => {
				if (isSaid()) resolve();
			};
			this.#onOutput();
		});
		const ended = this.result.then(({ stderr }) => {
			if (!isSaid()) throw new Error(`ended without saying ${JSON.stringify(words)}:\n${stderr}`);
		});
		await Promise.race([saying, ended]);
	}

	/** What it has said so far. */
	get stdout(): string {
		return this.#stdout;
	}

	kill(signal: NodeJS.Signals): void {
		this.#process.kill(signal);
	}
}

/** Starts a program of packages/examples as a user would. */
export function startExample(name: string, args?: readonly string[], env?: NodeJS.ProcessEnv): Program {
	return new Program(`packages/examples/src/${name}.ts`, args, env);
}

export function runExample(name: string, args?: readonly string[], env?: NodeJS.ProcessEnv): Promise<Run> {
	return startExample(name, args, env).result;
}
