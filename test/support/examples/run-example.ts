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

/** A program of packages/examples, run from its sources as a user would run it, with everything that it starts. */
export class Example {
	readonly #process: ChildProcess;
	#stdout = "";
	#stderr = "";
	#onStderr = () => {};
	/** Streams end when the last process that holds them does: one that is left behind keeps this from resolving. */
	readonly result: Promise<Run>;

	constructor(program: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
		const flags = ["--conditions=homing-source", "--import", "tsx", `packages/examples/src/${program}.ts`];
		this.#process = spawn(process.execPath, [...flags, ...args], {
			cwd: root,
			env: { ...process.env, INIT_CWD: root, ...env },
			stdio: ["ignore", "pipe", "pipe"],
		});
		this.#process.stdout!.on("data", (chunk) => {
			this.#stdout += String(chunk);
		});
		this.#process.stderr!.on("data", (chunk) => {
			this.#stderr += String(chunk);
			this.#onStderr();
		});
		this.result = once(this.#process, "close").then(([status, signal]) => ({
			status,
			signal,
			stdout: this.#stdout,
			stderr: this.#stderr,
		}));
	}

	/** Resolves when it has said so on stderr; rejects when it has ended before. */
	async said(words: string): Promise<void> {
		const isSaid = new Promise<void>((resolve) => {
			this.#onStderr = () => {
				if (this.#stderr.includes(words)) resolve();
			};
			this.#onStderr();
		});
		const ended = this.result.then(({ stderr }) => {
			if (!stderr.includes(words)) throw new Error(`ended without saying ${JSON.stringify(words)}:\n${stderr}`);
		});
		await Promise.race([isSaid, ended]);
	}

	kill(signal: NodeJS.Signals): void {
		this.#process.kill(signal);
	}
}

export function runExample(program: string, args?: readonly string[], env?: NodeJS.ProcessEnv): Promise<Run> {
	return new Example(program, args, env).result;
}
