import type { CallPeer } from "../call-context.js";
import type { Status } from "../errors.js";
import type { InterceptedCall, Interceptor } from "../interceptor.js";
import type { MethodForm } from "../service.js";
import { observe } from "./observe.js";

/** What is to be logged of a call that has ended. */
export interface CallRecord {
	readonly side: "client" | "server";
	readonly method: string;
	readonly form: MethodForm;
	readonly status: "OK" | Status;
	/** Unit: ms. */
	readonly durationMs: number;
	/** Of a stream. */
	readonly items?: number;
	/** At a server: who called. */
	readonly peer?: CallPeer;
	/** Why it failed, as the caller is told. */
	readonly message?: string;
	/** What a server's log and its caller both have of a failure that the caller is told nothing else of. */
	readonly errorId?: string;
}

/** Writes one record for each call that has ended: to `log`, which may not throw. For either side. */
export function logging(log: (record: CallRecord) => void): Interceptor {
	return (call, next) => {
		const startedAt = performance.now();
		let items = 0;
		return observe(call, () => next(call), {
			onItem: () => void items++,
			onEnd: (error) => log(recordOf(call, performance.now() - startedAt, items, error)),
		});
	};
}

/** A record on one line, for logs that people read. */
export function formatCallRecord(record: CallRecord): string {
	const { method, status, durationMs, items, peer, message, errorId } = record;
	const parts = [
		method,
		status,
		`${durationMs.toFixed(1)} ms`,
		items === undefined ? undefined : `${items} items`,
		peer === undefined
			? undefined
			: `from ${peer.userId === undefined ? "" : `${printable(peer.userId)} at `}${peer.address}`,
		errorId,
		message === undefined ? undefined : printable(message),
	];
	return parts.filter((part) => part !== undefined).join(" ");
}

function recordOf(call: InterceptedCall, durationMs: number, items: number, error: unknown): CallRecord {
	const { side, method, form, peer } = call;
	const failure = error === undefined ? undefined : call.explain(error);
	const errorId = (failure?.details as { readonly errorId?: unknown } | null | undefined)?.errorId;
	return {
		side,
		method,
		form,
		status: failure?.status ?? "OK",
		durationMs,
		...(form === "stream" ? { items } : {}),
		...(peer === undefined ? {} : { peer }),
		...(failure === undefined ? {} : { message: failure.message }),
		...(typeof errorId === "string" ? { errorId } : {}),
	};
}

/** A caller's text must not look like lines of the log. */
function printable(text: string): string {
	return text.replace(/\p{Cc}/gu, " ");
}
