/** That the benchmark measures what it says; never how fast anything is. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { buildPackages } from "../support/build.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

type Figures = Readonly<Record<string, number>>;

interface Report {
	readonly codegen: Readonly<Record<"cold" | "unchanged" | "edit", Figures>> & {
		readonly files: number;
		readonly failures: object;
		readonly programs: readonly {
			readonly methods: number;
			readonly rows: readonly { readonly name: string; readonly figures?: Figures }[];
		}[];
	};
}

describe("pnpm bench codegen", function () {
	this.timeout(180_000);
	let report: Report["codegen"];

	before(async () => {
		await buildPackages("bench", "codegen");
		// tRPC is downloaded.
		const words = ["packages/bench/dist/main.js", "codegen", "--methods", "5,10", "--rounds", "1", "--peers", "homing"];
		const { stdout } = await run(process.execPath, [...words, "--json"], { cwd: root, maxBuffer: 1 << 24 });
		report = (JSON.parse(stdout) as Report).codegen;
	});

	it("times whole runs of generate, with nothing there and with nothing to do, and edits under --watch", () => {
		expect(report.files).to.equal(2);
		for (const figures of [report.cold, report.unchanged, report.edit])
			for (const [name, figure] of Object.entries(figures)) expect(figure, name).to.be.greaterThan(0);
	});

	it("asks the compiler what programs of several sizes take, stubs and what uses them", () => {
		expect(report.failures).to.deep.equal({});
		expect(report.programs.map(({ methods }) => methods)).to.deep.equal([5, 10]);
		const types = report.programs.map(({ rows: [row] }) => row!.figures!["types"]!);
		expect(types[1]).to.be.greaterThan(types[0]!);
	});
});
