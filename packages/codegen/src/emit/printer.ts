/** One generated file: what is printed into it, and the imports that follow from that. */
import { posix } from "node:path";
import { compare } from "../model/diagnostics.js";
import type { ImportExtension } from "../model/import-extension.js";
import type { ModuleReference } from "../model/model.js";
import type { Code, ImportSymbol } from "./code.js";
import { moduleSpecifier } from "./module-specifier.js";
import { Names } from "./names.js";

export class Printer {
	/** Absolute path of the file, with forward slashes. */
	readonly #path: string;
	readonly #importExtension: ImportExtension;
	readonly #blocks: Code[] = [];
	readonly #own: readonly string[];
	/** By the path of a file. */
	readonly #specifiers = new Map<string, string>();

	/** `own`: the names that the file declares, which no import may take. */
	constructor(path: string, own: readonly string[], importExtension: ImportExtension) {
		this.#path = path;
		this.#importExtension = importExtension;
		this.#own = own;
	}

	/** Adds a block; an empty line stands between blocks. */
	print(block: Code): void {
		if (block.length > 0) this.#blocks.push(block);
	}

	/** The file's text. */
	toString(header: string): string {
		const imports = this.#imports();
		const locals = new Map<string, string>();
		const names = new Names(this.#own);
		for (const one of imports)
			locals.set(one.key, one.symbol.name === "*" ? one.symbol.local : names.take(one.symbol.local));
		const known = new Map<ImportSymbol, string>();
		const text = (part: string | ImportSymbol) => {
			if (typeof part === "string") return part;
			let local = known.get(part);
			if (local === undefined) {
				local = locals.get(this.#keyOf(part)) ?? part.local;
				known.set(part, local);
			}
			return local;
		};
		const blocks = this.#blocks.map((block) => block.map(text).join(""));
		const whole = [`${header}\n${printImports(imports, locals)}`, ...blocks].join("\n\n");
		return `${whole.replaceAll(/[\t ]+$/gm, "")}\n`;
	}

	/** Each symbol once; as a value if anything uses it as one. */
	#imports(): Import[] {
		const found = new Map<string, Import>();
		// Most are used many times over.
		const symbols = new Set<ImportSymbol>();
		for (const block of this.#blocks) for (const part of block) if (typeof part !== "string") symbols.add(part);
		for (const symbol of symbols) {
			const key = this.#keyOf(symbol);
			const isType = symbol.isType && (found.get(key)?.isType ?? true);
			found.set(key, { key, symbol, specifier: this.#specifierOf(symbol.from), isType });
		}
		return [...found.values()].sort(
			(a, b) =>
				compareSpecifiers(a.specifier, b.specifier) ||
				compare(a.symbol.name.toLowerCase(), b.symbol.name.toLowerCase()) ||
				compare(a.symbol.name, b.symbol.name),
		);
	}

	#keyOf({ name, from }: ImportSymbol): string {
		return `${this.#specifierOf(from)} ${name}`;
	}

	#specifierOf(from: ModuleReference): string {
		if (from.kind === "package") return from.specifier;
		let specifier = this.#specifiers.get(from.path);
		if (specifier === undefined) {
			specifier = moduleSpecifier(posix.relative(posix.dirname(this.#path), from.path), this.#importExtension);
			this.#specifiers.set(from.path, specifier);
		}
		return specifier;
	}
}

interface Import {
	readonly key: string;
	readonly symbol: ImportSymbol;
	readonly specifier: string;
	readonly isType: boolean;
}

/** Packages before the user's own files. */
function compareSpecifiers(a: string, b: string): number {
	return Number(a.startsWith(".")) - Number(b.startsWith(".")) || compare(a, b);
}

function printImports(imports: readonly Import[], locals: ReadonlyMap<string, string>): string {
	const specifiers = [...new Set(imports.map(({ specifier }) => specifier))];
	return specifiers
		.map((specifier) =>
			printImport(
				specifier,
				imports.filter((one) => one.specifier === specifier),
				locals,
			),
		)
		.join("\n");
}

function printImport(specifier: string, imports: readonly Import[], locals: ReadonlyMap<string, string>): string {
	const [first] = imports;
	const from = `from ${JSON.stringify(specifier)};`;
	if (first?.symbol.name === "*") return `import * as ${first.symbol.local} ${from}`;
	const areTypes = imports.every(({ isType }) => isType);
	const names = imports.map(({ key, symbol, isType }) => {
		const local = locals.get(key) ?? symbol.local;
		return `${isType && !areTypes ? "type " : ""}${symbol.name}${local === symbol.name ? "" : ` as ${local}`}`;
	});
	const start = areTypes ? "import type" : "import";
	const line = `${start} { ${names.join(", ")} } ${from}`;
	return line.length <= 120 ? line : `${start} {\n\t${names.join(",\n\t")},\n} ${from}`;
}
