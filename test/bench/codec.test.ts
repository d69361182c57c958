/** That the benchmark measures what it says; never how fast anything is. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { buildPackages } from "../support/build.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
const brief = ["--seconds", "0.1", "--rounds", "1", "--repetitions", "0", "--methods", "10,40"];

interface Report {
	readonly codeSize: readonly {
		readonly methods: number;
		readonly stubs: { readonly octets: number; readonly lines: number };
	}[];
	readonly codec: {
		readonly failures: object;
		readonly shapes: readonly {
			readonly shape: string;
			readonly rows: readonly {
				readonly name: string;
				readonly checks: string;
				readonly median: Readonly<Record<string, number>>;
				readonly ofHoming: { readonly encode: number; readonly decode: number };
			}[];
		}[];
	};
}

describe("pnpm bench codec code-size", function () {
	this.timeout(120_000);
	// Of the workspace: the others are downloaded.
	const names = ["homing", "msgpackr+zod", "json+zod"];
	const folder = mkdtempSync(join(tmpdir(), "homing-plot-"));
	const plot = join(folder, "codec.svg");
	let report: Report["codec"];
	let sizes: Report["codeSize"];

	after(() => rmSync(folder, { recursive: true }));
	before(async () => {
		await buildPackages("bench");
		const words = [
			"packages/bench/dist/main.js",
			"codec",
			"code-size",
			...brief,
			"--peers",
			names.join(","),
			"--json",
			"--plot",
			plot,
		];
		const { stdout } = await run(process.execPath, words, { cwd: root, maxBuffer: 1 << 24 });
		({ codec: report, codeSize: sizes } = JSON.parse(stdout) as Report);
	});

	it("times every shape's encoding and decoding by each contestant, in turns", () => {
		expect(report.failures).to.deep.equal({});
		expect(report.shapes.map(({ shape }) => shape)).to.include.members(["small", "medium", "tree", "geojson"]);
		for (const { rows } of report.shapes) {
			expect(rows.map(({ name }) => name)).to.deep.equal(names);
			for (const { checks, median, ofHoming } of rows) {
				expect(checks).to.equal("all");
				for (const figure of [median["encodeNs"], median["decodeNs"], ofHoming.encode, ofHoming.decode])
					expect(figure).to.be.greaterThan(0);
			}
		}
	});

	it("draws a bar for each", () => {
		const picture = readFileSync(plot, "utf8");
		expect(picture.match(/<rect x=/g)).to.have.lengthOf(3 + 2 * names.length * report.shapes.length);
		expect(picture).to.match(/^<svg .*<\/svg>\n$/s);
	});

	it("counts octets and lines of stubs, which grow as the services do", () => {
		const [few, many] = sizes;
		expect([few!.methods, many!.methods]).to.deep.equal([10, 40]);
		for (const figure of ["octets", "lines"] as const) {
			const [each, eachOfMany] = [few, many].map((size) => size!.stubs[figure] / size!.methods);
			expect(eachOfMany! / each!).to.be.within(0.95, 1.05);
		}
	});

	it("counts the same octets for the compiled codec as for the general one", () => {
		for (const { rows } of report.shapes) {
			const [compiled, general] = rows;
			expect(compiled!.median["octets"]).to.equal(general!.median["octets"]);
		}
	});
});
