/** Diagnostics as workflow commands, which GitHub shows beside the lines of a pull request. */
import type { Diagnostic } from "../model/diagnostics.js";
import { shown } from "../paths.js";

export function formatGithub(diagnostics: readonly Diagnostic<string>[], cwd: string): string {
	return diagnostics.map((diagnostic) => `${command(diagnostic, cwd)}\n`).join("");
}

function command({ code, severity, location, message, remedy }: Diagnostic<string>, cwd: string): string {
	const place =
		location === undefined
			? []
			: [
					`file=${escapeProperty(shown(location.file, cwd))}`,
					`line=${location.line}`,
					`endLine=${location.endLine}`,
					`col=${location.column}`,
					`endColumn=${location.endColumn}`,
				];
	return `::${severity} ${[...place, `title=${code}`].join(",")}::${escapeData(`${message}\nInstead: ${remedy}`)}`;
}

function escapeData(text: string): string {
	return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
	return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
