/** Generates again whenever a file that matters has changed. */
import { type FSWatcher, watch as watchFiles } from "chokidar";
import { type GenerateResult, Generator } from "./generate.js";
import type { JobOptions } from "./job.js";
import { slashed } from "./paths.js";

export interface WatchEvents {
	/** Before each run but the first. */
	onStart?(): void;
	/** After the first run and after each that follows. */
	onResult(result: GenerateResult): void;
	/** Changes from now on are seen. */
	onReady?(): void;
	/** A run that could not be; the next change tries again. */
	onError(error: unknown): void;
}

/**
 * Editors save in several steps, and branches are switched file by file: one run for all of it. Must be more than 50: chokidar
 * keeps further changes of a file to itself for so long, and what is read before they are over would stay unnoticed.
 * Unit: ms.
 */
const settleMs = 60;

export class Watch {
	readonly #generator: Generator;
	readonly #events: WatchEvents;
	readonly #changed = new Set<string>();
	#watcher: FSWatcher | undefined;
	#timer: NodeJS.Timeout | undefined;

	/** Runs once at once, which throws what `generate` throws. */
	constructor(jobs: readonly JobOptions[], cwd: string, events: WatchEvents) {
		this.#generator = new Generator(jobs, cwd);
		this.#events = events;
		events.onResult(this.#generator.run());
		const ignored = (path: string) =>
			/[\\/](node_modules|\.git)([\\/]|$)/.test(path) || this.#generator.isOutput(slashed(path));
		this.#watcher = watchFiles(this.#generator.watched(), { ignored, ignoreInitial: true });
		this.#watcher.on("all", (event, path) => this.#note(event, slashed(path)));
		this.#watcher.on("ready", () => this.#events.onReady?.());
		this.#watcher.on("error", (error) => this.#events.onError(error));
	}

	async close(): Promise<void> {
		clearTimeout(this.#timer);
		const watcher = this.#watcher;
		this.#watcher = undefined;
		await watcher?.close();
	}

	#note(event: string, path: string): void {
		if (event === "addDir" || event === "unlinkDir" || !/\.([cm]?tsx?|json)$/.test(path)) return;
		this.#changed.add(path);
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#run(), settleMs);
	}

	#run(): void {
		const changed = [...this.#changed];
		this.#changed.clear();
		this.#events.onStart?.();
		// A tsconfig may change what every type means.
		if (changed.some((path) => path.endsWith(".json"))) this.#generator.reset();
		try {
			this.#events.onResult(this.#generator.run(changed));
			this.#watcher?.add(this.#generator.watched());
		} catch (error) {
			this.#events.onError(error);
		}
	}
}
