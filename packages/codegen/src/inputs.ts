/** Finds the source files that the command line means. */
import { statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isInside, shown, slashed } from "./paths.js";
import { UsageError } from "./usage-error.js";

/** What one argument means. */
export type Input =
	| { readonly kind: "file"; readonly path: string }
	/** `folder` holds everything that can match. */
	| { readonly kind: "pattern"; readonly pattern: string; readonly folder: string };

/** An argument is a file, a folder (all its TypeScript files), or a glob. */
export function parseInput(argument: string, cwd: string): Input {
	if (/[*?{}[\]!]/.test(argument) && !exists(resolve(cwd, argument))) {
		const pattern = slashed(resolve(cwd, argument));
		const fixed = pattern.split("/").findIndex((part) => /[*?{}[\]!]/.test(part));
		return { kind: "pattern", pattern, folder: pattern.split("/").slice(0, fixed).join("/") || "/" };
	}
	const path = resolve(cwd, argument);
	const found = statSync(path, { throwIfNoEntry: false });
	if (found === undefined) throw new UsageError(`There is no file ${shown(path, cwd)}.`);
	if (found.isDirectory())
		return { kind: "pattern", pattern: `${slashed(path)}/**/*.{ts,mts,cts,tsx}`, folder: slashed(path) };
	if (!/\.[cm]?tsx?$/.test(path)) throw new UsageError(`${shown(path, cwd)} is no TypeScript file.`);
	return { kind: "file", path: slashed(path) };
}

/** The folder whose structure the output repeats: the deepest that holds all inputs. */
export function commonFolder(inputs: readonly Input[]): string {
	const [first = "/", ...others] = inputs.map((input) => (input.kind === "file" ? dirname(input.path) : input.folder));
	let common = first;
	for (const folder of others) while (!isInside(folder, common)) common = dirname(common);
	return common;
}

/** `src/bank.ts` below `src` gives `bank.ts` below `out`. */
export function outputPath(source: string, folder: string, out: string): string {
	const below = belowFolder(source, folder);
	return slashed(
		join(
			out,
			below.replace(/(\.d)?\.(mts|[c]?tsx?)$/, (_, __, ending) => (ending === "mts" ? ".mts" : ".ts")),
		),
	);
}

/** A source's path from a folder that it is in. */
export function belowFolder(source: string, folder: string): string {
	return source.slice(folder.endsWith("/") ? folder.length : folder.length + 1);
}

function exists(path: string): boolean {
	return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
