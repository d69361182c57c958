import { notStarted } from "../errors.js";
import type { ConnectionState } from "./connection-events.js";

/** How long to wait for a server. */
export interface ReadyOptions {
	/** Unit: ms; `Infinity`: for ever. Default: the connection's `timeoutMs`. */
	readonly timeoutMs?: number;
	/** Ends the wait with CANCELLED. */
	readonly signal?: AbortSignal;
}

/** Those who wait for a first server. */
export class Readiness {
	readonly #looks = new Set<(state: ConnectionState) => void>();

	/** The state of the connection is another now. */
	changed(state: ConnectionState): void {
		for (const look of [...this.#looks]) look(state);
	}

	/** Rejects with DEADLINE_EXCEEDED, CANCELLED, or FAILED_PRECONDITION when the connection is closed. */
	async until(state: ConnectionState, timeoutMs: number, signal?: AbortSignal): Promise<void> {
		if (state === "ready") return;
		if (signal?.aborted === true) throw cancelled(signal);
		if (state === "closed") throw notStarted("FAILED_PRECONDITION", "the connection is closed");
		let timer: NodeJS.Timeout | undefined;
		let abort = () => {};
		let look = (_: ConnectionState) => {};
		try {
			await new Promise<void>((resolve, reject) => {
				look = (next) => {
					if (next === "ready") resolve();
					else if (next === "closed") reject(notStarted("FAILED_PRECONDITION", "the connection was closed"));
				};
				this.#looks.add(look);
				abort = () => reject(cancelled(signal!));
				signal?.addEventListener("abort", abort);
				if (timeoutMs === Number.POSITIVE_INFINITY) return;
				const expire = () => reject(notStarted("DEADLINE_EXCEEDED", `no server was connected within ${timeoutMs} ms`));
				timer = setTimeout(expire, Math.min(timeoutMs, 2 ** 31 - 1));
			});
		} finally {
			clearTimeout(timer);
			this.#looks.delete(look);
			signal?.removeEventListener("abort", abort);
		}
	}
}

function cancelled(signal: AbortSignal) {
	return notStarted("CANCELLED", "the wait for a server was cancelled", { cause: signal.reason });
}
