/** That the benchmark measures what it says; never how fast anything is. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { buildPackages } from "../support/build.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
const brief = ["--seconds", "0.1", "--rounds", "1", "--repetitions", "0"];

interface Report {
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

describe("pnpm bench codec", function () {
	this.timeout(120_000);
	// Of the workspace: the others are downloaded.
	const names = ["homing", "msgpackr+zod", "json+zod"];
	let report: Report["codec"];

	before(async () => {
		await buildPackages("bench");
		const words = ["packages/bench/dist/main.js", "codec", ...brief, "--peers", names.join(","), "--json"];
		const { stdout } = await run(process.execPath, words, { cwd: root, maxBuffer: 1 << 24 });
		report = (JSON.parse(stdout) as Report).codec;
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

	it("counts the same octets for the compiled codec as for the general one", () => {
		for (const { rows } of report.shapes) {
			const [compiled, general] = rows;
			expect(compiled!.median["octets"]).to.equal(general!.median["octets"]);
		}
	});
});
