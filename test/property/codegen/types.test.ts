import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { generate } from "@homing/codegen";
import type { Codec, Method } from "@homing/runtime";
import { expect } from "chai";
import * as fc from "fast-check";
import { compile, moduleSettings, strictest } from "../../codegen/support/compile.js";
import { isObject, plain } from "../../codegen/support/values.js";
import { form, Scope } from "./grammar.js";

const seed = Number(process.env["HOMING_PROPERTY_SEED"] ?? Date.now() % 1_000_000);
const count = Number(process.env["HOMING_PROPERTY_TYPES"] ?? 40);

const strangers = fc.constantFrom<unknown>(
	"",
	"v1",
	3,
	Number.NaN,
	-1n,
	2n ** 64n,
	true,
	null,
	new Date(Number.NaN),
	[],
	{},
	new Set([1]),
	new Map(),
);

/** Something else in the place of one value somewhere inside. */
function mutated(value: unknown, pick: (below: number) => number, stranger: unknown): unknown {
	if (pick(3) === 0) return stranger;
	const into = (one: unknown) => mutated(one, pick, stranger);
	const some = <T>(items: readonly T[], change: (item: T) => T): T[] => {
		const chosen = pick(Math.max(1, items.length));
		return items.map((item, index) => (index === chosen ? change(item) : item));
	};
	if (Array.isArray(value)) return value.length === 0 ? stranger : some(value, into);
	if (value instanceof Set) return new Set(some([...value], into));
	if (value instanceof Map) return new Map(some([...value], ([key, one]) => [key, into(one)] as [unknown, unknown]));
	if (isObject(value)) return Object.fromEntries(some(Object.entries(value), ([key, one]) => [key, into(one)]));
	return stranger;
}

function sent(codec: Codec<readonly unknown[]>, value: unknown): unknown {
	const buffer = new Uint8Array(codec.encode(new Uint8Array(0), 0, [value]));
	return codec.decode(buffer, 0, codec.encode(buffer, 0, [value]))[0];
}

describe(`types by chance (HOMING_PROPERTY_SEED=${seed})`, () => {
	it("generate, compile, and have values that arrive equal and are refused where a reference says so", async function () {
		this.timeout(60_000 + count * 1000);
		const folder = mkdtempSync(join(import.meta.dirname, "types-"));
		try {
			const forms = fc.sample(form, { seed, numRuns: count });
			const scope = new Scope();
			const texts = forms.map((one) => one.write(scope));
			const types = [
				...scope.declarations,
				...texts.map((text, index) => `export interface T${index} { value: ${text} }`),
			];
			const methods = forms.map((_, index) => `\tm${index}(value: T${index}): Promise<void>;`);
			const source = join(folder, "chance.ts");
			writeFileSync(source, `${types.join("\n")}\nexport interface Chance {\n${methods.join("\n")}\n}\n`);
			writeFileSync(
				join(folder, "tsconfig.json"),
				'{ "compilerOptions": { "strict": true, "exactOptionalPropertyTypes": true, "module": "NodeNext" } }',
			);
			const lineOf = (line = 0) => scope.spell(readFileSync(source, "utf8").split("\n")[line - 1] ?? "");
			const { files, diagnostics } = generate({ files: [source], out: join(folder, "out"), arbitraries: true });
			const said = diagnostics.map(({ code, message, location }) => `${code} ${message} ${lineOf(location?.line)}`);
			expect(said).to.deep.equal([]);

			mkdirSync(join(folder, "out"));
			for (const { path, text } of files) writeFileSync(path, text);
			expect(
				compile(
					files.map(({ path }) => path),
					{ ...strictest, ...moduleSettings["NodeNext"] },
				),
			).to.deep.equal([]);
			const load = (name: string) => import(pathToFileURL(join(folder, "out", name)).href);
			const { chanceArbitraries } = (await load("chance.arbitraries.ts")) as {
				chanceArbitraries: Record<string, fc.Arbitrary<{ value: unknown }>>;
			};
			const { chanceDescriptor } = (await load("chance.ts")) as {
				chanceDescriptor: { methods: Record<string, Method<readonly unknown[], void>> };
			};
			for (const [index, { is }] of forms.entries()) {
				const text = scope.spell(texts[index]!);
				const codec = chanceDescriptor.methods[`m${index}`]!.arguments;
				const property = fc.property(
					chanceArbitraries[`T${index}`]!,
					strangers,
					fc.infiniteStream(fc.nat()),
					(whole, stranger, numbers) => {
						expect(is(whole.value), `${text}: made by its arbitrary`).to.equal(true);
						expect(
							isDeepStrictEqual(plain(sent(codec, whole)), plain(scope.filled(whole))),
							`${text}: arrives equal`,
						).to.equal(true);
						const other = mutated(whole.value, (below) => numbers.next().value! % below, stranger);
						let isAccepted = true;
						try {
							sent(codec, { value: other });
						} catch {
							isAccepted = false;
						}
						expect(isAccepted, `${text}: mutated`).to.equal(is(other));
					},
				);
				fc.assert(property, { seed, numRuns: 30 });
			}
		} finally {
			rmSync(folder, { recursive: true });
		}
	});
});
