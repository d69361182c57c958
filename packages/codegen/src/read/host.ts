/**
 * What the compiler reads files through. ts-morph has a host of its own, but that one loses whether a file is an ES module or
 * CommonJS: packages with types for each would be read as `require` sees them, whoever imports them.
 */
import { ts } from "ts-morph";
import { isSeenEverywhere } from "./dependents.js";

/** Where ts-morph keeps the declarations of the language, in memory. */
const libraryFolder = "/node_modules/typescript/lib";

export class SourceHost {
	readonly compilerHost: ts.CompilerHost;
	/** A file has appeared since the last program was made: what an import led to then may not hold any more. */
	hasNewFiles = false;
	readonly #files = new Map<string, ts.SourceFile>();

	/** `files` knows the declarations of the language besides what is on the disk. */
	constructor(files: ts.ModuleResolutionHost) {
		this.compilerHost = {
			...files,
			getCurrentDirectory: () => files.getCurrentDirectory?.() ?? ts.sys.getCurrentDirectory(),
			getSourceFile: (path, options) => this.#sourceFile(path, options),
			getDefaultLibLocation: () => libraryFolder,
			getDefaultLibFileName: (options) => `${libraryFolder}/${ts.getDefaultLibFileName(options)}`,
			getCanonicalFileName: (path) => path,
			useCaseSensitiveFileNames: () => true,
			getNewLine: () => "\n",
			hasInvalidatedResolutions: () => this.hasNewFiles,
			writeFile: () => {
				throw new Error("Nothing is emitted.");
			},
		};
	}

	fileExists(path: string): boolean {
		return this.compilerHost.fileExists(path);
	}

	/** It has changed, come or gone. Answers who may see that: those that import it, everybody, or nobody. */
	forget(path: string, isNew: boolean): "importers" | "all" | "none" {
		const known = this.#files.get(path);
		if (known === undefined) {
			// A new one may be what an import has looked for in vain.
			if (isNew) this.hasNewFiles = true;
			return isNew ? "all" : "none";
		}
		this.#files.delete(path);
		return this.fileExists(path) && !isSeenEverywhere(known) ? "importers" : "all";
	}

	/** Keeps what a program has, and nothing that it had before. */
	keepOnly(program: ts.Program): void {
		for (const path of this.#files.keys()) if (program.getSourceFile(path) === undefined) this.#files.delete(path);
	}

	#sourceFile(path: string, options: ts.ScriptTarget | ts.CreateSourceFileOptions): ts.SourceFile | undefined {
		const known = this.#files.get(path);
		if (known !== undefined) return known;
		const text = this.compilerHost.readFile(path);
		if (text === undefined) return undefined;
		// Comments are read from the text, and parents are set when the file is bound, as all are for the checker.
		const settings = typeof options === "object" ? options : { languageVersion: options };
		const file = ts.createSourceFile(path, text, { ...settings, jsDocParsingMode: ts.JSDocParsingMode.ParseNone });
		this.#files.set(path, file);
		return file;
	}
}
