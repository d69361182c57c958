import { read } from "@homing/codegen";
import { expect } from "chai";
import * as z from "zod";
import { stringSchema } from "../../packages/codegen/src/emit/constraints.js";
import { declarationOrder } from "../../packages/codegen/src/emit/declaration-order.js";
import { camelCase } from "../../packages/codegen/src/emit/names.js";
import { formats } from "../../packages/codegen/src/model/formats.js";
import { recursiveNames } from "../../packages/codegen/src/model/height.js";
import { type Definition, definitionsOf, type Type } from "../../packages/codegen/src/model/model.js";
import { isSlowPattern } from "../../packages/codegen/src/model/patterns.js";
import { schemaHashOf } from "../../packages/codegen/src/model/schema-hash.js";
import { parseJsDoc } from "../../packages/codegen/src/read/jsdoc.js";
import { parseDuration } from "../../packages/codegen/src/read/timeout.js";
import { Workspace } from "./support/terminal.js";

describe("JSDoc", () => {
	const parse = (text: string) => {
		const { lines, tags } = parseJsDoc(text);
		return { lines, tags: tags.map(({ name, argument }) => (argument === "" ? name : `${name} ${argument}`)) };
	};

	it("is told apart into text and Homing's tags, which may share a line", () => {
		expect(parse("/** Cents. @int @minimum 1 */")).to.deep.equal({ lines: ["Cents."], tags: ["int", "minimum 1"] });
		expect(parse("/**\n * One\n *\n *  - two\n * @timeout 2s\n * @param x the y\n */")).to.deep.equal({
			lines: ["One", "", " - two", "@param x the y"],
			tags: ["timeout 2s"],
		});
	});

	it("keeps an @ inside a pattern, and words that only begin like a tag", () => {
		expect(parse("/** @pattern ^[^@]+@int$ */").tags).to.deep.equal(["pattern ^[^@]+@int$"]);
		expect(parse("/** @integer @int-like a@int */").tags).to.deep.equal([]);
	});

	it("keeps @throws as documentation too, on a line of its own", () => {
		expect(parse("/** Moves. @idempotent @throws {Poor} if so @timeout 2s @throws when broken */")).to.deep.equal({
			lines: ["Moves.", "@throws {Poor} if so", "@throws when broken"],
			tags: ["idempotent", "throws {Poor} if so", "timeout 2s", "throws when broken"],
		});
		expect(parse("/**\n * @throws {Poor} if\n *   so @deprecated\n */").lines).to.deep.equal([
			"@throws {Poor} if",
			"  so",
			"@deprecated",
		]);
	});

	it("says where each tag stands", () => {
		const text = "/**\n\t * A\n\t * @maximum 5 \n\t */";
		const [tag] = parseJsDoc(text).tags;
		expect(text.slice(tag?.start, tag?.end)).to.equal("@maximum 5");
	});

	it("puts tags that editors know at the start of a line", () => {
		expect(parse("/** Old. @deprecated use another */").lines).to.deep.equal(["Old.", "@deprecated use another"]);
	});
});

describe("durations", () => {
	it("are a number and a unit, at least 1 ms", () => {
		const cases = { "500ms": 500, "2s": 2000, "1.5m": 90_000, "1 h": 3_600_000, "0.4ms": undefined, "0s": undefined };
		for (const [text, milliseconds] of Object.entries(cases)) expect(parseDuration(text), text).to.equal(milliseconds);
		for (const text of ["", "5", "s", "-1s", "1d", "1e3ms", "1s 2ms"])
			expect(parseDuration(text), text).to.equal(undefined);
	});
});

describe("patterns", () => {
	it("that repeat what repeats are slow", () => {
		for (const pattern of ["(a+)+", "^(\\w*)*$", "((a|b)+,?)*x", "([a-z]{2,})+"])
			expect(isSlowPattern(pattern), pattern).to.equal(true);
	});

	it("of the usual kinds are not", () => {
		for (const pattern of ["^[A-Z]{2}[0-9]{6}$", "(a|b)*", "(ab)+c+", "\\(a+\\)+", "[(a+)+]", "(a{2})+", "^a*b*$"]) {
			expect(isSlowPattern(pattern), pattern).to.equal(false);
		}
	});
});

describe("formats", () => {
	// Text that almost matches, long enough for quadratic work to show.
	const length = 40_000;
	const hostile = ["a", "a.", "1", "-", "a@", "a-", "%", ":", "1:", "P1Y", "A=", "0.", "@", "::"].flatMap((part) => [
		part.repeat(length),
		`${part.repeat(length)}!`,
		`a@${part.repeat(length)}`,
		`http://${part.repeat(length)}\0`,
		`2024-01-01T00:00:00.${part.repeat(length)}`,
	]);

	for (const format of formats) {
		it(`${format} takes time linear in the text`, function () {
			this.timeout(20_000);
			const source = stringSchema({ kind: "string", constraints: [{ keyword: "format", value: format }] });
			const schema = new Function("z", `return z${source}`)(z) as z.ZodType;
			for (const text of hostile) schema.safeParse(text);
			const start = performance.now();
			for (const text of hostile) schema.safeParse(text);
			// Quadratic work would be some 10^9 steps for each of the 70 texts.
			expect(performance.now() - start).to.be.lessThan(5000);
		});
	}
});

describe("constants", () => {
	it("are called like their types, from a small letter", () => {
		const names = {
			TransferOrder: "transferOrder",
			HTTPRequest: "httpRequest",
			ID: "id",
			x: "x",
			A: "a",
			IPv4: "iPv4",
		};
		for (const [type, name] of Object.entries(names)) expect(camelCase(type)).to.equal(name);
	});
});

describe("the schema hash", function () {
	this.timeout(60_000);
	let workspace: Workspace;

	before(() => {
		workspace = new Workspace();
	});

	after(() => workspace.remove());

	let count = 0;
	function hashOf(source: string): string {
		const name = `source${++count}.ts`;
		workspace.write(name, source);
		const { models, diagnostics } = read({ files: [name], cwd: workspace.path });
		expect(diagnostics.filter(({ severity }) => severity === "error")).to.deep.equal([]);
		return schemaHashOf(models[0]!.services[0]!, definitionsOf(models[0]!));
	}

	const base = `export interface S { put(tree: Tree): Promise<Shape>; drop(id: string): void }
		export interface Tree { value: number; children: Tree[]; shape?: Shape }
		export type Shape = { kind: "a"; size: bigint } | { kind: "b" };`;

	it("stays the same when only names of types, docs, order and the way of writing change", () => {
		const same = [
			base.replaceAll("Tree", "Node").replaceAll("tree", "node"),
			base.replace("export interface S {", "/** Docs. */ export interface S { /** More. @idempotent */"),
			base.replace("value: number; children: Tree[];", "children: Tree[]; value: number;"),
			base.replace('{ kind: "a"; size: bigint } | { kind: "b" }', '{ kind: "b" } | { size: bigint; kind: "a" }'),
			base.replace('{ kind: "b" };', 'B; export interface B { kind: "b" }'),
			base.replace("drop(id: string): void", "drop(name: Id): void").concat("export type Id = string;"),
			base.replace(
				"put(tree: Tree): Promise<Shape>; drop(id: string): void",
				"drop(id: string): void; put(tree: Tree): Promise<Shape>",
			),
		];
		const hash = hashOf(base);
		for (const source of same) expect(hashOf(source), source).to.equal(hash);
	});

	it("of many types that all contain one another is found without going every way through them", () => {
		const names = Array.from({ length: 24 }, (_, index) => `T${index}`);
		const types = (last: string) =>
			names.map((name, index) => {
				const others = names.map((other) => `${other.toLowerCase()}?: ${other}`).join("; ");
				return `export interface ${name} { own: ${index === 23 ? last : `"${name}"`}; ${others} }`;
			});
		const source = (last: string) => ["export interface S { put(one: T0): Promise<T1> }", ...types(last)].join("\n");
		expect(hashOf(source("string"))).to.equal(hashOf(source("string")));
		expect(hashOf(source("string"))).to.not.equal(hashOf(source("number")));
	});

	it("is the same for a type that contains itself and for a ring of types like it", () => {
		const ring =
			"export interface S { put(a: A): Promise<void> } export interface A { next: B | null } export interface B { next: A | null }";
		const loop = "export interface S { put(a: A): Promise<void> } export interface A { next: A | null }";
		expect(hashOf(ring)).to.equal(hashOf(loop));
	});

	it("changes with everything that changes a message", () => {
		const different = [
			base.replace("drop(", "remove("),
			base.replace("interface S ", "interface T "),
			base.replace("): void", "): Promise<void>"),
			base.replace("value: number", "value: string"),
			base.replace("value: number", "/** @int */ value: number"),
			base.replace("value: number", "value?: number"),
			base.replace("value: number", "amount: number"),
			base.replace("children: Tree[]", "children: Set<Tree>"),
			base.replace("children: Tree[]", "children: Shape[]"),
			base.replace('{ kind: "b" }', '{ kind: "c" }'),
			base.replace("drop(id: string)", "drop(id?: string)"),
		];
		const hashes = new Set([base, ...different].map(hashOf));
		expect(hashes.size).to.equal(different.length + 1);
	});

	describe("of streams, callbacks and errors", () => {
		const import_ = `import { ServiceError } from "@homing/runtime";`;
		const open = `${import_}
			export interface S {
				/** @throws {Poor} @throws {Late} */
				sell(name: string, items: AsyncIterable<Item>, onSold: (item: Item, at?: Date) => void): Promise<bigint>;
				list(): AsyncIterable<Item>;
				ask(question: (item: Item) => Promise<string>, onDone?: () => void): Promise<void>;
			}
			export interface Item { id: string }
			export class Poor extends ServiceError<{ balance: number }> {}
			export class Late extends ServiceError {}`;

		before(() => {
			workspace.write(
				"node_modules/@homing/runtime/package.json",
				'{ "name": "@homing/runtime", "types": "index.d.ts" }',
			);
			workspace.write(
				"node_modules/@homing/runtime/index.d.ts",
				"export class ServiceError<Data = undefined> extends Error { readonly data: Data; }",
			);
		});

		it("stays the same when only names, docs, order and the kind of iterator change", () => {
			const same = [
				open.replaceAll("Item", "Thing").replaceAll("items", "things").replaceAll("onSold", "listener"),
				open.replace("@throws {Poor} @throws {Late}", "@throws {Late} if so @throws {Poor} @throws otherwise"),
				open.replace("list(): AsyncIterable<Item>", "list(): AsyncGenerator<Item, void>"),
				open.replace("(name: string, items: AsyncIterable<Item>,", "(items: AsyncIterable<Item>, name: string,"),
				open.replace("extends ServiceError {}", "extends ServiceError<undefined> {}"),
			];
			const hash = hashOf(open);
			for (const source of same) expect(hashOf(source), source).to.equal(hash);
		});

		it("changes with everything that changes a message", () => {
			const different = [
				open.replace("list(): AsyncIterable<Item>", "list(): Promise<Item>"),
				open.replace("list(): AsyncIterable<Item>", "list(): AsyncIterable<string>"),
				open.replace("items: AsyncIterable<Item>", "items: AsyncIterable<string>"),
				open.replace("items: AsyncIterable<Item>", "items: Item"),
				open.replace("at?: Date", "at: Date"),
				open.replace("at?: Date) => void", "at?: Date) => Promise<void>"),
				open.replace("=> Promise<string>", "=> Promise<number>"),
				open.replace("=> Promise<string>", "=> Promise<void>"),
				open.replace("onDone?:", "onDone:"),
				open.replace("@throws {Late}", ""),
				open.replace("balance: number", "balance: bigint"),
				open.replaceAll("Late", "Slow"),
				open.replace("id: string", "/** @minLength 1 */ id: string"),
			];
			const hashes = new Set([open, ...different].map(hashOf));
			expect(hashes.size).to.equal(different.length + 1);
		});
	});
});

describe("Definitions that contain one another", () => {
	const reference = (name: string): Type => ({ kind: "reference", name });
	const definition = (name: string, mentioned: readonly string[]): Definition => {
		const one = (other: string) => ({
			name: `a${other}`,
			type: reference(other),
			isOptional: true,
			isUndefinedAllowed: false,
			default: undefined,
		});
		const type: Type = { kind: "object", properties: mentioned.map(one), additional: undefined };
		const text = { parts: [name] } as unknown as Definition["text"];
		return { name, type, text, isPublic: true, isBranded: false };
	};

	it("are told apart in memory and time in proportion, however many there are", () => {
		// A set of what each reaches would have the square of that.
		const names = Array.from({ length: 20_000 }, (_, index) => `T${index}`);
		const definitions = new Map(
			names.map((name, index) => [name, definition(name, index === 0 ? names.slice(1) : ["T0"])]),
		);
		definitions.set("Apart", definition("Apart", ["T7"]));
		const all = new Set(definitions.keys());
		expect(recursiveNames(definitions).size).to.equal(20_000);
		const order = declarationOrder(all, definitions);
		expect(order.names).to.have.length(20_001);
		expect(order.getters.get("T7")!.size).to.equal(1);
		expect(order.getters.get("Apart")!.size).to.equal(0);
	});
});
