import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** What to run: a program of ours by Node, or one that was compiled. */
export interface Command {
	readonly file: string;
	readonly flags: readonly string[];
}

/** Between asking a child to end and making it. Unit: ms. */
const graceMs = 1000;
const keptErrorOctets = 4096;

const running = new Set<Child>();

/** A process of a benchmark, which tells what it has to tell in lines of JSON. */
export class Child {
	readonly #name: string;
	readonly #process: ChildProcess;
	readonly #lines: string[] = [];
	#errors = "";
	#end: string | undefined;
	#isStopping = false;
	#wake = () => {};
	readonly #ended: Promise<void>;

	constructor(name: string, command: Command) {
		this.#name = name;
		this.#process = spawn(command.file, command.flags, { stdio: ["pipe", "pipe", "pipe"] });
		running.add(this);
		this.#ended = new Promise((resolve) => {
			const end = (reason: string) => {
				this.#end ??= reason;
				running.delete(this);
				this.#wake();
				resolve();
			};
			this.#process.on("error", (error) => end(error.message));
			this.#process.on("close", (code, signal) => end(signal ?? `exit status ${code}`));
		});
		// A child that has gone is noticed by its end, not by the pipe to it.
		this.#process.stdin!.on("error", () => {});
		createInterface({ input: this.#process.stdout! }).on("line", (line) => {
			this.#lines.push(line);
			this.#wake();
		});
		this.#process.stderr!.on("data", (octets: Buffer) => {
			this.#errors = (this.#errors + octets.toString()).slice(-keptErrorOctets);
		});
	}

	/** The next line. Rejects when there is none in time, or none will come. */
	async next<T>(timeoutMs: number): Promise<T> {
		const deadline = performance.now() + timeoutMs;
		for (;;) {
			const line = this.#lines.shift();
			if (line !== undefined) return JSON.parse(line) as T;
			if (this.#end !== undefined) throw this.#failure(`ended with ${this.#end}`);
			const left = deadline - performance.now();
			if (left <= 0) throw this.#failure(`said nothing for ${Math.round(timeoutMs / 1000)} s`);
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, left);
				this.#wake = () => {
					clearTimeout(timer);
					resolve();
				};
			});
		}
	}

	async ask<T>(line: string, timeoutMs: number): Promise<T> {
		this.#process.stdin!.write(`${line}\n`);
		return this.next<T>(timeoutMs);
	}

	/** Resolves when the process is gone. */
	async stop(): Promise<void> {
		if (this.#end === undefined && !this.#isStopping) {
			this.#isStopping = true;
			this.#process.kill("SIGTERM");
			const timer = setTimeout(() => this.#process.kill("SIGKILL"), graceMs);
			void this.#ended.then(() => clearTimeout(timer));
		}
		await this.#ended;
	}

	/** Ends the process without waiting: for the end of this one. */
	destroy(): void {
		this.#process.kill("SIGKILL");
	}

	#failure(what: string): Error {
		const errors = this.#errors.trim();
		return new Error(`${this.#name} ${what}${errors === "" ? "" : `:\n${errors}`}`);
	}
}

/** Makes sure that nothing runs on after this process, however it ends; a SIGKILL is seen by the children themselves. */
export function endChildrenWithThisProcess(): void {
	process.on("exit", () => {
		for (const child of running) child.destroy();
	});
	for (const [signal, status] of [
		["SIGINT", 130],
		["SIGTERM", 143],
		["SIGHUP", 129],
	] as const) {
		process.on(signal, () => process.exit(status));
	}
}
