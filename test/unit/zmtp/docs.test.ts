import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { describeRange, type NumberRule, numberRules } from "../../../packages/zmtp/src/socket/option-rules.js";

const root = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const sockets = read("docs/sockets.md");

/** Rows of the tables under a heading: their cells, without the back ticks. */
function rows(heading: string): string[][] {
	const section = sockets.split(/^## /m).find((text) => text.startsWith(heading))!;
	const lines = section.split("\n").filter((line) => line.startsWith("| `"));
	return lines.map((line) =>
		line
			.slice(2, -2)
			.split(" | ")
			.map((cell) => cell.replaceAll("`", "").trim()),
	);
}

const inUnit = (text: string) => {
	const [, amount, unit] = /^([\d.]+)(?: (KiB|MiB))?$/.exec(text) ?? [];
	return Number(amount ?? Number.NaN) * (unit === "MiB" ? 2 ** 20 : unit === "KiB" ? 1024 : 1);
};

describe("docs/sockets.md", () => {
	it("lists every error code of the package and no other", () => {
		const codes = [...read("packages/zmtp/src/errors.ts").matchAll(/^\t\| "([A-Z_]+)"/gm)].map(([, code]) => code);
		expect(rows("Errors").map(([code]) => code)).have.members(codes);
	});

	it("lists every option with its unit, default and range", () => {
		const declared = [...read("packages/zmtp/src/socket/options.ts").matchAll(/^\treadonly (\w+)\?:/gm)].map(
			([, name]) => name,
		);
		const limits = [...read("packages/zmtp/src/limits.ts").matchAll(/^\treadonly (\w+):/gm)].map(([, name]) => name);
		const options = rows("Options");
		expect(options.map(([name]) => name)).have.members([...declared, ...limits]);
		for (const [name, rule] of Object.entries<NumberRule>(numberRules)) {
			const [, unit, standard, range] = options.find(([other]) => other === name)!;
			expect([unit, range], name).deep.equal([rule.unit, describeRange(rule)]);
			if (name === "heartbeatTimeout") expect(standard).equal("heartbeatInterval");
			else expect(standard === "Infinity" ? Number.POSITIVE_INFINITY : inUnit(standard!), name).equal(rule.default);
		}
	});

	it("lists every event", () => {
		const declared = [...read("packages/zmtp/src/socket/monitor.ts").matchAll(/^\t"?([a-z:]+)"?: (?:\{|Record)/gm)].map(
			([, name]) => name,
		);
		expect(rows("Events").flatMap(([names]) => names!.split(", "))).have.members(declared);
	});

	it("begins with a program that runs", () => {
		const program = /```ts\n([\s\S]*?)```/.exec(sockets)![1]!.replaceAll("!", "");
		const loader = createRequire(import.meta.url).resolve("tsx");
		const { status, stderr } = spawnSync(
			process.execPath,
			["--conditions=homing-source", `--import=${loader}`, "--input-type=module", "-e", program],
			{ cwd: fileURLToPath(new URL("test/", root)), encoding: "utf8" },
		);
		expect({ status, stderr }).deep.equal({ status: 0, stderr: "" });
	});
});

describe("docs/zmtp-profile.md", () => {
	it("names tests that exist", () => {
		const titles = [
			"test/fault/zmtp/hostile-client.test.ts",
			"test/fault/zmtp/hostile-handshake.test.ts",
			"test/fault/zmtp/hostile-traffic.test.ts",
			"test/fault/zmtp/hostile-server.test.ts",
			"test/support/zmtp/attacks.ts",
			"test/contract/zmtp/router.test.ts",
			"test/fault/zmtp/heartbeat.test.ts",
		]
			.map(read)
			.join("\n");
		for (const [id] of read("docs/zmtp-profile.md").matchAll(/\bH\d\d\b/g)) expect(titles, id).include(id);
	});
});
