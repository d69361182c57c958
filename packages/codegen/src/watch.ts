/** Generates again whenever a file that matters has changed. */
import { type FSWatcher, watch as watchFiles } from "chokidar";
import { type GenerateResult, Generator } from "./generate.js";
import type { JobOptions } from "./job.js";
import { slashed } from "./paths.js";
import type { Change } from "./read/project.js";

/** What to generate, and the configuration that says so, if one does. */
export interface Plan {
	readonly jobs: readonly JobOptions[];
	/** Absolute path. */
	readonly config?: string | undefined;
}

export interface WatchEvents<P extends Plan> {
	/** Before each run but the first. */
	onStart?(): void;
	/** After the first run and after each that follows. */
	onResult(result: GenerateResult, plan: P): void;
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

export class Watch<P extends Plan> {
	readonly #makePlan: () => P;
	readonly #cwd: string;
	readonly #events: WatchEvents<P>;
	/** What has happened since the last run, by path. */
	readonly #changes = new Map<string, Change>();
	readonly #watched = new Set<string>();
	#plan: P;
	#generator: Generator;
	#watcher: FSWatcher | undefined;
	#timer: NodeJS.Timeout | undefined;

	/** Runs once at once, which throws what `generate` and `makePlan` throw. A plan whose configuration has changed is made again. */
	constructor(makePlan: () => P, cwd: string, events: WatchEvents<P>) {
		this.#makePlan = makePlan;
		this.#cwd = cwd;
		this.#events = events;
		this.#plan = makePlan();
		this.#generator = new Generator(this.#plan.jobs, cwd);
		events.onResult(this.#generator.run(), this.#plan);
		const ignored = (path: string) =>
			/[\\/](node_modules|\.git)([\\/]|$)/.test(path) || this.#generator.isOutput(slashed(path));
		this.#watcher = watchFiles(this.#unwatched(), { ignored, ignoreInitial: true });
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

	/** What is to be watched and is not yet. */
	#unwatched(): string[] {
		const paths = [...this.#generator.watched(), ...this.#config];
		const found = paths.filter((path) => !this.#watched.has(path));
		for (const path of found) this.#watched.add(path);
		return found;
	}

	get #config(): string[] {
		return this.#plan.config === undefined ? [] : [slashed(this.#plan.config)];
	}

	#note(event: string, path: string): void {
		if (event === "addDir" || event === "unlinkDir") return;
		if (!/\.([cm]?tsx?|json)$/.test(path) && !this.#config.includes(path)) return;
		this.#changes.set(path, { path, isNew: event === "add" });
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#run(), settleMs);
	}

	#run(): void {
		this.#events.onStart?.();
		try {
			// While there is no plan, what has happened is kept.
			if (this.#config.some((path) => this.#changes.has(path))) this.#planAgain();
			const changes = [...this.#changes.values()];
			this.#changes.clear();
			this.#events.onResult(this.#generator.run(changes), this.#plan);
			this.#watcher?.add(this.#unwatched());
		} catch (error) {
			this.#events.onError(error);
		}
	}

	#planAgain(): void {
		const plan = this.#makePlan();
		this.#generator = new Generator(plan.jobs, this.#cwd);
		this.#plan = plan;
	}
}
