import type { CallPeer } from "../call-context.js";
import type { Status } from "../errors.js";
import type { InterceptedCall, Interceptor } from "../interceptor.js";
import type { RefusedCall } from "../server/failures.js";
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

/** What there is not of a call that was refused. */
const refused: Partial<CallRecord> = {};

/** A record on one line, for logs that people read; also of a call that a server has refused. */
export function formatCallRecord(record: CallRecord | RefusedCall): string {
	const { method, status, peer, message } = record;
	const { durationMs, items, errorId } = "durationMs" in record ? record : refused;
	const parts = [
		method ?? "unknown method",
		status,
		durationMs === undefined ? "refused" : `${durationMs.toFixed(1)} ms`,
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
