/** `homing-codegen generate`. */
import { performance } from "node:perf_hooks";
import { exitStatus } from "../exit-status.js";
import { type GenerateResult, generate, type Language } from "../generate.js";
import { hasErrors } from "../model/diagnostics.js";
import { type Comparison, compareWithDisk, writeWhole } from "../output.js";
import { shown } from "../paths.js";
import { type ErrorFormat, report } from "../report/report.js";
import type { Terminal } from "../terminal.js";

export interface GenerateCommand {
	readonly files: readonly string[];
	readonly out: string;
	readonly lang?: Language;
	readonly watch?: boolean;
	readonly check?: boolean;
	readonly dryRun?: boolean;
	readonly project?: string;
	readonly errorFormat: ErrorFormat;
}

export async function generateCommand(command: GenerateCommand, terminal: Terminal): Promise<number> {
	const { files, out, lang, project } = command;
	const options = { files, out, lang, project, cwd: terminal.cwd };
	if (!command.watch) return finish(generate(options), command, terminal);
	const { Watch } = await import("../watch.js");
	let started = performance.now();
	const watch = new Watch(options, {
		onStart: () => {
			started = performance.now();
		},
		onResult: (result) => {
			if (finish(result, command, terminal) !== exitStatus.ok) return;
			terminal.error(`Generated in ${Math.round(performance.now() - started)} ms.\n`);
		},
		onReady: () => terminal.error("Watching for changes. Ctrl-C ends it.\n"),
		onError: (error) => terminal.error(`${(error as Error).message}\n`),
	});
	await aborted(terminal.signal);
	await watch.close();
	return exitStatus.ok;
}

function finish(result: GenerateResult, command: GenerateCommand, terminal: Terminal): number {
	const comparisons = compareWithDisk(result.files);
	const isWriting = !command.check && !command.dryRun;
	if (isWriting) for (const { file, state } of comparisons) if (state !== "unchanged") writeWhole(file);
	const files = comparisons.map(({ file, state }) => ({ path: file.path, state }));
	const { diagnostics, omissions } = result;
	report({ diagnostics, files, omissions, isWriting }, command.errorFormat, terminal);
	if (hasErrors(diagnostics)) return exitStatus.findings;
	if (command.errorFormat === "text") tell(comparisons, command, terminal);
	const isStale = comparisons.some(({ state }) => state !== "unchanged");
	if (!command.check || !isStale) return exitStatus.ok;
	if (command.errorFormat === "github-actions") tell(comparisons, command, terminal);
	return exitStatus.findings;
}

function tell(comparisons: readonly Comparison[], command: GenerateCommand, terminal: Terminal): void {
	const stale = comparisons.filter(({ state }) => state !== "unchanged");
	const name = ({ file }: Comparison) => shown(file.path, terminal.cwd);
	if (command.check) {
		for (const one of stale) terminal.error(`${name(one)} is ${one.state === "new" ? "missing" : "stale"}.\n`);
		const lang = command.lang === undefined || command.lang === "typescript" ? "" : ` --lang ${command.lang}`;
		const again = `homing-codegen generate ${command.files.join(" ")} --out ${command.out}${lang}`;
		if (stale.length > 0) terminal.error(`Run \`${again}\` and commit what it writes.\n`);
		else terminal.error(`${comparisons.length} up to date.\n`);
		return;
	}
	for (const one of stale) terminal.error(`${command.dryRun ? "Would write" : "Wrote"} ${name(one)}\n`);
	const unchanged = comparisons.length - stale.length;
	if (unchanged > 0) terminal.error(`${unchanged} unchanged.\n`);
}

function aborted(signal: AbortSignal): Promise<void> {
	if (signal.aborted) return Promise.resolve();
	return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
