/** `pnpm fuzz [target...]`: see `--help`. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { News } from "./child.js";
import { parseHex } from "./corpus.js";
import { judge } from "./judge.js";
import { formatFigures, Progress } from "./report.js";
import { runTarget } from "./run.js";
import { targets } from "./targets.js";

const names = targets.map(({ name }) => name);
const usage = `usage: pnpm fuzz [target...] [--inputs N] [--seed S] [--blind]
       pnpm fuzz <target> --input FILE      try one input, saved as hex

targets: ${names.join(", ")} (all of them when none is named)
--inputs N   how many inputs for each target (100 000)
--seed S     the same seed makes the same inputs of the same code
--blind      without building on inputs that reach new code

Ends with status 3 when something is found; the input is then saved.`;

/** Something was found. */
const foundStatus = 3;

class WrongUsage extends Error {}

interface Options {
	readonly chosen: readonly string[];
	readonly inputs: number;
	readonly seed: number;
	readonly isGuided: boolean;
	readonly inputPath: string | undefined;
}

function readOptions(args: readonly string[]): Options | "help" {
	const { values, positionals } = parse(args);
	if (values.help) return "help";
	for (const name of positionals) if (!names.includes(name)) throw new WrongUsage(`there is no target ${name}`);
	if (values.input !== undefined && positionals.length !== 1) throw new WrongUsage("--input needs one target");
	return {
		chosen: positionals.length === 0 ? names : positionals,
		inputs: wholeNumber("--inputs", values.inputs ?? "100000", 1e9),
		seed: wholeNumber("--seed", values.seed ?? `${Math.floor(Math.random() * 0x7fff_ffff)}`, 0xffff_ffff),
		isGuided: values.blind !== true,
		inputPath: values.input,
	};
}

function parse(args: readonly string[]) {
	try {
		return parseArgs({
			args: [...args],
			allowPositionals: true,
			options: {
				inputs: { type: "string" },
				seed: { type: "string" },
				input: { type: "string" },
				blind: { type: "boolean" },
				help: { type: "boolean", short: "h" },
			},
		});
	} catch (error) {
		throw new WrongUsage((error as Error).message);
	}
}

function wholeNumber(name: string, text: string, most: number): number {
	const value = Number(text.replaceAll("_", ""));
	if (!Number.isInteger(value) || value < 0 || value > most) throw new WrongUsage(`${name} cannot be ${text}`);
	return value;
}

function tryOne(name: string, path: string): boolean {
	const input = parseHex(readFileSync(path, "utf8").replace(/#.*/g, ""));
	const { verdict, ms } = judge(targets.find((target) => target.name === name)!, input);
	console.log(`${name}: ${input.length} octets, ${ms.toFixed(2)} ms: ${verdict?.kind ?? "nothing found"}`);
	if (verdict !== undefined) console.log(verdict.what);
	return verdict !== undefined;
}

/** Writes the input down and tells how to try it again. */
function save(target: string, { kind, what, input }: NonNullable<News["finding"]>): void {
	const folder = new URL("findings/", import.meta.url);
	mkdirSync(folder, { recursive: true });
	const hash = createHash("sha256").update(input).digest("hex").slice(0, 8);
	const path = fileURLToPath(new URL(`${target}-${hash}.hex`, folder));
	writeFileSync(path, `${input} # ${kind}\n`);
	const shown = relative(process.cwd(), path);
	console.error(`\n${target}: ${kind}\n${what}\n\ntry it again: pnpm fuzz ${target} --input ${shown}`);
}

async function main(): Promise<number> {
	const options = readOptions(process.argv.slice(2));
	if (options === "help") {
		console.log(usage);
		return 0;
	}
	if (options.inputPath !== undefined) return tryOne(options.chosen[0]!, options.inputPath) ? foundStatus : 0;
	const { chosen, inputs, seed, isGuided } = options;
	const interruption = new AbortController();
	for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interruption.abort());
	console.error(`seed ${seed}`);
	const progress = new Progress(inputs);
	const figures = [];
	for (const target of chosen) {
		if (interruption.signal.aborted) break;
		const start = performance.now();
		const order = { target, inputs, seed, isGuided };
		const news = await runTarget(order, ({ report }) => progress.show(target, report.inputs), interruption.signal);
		progress.clear();
		figures.push({ target, seconds: (performance.now() - start) / 1000, ...news });
		if (news.finding !== undefined) save(target, news.finding);
	}
	console.log(formatFigures(figures));
	if (interruption.signal.aborted) return 130;
	return figures.some(({ finding }) => finding !== undefined) ? foundStatus : 0;
}

try {
	process.exitCode = await main();
} catch (error) {
	if (!(error instanceof WrongUsage)) throw error;
	console.error(`${error.message}\n\n${usage}`);
	process.exitCode = 2;
}
