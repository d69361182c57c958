/** That the benchmark measures what it says; never how fast anything is. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { buildPackages } from "../support/build.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
const brief = ["--seconds", "0.3", "--rounds", "1", "--repetitions", "0", "--in-flight", "8", "--count", "500"];

interface Row {
	readonly name: string;
	readonly median?: Readonly<Record<string, number>>;
}

interface Report {
	readonly load: readonly {
		readonly failures: object;
		readonly levels: readonly { readonly rows: readonly Row[] }[];
	}[];
	readonly hedging: { readonly failures: object; readonly plain: Row; readonly hedged: Row; readonly p99Ratio: number };
	readonly cancel: {
		readonly streamsPerSecond: number;
		readonly handlers: { readonly begun: number; readonly ended: number; readonly running: number };
		readonly open: number;
	};
}

describe("pnpm bench context hedging cancel", function () {
	this.timeout(180_000);
	let report: Report;

	before(async () => {
		await buildPackages("bench");
		const words = ["packages/bench/dist/main.js", "context", "hedging", "cancel", ...brief, "--json"];
		const { stdout } = await run(process.execPath, words, { cwd: root, maxBuffer: 1 << 24 });
		report = JSON.parse(stdout) as Report;
	});

	it("counts calls, bare and with an interceptor, metadata and a parent's deadline", () => {
		const [{ failures, levels }] = report.load as [Report["load"][number]];
		expect(failures).to.deep.equal({});
		const [{ rows }] = levels as [(typeof levels)[number]];
		expect(rows.map(({ name }) => name)).to.deep.equal(["homing", "homing-context"]);
		for (const { median } of rows) expect(median!["callsPerSecond"]).to.be.greaterThan(0);
	});

	it("times steady calls to one slow server in four, once and hedged", () => {
		const { failures, plain, hedged, p99Ratio } = report.hedging;
		expect(failures).to.deep.equal({});
		expect(plain.median!["attempts"]).to.equal(1);
		expect(hedged.median!["attempts"]).to.be.greaterThan(1);
		expect(p99Ratio).to.be.greaterThan(0);
	});

	it("leaves streams, and says whether their handlers have ended", () => {
		const { streamsPerSecond, handlers, open } = report.cancel;
		expect(streamsPerSecond).to.be.greaterThan(0);
		expect(handlers.begun).to.be.greaterThan(0);
		expect(handlers).to.include({ ended: handlers.begun, running: 0 });
		expect(open).to.equal(0);
	});
});
