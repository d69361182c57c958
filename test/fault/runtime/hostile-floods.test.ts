import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { window } from "../../../packages/runtime/src/stream/window.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";

const script = fileURLToPath(new URL("../../support/runtime/hostile-floods.ts", import.meta.url));
const megabyte = 1024 * 1024;

describe("floods, in a process with 128 MB of heap", () => {
	const own = closeAfterEach();

	async function harm<Seen>(name: string, count: number): Promise<Seen> {
		const flags = [...process.execArgv, "--expose-gc", "--max-old-space-size=128"];
		const child = spawn(process.execPath, [...flags, script, name, String(count)], {
			stdio: ["ignore", "pipe", "pipe"],
		});
		own({ close: () => child.kill("SIGKILL") });
		const [stdout, stderr, [status]] = await Promise.all([
			text(child.stdout),
			text(child.stderr),
			once(child, "close"),
		]);
		expect(status, stderr.slice(-2000)).equal(0);
		return JSON.parse(stdout) as Seen;
	}

	it("H74: 200 000 calls opened and cancelled leave memory flat and no handler running", async () => {
		const seen = await harm<{ grown: number; running: number; hasStarted: boolean }>("openAndCancel", 200_000);
		expect(seen).include({ running: 0, hasStarted: true });
		expect(seen.grown).below(8 * megabyte);
	}).timeout(120_000);

	it("H77: 200 000 items without credit end their call and leave memory flat", async () => {
		const { grown } = await harm<{ grown: number }>("itemsWithoutCredit", 200_000);
		expect(grown).below(8 * megabyte);
	}).timeout(60_000);

	it("H82: a producer of a million items is held by a consumer that stops, and stopped when that leaves", async () => {
		const seen = await harm<{ held: number; hasMadeMore: boolean; isStopped: boolean }>("stoppedConsumer", 1_000_000);
		expect(seen).include({ hasMadeMore: false, isStopped: true });
		expect(seen.held).at.most(window.items + 1);
	}).timeout(60_000);

	it("H76: a caller that gives credit and does not read has no more kept for it than the socket's bound", async () => {
		const { megabytes } = await harm<{ megabytes: number }>("creditWithoutReading", 1_000_000);
		expect(megabytes).below(64);
	}).timeout(60_000);
});
