import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { expect } from "chai";

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

/** The output of the first program of sockets in a page of docs/; one of calls may serve for ever. */
function run(page: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
	const program = /```ts\n(import [^\n]*"@homing\/zmtp"[\s\S]*?)```/
		.exec(read(`docs/${page}`))![1]!
		.replaceAll("!", "");
	const loader = createRequire(import.meta.url).resolve("tsx");
	const { status, stdout, stderr } = spawnSync(
		process.execPath,
		["--conditions=homing-source", `--import=${loader}`, "--input-type=module", "-e", program],
		{ cwd: fileURLToPath(new URL("test/", root)), encoding: "utf8" },
	);
	return { status, stdout, stderr };
}

describe("docs/sockets.md", () => {
	it("begins with a program that runs", () => {
		const { status, stderr } = run("sockets.md");
		expect({ status, stderr }).deep.equal({ status: 0, stderr: "" });
	});

	it("lists every error code of the package and no other", () => {
		const codes = [...read("packages/zmtp/src/errors.ts").matchAll(/^\t\| "([A-Z_]+)"/gm)].map(([, code]) => code);
		expect(rows("Errors").map(([code]) => code)).have.members(codes);
	});

	it("lists every event", () => {
		const declared = [
			...read("packages/zmtp/src/socket/observer.ts").matchAll(/^\t"?([a-z:]+)"?: (?:At|Failed|unknown)\b/gm),
		].map(([, name]) => name);
		expect(rows("Events").flatMap(([names]) => names!.split(", "))).have.members(declared);
	});
});

describe("docs/security.md", () => {
	it("has a program that runs, and shows what was sealed", () => {
		expect(run("security.md")).deep.equal({ status: 0, stdout: "sealed\n", stderr: "" });
	});
});

describe("docs/socket-options.md", () => {
	it("says what the table of options says", () => {
		const { status, stderr } = spawnSync(
			process.execPath,
			[`--import=${createRequire(import.meta.url).resolve("tsx")}`, "scripts/socket-options.mjs", "--check"],
			{ cwd: fileURLToPath(root), encoding: "utf8" },
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
			"test/unit/zmtp/mechanism/plain.test.ts",
			"test/unit/zmtp/mechanism/curve.test.ts",
			"test/unit/zmtp/mechanism/curve-traffic.test.ts",
			"test/contract/zmtp/zap.test.ts",
			"test/fault/zmtp/websocket.test.ts",
			"test/fault/zmtp/hostile-subscribers.test.ts",
			"test/contract/zmtp/publish-subscribe.test.ts",
			"test/unit/zmtp/wire/http-upgrade.test.ts",
		]
			.map(read)
			.join("\n");
		for (const [id] of read("docs/zmtp-profile.md").matchAll(/\bH\d\d\b/g)) expect(titles, id).include(id);
	});
});
