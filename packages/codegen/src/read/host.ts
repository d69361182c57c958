/**
 * What the compiler reads files through. ts-morph has a host of its own, but that one loses whether a file is an ES module or
 * CommonJS: packages with types for each would be read as `require` sees them, whoever imports them.
 */
import { ts } from "ts-morph";

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

	/** It may have changed, come or gone. */
	forget(path: string): void {
		if (!this.#files.delete(path)) this.hasNewFiles = true;
	}

	#sourceFile(path: string, options: ts.ScriptTarget | ts.CreateSourceFileOptions): ts.SourceFile | undefined {
		const known = this.#files.get(path);
		if (known !== undefined) return known;
		const text = this.compilerHost.readFile(path);
		if (text === undefined) return undefined;
		const file = ts.createSourceFile(path, text, options, true);
		this.#files.set(path, file);
		return file;
	}
}
