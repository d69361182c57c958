import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { generate } from "@homing/codegen";
import { writeWhole } from "../../../packages/codegen/src/output.js";
import { fixtures } from "../../codegen/support/compile.js";
import { PythonProcess } from "../runtime/python.js";

export type Crossing = typeof import("../../codegen/fixtures/crossing.js");
export type CrossingStubs = typeof import("../../codegen/fixtures/expected/crossing.js");
export type Everything = import("../../codegen/fixtures/crossing.js").Everything;

/** By paths that the compiler does not follow: fixtures are compiled with settings of their own. */
export function loadCrossing(): Promise<[Crossing, CrossingStubs]> {
	const load = (path: string) => import(pathToFileURL(join(fixtures, path)).href);
	return Promise.all([load("crossing.ts"), load("expected/crossing.ts")]);
}

const script = (name: string) => fileURLToPath(new URL(`./${name}`, import.meta.url));

/** The generated Python of the service, in a folder of its own, and programs that use it. */
export class CrossingPrograms {
	readonly folder = mkdtempSync(join(tmpdir(), "homing-python-"));

	constructor() {
		const out = join(this.folder, "generated");
		const { files } = generate({ files: [join(fixtures, "crossing.ts")], out, lang: "python" });
		for (const file of files) writeWhole(file);
	}

	client(endpoint: string, scenario: string): PythonProcess {
		return new PythonProcess(script("crossing_client.py"), [this.folder, endpoint, scenario]);
	}

	/** `isLogged`: false where the test has it log. */
	worker(mode: "queue" | "bind", endpoint: string, concurrency = 1, isLogged = true): PythonProcess {
		return new PythonProcess(
			script("crossing_worker.py"),
			[this.folder, mode, endpoint, String(concurrency)],
			isLogged,
		);
	}

	remove(): void {
		rmSync(this.folder, { recursive: true });
	}
}

export const everything: Everything = {
	at: new Date(1_700_000_000_123),
	data: new Uint8Array([0, 255]),
	big: 2n ** 64n - 1n,
	tags: new Set(["a", "b"]),
	prices: new Map([["DE123456", -(2n ** 63n)]]),
	byKey: new Map([[{ id: 2n ** 60n }, new Date(0)]]),
	keys: new Set([{ id: 1n }, { id: 2n }]),
	nothing: null,
	maybe: undefined,
	nullable: null,
	colour: "green",
	version: "v1.5",
	pair: ["a", 0.5, new Date(-1)],
	rest: [true, "x", "y"],
	shape: { kind: "square", corners: new Set([1, 2, 3, 4]) },
	mixed: new Set([new Date(5)]),
	tree: { value: 1n, children: [{ value: 2n, children: [] }] },
	record: { x: new Set([1.5]) },
	loose: { any: ["thing", 1, null, new Date(7)] },
	list: [1, 5_000_000_000, 1e300],
	"odd-key": true,
};
