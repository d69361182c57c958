/** Pieces of generated source: text, and symbols that must be imported to be used. A symbol printed is an import made. */
import type { ImportedName, ModuleReference, TypeText } from "../model/model.js";

/** A name of another module. */
export interface ImportSymbol {
	readonly kind: "import";
	/** As exported; `default` and `*` as in an import declaration. */
	readonly name: string;
	/** What to call it here, unless that is taken. */
	readonly local: string;
	readonly from: ModuleReference;
	/** Used as a type only: its import leaves no trace at run time. */
	readonly isType: boolean;
}

export type Code = readonly (string | ImportSymbol)[];

type Printable = string | number | ImportSymbol | Code;

export function typeSymbol({ name, local, from }: ImportedName): ImportSymbol {
	return { kind: "import", name, local, from, isType: true };
}

export function valueSymbol(name: ImportedName): ImportSymbol {
	return { ...typeSymbol(name), isType: false };
}

export function textCode(text: TypeText): Code {
	return text.map((part) => (typeof part === "string" ? part : typeSymbol(part)));
}

/** Template tag: puts pieces together. */
export function code(texts: TemplateStringsArray, ...values: readonly Printable[]): Code {
	// A loop: most of what is emitted passes here, several times over.
	const parts: (string | ImportSymbol)[] = [];
	for (let index = 0; index < texts.length; index++) {
		add(parts, texts[index]!);
		const value = values[index];
		if (typeof value === "object" && "kind" in value) parts.push(value);
		else if (typeof value === "object") for (const part of value) add(parts, part);
		else if (value !== undefined) add(parts, String(value));
	}
	return parts;
}

/** Text next to text is one: what is indented and looked through later is less by it. */
function add(parts: (string | ImportSymbol)[], part: string | ImportSymbol): void {
	if (part === "") return;
	const last = parts.at(-1);
	if (typeof part === "string" && typeof last === "string") parts[parts.length - 1] = last + part;
	else parts.push(part);
}

export function join(codes: readonly Code[], separator: string): Code {
	const parts: (string | ImportSymbol)[] = [];
	for (const [index, one] of codes.entries()) {
		if (index > 0) add(parts, separator);
		for (const part of one) add(parts, part);
	}
	return parts;
}

/** Moves all lines but the first to the right by one. Empty lines lose their tabs when the file is printed. */
export function indent(one: Code): Code {
	return one.map((part) => (typeof part === "string" ? part.replaceAll("\n", "\n\t") : part));
}

/** Longest line that is not broken up. Unit: characters, tabs not counted. */
const maxLine = 100;

/** `open items close` on one line if that is short enough, else an item a line. */
export function list(open: string, items: readonly Code[], close: string, options: { isPadded?: boolean } = {}): Code {
	const padding = options.isPadded && items.length > 0 ? " " : "";
	const line = code`${open}${padding}${join(items, ", ")}${padding}${close}`;
	if (items.length === 0 || (!isMultiline(line) && lengthOf(line) <= maxLine)) return line;
	return lines(open, items, close);
}

/** An item a line. */
export function lines(open: string, items: readonly Code[], close: string): Code {
	return code`${open}${join(
		items.map((item) => code`\n\t${indent(item)},`),
		"",
	)}\n${close}`;
}

export function isMultiline(one: Code): boolean {
	return one.some((part) => typeof part === "string" && part.includes("\n"));
}

function lengthOf(one: Code): number {
	return one.reduce((sum, part) => sum + (typeof part === "string" ? part.length : part.local.length), 0);
}

/** A JSDoc comment; nothing for no lines. */
export function docComment(doc: readonly string[]): string {
	const safe = doc.map((line) => line.replaceAll("*/", "*\\/"));
	if (safe.length === 0) return "";
	if (safe.length === 1) return `/** ${safe[0]} */\n`;
	return `/**\n${safe.map((line) => ` * ${line}`.trimEnd()).join("\n")}\n */\n`;
}

/** JSON as an expression: line breaks inside of texts are escaped, those between its parts are taken out. */
export function jsonText(json: string): string {
	return JSON.stringify(JSON.parse(json), undefined, 1).replaceAll(/\n */g, " ");
}

/** A property's name as it stands in an object or class. */
export function propertyName(name: string): string {
	return isIdentifier(name) ? name : JSON.stringify(name);
}

/** The access to a property by its name. */
export function access(name: string): string {
	return isIdentifier(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

export function isIdentifier(name: string): boolean {
	return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name);
}
