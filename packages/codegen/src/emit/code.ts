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
	return texts.flatMap((text, index) => [text, ...partsOf(values[index] ?? "")]).filter((part) => part !== "");
}

function partsOf(value: Printable): Code {
	if (typeof value === "string") return [value];
	if (typeof value === "number") return [String(value)];
	return "kind" in value ? [value] : value;
}

export function join(codes: readonly Code[], separator: string): Code {
	return codes.flatMap((one, index) => (index === 0 ? one : [separator, ...one]));
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
	const broken = items.flatMap((item): Code => ["\n\t", ...indent(item), ","]);
	return [open, ...broken, `\n${close}`];
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
