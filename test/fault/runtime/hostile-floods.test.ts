import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { window } from "../../../packages/runtime/src/stream/window.js";
import { closeAfterEach } from "../../support/runtime/cleanup.js";
import { printedSeed, seed } from "../../support/zmtp/seed.js";

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

	it("H77: octets without credit, in items of which there is credit for as many, end their calls and leave memory flat", async () => {
		const seen = await harm<{ grown: number; ended: string; calls: number }>("octetsWithoutCredit", 4000);
		expect(seen).include({ ended: "ABORTED" });
		expect(seen.calls).above(0);
		expect(seen.grown).below(8 * megabyte);
	}).timeout(60_000);

	it("H77: what a worker does not read ends its call when 64 MiB of it lie at the queue: RESOURCE_EXHAUSTED", async () => {
		const seen = await harm<{ status: number; most: number; grown: number; calls: number }>("octetsUnread", 200);
		expect(seen.status).equal(8);
		expect(seen.calls).above(0);
		expect(seen.most).below(128 * megabyte);
		expect(seen.grown).below(8 * megabyte);
	}).timeout(60_000);

	it("H75: 100 000 opens that nobody ends take their client's share of the places and of the line, the rest is refused", async () => {
		const seen = await harm<{ held: number }>("neverFinished", 100_000);
		const [running, waiting] = [0.75 * 1024, 0.75 * 16_384];
		expect(seen).deep.include({ running, waiting, refused: 100_000 - running - waiting, statuses: ["8"] });
		expect(seen.held).below(64 * megabyte);
	}).timeout(120_000);

	it(`H68: texts of a megabyte that nearly match a format are refused, and others are served between them (${printedSeed})`, async () => {
		const seen = await harm<{ taken: number; refused: number; texts: number; calls: number }>("nearlyMatching", seed);
		expect(seen.taken + seen.refused).equal(seen.texts);
		expect(seen.refused).above(0);
		expect(seen.calls).above(0);
		// Quadratic work would be 10^12 steps for one of them, and never end.
	}).timeout(120_000);

	it("H82: a producer of a million items is held by a consumer that stops, and stopped when that leaves", async () => {
		const seen = await harm<{ held: number; hasMadeMore: boolean; isStopped: boolean }>("stoppedConsumer", 1_000_000);
		expect(seen).include({ hasMadeMore: false, isStopped: true });
		expect(seen.held).at.most(window.items + 1);
	}).timeout(60_000);

	it("H82: a consumer that stops in the middle of a million items and goes on gets all of them in order, memory flat", async () => {
		const seen = await harm<{ held: number; received: number; grown: number }>("pausedConsumer", 1_000_000);
		expect(seen.received).equal(1_000_000);
		expect(seen.held).at.most(window.items);
		expect(seen.grown).below(8 * megabyte);
	}).timeout(120_000);

	it("H76: a caller that gives credit and does not read has no more kept for it than the socket's bound", async () => {
		const { megabytes } = await harm<{ megabytes: number }>("creditWithoutReading", 1_000_000);
		expect(megabytes).below(64);
	}).timeout(60_000);
});
