/** What this side says of calls that fail here. */
import { notStarted, type Outcome, RpcError } from "../errors.js";
import type { AnyMethod } from "../service.js";

/** The caller wants no more of it, or has no time for it: what has arrived and was not read is of no use. */
export function isGivenUp({ status }: RpcError): boolean {
	return status === "CANCELLED" || status === "DEADLINE_EXCEEDED";
}

/** The server, not the call, seems to be the reason. */
export function isOutage({ status }: RpcError): boolean {
	return status === "UNAVAILABLE" || status === "DEADLINE_EXCEEDED";
}

export function misused({ name, form }: AnyMethod): RpcError {
	const how = { unary: "call", "one-way": "notify", stream: "stream" }[form];
	const what = { unary: "answers with one value", "one-way": "answers nothing", stream: "answers with a stream" }[form];
	return notStarted("FAILED_PRECONDITION", `${name} ${what}: use ${how}()`);
}

/** `trouble`: what kept servers away meanwhile. */
export function expired({ name }: AnyMethod, outcome: Outcome, trouble?: Error): RpcError {
	if (outcome === "not-started" && trouble !== undefined) {
		const text = `${name}: no server to be had within the time it had: ${trouble.message}`;
		return new RpcError("DEADLINE_EXCEEDED", text, { outcome, cause: trouble.cause });
	}
	return new RpcError("DEADLINE_EXCEEDED", `${name}: no answer within the time it had`, { outcome });
}

export function notHedged({ name }: AnyMethod): RpcError {
	const text = `${name}: only a method that is @idempotent, with neither streams nor callbacks, can be hedged`;
	return notStarted("INVALID_ARGUMENT", text);
}

export function closed({ name }: AnyMethod): RpcError {
	return notStarted("FAILED_PRECONDITION", `${name}: the connection is closed`);
}

export function unavailable({ name }: AnyMethod, why: string): RpcError {
	return notStarted("UNAVAILABLE", `${name}: ${why}`);
}

export function tooManyInFlight({ name }: AnyMethod): RpcError {
	return notStarted("RESOURCE_EXHAUSTED", `${name}: too many calls in flight`);
}

export function tooManyWaiting({ name }: AnyMethod): RpcError {
	return notStarted("RESOURCE_EXHAUSTED", `${name}: too many calls wait for a server already`);
}

/** An option of the call makes no sense. */
export function badOption({ name }: AnyMethod, error: unknown): RpcError {
	return notStarted("INVALID_ARGUMENT", `${name}: ${(error as Error).message}`, { cause: error });
}

/** The two sides do not have the same interface: what the server would send now has no meaning here. */
export function staysOpen({ name }: AnyMethod): RpcError {
	const text = `${name} is a stream, or takes streams or callbacks, at the server; this caller's interface has another form of it`;
	return new RpcError("FAILED_PRECONDITION", text, { outcome: "unknown" });
}
