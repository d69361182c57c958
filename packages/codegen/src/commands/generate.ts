/** `homing-codegen generate`. */
import { performance } from "node:perf_hooks";
import { type Flags, requireOut, type Settings, settingsOf } from "../config/settings.js";
import { remarksOn } from "../emit/file.js";
import { exitStatus } from "../exit-status.js";
import { type GenerateResult, Generator } from "../generate.js";
import { hasErrors } from "../model/diagnostics.js";
import { type Comparison, compareWithDisk, writeWhole } from "../output.js";
import { shown } from "../paths.js";
import { type ErrorFormat, report } from "../report/report.js";
import type { Terminal } from "../terminal.js";
import { lackOfServices, requireServices } from "./services-found.js";

export interface GenerateCommand extends Flags {
	readonly watch?: boolean;
	readonly check?: boolean;
	readonly dryRun?: boolean;
	readonly verbose?: boolean;
}

export async function generateCommand(command: GenerateCommand, terminal: Terminal): Promise<number> {
	const plan = () => {
		const settings = settingsOf(command, terminal.cwd);
		requireOut(settings.jobs);
		return settings;
	};
	const taskOf = ({ errorFormat }: Settings): Task => ({ ...command, errorFormat });
	if (!command.watch) {
		const settings = plan();
		const result = new Generator(settings.jobs, terminal.cwd).run();
		if (!hasErrors(result.diagnostics)) requireServices(result.models, settings.jobs);
		return finish(result, taskOf(settings), terminal);
	}
	const { Watch } = await import("../watch.js");
	let started = performance.now();
	const watch = new Watch(plan, terminal.cwd, {
		onStart: () => {
			started = performance.now();
		},
		onResult: (result, settings) => {
			if (finish(result, taskOf(settings), terminal) !== exitStatus.ok) return;
			// The first may yet be written.
			const lack = lackOfServices(result.models, settings.jobs);
			if (lack !== undefined) terminal.error(`${lack}\n`);
			terminal.error(`Generated in ${Math.round(performance.now() - started)} ms.\n`);
		},
		onReady: () => terminal.error("Watching for changes. Ctrl-C ends it.\n"),
		onError: (error) => terminal.error(`${(error as Error).message}\n`),
	});
	await aborted(terminal.signal);
	await watch.close();
	return exitStatus.ok;
}

type Task = GenerateCommand & { readonly errorFormat: ErrorFormat };

function finish(result: GenerateResult, task: Task, terminal: Terminal): number {
	const comparisons = compareWithDisk(result.files);
	const isWriting = !task.check && !task.dryRun;
	if (isWriting) for (const { file, state } of comparisons) if (state !== "unchanged") writeWhole(file);
	const files = comparisons.map(({ file, state }) => ({ path: file.path, state }));
	const { diagnostics, omissions } = result;
	report({ diagnostics, files, omissions, isWriting }, task.errorFormat, terminal);
	if (hasErrors(diagnostics)) return exitStatus.findings;
	if (task.errorFormat === "text") tell(comparisons, task, terminal);
	if (task.verbose) tellRemarks(result, terminal);
	const isStale = comparisons.some(({ state }) => state !== "unchanged");
	if (!task.check || !isStale) return exitStatus.ok;
	if (task.errorFormat === "github-actions") tell(comparisons, task, terminal);
	return exitStatus.findings;
}

/** What is slower than the rest, and why. */
function tellRemarks({ models, files }: GenerateResult, terminal: Terminal): void {
	const sources = new Set(files.filter(({ path }) => path.endsWith("ts")).map(({ source }) => source));
	for (const { part, reason } of models.filter(({ file }) => sources.has(file)).flatMap(remarksOn))
		terminal.error(`${part} has no compiled codec: ${reason}.\n`);
}

function tell(comparisons: readonly Comparison[], task: Task, terminal: Terminal): void {
	const stale = comparisons.filter(({ state }) => state !== "unchanged");
	const name = ({ file }: Comparison) => shown(file.path, terminal.cwd);
	if (task.check) {
		for (const one of stale) terminal.error(`${name(one)} is ${one.state === "new" ? "missing" : "stale"}.\n`);
		if (stale.length > 0) terminal.error(`Run \`${again(task)}\` and commit what it writes.\n`);
		else terminal.error(`${comparisons.length} up to date.\n`);
		return;
	}
	for (const one of stale) terminal.error(`${task.dryRun ? "Would write" : "Wrote"} ${name(one)}\n`);
	const unchanged = comparisons.length - stale.length;
	if (unchanged > 0) terminal.error(`${unchanged} unchanged.\n`);
}

/** The command that writes what is stale. */
function again({ files, out, lang, project, importExtension, fakes, arbitraries, config }: Task): string {
	const options = { out, lang: lang === "typescript" ? undefined : lang, project, importExtension, config };
	const words = Object.entries(options).flatMap(([name, value]) =>
		value === undefined ? [] : [`--${name.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)}`, value],
	);
	if (fakes) words.push("--fakes");
	if (arbitraries) words.push("--arbitraries");
	return ["homing-codegen", "generate", ...files, ...words].map(quoted).join(" ");
}

/** As a shell takes it for one word, and does not take it for a pattern. */
function quoted(word: string): string {
	return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function aborted(signal: AbortSignal): Promise<void> {
	if (signal.aborted) return Promise.resolve();
	return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
