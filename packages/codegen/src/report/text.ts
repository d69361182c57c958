/** Diagnostics for people. */
import { readFileSync } from "node:fs";
import { codeFrameColumns } from "@babel/code-frame";
import pc from "picocolors";
import type { Diagnostic, Location } from "../model/diagnostics.js";
import { shown } from "../paths.js";

export interface TextOptions {
	readonly cwd: string;
	readonly isColoured: boolean;
}

/** Place, what is wrong, the lines around it, what to do instead. */
export function formatText(diagnostics: readonly Diagnostic<string>[], options: TextOptions): string {
	return diagnostics.map((diagnostic) => formatOne(diagnostic, options)).join("\n");
}

function formatOne(
	{ code, severity, location, message, remedy }: Diagnostic<string>,
	{ cwd, isColoured }: TextOptions,
): string {
	const colours = pc.createColors(isColoured);
	const paint = severity === "error" ? colours.red : colours.yellow;
	const place = location === undefined ? "" : ` ${shown(location.file, cwd)}:${location.line}:${location.column}`;
	const frame = location === undefined ? undefined : frameOf(location, isColoured);
	const lines = [colours.bold(`${paint(`${severity} ${code}`)}${place}`), message];
	if (frame !== undefined) lines.push("", frame, "");
	lines.push(`${colours.cyan("Instead:")} ${remedy}`, "");
	return lines.join("\n");
}

function frameOf(location: Location, isColoured: boolean): string | undefined {
	let source: string;
	try {
		source = readFileSync(location.file, "utf8");
	} catch {
		return undefined;
	}
	const start = { line: location.line, column: location.column };
	const end = { line: location.endLine, column: location.endColumn };
	return codeFrameColumns(
		source,
		{ start, end },
		{ highlightCode: isColoured, forceColor: isColoured, linesAbove: 1, linesBelow: 1 },
	);
}

/** `2 errors and 1 warning`. */
export function summary(diagnostics: readonly Diagnostic<string>[]): string {
	const errors = diagnostics.filter(({ severity }) => severity === "error").length;
	const warnings = diagnostics.length - errors;
	const count = (number: number, word: string) => (number === 0 ? [] : [`${number} ${word}${number === 1 ? "" : "s"}`]);
	return [...count(errors, "error"), ...count(warnings, "warning")].join(" and ");
}
