import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

const python = "/usr/bin/python3";
const script = fileURLToPath(new URL("./peers.py", import.meta.url));

/** A peer in Python: a libzmq socket at work in a process of its own. */
export class PythonPeer {
	readonly #child: ChildProcessByStdio<Writable, Readable, null>;
	readonly #lines: AsyncIterator<string>;

	constructor(...args: readonly string[]) {
		this.#child = spawn(python, [script, ...args], { stdio: ["pipe", "pipe", "inherit"] });
		this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
	}

	/** What it says next. */
	async next<T>(): Promise<T> {
		const line = await this.#lines.next();
		if (line.done) throw new Error("the Python peer has ended");
		return JSON.parse(line.value) as T;
	}

	async close(): Promise<void> {
		if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
		const gone = once(this.#child, "close");
		this.#child.kill("SIGKILL");
		await gone;
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
