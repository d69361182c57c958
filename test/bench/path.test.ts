/** That the benchmark measures what it says; never how fast anything is. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { buildPackages } from "../support/build.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

interface SliceFigures {
	readonly fastestNs: number;
	readonly p5Ns: number;
	readonly p25Ns: number;
}

interface Report {
	readonly path: {
		readonly rows: readonly {
			readonly name: string;
			readonly median: SliceFigures;
			readonly lowest: SliceFigures;
			readonly rounds: readonly SliceFigures[];
			readonly ofPromises: number;
		}[];
	};
	readonly slots: readonly {
		readonly inFlight: number;
		readonly isShuffled: boolean;
		readonly slotsNs: number;
		readonly mapNs: number;
	}[];
}

describe("pnpm bench path slots", function () {
	this.timeout(180_000);
	let report: Report;

	before(async () => {
		await buildPackages("bench");
		const words = ["packages/bench/dist/main.js", "path", "slots", "--rounds", "2", "--json"];
		const { stdout } = await run(process.execPath, words, { cwd: root, maxBuffer: 1 << 24 });
		report = JSON.parse(stdout) as Report;
	});

	it("times slices of whole calls in one process, beside promises alone", () => {
		const { rows } = report.path;
		expect(rows.map(({ name }) => name)).to.deep.equal(["small", "small-async", "medium", "queue", "promises"]);
		for (const { median, rounds, ofPromises } of rows) {
			expect(rounds).to.have.length(2);
			expect(median.fastestNs).to.be.greaterThan(0);
			expect(median.p5Ns).to.be.at.least(median.fastestNs);
			expect(median.p25Ns).to.be.at.least(median.p5Ns);
			expect(ofPromises).to.be.greaterThan(0);
		}
	});

	it("tells the lowest figures of the rounds, and their medians", () => {
		for (const { median, lowest, rounds } of report.path.rows) {
			for (const figure of ["fastestNs", "p5Ns", "p25Ns"] as const) {
				const [one, other] = rounds.map((round) => round[figure]) as [number, number];
				expect(lowest[figure]).to.equal(Math.min(one, other));
				expect(median[figure]).to.equal((one + other) / 2);
			}
		}
	});

	it("times how a reply finds its call, through a slot and through a Map", () => {
		expect(report.slots.map(({ inFlight, isShuffled }) => [inFlight, isShuffled])).to.deep.equal([
			[1, false],
			[512, false],
			[512, true],
			[100_000, false],
			[100_000, true],
		]);
		for (const { slotsNs, mapNs } of report.slots) {
			expect(slotsNs).to.be.greaterThan(0);
			expect(mapNs).to.be.greaterThan(0);
		}
	});
});
