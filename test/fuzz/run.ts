import { fork } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { News, Order } from "./child.js";
import { noFigures } from "./fuzz.js";

/** Silence of a child after which its input counts as one that never ends. Unit: ms. */
const hungMs = 30_000;

/** For a child that hangs to write down where. Unit: ms. */
const reportMs = 5000;

/** All that a target may need, far more than any input is allowed to: an input that takes this much ends the child. Unit: MiB. */
const heapMiB = 256;

/** Fuzzes one target in a child. Resolves to the last news of it, an end of the child included. */
export function runTarget(
	order: Omit<Order, "currentPath">,
	onNews: (news: News) => void,
	signal: AbortSignal,
): Promise<News> {
	const folder = mkdtempSync(join(tmpdir(), "homing-fuzz-"));
	const currentPath = join(folder, "current");
	const child = fork(fileURLToPath(new URL("child.ts", import.meta.url)), [], {
		execArgv: [
			...process.execArgv,
			`--max-old-space-size=${heapMiB}`,
			"--report-on-signal",
			`--report-directory=${folder}`,
			"--report-exclude-network",
		],
	});
	let last: News = { report: noFigures, isDone: false };
	let kind: "crashed" | "hung" = "crashed";
	let watchdog: NodeJS.Timeout | undefined;
	const watch = () => {
		clearTimeout(watchdog);
		watchdog = setTimeout(() => {
			kind = "hung";
			child.kill("SIGUSR2");
			setTimeout(() => child.kill("SIGKILL"), reportMs);
		}, hungMs);
	};
	const stop = () => child.kill("SIGKILL");
	signal.addEventListener("abort", stop, { once: true });
	// From its first news on: how long it takes to load is no input's fault.
	child.on("message", (news: News) => {
		last = news;
		watch();
		onNews(news);
	});
	child.send({ ...order, currentPath } satisfies Order);
	return new Promise((resolve) => {
		child.on("close", (code, end) => {
			clearTimeout(watchdog);
			signal.removeEventListener("abort", stop);
			if (!last.isDone && !signal.aborted) {
				const what =
					kind === "hung" ? `no end within ${hungMs} ms${whereHung(folder)}` : `the process ended with ${end ?? code}`;
				last = { ...last, isDone: true, finding: { kind, what, input: readCurrent(currentPath) } };
			}
			rmSync(folder, { recursive: true });
			resolve(last);
		});
	});
}

/** Nothing when the child ended before it tried any. */
function readCurrent(path: string): string {
	if (!existsSync(path)) return "";
	const octets = readFileSync(path);
	return octets.length < 4 ? "" : octets.subarray(4, 4 + octets.readUInt32BE(0)).toString("hex");
}

/** The stack that a hung child has written down; nothing where it could not. */
function whereHung(folder: string): string {
	const report = readdirSync(folder).find((name) => name.endsWith(".json"));
	if (report === undefined) return ", and no word from it";
	const { javascriptStack } = JSON.parse(readFileSync(join(folder, report), "utf8")) as {
		javascriptStack?: { stack?: readonly string[] };
	};
	return `\n${javascriptStack?.stack?.join("\n") ?? "outside JavaScript"}`;
}
