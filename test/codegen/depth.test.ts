import { generate } from "@homing/codegen";
import { expect } from "chai";
import { Workspace } from "./support/terminal.js";

describe("types inside types", function () {
	this.timeout(60_000);
	let workspace: Workspace;

	beforeEach(() => {
		workspace = new Workspace({});
	});

	afterEach(() => workspace.remove());

	const generated = (source: string) => {
		workspace.write("source.ts", source);
		return generate({ files: ["source.ts"], cwd: workspace.path, out: "gen" });
	};
	const chain = (form: (index: number, next: string) => string) => {
		const links = Array.from({ length: 300 }, (_, index) => form(index, `T${(index + 1) % 300}`));
		return `${links.join("\n")}\nexport interface Chain {\n\ttake(value: T0): Promise<void>;\n}\n`;
	};

	it("are read to the end of a long chain of interfaces, or of aliases of objects", () => {
		for (const source of [
			chain((index, next) => `export interface T${index} { id: string; next?: ${next} }`),
			chain((index, next) => `export type T${index} = { id: string; next: ${next} | null };`),
		]) {
			const { diagnostics, models } = generated(source);
			expect(diagnostics).to.deep.equal([]);
			const { definitions } = models[0]!;
			expect(definitions).to.have.length(300);
			const last = definitions.find(({ name }) => name === "T299")!.type;
			expect(JSON.stringify(last)).to.include('{"kind":"reference","name":"T0"}');
		}
	});

	it("are followed through a chain of thousands, whether it comes back to its start or not", () => {
		const count = 3000;
		const links = Array.from({ length: count }, (_, index) => `export interface T${index} { next?: T${index + 1} }`);
		for (const last of ["at: Date", "next?: T0"]) {
			const { diagnostics, models } = generated(
				[
					"export interface Chain { take(value: T0): Promise<void> }",
					...links,
					`export interface T${count} { ${last} }`,
				].join("\n"),
			);
			expect(diagnostics).to.deep.equal([]);
			expect(models[0]!.definitions).to.have.length(count + 1);
		}
	});

	it("are read through many instances of one generic type", () => {
		const { diagnostics } = generated(
			`export interface List<T> { data: T[] }\n${chain(
				(index, next) => `export interface T${index} { id: string; next: List<${next}> | null }`,
			)}`,
		);
		expect(diagnostics).to.deep.equal([]);
	});

	const growing = {
		"in a tuple": "Nest<[T, T]>",
		"in an object": "Nest<{ a: T; b: T }>",
		"in another generic type": "Nest<Pair<T, T>>",
		"in a text": ["Nest<`$", "{T & string}x`>"].join(""),
	};
	for (const [how, inner] of Object.entries(growing)) {
		it(`that grow ${how} are refused before they are large`, () => {
			const { diagnostics } = generated(
				[
					"export interface Growing { save(value: Nest<'a'>): Promise<void> }",
					"export interface Pair<A, B> { a: A; b: B }",
					`export interface Nest<T> { value: T; inner?: ${inner} }`,
				].join("\n"),
			);
			expect(diagnostics.map(({ code, location }) => `${code} ${location?.line}`)).to.deep.equal(["HC026 3"]);
		});
	}
});
