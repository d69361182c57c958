import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Result {
	readonly status: number | string | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** After so long a program hangs. Unit: ms. */
const patienceMs = 30_000;

const here = fileURLToPath(new URL(".", import.meta.url));

/** What a program of `programs/` is run by. */
export class Runtime {
	readonly name: string;
	readonly #command: () => readonly [file: string, ...flags: string[]];

	/** `command` is asked for whenever a program is started: what it names may be installed only then. */
	constructor(name: string, command: () => readonly [file: string, ...flags: string[]]) {
		this.name = name;
		this.#command = command;
	}

	get file(): string {
		return this.#command()[0];
	}

	/** `path`: from this folder, or absolute. */
	start(path: string, ...args: readonly string[]): Run {
		const [file, ...flags] = this.#command();
		const env = { ...process.env, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
		return new Run(spawn(file, [...flags, path, ...args], { cwd: here, env, stdio: ["ignore", "pipe", "pipe"] }));
	}

	async run(path: string, ...args: readonly string[]): Promise<Result> {
		return this.start(path, ...args).result;
	}

	/** Runs a program that has to succeed. Resolves to the lines that it said. */
	async succeed(path: string, ...args: readonly string[]): Promise<string[]> {
		const { status, stdout, stderr } = await this.run(path, ...args);
		if (status !== 0) throw new Error(`${path} on ${this.name} ended with ${status}:\n${stdout}${stderr}`);
		return stdout.trim().split("\n");
	}
}

/** A process that ends by itself, or is ended when it hangs. */
export class Run {
	readonly result: Promise<Result>;
	readonly #child: ChildProcess;
	readonly #lines: AsyncIterator<string>;
	#stdout = "";
	#stderr = "";

	constructor(child: ChildProcess) {
		this.#child = child;
		this.#lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
		child.stdout!.on("data", (octets) => {
			this.#stdout += String(octets);
		});
		child.stderr!.on("data", (octets) => {
			this.#stderr += String(octets);
		});
		const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
		this.result = once(child, "close").then(([status, signal]) => {
			clearTimeout(timer);
			return { status: status ?? signal, stdout: this.#stdout, stderr: this.#stderr };
		});
	}

	/** What it says next. */
	async next(): Promise<string> {
		const line = await this.#lines.next();
		if (line.done) throw new Error(`ended without another word:\n${(await this.result).stderr}`);
		return line.value;
	}

	kill(signal: NodeJS.Signals): void {
		this.#child.kill(signal);
	}
}
