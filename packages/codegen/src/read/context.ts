/** What all readers of one source file share. */
import { ts } from "ts-morph";
import { isBreakingCode, splitBreaks } from "../model/breaking-codes.js";
import { type Diagnostic, type DiagnosticCode, diagnostic, type Location } from "../model/diagnostics.js";
import { type JsDoc, type JsDocTag, parseJsDoc } from "./jsdoc.js";
import { PackageNames } from "./package-names.js";

/** Where something was found, for people. */
export interface Site {
	/** The nearest node in the user's own files. */
	readonly node: ts.Node;
	/** How it is reached: `Bank.transfer(order).lines[].price`. */
	readonly trail: string;
}

export class ReadContext {
	readonly program: ts.Program;
	readonly checker: ts.TypeChecker;
	/** An optional property may also be there and `undefined`. */
	readonly isUndefinedOptional: boolean;
	readonly diagnostics: Diagnostic[] = [];
	readonly packageNames: PackageNames;
	/** Declarations whose `@breaks` have been looked at: their comments are read more than once. */
	readonly #checked = new Set<ts.Node>();

	constructor(program: ts.Program, file: ts.SourceFile) {
		this.program = program;
		this.checker = program.getTypeChecker();
		const options = program.getCompilerOptions();
		this.isUndefinedOptional = options.exactOptionalPropertyTypes !== true;
		this.packageNames = new PackageNames(this, file);
	}

	report(code: DiagnosticCode, site: Site, message: string, remedy?: string): void {
		const { node } = site;
		const file = node.getSourceFile();
		const start = node.getStart(file);
		// A whole interface or body would bury the place: its first line will do.
		const lineEnd = file.text.indexOf("\n", start);
		const end = lineEnd === -1 ? node.getEnd() : Math.min(node.getEnd(), lineEnd);
		this.diagnostics.push(diagnostic(code, locate(file, start, end), message, remedy));
	}

	reportRange(
		code: DiagnosticCode,
		file: ts.SourceFile,
		start: number,
		end: number,
		message: string,
		remedy?: string,
	): void {
		this.diagnostics.push(diagnostic(code, locate(file, start, end), message, remedy));
	}

	/** For tags of `docOf(node)`. */
	reportTag(node: ts.Node, tag: JsDocTag, code: DiagnosticCode, message: string, remedy?: string): void {
		const comment = commentOf(node);
		if (comment === undefined) return;
		const { start } = comment;
		this.reportRange(code, node.getSourceFile(), start + tag.start, start + tag.end, message, remedy);
	}

	/** The site of something inside a type: `node` if it is in the user's own files, else where the user went in. */
	within(site: Site, node: ts.Node | undefined, trail: string): Site {
		const isOwn = node !== undefined && !this.isForeign(node.getSourceFile());
		return { node: isOwn ? node : site.node, trail };
	}

	/** Not written by the user: of the language, or installed. */
	isForeign(file: ts.SourceFile): boolean {
		return this.isLibrary(file) || file.fileName.includes("/node_modules/");
	}

	/** Of the language or the platform. */
	isLibrary(file: ts.SourceFile): boolean {
		return (
			this.program.isSourceFileDefaultLibrary(file) ||
			/\/node_modules\/(@types\/(node|bun|deno)|bun-types|undici-types)\//.test(file.fileName)
		);
	}

	/** Whether all declarations come with the language or the platform. */
	isLibrarySymbol(symbol: ts.Symbol): boolean {
		const declarations = symbol.declarations ?? [];
		return declarations.length > 0 && declarations.every((declaration) => this.isLibrary(declaration.getSourceFile()));
	}

	/** What an identifier means, through imports. */
	symbolAt(node: ts.Node): ts.Symbol | undefined {
		const symbol = this.checker.getSymbolAtLocation(node);
		if (symbol === undefined) return undefined;
		return symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
	}

	docOf(node: ts.Node): JsDoc {
		let doc = docs.get(node);
		if (doc === undefined) {
			const comment = commentOf(node);
			doc = comment === undefined ? noDoc : parseJsDoc(comment.text);
			docs.set(node, doc);
		}
		this.#checkBreaks(node, doc);
		return doc;
	}

	/** A code that is misspelt accepts nothing, and nobody would notice before the break is told. */
	#checkBreaks(node: ts.Node, { tags }: JsDoc): void {
		const breaks = tags.filter(({ name }) => name === "breaks");
		if (breaks.length === 0 || this.#checked.has(node) || this.isForeign(node.getSourceFile())) return;
		this.#checked.add(node);
		for (const tag of breaks) {
			const { codes } = splitBreaks(tag.argument);
			const unknown = codes.find((code) => !isBreakingCode(code));
			if (codes.length > 0 && unknown === undefined) continue;
			const word = unknown ?? tag.argument.split(/\s/, 1)[0]!;
			const got = word === "" ? "nothing" : `\`${word}\``;
			const message = `\`@breaks\` takes the code of a change that breaks older versions, and got ${got}.`;
			this.reportTag(
				node,
				tag,
				"HC023",
				message,
				"Write it like `@breaks HB105 reason`, as `homing-codegen breaking` tells it.",
			);
		}
	}
}

export function locate(file: ts.SourceFile, start: number, end: number): Location {
	const from = file.getLineAndCharacterOfPosition(start);
	const to = file.getLineAndCharacterOfPosition(Math.max(start, end));
	return {
		file: file.fileName,
		line: from.line + 1,
		column: from.character + 1,
		endLine: to.line + 1,
		endColumn: to.character + 1,
	};
}

const noDoc: JsDoc = { lines: [], tags: [] };

/** What many sources mention is asked for as often. */
const docs = new WeakMap<ts.Node, JsDoc>();

/**
 * Of several comments before a declaration the last is its own. The compiler gives one that follows something on the same
 * line to what it follows, as in `{ from: string; /** @int *\/ cents: number }`; here it belongs to what it precedes.
 */
function commentOf(node: ts.Node): { readonly start: number; readonly text: string } | undefined {
	const { text } = node.getSourceFile();
	const start = node.getStart();
	const besides = (ts.getTrailingCommentRanges(text, node.pos) ?? []).filter(
		({ end }) => !text.slice(end, start).includes("\n"),
	);
	const above = ts.getLeadingCommentRanges(text, node.pos) ?? [];
	const isDoc = ({ pos, end }: ts.CommentRange) => text.startsWith("/**", pos) && end - pos > "/**/".length;
	const range = [...besides, ...above].filter(isDoc).at(-1);
	return range === undefined ? undefined : { start: range.pos, text: text.slice(range.pos, range.end) };
}
