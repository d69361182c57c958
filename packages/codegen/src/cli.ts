/** The command line. It loads the compiler only for commands that read sources. */
import { Argument, Command, CommanderError, Option } from "commander";
import { completionScript, type Shell, shells } from "./completion.js";
import { configName } from "./config/name.js";
import { exitStatus } from "./exit-status.js";
import { languages } from "./language.js";
import { importExtensions } from "./model/import-extension.js";
import { errorFormats } from "./report/formats.js";
import type { Terminal } from "./terminal.js";
import { isUsageError } from "./usage-error.js";
import { packageVersion } from "./version.js";

const examples = `
Examples:
  homing-codegen init                          configuration, a first service, scripts
  homing-codegen generate src/bank.ts --out src/generated
  homing-codegen generate 'src/services/**/*.ts' --out src/generated --watch
  homing-codegen generate src/bank.ts --out src/generated --check      in CI
  homing-codegen generate src/bank.ts --out src/generated --fakes --arbitraries      and what tests want
  homing-codegen generate src/bank.ts --out python/bank_rpc --lang python
  homing-codegen generate                      what homing.config.json says
  homing-codegen describe src/bank.ts --json
  homing-codegen lock src && git add homing.lock.json                  when a version is released
  homing-codegen breaking src --against origin/main                    in CI

Exit status: 0 ok, 1 internal error, 2 usage, 3 findings: errors in the sources, breaks, or stale files with --check.`;

/** Runs one command; resolves to its exit status. `args` do not include program and script. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
	let status: number = exitStatus.ok;
	const program = new Command("homing-codegen")
		.description(
			"Generates typed clients, servers and zod schemas from TypeScript interfaces; and clients and workers in Python.",
		)
		.version(packageVersion())
		.addHelpText("after", examples)
		.showHelpAfterError("(homing-codegen --help tells more)")
		.configureOutput({ writeOut: terminal.out, writeErr: terminal.error })
		.exitOverride();
	const project = () =>
		new Option(
			"--project <tsconfig>",
			"the tsconfig.json to read the sources with (default: the nearest above each file)",
		);
	const format = () =>
		new Option("--error-format <format>", "how to report what is wrong (default: text)").choices(errorFormats);
	const config = () =>
		new Option("--config <file>", `the configuration (default: the nearest ${configName} here or above)`);
	const files = ["[files...]", "source files, folders, or quoted globs (default: the configuration's inputs)"] as const;
	program
		.command("generate")
		.description("generate stubs for the services in files, folders or globs")
		.argument(...files)
		.option("--out <folder>", "where the generated files go")
		.option("--watch", "generate again whenever a source changes")
		.addOption(new Option("--lang <language>", "the language of the stubs (default: typescript)").choices(languages))
		.addOption(
			new Option(
				"--import-extension <style>",
				"how generated files import yours (default: what the tsconfig suits)",
			).choices(importExtensions),
		)
		.option("--fakes", "beside each file one with stand-ins for the unit tests of callers")
		.option("--arbitraries", "beside each file one with fast-check's arbitraries of its types")
		.addOption(new Option("--check", "write nothing; fail if a generated file is stale").conflicts(["watch", "dryRun"]))
		.addOption(new Option("--dry-run", "write nothing; say what would be written").conflicts("watch"))
		.option("--verbose", "say which types are left to the general codec, and why")
		.addOption(project())
		.addOption(config())
		.addOption(format())
		.action(async (files: string[], options) => {
			const { generateCommand } = await import("./commands/generate.js");
			status = await generateCommand({ ...options, files }, terminal);
		});
	program
		.command("describe")
		.description("print what the services in a file consist of")
		.argument(...files)
		.option("--json", "the whole model, for other tools")
		.addOption(project())
		.addOption(config())
		.addOption(format())
		.action(async (files: string[], options) => {
			const { describeCommand } = await import("./commands/describe.js");
			status = describeCommand({ ...options, files }, terminal);
		});
	program
		.command("lock")
		.description("write down what the services are now, to compare later versions with")
		.argument(...files)
		.option("--out <file>", "the lock file (default: homing.lock.json, beside the configuration or here)")
		.option("--check", "write nothing; fail if the lock file is stale")
		.addOption(project())
		.addOption(config())
		.addOption(format())
		.action(async (files: string[], options) => {
			const { lockCommand } = await import("./commands/lock.js");
			status = lockCommand({ ...options, files }, terminal);
		});
	program
		.command("breaking")
		.description("find what breaks those who use an older version of the services")
		.argument(...files)
		.requiredOption("--against <version>", "a lock file, or a git ref: v1.2.0, origin/main, HEAD")
		.addOption(
			new Option(
				"--rules <kind>",
				"whom it must not break: programs that run, programs that are compiled again, or both",
			)
				.choices(["wire", "source", "all"])
				.default("all"),
		)
		.option(
			"--accept <code[:place]>",
			"a break that is meant, like HB102:Bank.log; may be repeated",
			(text: string, before: string[]) => [...before, text],
			[] as string[],
		)
		.addOption(project())
		.addOption(config())
		.addOption(format())
		.action(async (files: string[], options) => {
			const { breakingCommand } = await import("./commands/breaking.js");
			status = breakingCommand({ ...options, files }, terminal);
		});
	program
		.command("init")
		.description("write a configuration, a first service and scripts into the package here; overwrites nothing")
		.option("--dry-run", "write nothing; say what would be written")
		.action(async (options) => {
			const { initCommand } = await import("./commands/init.js");
			status = initCommand(options, terminal);
		});
	program
		.command("completion")
		.description("print what makes a shell complete commands, options and their values")
		.addArgument(new Argument("<shell>", "whose").choices(shells))
		.action((shell: Shell) => {
			terminal.out(completionScript(shell, program));
		});
	try {
		await program.parseAsync(args, { from: "user" });
	} catch (error) {
		if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.ok : exitStatus.usage;
		if (isUsageError(error)) {
			terminal.error(`${error.message}\n`);
			return exitStatus.usage;
		}
		terminal.error(`Internal error of homing-codegen, please report it:\n${(error as Error).stack ?? String(error)}\n`);
		return exitStatus.internal;
	}
	return status;
}

/** For `bin/`: runs in this process, and sets its exit status. */
export async function main(): Promise<void> {
	const stop = new AbortController();
	const onSignal = () => stop.abort();
	process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
	const { env, stderr } = process;
	// The reader of a pipe may have had enough: `homing-codegen describe ... | head`.
	process.stdout.on("error", (error: NodeJS.ErrnoException) =>
		process.exit(error.code === "EPIPE" ? exitStatus.ok : exitStatus.internal),
	);
	process.exitCode = await run(process.argv.slice(2), {
		cwd: process.cwd(),
		isColoured: env["NO_COLOR"] ? false : env["FORCE_COLOR"] ? true : stderr.isTTY === true,
		out: (text) => process.stdout.write(text),
		error: (text) => stderr.write(text),
		signal: stop.signal,
	});
	process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
}
