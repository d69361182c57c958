import { expect } from "chai";
import { type Cell, cellsOf, nameOf } from "../../support/zmtp/matrix/cells.js";
import { isHole } from "../../support/zmtp/matrix/holes.js";
import { type Pair, pairs } from "../../support/zmtp/matrix/pairs.js";
import { expectDocumented, reportOf } from "../../support/zmtp/matrix/report.js";
import { type Outcomes, runAll } from "../../support/zmtp/matrix/run.js";
import { zapRules } from "../../support/zmtp/matrix/security.js";
import { leavesNothingOpen } from "../../support/zmtp/open-handles.js";
import { ours } from "../../support/zmtp/our-side.js";
import type { Side } from "../../support/zmtp/side.js";
import { needsPyzmq, pyzmq, type ZmqSide, zeromqJs } from "../../support/zmtp/zmq-side.js";

/** Meetings at a time: enough to keep two cores busy. */
const width = 8;

const outcomes: Outcomes = new Map();

/** Runs all meetings of a pair, and fails with the list of those that failed. */
async function meet(cells: readonly Cell[]): Promise<void> {
	const ran = await runAll(cells, width);
	for (const [cell, error] of ran) outcomes.set(cell, error);
	const failed = [...ran].filter(([, error]) => error !== undefined);
	if (failed.length === 0) return;
	const list = failed.map(([cell, error]) => `${nameOf(cell)}: ${error!.message}`);
	throw new Error(`${failed.length} of ${cells.length} meetings failed\n${list.join("\n")}`);
}

/** Every cell of a pair between two sides: who is which, where they are not the same. */
function allCells(pair: Pair, one: Side, other: Side): Cell[] {
	const isOneOrder = one === other || pair.one === pair.other;
	return [...cellsOf(pair, one, other), ...(isOneOrder ? [] : cellsOf(pair, other, one))];
}

function define(one: Side, other: Side): void {
	for (const pair of pairs) {
		const cells = allCells(pair, one, other).filter((cell) => !isHole(cell));
		it(`${pair.one} and ${pair.other} say all they can to each other, in ${cells.length} meetings`, () => meet(cells));
	}
}

describe("zmtp interop matrix", () => {
	leavesNothingOpen();
	const libraries: readonly ZmqSide[] = [pyzmq(), zeromqJs()];
	before(() => ours.zap(zapRules));
	after(() => ours.stop());

	describe("of ours with ours, the control", () => {
		define(ours, ours);
	});

	for (const library of libraries) {
		describe(`of libzmq by way of ${library.name}`, () => {
			before(async function () {
				if (library.name === "pyzmq") needsPyzmq(this);
				await library.start();
				await library.zap(zapRules);
			});
			after(() => library.stop());

			describe("with ours", () => {
				define(ours, library);
			});

			describe("with itself, the control", () => {
				define(library, library);

				it("cannot subscribe by CURVE over ws, which ours can", async () => {
					const holes = pairs.flatMap((pair) => allCells(pair, library, library)).filter(isHole);
					// An XSUB that binds may be quick enough to say it in the older form.
					const sure = holes.filter(({ pair }) => pair.other === "SUB");
					const ran = await runAll(sure, width, { receiveTimeout: 500 });
					expect([...ran.values()])
						.length(4)
						.not.include(undefined);
				});
			});
		});
	}

	describe("as a whole", () => {
		it("is the one that docs/interop.md shows", function () {
			const sides = [
				[ours, ours],
				...libraries.flatMap((library) => [
					[ours, library],
					[library, library],
				]),
			] as const;
			const cells = sides.flatMap(([one, other]) => pairs.flatMap((pair) => allCells(pair, one!, other!)));
			const holes = cells.filter(isHole).length;
			// Some were not asked for.
			if (outcomes.size < cells.length - holes) this.skip();
			const report = reportOf(outcomes, libraries, holes / libraries.length);
			console.log(`\n${report}`);
			expectDocumented(report);
		});
	});
});
