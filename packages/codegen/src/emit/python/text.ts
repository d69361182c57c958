/** Pieces of Python source. */

/** Longest line that is not broken up. Unit: characters, without indentation. */
const maxLine = 100;

/** Moves all lines to the right by one. */
export function indent(text: string): string {
	return text.replaceAll(/^(?=.)/gm, "    ");
}

/** `open items close` on one line if that is short enough, else an item a line. */
export function list(open: string, items: readonly string[], close: string): string {
	const line = `${open}${items.join(", ")}${close}`;
	if (items.length === 0 || (!line.includes("\n") && line.length <= maxLine)) return line;
	return `${open}\n${items.map((item) => `${indent(item)},\n`).join("")}${close}`;
}

/** A text as a literal. JSON's escapes are Python's, but for halves of surrogate pairs, which it leaves as they are. */
export function literal(value: string | number | boolean | null): string {
	if (value === null) return "None";
	if (typeof value === "boolean") return value ? "True" : "False";
	return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** A value of JSON as an expression. */
export function jsonLiteral(value: unknown): string {
	if (Array.isArray(value)) return list("[", value.map(jsonLiteral), "]");
	if (typeof value !== "object" || value === null) return literal(value as string | number | boolean | null);
	return list(
		"{",
		Object.entries(value).map(([key, one]) => `${literal(key)}: ${jsonLiteral(one)}`),
		"}",
	);
}

/** Behind no backslash, or behind two that are one in the text. */
const openQuote = /(?<=(?<!\\)(?:\\\\)*)"$/;

/** A docstring, indented like what it is in; nothing for no lines. */
export function docstring(lines: readonly string[]): string {
	const safe = lines.map((line) => line.replaceAll("\\", "\\\\").replaceAll('"""', '\\"\\"\\"'));
	if (safe.length === 0) return "";
	if (safe.length === 1) return `"""${safe[0]!.replace(openQuote, '\\"')}"""\n`;
	return `"""${safe.join("\n")}\n"""\n`;
}

export function comment(lines: readonly string[]): string {
	return lines.map((line) => `# ${line}`.trimEnd()).join("\n");
}
