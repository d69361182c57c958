/** From source files to generated text. Nothing is written here. */
import { dirname, resolve } from "node:path";
import { commonFolder, type Input, parseInput } from "./inputs.js";
import { type Diagnostic, diagnostic, hasErrors, sortDiagnostics } from "./model/diagnostics.js";
import type { SourceModel } from "./model/model.js";
import { isInside, shown, slashed } from "./paths.js";
import { findTsconfig, SourceProject } from "./read/project.js";
import { type Language, targets } from "./targets.js";
import { UsageError } from "./usage-error.js";
import { generatorName } from "./version.js";

export type { Language } from "./targets.js";

export interface ReadOptions {
	/** Paths of files and folders, or globs. */
	readonly files: readonly string[];
	/** Where relative paths start. Default: the process's working directory. */
	readonly cwd?: string | undefined;
	/** A tsconfig.json. Default: for each file the nearest at or above its folder. */
	readonly project?: string | undefined;
}

export interface GenerateOptions extends ReadOptions {
	/** The folder for the generated files. */
	readonly out: string;
	/** What is generated. Default: `typescript`. */
	readonly lang?: Language | undefined;
}

export interface GeneratedFile {
	/** Absolute path, with forward slashes. */
	readonly path: string;
	/** The source file it was made from; of a file that all share, what it is a copy of. */
	readonly source: string;
	readonly text: string;
}

/** A method that the language does not have. */
export interface Omission {
	/** `Service.method`. */
	readonly method: string;
	readonly reason: string;
}

export interface GenerateResult {
	/** Empty if there is any error among the diagnostics. */
	readonly files: readonly GeneratedFile[];
	readonly diagnostics: readonly Diagnostic[];
	readonly models: readonly SourceModel[];
	/** What the files leave out of the services. */
	readonly omissions: readonly Omission[];
}

type ReadResult = Pick<GenerateResult, "models" | "diagnostics">;

/**
 * Generates the stubs of all services in the files. Throws a `UsageError` for options that make no sense; everything that is
 * wrong with the sources is among the diagnostics, all at once.
 */
export function generate(options: GenerateOptions): GenerateResult {
	return new Generator(options).run();
}

/** The models alone, as `homing-codegen describe` prints them. */
export function read(options: ReadOptions): ReadResult {
	return new Generator({ ...options, out: undefined }).read();
}

/** A generator that can run again, and then reads only what has changed. */
export class Generator {
	readonly #inputs: readonly Input[];
	readonly #cwd: string;
	readonly #out: string | undefined;
	readonly #project: string | undefined;
	readonly #lang: Language;
	/** By tsconfig. */
	readonly #projects = new Map<string | undefined, SourceProject>();

	constructor(options: ReadOptions & Pick<GenerateOptions, "lang"> & { readonly out: string | undefined }) {
		const { files, out, cwd = process.cwd(), project, lang = "typescript" } = options;
		if (files.length === 0) throw new UsageError("No source files were named.");
		this.#cwd = cwd;
		this.#inputs = files.map((file) => parseInput(file, cwd));
		this.#out = out === undefined ? undefined : slashed(resolve(cwd, out));
		this.#project = project === undefined ? undefined : slashed(resolve(cwd, project));
		this.#lang = lang;
	}

	/** `changed`: files that may have changed, come or gone since the last run. */
	run(changed: readonly string[] = []): GenerateResult {
		for (const project of this.#projects.values()) project.refresh(changed);
		const { models, diagnostics } = this.read();
		const { emit, shared, omissionsOf } = targets[this.#lang];
		const withServices = models.filter(({ services }) => services.length > 0);
		const outputs = withServices.map((model) => ({ model, path: this.#outputOf(model.file) }));
		const common = withServices.length === 0 ? [] : (shared?.(this.#folder(), generatorName()) ?? []);
		const made = outputs.map(({ model, path }) => ({ path, source: model.file }));
		const all = sortDiagnostics([...diagnostics, ...this.#clashes([...common, ...made])]);
		if (hasErrors(all)) return { files: [], diagnostics: all, models, omissions: [] };
		const files = outputs.map(({ model, path }) => ({
			path,
			source: model.file,
			text: emit(model, { path, out: this.#folder(), generator: generatorName() }),
		}));
		const omissions = withServices.flatMap(({ services }) => services.flatMap(omissionsOf));
		return { files: [...common, ...files], diagnostics: all, models, omissions };
	}

	read(): ReadResult {
		const models: SourceModel[] = [];
		const diagnostics: Diagnostic[] = [];
		for (const [path, isRequired] of this.#sources()) {
			const result = this.#projectOf(path).read(path, isRequired);
			if (result === undefined) throw new UsageError(`There is no file ${shown(path, this.#cwd)}.`);
			models.push(result.model);
			diagnostics.push(...result.diagnostics);
		}
		return { models, diagnostics: sortDiagnostics(diagnostics) };
	}

	/** Files and folders of which a change may change the output. */
	watched(): string[] {
		const own = [...this.#projects.values()].flatMap((project) =>
			[...project.ownFiles(), project.tsconfig ?? []].flat(),
		);
		const roots = this.#inputs.map((input) => (input.kind === "file" ? input.path : input.folder));
		return [...new Set([...roots, ...own])].filter((path) => !this.isOutput(path));
	}

	isOutput(path: string): boolean {
		return this.#out !== undefined && isInside(path, this.#out);
	}

	/** Whether a path is one of those that the arguments could mean. */
	isCandidate(path: string): boolean {
		return this.#inputs.some((input) => (input.kind === "file" ? input.path === path : isInside(path, input.folder)));
	}

	/** Forgets what was read under a tsconfig that has changed. */
	reset(): void {
		this.#projects.clear();
	}

	/** The source files, and whether each was named as such. */
	#sources(): Map<string, boolean> {
		const found = new Map<string, boolean>();
		for (const input of this.#inputs) {
			if (input.kind === "file") found.set(input.path, true);
			else
				for (const path of this.#projectOf(`${input.folder}/any.ts`).match([input.pattern])) {
					if (!this.isOutput(path) && !found.has(path)) found.set(path, false);
				}
		}
		return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
	}

	#projectOf(path: string): SourceProject {
		const tsconfig = this.#project ?? findTsconfig(dirname(path));
		let project = this.#projects.get(tsconfig);
		if (project === undefined) {
			project = openProject(tsconfig, this.#cwd);
			this.#projects.set(tsconfig, project);
		}
		return project;
	}

	#folder(): string {
		if (this.#out === undefined) throw new UsageError("No output folder was named.");
		return this.#out;
	}

	#outputOf(source: string): string {
		const path = targets[this.#lang].outputPath(source, commonFolder(this.#inputs), this.#folder());
		if (path === source) throw new UsageError(`--out would overwrite ${shown(source, this.#cwd)} itself.`);
		return path;
	}

	#clashes(outputs: readonly Omit<GeneratedFile, "text">[]): Diagnostic[] {
		const bySource = new Map<string, string>();
		const found: Diagnostic[] = [];
		for (const { path, source } of outputs) {
			const other = bySource.get(path);
			if (other === undefined) bySource.set(path, source);
			else
				found.push(
					diagnostic(
						"HC029",
						undefined,
						`${shown(other, this.#cwd)} and ${shown(source, this.#cwd)} would both become ${shown(path, this.#cwd)}.`,
					),
				);
		}
		return found;
	}
}

function openProject(tsconfig: string | undefined, cwd: string): SourceProject {
	try {
		return new SourceProject({ tsconfig });
	} catch (error) {
		if (tsconfig === undefined) throw error;
		throw new UsageError(`${shown(tsconfig, cwd)} cannot be read: ${(error as Error).message}`);
	}
}
