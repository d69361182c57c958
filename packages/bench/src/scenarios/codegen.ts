/** `homing-codegen` and its stubs as programs grow: what it takes to generate them, and compilers to check them beside tRPC's router. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { packagePath } from "../children/paths.js";
import { runTool, startTool, type ToolRun } from "../children/tool.js";
import type { Contestant, MadeProgram } from "../contestants/contestant.js";
import { numbers } from "../made/files.js";
import { interfaces, servicePath } from "../made/homing.js";
import { withProject } from "../made/projects.js";
import { showProgress } from "../report/note.js";
import { mean, median } from "../statistics.js";
import { readProcessorTimes, shareOfOthers } from "./processor.js";

const require = createRequire(import.meta.url);

/** What the project allows itself, on a machine that does nothing else. */
export const codegenBounds = { coldSeconds: 3, editMs: 300 } as const;

/** Files that are edited one after the other, in each round. */
const edits = 5;
const stubs = "src/generated";
const command = packagePath("../codegen/bin/homing-codegen.js");
const flags = ["src/services", "--out", stubs];

export interface CheckFigures {
	readonly types: number;
	readonly instantiations: number;
	readonly checkSeconds: number;
	readonly cpuSeconds: number;
	readonly memoryMiB: number;
}

export interface CheckRow {
	readonly name: string;
	/** Missing where it failed. */
	readonly figures: CheckFigures | undefined;
}

type Figures = Omit<ToolRun, "output">;

export interface CodegenReport {
	readonly methods: number;
	readonly files: number;
	readonly rounds: number;
	/** Nothing is there yet. */
	readonly cold: Figures;
	/** All is there, and none of it is written again. */
	readonly unchanged: Figures;
	/** Under `--watch`, from one changed source to its stubs. */
	readonly edit: { readonly medianMs: number; readonly longestMs: number; readonly peakMiB: number };
	readonly programs: readonly { readonly methods: number; readonly rows: readonly CheckRow[] }[];
	readonly versions: Readonly<Record<string, string>>;
	readonly failures: Readonly<Record<string, string>>;
	/** While anything was run to its end; of edits, which take no time, it is not said. */
	readonly othersShare: number;
}

/** `sizes`: how many methods the programs have that compilers check, ascending; the largest is generated. */
export async function runCodegen(
	present: readonly Contestant[],
	rounds: number,
	sizes: readonly number[],
): Promise<CodegenReport> {
	const meter = new Meter(rounds);
	const methods = sizes.at(-1)!;
	const files = numbers(methods).length;
	const generation = await withProject(interfaces(methods), [], async (folder) => ({
		...(await generateTwice(folder, meter)),
		edit: await edit(folder, files, rounds),
	}));
	const failures: Record<string, string> = {};
	const programs = [];
	for (const size of sizes) {
		const rows: CheckRow[] = [];
		for (const { name, programs } of present) {
			if (programs.codegen === undefined) continue;
			try {
				rows.push({ name, figures: await check(name, programs.codegen, size, meter) });
			} catch (error) {
				failures[name] = (error as Error).message;
				rows.push({ name, figures: undefined });
			}
		}
		programs.push({ methods: size, rows });
	}
	const manifest = readFileSync(require.resolve("typescript/package.json"), "utf8");
	const { version } = JSON.parse(manifest) as { version: string };
	const { othersShare } = meter;
	return { methods, files, rounds, ...generation, programs, versions: { typescript: version }, failures, othersShare };
}

function generate(folder: string): Promise<ToolRun> {
	return runTool(command, ["generate", ...flags], folder);
}

async function generateTwice(folder: string, meter: Meter): Promise<Pick<CodegenReport, "cold" | "unchanged">> {
	const cold = await meter.measure("generate, nothing there", () => {
		rmSync(join(folder, stubs), { recursive: true, force: true });
		return generate(folder);
	});
	const before = timesOf(folder);
	const unchanged = await meter.measure("generate, nothing changed", () => generate(folder));
	const written = timesOf(folder).filter((time, index) => time !== before[index]).length;
	if (written > 0) throw new Error(`${written} files were written again that had not changed`);
	return { cold: medians(cold), unchanged: medians(unchanged) };
}

function timesOf(folder: string): number[] {
	const names = readdirSync(join(folder, stubs));
	return names.map((name) => statSync(join(folder, stubs, name)).mtimeMs);
}

function medians(runs: readonly ToolRun[]): Figures {
	const of = (figure: (run: ToolRun) => number) => median(runs.map(figure));
	return {
		seconds: of(({ seconds }) => seconds),
		cpuSeconds: of(({ cpuSeconds }) => cpuSeconds),
		peakMiB: of(({ peakMiB }) => peakMiB),
	};
}

/** Adds a property to one source after the other, and waits for the stubs of each. */
async function edit(folder: string, files: number, rounds: number): Promise<CodegenReport["edit"]> {
	showProgress("codegen: edits under --watch");
	const tool = startTool(command, ["generate", ...flags, "--watch"], folder);
	const said = createInterface({ input: tool.errors })[Symbol.asyncIterator]();
	const until = async (start: string) => {
		for (;;) {
			const { value, done } = await said.next();
			if (done) throw new Error("homing-codegen generate --watch has ended");
			if (value.startsWith(start)) return;
		}
	};
	const taken: number[] = [];
	try {
		await until("Watching");
		for (let count = 1; count <= edits * rounds; count++) {
			const number = (count % files) + 1;
			const path = join(folder, servicePath(number));
			const started = performance.now();
			writeFileSync(path, readFileSync(path, "utf8").replace("\tarticle: string;\n", `$&\tadded${count}?: string;\n`));
			await until(`Wrote ${stubs}/order${number}.ts`);
			taken.push(performance.now() - started);
			await until("Generated");
		}
	} finally {
		tool.interrupt();
	}
	const { peakMiB } = await tool.ended;
	return { medianMs: median(taken), longestMs: Math.max(...taken), peakMiB };
}

/** The whole program, as the compiler sees it. */
function check(name: string, program: MadeProgram, methods: number, meter: Meter): Promise<CheckFigures> {
	return withProject(program.files(methods), program.packages, async (folder) => {
		if (program.hasStubs) await generate(folder);
		const words = ["-p", ".", "--extendedDiagnostics", "--pretty", "false"];
		const what = `tsc, ${methods} methods: ${name}`;
		return figuresOf(await meter.measure(what, () => runTool(require.resolve("typescript/lib/tsc.js"), words, folder)));
	});
}

function figuresOf(runs: readonly ToolRun[]): CheckFigures {
	const said = (name: string) =>
		median(runs.map(({ output }) => Number(new RegExp(`^${name}:\\s+([\\d.]+)`, "m").exec(output)?.[1])));
	return {
		types: said("Types"),
		instantiations: said("Instantiations"),
		checkSeconds: said("Check time"),
		cpuSeconds: median(runs.map(({ cpuSeconds }) => cpuSeconds)),
		memoryMiB: said("Memory used") / 1024,
	};
}

/** Runs things several times, and knows what others did meanwhile. */
class Meter {
	readonly #rounds: number;
	readonly #shares: number[] = [];

	constructor(rounds: number) {
		this.#rounds = rounds;
	}

	get othersShare(): number {
		return mean(this.#shares);
	}

	async measure(what: string, run: () => Promise<ToolRun>): Promise<ToolRun[]> {
		const runs: ToolRun[] = [];
		for (let round = 1; round <= this.#rounds; round++) {
			showProgress(`codegen: ${what}, round ${round} of ${this.#rounds}`);
			const before = readProcessorTimes();
			const done = await run();
			this.#shares.push(shareOfOthers(before, readProcessorTimes(), done.cpuSeconds * 1e6));
			runs.push(done);
		}
		return runs;
	}
}
