/** That the benchmark measures what it says; never how fast anything is. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { buildPackages } from "../support/build.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
const brief = ["--seconds", "0.1", "--rounds", "1", "--repetitions", "0", "--in-flight", "8", "--sizes", "16"];

interface Row {
	readonly name: string;
	readonly median?: Readonly<Record<string, number>>;
}

interface Report {
	readonly absent: Readonly<Record<string, string>>;
	readonly load: readonly Comparison[];
	readonly streams: readonly (Comparison & { readonly scenario: string })[];
	readonly curve: Comparison;
	readonly connections: { readonly failures: object; readonly rows: readonly Row[] };
}

interface Comparison {
	readonly failures: object;
	readonly levels: readonly { readonly rows: readonly (Row & { readonly ofNull?: number })[] }[];
}

describe("pnpm bench sockets", function () {
	this.timeout(120_000);
	let report: Report;
	const names = ["zmtp-classes", "libzmq"];

	before(async () => {
		await buildPackages("bench");
		const words = ["packages/bench/dist/main.js", "sockets", ...brief, "--peers", names.join(","), "--json"];
		const { stdout } = await run(process.execPath, words, { cwd: root, maxBuffer: 1 << 24 });
		report = JSON.parse(stdout) as Report;
	});

	/** Those who took part: libzmq needs a compiler, which CI has. */
	const present = () => {
		if (process.env["CI"] === "true") expect(report.absent).to.deep.equal({});
		return names.filter((name) => report.absent[name] === undefined);
	};
	const figuresOf = (rows: readonly Row[]) => present().map((name) => rows.find((row) => row.name === name)!.median!);

	it("counts the messages of PUSH and PUB where they arrive, of which none is lost", () => {
		expect(report.streams.map(({ scenario }) => scenario)).to.deep.equal(["push-pull", "pub-sub"]);
		for (const { levels, failures } of report.streams) {
			expect(failures).to.deep.equal({});
			for (const { messagesPerSecond, bytesPerSecond, lostShare } of figuresOf(levels[0]!.rows)) {
				expect(messagesPerSecond).to.be.greaterThan(0);
				expect(bytesPerSecond).to.be.closeTo(messagesPerSecond! * 16, 1);
				expect(lostShare).to.equal(0);
			}
		}
	});

	it("counts round trips, plain and encrypted", () => {
		for (const { levels, failures } of [...report.load, report.curve]) {
			expect(failures).to.deep.equal({});
			for (const { callsPerSecond, p50Us } of figuresOf(levels[0]!.rows)) {
				expect(callsPerSecond).to.be.greaterThan(0);
				expect(p50Us).to.be.greaterThan(0);
			}
		}
		for (const row of report.curve.levels[0]!.rows) {
			if (present().includes(row.name)) expect(row.ofNull).to.be.greaterThan(0);
		}
	});

	it("says what a connection takes", () => {
		expect(report.connections.failures).to.deep.equal({});
		for (const { seconds, serverBytes, clientBytes } of figuresOf(report.connections.rows)) {
			for (const figure of [seconds, serverBytes, clientBytes]) expect(figure).to.be.greaterThan(0);
		}
	});
});
