import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** A step that did not succeed. An empty message: the child has said it all. */
export class CommandFailed extends Error {
	constructor(exitCode, message = "") {
		super(message);
		this.exitCode = exitCode;
	}
}

/** Enough of a child's last words to tell what went wrong. Unit: characters. */
const keptText = 16_384;

/** Between passing a signal on and ending the child for good. Unit: ms. */
const graceMs = 5000;

const running = new Set();
let interruption;

export const isInterrupted = () => interruption !== undefined;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
	process.on(signal, () => {
		const isRepeated = interruption !== undefined;
		interruption ??= signal;
		if (running.size === 0) process.exit(128 + constants.signals[signal]);
		// At a terminal Ctrl-C reaches the whole group: a child that got it twice would take the second for impatience.
		const isTold = signal === "SIGINT" && process.stdin.isTTY;
		for (const child of running) {
			if (!isTold) child.kill(signal);
			if (!isRepeated) setTimeout(() => child.kill("SIGKILL"), graceMs).unref();
		}
	});
}

/** For the end that no signal announces, an exception here. */
process.on("exit", () => {
	for (const child of running) child.kill("SIGKILL");
});

/**
 * Runs a program, in the root of the repository unless `cwd` says otherwise. Rejects with `CommandFailed` carrying its exit status. With
 * `isQuietStdout`, what it prints goes to stderr and is returned as well; with `onStdout`, what it prints is given to that.
 */
export function run(
	file,
	args,
	{ isQuietStdout = false, onStdout, cwd = root, env = process.env, shell = false, explain = () => "" } = {},
) {
	if (isInterrupted()) throw new CommandFailed(128 + constants.signals[interruption]);
	const stdout = onStdout === undefined ? "inherit" : "pipe";
	const stdio = isQuietStdout ? ["ignore", "pipe", "pipe"] : ["inherit", stdout, "inherit"];
	const child = spawn(file, args, { cwd, stdio, env, shell });
	running.add(child);
	let text = "";
	if (isQuietStdout) {
		for (const stream of [child.stdout, child.stderr]) {
			stream.on("data", (octets) => {
				text = (text + octets).slice(-keptText);
				process.stderr.write(octets);
			});
		}
	} else if (onStdout !== undefined) child.stdout.setEncoding("utf8").on("data", onStdout);
	return new Promise((resolve, reject) => {
		child.on("error", (error) => {
			running.delete(child);
			reject(new CommandFailed(1, `${file}: ${error.message}${explain(error.message)}`));
		});
		child.on("close", (code, signal) => {
			running.delete(child);
			if (code === 0 && !isInterrupted()) resolve(text);
			else {
				const status = isInterrupted() ? 128 + constants.signals[interruption] : undefined;
				reject(new CommandFailed(code || (status ?? 128 + (constants.signals[signal] ?? 0)), explain(text)));
			}
		});
	});
}

/** Runs a program of the repository by this Node. */
export function runNode(path, args, options) {
	return run(process.execPath, [join(root, path), ...args], options);
}

export function say(text) {
	console.error(`» ${text}`);
}
