import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type GenerateResult, generate } from "@homing/codegen";
import { expect } from "chai";
import * as fc from "fast-check";
import { fixtures } from "./support/compile.js";
import { expectGolden } from "./support/golden.js";

const names = ["bank", "channels", "constraints", "forms", "generics", "recursion", "wire"];

interface Schema {
	safeParse(value: unknown): { readonly success: boolean; readonly error?: unknown };
}

describe("generated arbitraries", () => {
	let result: GenerateResult;

	before(function () {
		this.timeout(60_000);
		const files = names.map((name) => join(fixtures, `${name}.ts`));
		result = generate({ files, out: join(fixtures, "expected"), arbitraries: true });
	});

	for (const name of names) {
		const path = join(fixtures, "expected", `${name}.arbitraries.ts`);

		it(`are as expected for ${basename(path)}`, () => {
			expectGolden(result.files.find((file) => file.path === path)?.text ?? "", path);
		});

		it(`make values that the schemas of ${name} accept`, async () => {
			const load = (file: string) => import(pathToFileURL(join(fixtures, file)).href);
			const made: Record<string, Record<string, fc.Arbitrary<unknown>>> = await load(`expected/${name}.arbitraries.ts`);
			const stubs: Record<string, Record<string, Schema>> = await load(`expected/${name}.ts`);
			for (const [exported, arbitraries] of Object.entries(made)) {
				const schemas = stubs[exported.replace("Arbitraries", "Schemas")]!;
				expect(Object.keys(arbitraries)).to.have.members(Object.keys(schemas));
				for (const [type, arbitrary] of Object.entries(arbitraries)) {
					if (type === "Never") continue;
					fc.assert(
						fc.property(arbitrary, (value) => {
							const { success, error } = schemas[type]!.safeParse(value);
							expect(success, `${type}: ${String(error)}`).to.equal(true);
						}),
						{ seed: 5, numRuns: 50 },
					);
				}
			}
		});
	}
});
