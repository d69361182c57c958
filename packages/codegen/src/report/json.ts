/** Diagnostics for programs. */
import type { Diagnostic } from "../model/diagnostics.js";
import { shown } from "../paths.js";

export interface JsonReport {
	readonly diagnostics: readonly Diagnostic[];
	/** What became of each file: `{ path, state }`. */
	readonly files: readonly { readonly path: string; readonly state: string }[];
}

/** Paths are relative to `cwd`. */
export function formatJson({ diagnostics, files }: JsonReport, cwd: string): string {
	const relative = diagnostics.map(({ location, ...rest }) => ({
		...rest,
		location: location === undefined ? null : { ...location, file: shown(location.file, cwd) },
	}));
	return `${JSON.stringify({ diagnostics: relative, files: files.map(({ path, state }) => ({ path: shown(path, cwd), state })) }, null, 2)}\n`;
}
