import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

export const python = "/usr/bin/python3";
const script = fileURLToPath(new URL("./peers.py", import.meta.url));

/** So much of what a program has said is kept for its account: lines, and octets of its standard error. */
const kept = { lines: 10, errorBytes: 8 * 1024 };

/** A program in Python that says values in JSON, one a line. */
export class PythonProcess {
	readonly #script: string;
	readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
	readonly #lines: AsyncIterator<string>;
	/** What it has said last, and how often it has said something, heard or not. */
	#said: string[] = [];
	#saidCount = 0;
	#heardCount = 0;
	#errors = "";

	/** `isLogged`: what it writes to its standard error is shown. */
	constructor(script: string, args: readonly string[], isLogged = true) {
		this.#script = basename(script);
		this.#child = spawn(python, [script, ...args], { stdio: ["pipe", "pipe", "pipe"] });
		this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
			if (isLogged) process.stderr.write(text);
			this.#errors = (this.#errors + text).slice(-kept.errorBytes);
		});
		const lines = createInterface({ input: this.#child.stdout });
		lines.on("line", (line) => {
			this.#saidCount++;
			this.#said = [...this.#said, line].slice(-kept.lines);
		});
		this.#lines = lines[Symbol.asyncIterator]();
	}

	get pid(): number {
		return this.#child.pid!;
	}

	/** What it says next. */
	async next<T>(): Promise<T> {
		const line = await this.#lines.next();
		if (line.done) throw new Error("the Python program has ended");
		this.#heardCount++;
		return JSON.parse(line.value) as T;
	}

	/** Everything it says up to its end. */
	async rest<T>(): Promise<T[]> {
		const all: T[] = [];
		for (let line = await this.#lines.next(); !line.done; line = await this.#lines.next())
			all.push(JSON.parse(line.value) as T);
		return all;
	}

	/** How it is, what it has said, and how much of that the test has heard. */
	account(): string {
		const { pid, exitCode, signalCode } = this.#child;
		const state = exitCode === null && signalCode === null ? "runs" : `ended with ${exitCode ?? signalCode}`;
		const said = `${this.#saidCount} lines said, ${this.#heardCount} heard, the last ones: ${this.#said.join(" ")}`;
		return `${this.#script} (${pid}) ${state}; ${said}; on standard error: ${this.#errors || "nothing"}`;
	}

	signal(name: NodeJS.Signals): void {
		this.#child.kill(name);
	}

	async close(): Promise<void> {
		if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
		const gone = once(this.#child, "close");
		this.#child.kill("SIGKILL");
		await gone;
	}
}

/** A peer in Python: a libzmq socket at work in a process of its own. */
export class PythonPeer extends PythonProcess {
	constructor(...args: readonly string[]) {
		super(script, args);
	}
}

/** Skips the suite, loudly, where pyzmq is missing; where it has to be there (CI), fails it. Call it in a `describe`. */
export function needsPyzmq(): void {
	before(function () {
		const { status } = spawnSync(python, ["-c", "import zmq, msgpack"]);
		if (status === 0) return;
		const text = "python3-zmq or python3-msgpack is missing: apt-get install python3-zmq python3-msgpack";
		if (process.env["CI"] === "true") throw new Error(text);
		console.warn(`    SKIPPED: ${text}`);
		this.skip();
	});
}
