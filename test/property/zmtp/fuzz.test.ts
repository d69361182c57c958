import { expect } from "chai";
import { readCorpus } from "../../fuzz/corpus.js";
import { fuzz } from "../../fuzz/fuzz.js";
import { judge } from "../../fuzz/judge.js";
import { targets } from "../../fuzz/targets.js";
import { printedSeed, seed } from "../../support/zmtp/seed.js";

/** Enough to notice what has just been broken; `pnpm fuzz` does a thousand times as many. */
const inputs = 3000;

for (const target of targets) {
	describe(`${target.name}, fuzzed`, () => {
		for (const { what, octets } of readCorpus(target.name)) {
			it(`takes what is kept: ${what}`, () => {
				expect(judge(target, octets, Number.POSITIVE_INFINITY).verdict).equal(undefined);
			});
		}

		it(`takes ${inputs} other inputs (${printedSeed}) without an exception, a rejection or a difference between one chunk and many`, async () => {
			const { finding } = await fuzz(target, {
				inputs,
				seed,
				seeds: readCorpus(target.name).map(({ octets }) => octets),
				isGuided: false,
				isTimed: false,
			});
			const found = finding && `${finding.verdict.kind}: ${finding.verdict.what}`;
			expect(found, Buffer.from(finding?.input ?? []).toString("hex")).equal(undefined);
		});
	});
}
