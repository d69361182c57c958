/** The compiler's view of the user's files. Kept between runs of `--watch`, so that only what changed is read again. */
import { Project, ts } from "ts-morph";
import type { ImportExtension } from "../model/import-extension.js";
import type { Place } from "../model/place.js";
import { dependentsOf, isSeenEverywhere } from "./dependents.js";
import { SourceHost } from "./host.js";
import { importExtensionOf } from "./import-style.js";
import { type Located, locatePlace } from "./places.js";
import { type ReadResult, readSource } from "./source.js";
import { withExtended } from "./tsconfigs.js";

export interface ProjectOptions {
	/** Absolute path. `undefined`: the compiler's defaults under `strict`. */
	readonly tsconfig: string | undefined;
}

/** Without a tsconfig, what a new project would have. */
const defaultOptions: ts.CompilerOptions = {
	target: ts.ScriptTarget.ES2022,
	module: ts.ModuleKind.NodeNext,
	moduleResolution: ts.ModuleResolutionKind.NodeNext,
	strict: true,
	exactOptionalPropertyTypes: true,
	skipLibCheck: true,
};

/** What has happened to a file. */
export interface Change {
	readonly path: string;
	/** It was not there before. */
	readonly isNew: boolean;
}

interface KnownResult {
	readonly isRequired: boolean;
	readonly result: ReadResult;
}

export class SourceProject {
	readonly tsconfig: string | undefined;
	/** The tsconfig, and those it extends: another text of one may change what every type means. */
	readonly configFiles: readonly string[];
	readonly #project: Project;
	readonly #host: SourceHost;
	readonly #roots = new Set<string>();
	/** By source: what reading it gave, while nothing has changed that it depends on. */
	readonly #results = new Map<string, KnownResult>();
	/** What has changed since the program was made and is seen by those that import it; `all`: more files may see it. */
	#changed: Set<string> | "all" = new Set();
	#program: ts.Program | undefined;
	#isStale = true;

	constructor({ tsconfig }: ProjectOptions) {
		this.tsconfig = tsconfig;
		this.configFiles = tsconfig === undefined ? [] : withExtended(tsconfig);
		this.#project = new Project({
			...(tsconfig === undefined ? { compilerOptions: defaultOptions } : { tsConfigFilePath: tsconfig }),
			skipAddingFilesFromTsConfig: true,
		});
		this.#host = new SourceHost(this.#project.getModuleResolutionHost());
	}

	/** A file that will be read: the compiler takes up all of them in one go. One that does not exist is passed over. */
	add(path: string): void {
		if (this.#roots.has(path) || !this.#host.fileExists(path)) return;
		this.#roots.add(path);
		if (this.#program !== undefined) this.#changed = "all";
		this.#isStale = true;
	}

	/** `undefined` if there is no such file. `isRequired`: a file without a service is an error. */
	read(path: string, isRequired: boolean): ReadResult | undefined {
		this.add(path);
		const program = this.#currentProgram();
		const known = this.#results.get(path);
		if (known?.isRequired === isRequired) return known.result;
		const file = program.getSourceFile(path);
		if (file === undefined) return undefined;
		const result = readSource(program, file, isRequired);
		this.#results.set(path, { isRequired, result });
		return result;
	}

	/** How its files import one another. */
	get importExtension(): ImportExtension {
		return importExtensionOf(this.#project.getCompilerOptions());
	}

	/** Where a place of a file's model is declared. */
	locate(path: string, place: Place): Located | undefined {
		const program = this.#currentProgram();
		const file = program.getSourceFile(path);
		return file === undefined ? undefined : locatePlace(program, file, place);
	}

	/** Takes note of what has happened to files since the last run. */
	refresh(changes: readonly Change[]): void {
		for (const { path, isNew } of changes) {
			const seenBy = this.#host.forget(path, isNew);
			if (seenBy === "none") continue;
			if (seenBy === "all") this.#changed = "all";
			else if (this.#changed !== "all") this.#changed.add(path);
			if (!this.#host.fileExists(path)) this.#roots.delete(path);
			this.#isStale = true;
		}
	}

	/** The files read so far that are the user's own: what a change of has to be seen. */
	ownFiles(): string[] {
		return this.#currentProgram()
			.getSourceFiles()
			.map(({ fileName }) => fileName)
			.filter((file) => !file.includes("/node_modules/"));
	}

	/** The paths that match the patterns; absolute, sorted. */
	match(patterns: readonly string[]): string[] {
		return [...this.#project.getFileSystem().globSync([...patterns, "!**/node_modules/**", "!**/*.d.ts"])].sort();
	}

	#currentProgram(): ts.Program {
		if (this.#program === undefined || this.#isStale) {
			const options = this.#project.getCompilerOptions();
			this.#program = ts.createProgram([...this.#roots], options, this.#host.compilerHost, this.#program);
			this.#host.hasNewFiles = false;
			this.#host.keepOnly(this.#program);
			this.#isStale = false;
			this.#forgetResults(this.#program);
		}
		return this.#program;
	}

	#forgetResults(program: ts.Program): void {
		const changed = this.#changed;
		this.#changed = new Set();
		const isSeen = (path: string) => {
			const file = program.getSourceFile(path);
			return file === undefined || isSeenEverywhere(file);
		};
		if (changed === "all" || [...changed].some(isSeen)) this.#results.clear();
		else if (changed.size > 0) for (const path of dependentsOf(program, changed)) this.#results.delete(path);
	}
}
