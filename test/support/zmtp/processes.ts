import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const loader = createRequire(import.meta.url).resolve("tsx");
/** What Node needs to run the sources. */
export const nodeFlags = ["--conditions=homing-source", `--import=${loader}`];

const programs = {
	ours: [process.execPath, ...nodeFlags, here("echo-process.ts")],
	libzmq: ["/usr/bin/python3", here("echo_process.py")],
} as const;

export type EchoKind = keyof typeof programs;
export const echoKinds = Object.keys(programs) as EchoKind[];

/** An echoing ROUTER in a process that a test can stop, wake and kill. */
export class EchoProcess {
	readonly endpoint: string;
	readonly #child: ChildProcess;

	constructor(child: ChildProcess, endpoint: string) {
		this.#child = child;
		this.endpoint = endpoint;
	}

	static async start(kind: EchoKind, endpoint = "tcp://127.0.0.1:*", heartbeatMs = 0): Promise<EchoProcess> {
		const [program, ...args] = programs[kind];
		const child = spawn(program!, [...args, endpoint, `${heartbeatMs}`], { stdio: ["pipe", "pipe", "inherit"] });
		const [line] = await once(createInterface(child.stdout!), "line");
		return new EchoProcess(child, String(line));
	}

	/** SIGSTOP: its connections stand, and nobody answers. */
	stop(): void {
		this.#child.kill("SIGSTOP");
	}

	/** SIGCONT. */
	wake(): void {
		this.#child.kill("SIGCONT");
	}

	/** SIGKILL: the kernel ends its connections. */
	async close(): Promise<void> {
		if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
		const gone = once(this.#child, "close");
		this.#child.kill("SIGKILL");
		await gone;
	}
}
