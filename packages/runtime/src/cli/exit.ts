import { type RpcError, RpcError as RpcErrorClass } from "../errors.js";

/** Exit statuses of every command. */
export const Exit = {
	OK: 0,
	INTERNAL: 1,
	USAGE: 2,
	/** No server, or no worker for the service. */
	UNREACHABLE: 4,
	DEADLINE: 5,
	/** The service answered with an error. */
	REFUSED: 6,
} as const;

/** The exit status that tells a script what became of a call. */
export function exitOf(error: unknown): number {
	if (!(error instanceof RpcErrorClass)) return Exit.INTERNAL;
	const { status, origin }: RpcError = error;
	if (status === "DEADLINE_EXCEEDED") return Exit.DEADLINE;
	if (status === "UNAVAILABLE") return Exit.UNREACHABLE;
	return origin === "peer" ? Exit.REFUSED : Exit.INTERNAL;
}
