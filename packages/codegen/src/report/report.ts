/** Reports in the format asked for: for people on stderr, for programs on stdout. */
import { type Diagnostic, hasErrors } from "../model/diagnostics.js";
import type { Terminal } from "../terminal.js";
import type { ErrorFormat } from "./formats.js";
import { formatGithub } from "./github-actions.js";
import { formatJson, type JsonReport } from "./json.js";
import { formatText, summary } from "./text.js";

export type { ErrorFormat } from "./formats.js";

export interface Report extends JsonReport {
	readonly diagnostics: readonly Diagnostic<string>[];
	/** Whether files would have been written if there were no errors. */
	readonly isWriting: boolean;
}

export function report(all: Report, format: ErrorFormat, terminal: Terminal): void {
	const { diagnostics, omissions = [], isWriting } = all;
	if (format === "json") terminal.out(formatJson(all, terminal.cwd));
	else if (format === "github-actions") terminal.out(formatGithub(diagnostics, terminal.cwd));
	else if (diagnostics.length > 0) {
		const end = hasErrors(diagnostics) && isWriting ? " Nothing was written." : "";
		terminal.error(`${formatText(diagnostics, terminal)}\n${summary(diagnostics)}.${end}\n`);
	}
	// On stderr whatever the format: nothing is left out silently.
	for (const { method, reason } of omissions) terminal.error(`${method} is left out: ${reason}.\n`);
}
