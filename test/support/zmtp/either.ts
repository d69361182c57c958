import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { buildPackages } from "../build.js";

/** The same program runs on either; zeromq.js is the control. */
export const libraries = { ours: "@homing/zmtp", "zeromq.js": "zeromq" } as const;
export type Library = keyof typeof libraries;

export interface Outcome {
	/** `null` when a signal ended it. */
	readonly status: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** Where the test's own dependencies are found. */
const folder = fileURLToPath(new URL("../../", import.meta.url));

/** What every program has: the library as `zmq`, and a word to its test. */
const preamble = (library: Library) => `
	import * as imported from "${libraries[library]}";
	const zmq = imported.default ?? imported;
	const say = (...words) => console.log(words.join(" "));
	/** As long as the process lives; it does not live for this. */
	const later = (action) => void setTimeout(action, 60).unref();
`;

export async function buildOurs(): Promise<void> {
	await buildPackages("zmtp");
}

/** Runs a program of its own process until it ends by itself, or is killed after \`limitMs\`. */
export async function runOn(library: Library, program: string, limitMs = 20_000): Promise<Outcome> {
	const args = ["--expose-gc", "--input-type=module", "-e", preamble(library) + program];
	const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
	const limit = setTimeout(() => child.kill("SIGKILL"), limitMs);
	const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
	clearTimeout(limit);
	return { status, stdout, stderr };
}
