/** Schemas say `satisfies SchemaOf<T>`: what they let through is a T. Here the other direction: each T is let through. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type GenerateResult, generate, type SourceModel, type TypeText } from "@homing/codegen";
import { expect } from "chai";
import { compile, fixtureFiles, fixtures, moduleSettings, strictest } from "./support/compile.js";

/** What `Same` says of two types is an error that names both, unless they are the same. */
const comparing = `
/** Schemas make lists that may be written to, and bytes with a buffer of their own. */
type Plain<T> = T extends Uint8Array ? "bytes"
	: T extends ReadonlySet<infer Element> ? Set<Plain<Element>>
	: T extends ReadonlyMap<infer Key, infer Value> ? Map<Plain<Key>, Plain<Value>>
	: T extends Date | string | number | bigint | boolean | null | undefined ? T
	: T extends readonly unknown[] ? (number extends T["length"] ? Plain<T[number]>[] : { -readonly [Key in keyof T]: Plain<T[Key]> })
	: { -readonly [Key in keyof T]: Plain<T[Key]> };

/** A property that the other type does not have is no difference to the compiler where it may be left out. */
type Whole<T> = T extends Date | Uint8Array | readonly unknown[] | ReadonlySet<unknown> | ReadonlyMap<unknown, unknown> ? T
	: T extends object ? { -readonly [Key in keyof T]-?: Whole<T[Key]> | ({} extends Pick<T, Key> ? "optional" : never) }
	: T;

type Fits<A, B> = [Plain<A>, Plain<Whole<A>>] extends [Plain<B>, Plain<Whole<B>>] ? true : false;

export type Same<A, B> = Fits<A, B> extends true ? (Fits<B, A> extends true ? true : [B, "is no", A]) : [A, "is no", B];
`;

describe("the type of each schema and the type that it is generated for", () => {
	let folder: string;
	let result: GenerateResult;

	before(function () {
		this.timeout(60_000);
		folder = mkdtempSync(join(fixtures, "equal-"));
		result = generate({ files: fixtureFiles("."), out: join(fixtures, "expected") });
	});
	after(() => rmSync(folder, { recursive: true }));

	/** A file in which each line is an error if a schema's type is another than the one that it goes by. */
	function comparison({ file, services, definitions }: SourceModel): { readonly text: string; readonly lines: number } {
		const generated = `typeof import("../expected/${basename(file, ".ts")}.js")`;
		const schemas = services.map(
			({ name }) => `${generated}["${name.charAt(0).toLowerCase()}${name.slice(1)}Schemas"]`,
		);
		const lines = definitions
			.filter(({ isPublic }) => isPublic)
			.map(({ name, text }) => `true satisfies Same<z.output<Schemas["${name}"]>, ${spelled(text!)}>;`);
		const imports = ['import type * as z from "zod";', 'import type { Same } from "./comparing.js";'];
		return {
			text: [...imports, `type Schemas = ${schemas.join(" & ")};`, ...lines].join("\n"),
			lines: lines.length,
		};
	}

	function spelled(text: TypeText): string {
		return text
			.map((part) => {
				if (typeof part === "string") return part;
				const from = part.from.kind === "file" ? part.from.path.replace(/\.ts$/, ".js") : part.from.specifier;
				return `import(${JSON.stringify(from)}).${part.name}`;
			})
			.join("");
	}

	it("are the same, for every type that a fixture exports", function () {
		this.timeout(60_000);
		writeFileSync(join(folder, "comparing.ts"), comparing);
		const files: string[] = [];
		let count = 0;
		for (const model of result.models) {
			const { text, lines } = comparison(model);
			if (lines === 0) continue;
			const path = join(folder, basename(model.file));
			writeFileSync(path, text);
			files.push(path);
			count += lines;
		}
		expect(count).to.be.greaterThan(100);
		expect(compile(files, { ...strictest, ...moduleSettings["NodeNext"] })).to.deep.equal([]);
	});
});
