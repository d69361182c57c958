/** Finds the tsconfig.json that a file belongs to. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ts } from "ts-morph";
import { slashed } from "../paths.js";

/** A tsconfig, and those it extends. */
export function withExtended(tsconfig: string): string[] {
	const source = ts.readJsonConfigFile(tsconfig, ts.sys.readFile);
	// Which files it has does not matter here.
	const host: ts.ParseConfigHost = { ...ts.sys, readDirectory: () => [] };
	ts.parseJsonSourceFileConfigFileContent(source, host, dirname(tsconfig), undefined, tsconfig);
	return [tsconfig, ...(source.extendedSourceFiles ?? [])].map(slashed);
}

export class Tsconfigs {
	/** By folder. */
	readonly #nearest = new Map<string, string | undefined>();
	/** By tsconfig: those it refers to, if it has no files of its own. */
	readonly #parts = new Map<string, readonly Part[]>();

	/** The nearest at or above a folder. */
	nearest(folder: string): string | undefined {
		if (!this.#nearest.has(folder)) this.#nearest.set(folder, find(folder));
		return this.#nearest.get(folder);
	}

	/**
	 * The one that a file is compiled with: the nearest, or, where that only refers to others, the first of these that has the
	 * file; if none has, the first of all.
	 */
	of(file: string): string | undefined {
		const nearest = this.nearest(dirname(file));
		if (nearest === undefined) return undefined;
		const parts = this.#partsOf(nearest);
		return (parts.find(({ files }) => files.has(file)) ?? parts[0])?.tsconfig ?? nearest;
	}

	/** Those looked at so far that a file may belong to. */
	get found(): string[] {
		return [...new Set(this.#nearest.values())].filter((path) => path !== undefined);
	}

	#partsOf(tsconfig: string): readonly Part[] {
		let parts = this.#parts.get(tsconfig);
		if (parts === undefined) {
			parts = partsOf(tsconfig);
			this.#parts.set(tsconfig, parts);
		}
		return parts;
	}
}

interface Part {
	readonly tsconfig: string;
	readonly files: ReadonlySet<string>;
}

/** What a solution is made of; nothing for a project with files, or a tsconfig that cannot be read, which is told later. */
function partsOf(tsconfig: string): Part[] {
	const { config } = ts.readConfigFile(tsconfig, ts.sys.readFile) as { config?: Solution };
	if (config?.files?.length !== 0 || config.include !== undefined || !Array.isArray(config.references)) return [];
	return config.references.flatMap(({ path }) => {
		const target = resolve(dirname(tsconfig), path);
		const part = slashed(target.endsWith(".json") ? target : join(target, "tsconfig.json"));
		if (!existsSync(part)) return [];
		const read = ts.readConfigFile(part, ts.sys.readFile);
		const { fileNames } = ts.parseJsonConfigFileContent(read.config ?? {}, ts.sys, dirname(part), undefined, part);
		return [{ tsconfig: part, files: new Set(fileNames) }];
	});
}

interface Solution {
	readonly files?: readonly unknown[];
	readonly include?: unknown;
	readonly references?: readonly { readonly path: string }[];
}

function find(folder: string): string | undefined {
	for (let current = folder; ; current = dirname(current)) {
		const candidate = join(current, "tsconfig.json");
		if (existsSync(candidate)) return slashed(candidate);
		if (dirname(current) === current) return undefined;
	}
}
