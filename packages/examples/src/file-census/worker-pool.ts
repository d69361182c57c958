import { type ChildProcess, fork } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** Calls that a worker has in hand at a time: enough that it never waits for the next. */
const concurrency = 4;

/** A worker that dies again and again is broken, and replacing it for ever helps nobody. */
const maxReplacements = 8;

/** Between asking a worker to finish and ending it. Unit: ms. */
const graceMs = 5000;

// In `dist` it is worker.js, run from the sources worker.ts.
const program = fileURLToPath(new URL(`./worker${extname(import.meta.url)}`, import.meta.url));

/** A worker that died, and the one that took its place. */
export interface Replacement {
	readonly died: number;
	readonly replacedBy: number;
}

/** Worker processes of one queue. One that dies is replaced. */
export class WorkerPool {
	readonly #queueEndpoint: string;
	readonly #onReplaced: (replacement: Replacement) => void;
	readonly #onBroken: (error: Error) => void;
	readonly #workers = new Set<ChildProcess>();
	#replacements = 0;
	#isClosing = false;

	constructor(queueEndpoint: string, onReplaced: (replacement: Replacement) => void, onBroken: (error: Error) => void) {
		this.#queueEndpoint = queueEndpoint;
		this.#onReplaced = onReplaced;
		this.#onBroken = onBroken;
	}

	/** Resolves when all have joined the queue. */
	async start(count: number): Promise<readonly number[]> {
		return Promise.all(Array.from({ length: count }, () => this.#spawn()));
	}

	/** Ends one worker as a crash would: it finishes nothing and tells nobody. Returns its process id. */
	killOne(): number | undefined {
		const [worker] = this.#workers;
		worker?.kill("SIGKILL");
		return worker?.pid;
	}

	/** Lets the workers finish what they have. Resolves when all are gone. */
	async close(): Promise<void> {
		this.#isClosing = true;
		const timer = setTimeout(() => this.destroy(), graceMs);
		await Promise.all([...this.#workers].map(disconnect));
		clearTimeout(timer);
	}

	/** Ends them now. */
	destroy(): void {
		this.#isClosing = true;
		for (const worker of this.#workers) worker.kill("SIGKILL");
	}

	/** Resolves to the process id of a worker that has joined. */
	#spawn(): Promise<number> {
		// Standard output is for the table alone.
		const worker = fork(program, [this.#queueEndpoint, String(concurrency)], {
			stdio: ["ignore", "ignore", "inherit", "ipc"],
		});
		this.#workers.add(worker);
		return new Promise((resolve, reject) => {
			let hasJoined = false;
			worker.on("message", () => {
				hasJoined = true;
				resolve(worker.pid!);
			});
			worker.on("error", reject);
			worker.on("exit", (code, signal) => {
				this.#workers.delete(worker);
				if (hasJoined) this.#replace(worker.pid!);
				else reject(new Error(`a worker ended before it had joined the queue (${signal ?? `exit status ${code}`})`));
			});
		});
	}

	#replace(died: number): void {
		if (this.#isClosing) return;
		if (++this.#replacements > maxReplacements) {
			this.#onBroken(new Error(`${this.#replacements} workers have died`));
			return;
		}
		this.#spawn().then(
			(replacedBy) => this.#onReplaced({ died, replacedBy }),
			(error: Error) => {
				if (!this.#isClosing) this.#onBroken(error);
			},
		);
	}
}

/** A worker takes the end of its channel as the sign to drain and go. */
function disconnect(worker: ChildProcess): Promise<void> {
	return new Promise((resolve) => {
		worker.once("exit", () => resolve());
		if (worker.connected) worker.disconnect();
	});
}
