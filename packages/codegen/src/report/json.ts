/** Diagnostics for programs. */
import type { Diagnostic } from "../model/diagnostics.js";
import { shown } from "../paths.js";

export interface JsonReport {
	readonly diagnostics: readonly Diagnostic<string>[];
	/** What became of each file: `{ path, state }`. */
	readonly files: readonly { readonly path: string; readonly state: string }[];
	/** Methods that the language of the files does not have. */
	readonly omissions?: readonly { readonly method: string; readonly reason: string }[];
}

/** Paths are relative to `cwd`. */
export function formatJson({ diagnostics, files, omissions = [] }: JsonReport, cwd: string): string {
	const relative = diagnostics.map(({ location, ...rest }) => ({
		...rest,
		location: location === undefined ? null : { ...location, file: shown(location.file, cwd) },
	}));
	const written = files.map(({ path, state }) => ({ path: shown(path, cwd), state }));
	const left = omissions.length === 0 ? {} : { omissions };
	return `${JSON.stringify({ diagnostics: relative, files: written, ...left }, null, 2)}\n`;
}
