import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { GenerateResult } from "@homing/codegen";
import { expect } from "chai";
import { settingsOf } from "../../packages/codegen/src/config/settings.js";
import { type Plan, Watch } from "../../packages/codegen/src/watch.js";
import { Workspace } from "./support/terminal.js";

const service = (method: string) => `import type { Item } from "./item.js";
export interface Watched {
	${method}(item: Item): Promise<void>;
}
`;
const item = (property: string) => `export interface Item {\n\t${property}: string;\n}\n`;

describe("homing-codegen --watch", function () {
	this.timeout(30_000);
	let workspace: Workspace;
	let watch: Watch<Plan> | undefined;

	beforeEach(() => {
		workspace = new Workspace({ "src/watched.ts": service("first"), "src/item.ts": item("one") });
	});

	afterEach(async () => {
		await watch?.close();
		watch = undefined;
		workspace.remove();
	});

	/** Starts to watch; resolves when changes are seen. */
	async function start(
		files: readonly string[],
		plan: () => Plan = () => ({ jobs: [{ files, out: "out" }] }),
	): Promise<EventEmitter<{ result: [GenerateResult]; error: [unknown] }>> {
		const events = new EventEmitter<{ result: [GenerateResult]; error: [unknown] }>();
		await new Promise<void>((resolve) => {
			watch = new Watch(plan, workspace.path, {
				onResult: (result) => events.emit("result", result),
				onError: (error) => events.emit("error", error),
				onReady: resolve,
			});
		});
		return events;
	}

	/** The next result for which something holds: one change may be seen in two steps. */
	async function resultWith(
		events: EventEmitter<{ result: [GenerateResult]; error: [unknown] }>,
		test: (result: GenerateResult) => boolean,
	) {
		for (;;) {
			const [result] = (await once(events, "result")) as [GenerateResult];
			if (test(result)) return result;
		}
	}

	it("generates again when a source changes, as a fresh run would", async () => {
		const events = await start(["src/watched.ts"]);
		const next = resultWith(events, ({ files }) => files[0]?.text.includes("second") === true);
		workspace.write("src/watched.ts", service("second"));
		const { files } = await next;
		const { generate } = await import("@homing/codegen");
		expect(files).to.deep.equal(generate({ files: ["src/watched.ts"], out: "out", cwd: workspace.path }).files);
	});

	it("generates again when a file changes that a source imports types from", async () => {
		const events = await start(["src/watched.ts"]);
		const next = resultWith(events, ({ files }) => files[0]?.text.includes("two: z.string()") === true);
		workspace.write("src/item.ts", item("two"));
		await next;
	});

	it("sees new sources in a folder", async () => {
		const events = await start(["src"]);
		const next = resultWith(events, ({ files }) => files.length === 2);
		workspace.write("src/other.ts", service("other").replace("Watched", "Other"));
		expect((await next).files.map(({ path }) => path.slice(workspace.path.length))).to.deep.equal([
			"/out/other.ts",
			"/out/watched.ts",
		]);
	});

	it("reports errors, generates nothing, and goes on when they are corrected", async () => {
		const events = await start(["src/watched.ts"]);
		const failed = resultWith(events, ({ diagnostics }) => diagnostics.length > 0);
		workspace.write("src/watched.ts", service("second").replace("Promise<void>", "number"));
		expect((await failed).files).to.deep.equal([]);
		const corrected = resultWith(events, ({ files }) => files.length === 1);
		workspace.write("src/watched.ts", service("third"));
		expect((await corrected).files[0]?.text).to.include("third");
	});

	it("follows its configuration: other inputs, another folder, and a mistake until it is corrected", async () => {
		const config = (keys: object) => workspace.write("homing.config.json", JSON.stringify(keys));
		config({ inputs: ["src/watched.ts"], out: "out" });
		const events = await start([], () => settingsOf({ files: [] }, workspace.path));
		const moved = resultWith(events, ({ files }) => files[0]?.path.endsWith("/elsewhere/watched.ts") === true);
		config({ inputs: ["src"], out: "elsewhere" });
		await moved;
		const failed = once(events, "error");
		config({ inputs: [] });
		expect(((await failed) as [Error])[0].message).to.include("homing.config.json: inputs: expected one at least");
		const added = resultWith(events, ({ files }) => files.length === 2);
		workspace.write("src/other.ts", service("other").replace("Watched", "Other"));
		config({ inputs: ["src"], out: "elsewhere" });
		await added;
	});

	it("generates again when a tsconfig changes that its own extends", async () => {
		const base = (isExact: boolean) =>
			workspace.write("base.json", JSON.stringify({ compilerOptions: { exactOptionalPropertyTypes: isExact } }));
		base(true);
		workspace.write("tsconfig.json", '{ "extends": "./base.json", "compilerOptions": { "strict": true } }');
		workspace.write("src/item.ts", "export interface Item { one?: string }\n");
		const events = await start(["src/watched.ts"]);
		const loose = resultWith(events, ({ files }) => files[0]?.text.includes("optional(z.string())") === true);
		base(false);
		await loose;
	});

	it("on the command line, writes files, and ends with 0 on SIGINT", async () => {
		const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
		const args = ["--conditions=homing-source", "--import", tsx, join(import.meta.dirname, "support/cli.ts")];
		const command = ["generate", "src/watched.ts", "--out", "out", "--watch"];
		const child = spawn(process.execPath, [...args, ...command], {
			cwd: workspace.path,
			stdio: ["ignore", "ignore", "pipe"],
		});
		let told = "";
		const tellsOf = async (text: string) => {
			while (!told.includes(text)) {
				const [data] = await Promise.race([once(child.stderr, "data"), once(child, "exit").then(() => [undefined])]);
				if (data === undefined) throw new Error(`it ended early: ${told}`);
				told += String(data);
			}
		};
		try {
			await tellsOf("Watching for changes.");
			told = "";
			workspace.write("src/watched.ts", service("second"));
			await tellsOf("Wrote out/watched.ts");
			expect(readFileSync(join(workspace.path, "out/watched.ts"), "utf8")).to.include("second");
			const ended = once(child, "exit");
			child.kill("SIGINT");
			expect(await ended).to.deep.equal([0, null]);
		} finally {
			child.kill("SIGKILL");
		}
	});
});
