import { randomUUID } from "node:crypto";
import type { CallPeer } from "../call-context.js";
import { notStarted, RpcError, ServiceError, type Status } from "../errors.js";
import { BodyTooLarge } from "../protocol/body-writer.js";
import { InvalidValue } from "../protocol/codec.js";
import type { ServedCall } from "./context.js";

/** What the server's log should say of a handler's failure. */
export interface HandlerFailure {
	/** Also in the caller's error message. */
	readonly errorId: string;
	readonly method: string;
	readonly error: unknown;
}

/** A call that was refused before interceptors and handlers heard of it. */
export interface RefusedCall {
	/** `"Service.method"`; `undefined` when there is none of that name: callers choose those, and could choose any number. */
	readonly method: string | undefined;
	readonly status: Status;
	/** Why, as the caller is told; it may hold what the caller sent. */
	readonly message: string;
	readonly peer: CallPeer;
}

/** A call of which the general codec had to read the arguments, an item, or what a callback returned. */
export interface SurprisingCall {
	readonly method: string;
	readonly peer: CallPeer;
}

/** Keeps a caller's bad arguments apart from an `InvalidValue` that a handler throws, of a call it made itself. */
export class InvalidArguments extends Error {
	readonly reason: InvalidValue;

	constructor(reason: InvalidValue) {
		super(reason.message);
		this.reason = reason;
	}
}

/** What the caller may know. A handler's own message and stack stay here unless it threw an RpcError. */
export function toRpcError(call: ServedCall, error: unknown, report: (failure: HandlerFailure) => void): RpcError {
	// What the interface does not declare is none of the caller's business, like any other failure in here.
	if (error instanceof RpcError && !(error instanceof ServiceError)) return call.hasStarted ? afterStart(error) : error;
	if (error instanceof InvalidArguments) {
		const { message, violations } = error.reason;
		return notStarted("INVALID_ARGUMENT", `${call.method}: ${message}`, { details: { violations } });
	}
	// A handler that obeys its signal ends with whatever error its own calls gave it; the abort is the reason.
	if (call.abortReason !== undefined) return call.abortReason;
	call.errorId ??= randomUUID();
	const { errorId } = call;
	report({ errorId, method: call.method, error });
	return new RpcError("INTERNAL", `${call.method} failed; the server's log has it as ${errorId}`, {
		details: { errorId },
	});
}

/**
 * What a handler's own calls told it is true of those calls. This one did start: with their `not-started` passed on, its
 * caller would think that it can safely be repeated.
 */
function afterStart(error: RpcError): RpcError {
	if (error.outcome !== "not-started") return error;
	return new RpcError(error.status, error.message, { details: error.details, cause: error });
}

/** A result that cannot be sent is the handler's fault, not the caller's. */
export function resultError(error: unknown): unknown {
	if (error instanceof BodyTooLarge) return new RpcError("RESOURCE_EXHAUSTED", `a result of ${error.message}`);
	if (!(error instanceof InvalidValue)) return error;
	return new Error(`the handler's result is not what the interface says: ${error.message}`, { cause: error });
}

/** A declared error whose data is not what its declaration says is the handler's fault too. */
export function undeclaredData(error: RpcError, reason: unknown): Error {
	return new Error(`the data of ${error.name} is not what the interface says: ${(reason as Error).message}`, {
		cause: error,
	});
}
