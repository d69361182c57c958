/** From source files to generated text. Nothing is written here. */
import { dirname } from "node:path";
import { isGenerated } from "./inputs.js";
import { Job, type JobOptions, type Output } from "./job.js";
import type { Language } from "./language.js";
import { type Diagnostic, diagnostic, hasErrors, sortDiagnostics } from "./model/diagnostics.js";
import type { ImportExtension } from "./model/import-extension.js";
import type { SourceModel } from "./model/model.js";
import type { Place } from "./model/place.js";
import { shown } from "./paths.js";
import type { Located } from "./read/places.js";
import { type Change, SourceProject } from "./read/project.js";
import { Tsconfigs } from "./read/tsconfigs.js";
import { UsageError } from "./usage-error.js";
import { generatorName } from "./version.js";

export type { Language } from "./language.js";

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
	/** How generated files import the user's own. Default: what the tsconfig of the output suits. */
	readonly importExtension?: ImportExtension | undefined;
	/** Files with stand-ins for unit tests beside the stubs. Default: false. TypeScript only. */
	readonly fakes?: boolean | undefined;
	/** Files with fast-check's arbitraries beside the stubs. Default: false. TypeScript only. */
	readonly arbitraries?: boolean | undefined;
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
	return new Generator([options], options.cwd).run();
}

/** The models alone, as `homing-codegen describe` prints them. */
export function read(options: ReadOptions): ReadResult {
	return new Generator([options], options.cwd).read();
}

/** The model of a source, and the job that it was read for. */
interface Work {
	readonly job: Job;
	readonly model: SourceModel;
	readonly project: SourceProject;
}

/** A generator that can run again, and then reads only what has changed. */
export class Generator {
	readonly #jobs: readonly Job[];
	readonly #cwd: string;
	/** By tsconfig. */
	readonly #projects = new Map<string | undefined, SourceProject>();
	/** By source file: what has read it. */
	readonly #readers = new Map<string, SourceProject>();
	/** What was made of each model, as long as that is in use. */
	readonly #files = new WeakMap<SourceModel, Map<string, GeneratedFile>>();
	#tsconfigs = new Tsconfigs();

	/** `cwd`: where paths are shown from, and where those of a job start that says nothing else. */
	constructor(jobs: readonly JobOptions[], cwd = process.cwd()) {
		this.#cwd = cwd;
		this.#jobs = jobs.map((options) => new Job(options, cwd));
	}

	/** `changes`: what has happened to files since the last run. */
	run(changes: readonly Change[] = []): GenerateResult {
		if (changes.some(({ path }) => this.#isConfig(path))) this.#reset();
		for (const project of this.#projects.values()) project.refresh(changes);
		const { works, diagnostics, models } = this.#read();
		const outputs = works
			.filter(({ model }) => model.services.length > 0)
			.flatMap((work) => {
				const source = work.model.file;
				return work.job.outputsOf(source).map((output) => ({ ...work, ...output, source }));
			});
		const common = [...new Set(outputs.map(({ job }) => job))].flatMap((job) => job.shared(generatorName()));
		const all = sortDiagnostics([...diagnostics, ...this.#clashes([...common, ...outputs])]);
		if (hasErrors(all)) return { files: [], diagnostics: all, models, omissions: [] };
		const files = outputs.map((output) => this.#fileOf(output));
		const omissions = works.flatMap(({ job, model }) => model.services.flatMap(job.target.omissionsOf));
		// What two jobs both ask for is made once.
		const byPath = new Map([...common, ...files].map((file) => [file.path, file]));
		return { files: [...byPath.values()], diagnostics: all, models, omissions };
	}

	read(): ReadResult {
		const { models, diagnostics } = this.#read();
		return { models, diagnostics };
	}

	/** Where a place in a model that was read is declared. `file`: the model's. */
	locate(file: string, place: Place): Located | undefined {
		return this.#readers.get(file)?.locate(file, place);
	}

	/** The files read so far that are no installed package's. */
	ownFiles(): string[] {
		return [...this.#projects.values()].flatMap((project) => project.ownFiles());
	}

	/** Files and folders of which a change may change the output. */
	watched(): string[] {
		const roots = this.#jobs.flatMap(({ roots }) => roots);
		return [...new Set([...roots, ...this.ownFiles(), ...this.#configFiles()])].filter((path) => !this.isOutput(path));
	}

	#configFiles(): string[] {
		return [...this.#tsconfigs.found, ...[...this.#projects.values()].flatMap(({ configFiles }) => configFiles)];
	}

	isOutput(path: string): boolean {
		return this.#jobs.some((job) => job.isOutput(path));
	}

	/** It says how sources are read: another text of it, or a new one, may change what every type means. */
	#isConfig(path: string): boolean {
		return /\/(tsconfig[^/]*|package)\.json$/.test(path) || this.#configFiles().includes(path);
	}

	#reset(): void {
		this.#projects.clear();
		this.#readers.clear();
		this.#tsconfigs = new Tsconfigs();
	}

	/** Each source is read once, whichever jobs want it. */
	#read(): ReadResult & { readonly works: readonly Work[] } {
		const found = new Map<string, ReturnType<SourceProject["read"]>>();
		const works: Work[] = [];
		const sources = this.#jobs.map((job) => ({ job, paths: this.#sourcesOf(job) }));
		const required = new Set(sources.flatMap(({ paths }) => [...paths].flatMap(([path, is]) => (is ? [path] : []))));
		// All of them first: the compiler looks at a project's files together.
		for (const { job, paths } of sources) for (const path of paths.keys()) this.#projectOf(path, job).add(path);
		for (const { job, paths } of sources) {
			for (const path of paths.keys()) {
				const project = this.#projectOf(path, job);
				const key = `${project.tsconfig} ${path}`;
				const result = found.get(key) ?? project.read(path, required.has(path));
				if (result === undefined) throw new UsageError(`There is no file ${shown(path, this.#cwd)}.`);
				found.set(key, result);
				this.#readers.set(path, project);
				works.push({ job, model: result.model, project });
			}
		}
		const results = [...found.values()].filter((result) => result !== undefined);
		return {
			works,
			models: results.map(({ model }) => model),
			diagnostics: sortDiagnostics(results.flatMap(({ diagnostics }) => diagnostics)),
		};
	}

	/** The source files, and whether each was named as such. */
	#sourcesOf(job: Job): Map<string, boolean> {
		const found = new Map<string, boolean>();
		for (const input of job.inputs) {
			if (input.kind === "file") found.set(input.path, true);
			else
				for (const path of this.#projectOf(`${input.folder}/any.ts`, job).match([input.pattern])) {
					if (!this.isOutput(path) && !found.has(path) && !isGenerated(path)) found.set(path, false);
				}
		}
		return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
	}

	#projectOf(path: string, job: Job): SourceProject {
		return this.#open(job.project ?? this.#tsconfigs.of(path));
	}

	#open(tsconfig: string | undefined): SourceProject {
		let project = this.#projects.get(tsconfig);
		if (project === undefined) {
			project = openProject(tsconfig, this.#cwd);
			this.#projects.set(tsconfig, project);
		}
		return project;
	}

	/** What is made of a source that reads as it did is what it was. */
	#fileOf({ job, model, path, source, project, text }: Work & Output & { readonly source: string }): GeneratedFile {
		const importExtension = job.importExtension ?? this.#extensionAt(path, source, project);
		const files = this.#files.get(model) ?? new Map<string, GeneratedFile>();
		this.#files.set(model, files);
		const key = `${this.#jobs.indexOf(job)} ${importExtension} ${path}`;
		const file = files.get(key) ?? { path, source, text: text(model, generatorName(), importExtension) };
		files.set(key, file);
		return file;
	}

	/** A generated file is compiled where it lies, which in a monorepo may be another package than its source's. */
	#extensionAt(path: string, source: string, project: SourceProject): ImportExtension {
		const nearest = this.#tsconfigs.nearest(dirname(path));
		if (nearest === undefined || nearest === this.#tsconfigs.nearest(dirname(source))) return project.importExtension;
		return this.#open(this.#tsconfigs.of(path)).importExtension;
	}

	#clashes(outputs: readonly Omit<GeneratedFile, "text">[]): Diagnostic[] {
		const bySource = new Map<string, string>();
		const found: Diagnostic[] = [];
		for (const { path, source } of outputs) {
			const other = bySource.get(path) ?? source;
			bySource.set(path, other);
			if (other === source) continue;
			const [from, to] = [`${shown(other, this.#cwd)} and ${shown(source, this.#cwd)}`, shown(path, this.#cwd)];
			found.push(diagnostic("HC029", undefined, `${from} would both become ${to}.`));
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
