/** A part of a run: sources that are generated in one language into one folder. */
import { resolve } from "node:path";
import { commonFolder, type Input, parseInput } from "./inputs.js";
import type { Language } from "./language.js";
import type { ImportExtension } from "./model/import-extension.js";
import type { SourceModel } from "./model/model.js";
import { isInside, shown, slashed } from "./paths.js";
import { type Companion, companions, type Target, targets } from "./targets.js";
import { UsageError } from "./usage-error.js";

export interface JobOptions {
	/** Paths of files and folders, or globs. */
	readonly files: readonly string[];
	/** Where relative paths start. */
	readonly cwd?: string | undefined;
	/** The folder for the generated files. What is only read needs none. */
	readonly out?: string | undefined;
	readonly lang?: Language | undefined;
	readonly project?: string | undefined;
	readonly importExtension?: ImportExtension | undefined;
	readonly fakes?: boolean | undefined;
	readonly arbitraries?: boolean | undefined;
}

/** A file that is made of a source. */
export interface Output {
	/** Absolute, with forward slashes. */
	readonly path: string;
	text(model: SourceModel, generator: string, importExtension: ImportExtension): string;
}

export class Job {
	readonly inputs: readonly Input[];
	/** A tsconfig.json, absolute. */
	readonly project: string | undefined;
	readonly importExtension: ImportExtension | undefined;
	readonly target: Target;
	readonly #companions: readonly Companion[];
	readonly #out: string | undefined;
	/** Where paths are shown from. */
	readonly #shownFrom: string;

	constructor(options: JobOptions, shownFrom: string) {
		const { files, cwd, out, project, lang = "typescript", importExtension } = options;
		if (files.length === 0) throw new UsageError("No source files were named.");
		const absolute = (path: string | undefined) =>
			path === undefined ? undefined : slashed(resolve(cwd ?? shownFrom, path));
		this.inputs = files.map((file) => parseInput(file, cwd ?? shownFrom));
		this.project = absolute(project);
		this.importExtension = importExtension;
		this.target = targets[lang];
		this.#companions = companions.filter((kind) => options[kind]);
		for (const kind of this.#companions) {
			if (this.target.companions?.[kind] === undefined) throw new UsageError(`There are no ${kind} in ${lang}.`);
		}
		this.#out = absolute(out);
		this.#shownFrom = shownFrom;
	}

	/** The folder for the generated files: absolute, with forward slashes. */
	get out(): string {
		if (this.#out === undefined) throw new UsageError("No output folder was named.");
		return this.#out;
	}

	/** The files and folders that hold all sources. */
	get roots(): string[] {
		return this.inputs.map((input) => (input.kind === "file" ? input.path : input.folder));
	}

	isOutput(path: string): boolean {
		return this.#out !== undefined && isInside(path, this.#out);
	}

	/** The stubs of a source, and the files beside them. */
	outputsOf(source: string): Output[] {
		const { target, out } = this;
		const stubs = target.outputPath(source, commonFolder(this.inputs), out);
		if (stubs === source) throw new UsageError(`--out would overwrite ${shown(source, this.#shownFrom)} itself.`);
		return [
			{
				path: stubs,
				text: (model, generator, importExtension) =>
					target.emit(model, { path: stubs, out, generator, importExtension }),
			},
			...this.#companions.map((kind): Output => {
				const { infix, emit } = target.companions![kind]!;
				const path = stubs.replace(/\.([cm]?ts)$/, `.${infix}.$1`);
				return {
					path,
					text: (model, generator, importExtension) => emit(model, { path, stubs, generator, importExtension }),
				};
			}),
		];
	}

	/** Files that all others of the language use. */
	shared(generator: string): { readonly path: string; readonly source: string; readonly text: string }[] {
		return this.target.shared?.(this.out, generator) ?? [];
	}
}
