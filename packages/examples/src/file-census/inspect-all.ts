import { RpcError } from "@homing/runtime";
import type { Census, FileReport } from "./census.js";

export interface Receiver {
	/** Called before each call: how many are answered. */
	onTurn(done: number): void;
	onReport(path: string, report: FileReport): void;
	/** The worker could not read the file. */
	onUnreadable(path: string, error: RpcError): void;
}

const aboutTheFile = new Set(["NOT_FOUND", "PERMISSION_DENIED", "FAILED_PRECONDITION"]);

/** Calls `inspect` for each file, so many calls at a time. Rejects with the first call that failed for any other reason than its file. */
export async function inspectAll(
	census: Census,
	paths: readonly string[],
	inFlight: number,
	receiver: Receiver,
): Promise<void> {
	// One iterator for all loops: each path is taken once.
	const remaining = paths.values();
	let done = 0;
	const loop = async () => {
		for (const path of remaining) {
			receiver.onTurn(done);
			try {
				receiver.onReport(path, await census.inspect({ path }));
			} catch (error) {
				const isItsFile = error instanceof RpcError && error.origin === "peer" && aboutTheFile.has(error.status);
				if (!isItsFile) throw error;
				receiver.onUnreadable(path, error);
			}
			done++;
		}
	};
	await Promise.all(Array.from({ length: inFlight }, loop));
	receiver.onTurn(done);
}
