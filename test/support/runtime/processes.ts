import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { QueueEndpoints, QueueStats } from "../../../packages/runtime/src/index.js";

const script = (name: string) => fileURLToPath(new URL(`./${name}`, import.meta.url));

/** Ends the process and waits until it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const gone = once(child, "exit");
	child.kill("SIGKILL");
	await gone;
}

/** What workers write down, in a folder of its own. */
export class WorkLog {
	readonly #folder = mkdtempSync(join(tmpdir(), "homing-"));
	readonly path = join(this.#folder, "log");

	/** What was started, and by which process. */
	read(): { readonly pid: number; readonly text: string }[] {
		const lines = readFileSync(this.path, "utf8").split("\n");
		return lines.slice(0, -1).map((line) => {
			const space = line.indexOf(" ");
			return { pid: Number(line.slice(0, space)), text: line.slice(space + 1) };
		});
	}

	close(): void {
		rmSync(this.#folder, { recursive: true });
	}
}

/** A worker that has joined. Each call takes it `pauseMs`. */
export async function startWorker(endpoint: string, log: WorkLog, pauseMs: number): Promise<ChildProcess> {
	const child = fork(script("worker-process.ts"), [endpoint, log.path, String(pauseMs)]);
	await once(child, "message");
	return child;
}

/** A queue that joins those at the endpoints in `upstream`. */
export async function startQueue(...upstream: readonly string[]): Promise<{
	readonly child: ChildProcess;
	readonly endpoints: QueueEndpoints;
	stats(): Promise<QueueStats>;
}> {
	const child = fork(script("queue-process.ts"), upstream);
	const [endpoints] = (await once(child, "message")) as [QueueEndpoints];
	return {
		child,
		endpoints,
		async stats() {
			child.send("stats");
			const [stats] = (await once(child, "message")) as [QueueStats];
			return stats;
		},
	};
}
