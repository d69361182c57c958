/** ERROR answers: how a failure crosses the wire. */
import { platform } from "#platform";
import { type Outcome, RpcError, type Status, statusNumbers, statusOf } from "../errors.js";
import { maxErrorBytes } from "../limits.js";
import type { IncomingMessage, MessageWriter } from "../link/link.js";
import { type DeclaredErrors, type DeclaredFields, reviveDeclared } from "./declared-error.js";
import { Flag, Reply } from "./header.js";
import { pack, unpack } from "./msgpack.js";

/** Longest message and name that are sent and believed. Unit: characters. */
const maxTextLength = 4096;

/** Writes header and body of an ERROR, the message's last two frames, in the codec of the request. The cause stays here. */
export function writeError(writer: MessageWriter, error: RpcError, isJson: boolean, declared?: DeclaredFields): void {
	const flags = outcomeFlags(error.outcome) | (isJson ? Flag.JSON : 0);
	writer.frame(Uint8Array.of(Reply.ERROR, flags, statusNumbers[error.status]), true);
	writer.frame(encodeErrorFor(isJson, error, declared), false);
}

/** Details that cannot be sent, or not in this size, must not turn one failure into another. */
function encodeErrorBody(
	error: RpcError,
	declared: DeclaredFields | undefined,
	encode: (value: unknown) => Uint8Array,
): Uint8Array {
	const fields = { message: error.message.slice(0, maxTextLength), ...declared };
	try {
		const body = encode({ ...fields, details: error.details });
		if (body.length <= maxErrorBytes) return body;
	} catch {
		// A cycle, or a value that the codec has no form for.
	}
	return encode(fields);
}

/** What explains a failure, in the codec of the request. */
export function encodeErrorFor(isJson: boolean, error: RpcError, declared?: DeclaredFields): Uint8Array {
	return encodeErrorBody(error, declared, isJson ? packJson : pack);
}

function packJson(value: unknown): Uint8Array {
	return platform.encodeText(JSON.stringify(value));
}

function outcomeFlags(outcome: Outcome): number {
	if (outcome === "not-started") return Flag.NOT_STARTED;
	return outcome === "unknown" ? Flag.OUTCOME_UNKNOWN : 0;
}

/** Reads an ERROR from its header and body frame. `errors`: those that the method declares. */
export function readError(message: IncomingMessage, header: number, errors: DeclaredErrors = {}): RpcError {
	const buffer = message.buffers[header]!;
	const start = message.starts[header]!;
	const flags = buffer[start + 1] ?? 0;
	const status = statusOf(message.size(header) > 2 ? buffer[start + 2]! : 0);
	return readErrorBody(message, header + 1, status, flags, errors);
}

/** Reads what explains a failure. Fields are taken one by one; nothing of the peer's is trusted. */
export function readErrorBody(
	message: IncomingMessage,
	body: number,
	status: Status,
	flags: number,
	errors: DeclaredErrors,
): RpcError {
	const isJson = (flags & Flag.JSON) !== 0;
	let fields: { message?: unknown; name?: unknown; data?: unknown; details?: unknown } = {};
	try {
		const value = isJson
			? (JSON.parse(platform.decodeText(message.buffers[body]!, message.starts[body]!, message.ends[body]!)) as unknown)
			: unpack(message.buffers[body]!, message.starts[body]!, message.ends[body]!);
		if (typeof value === "object" && value !== null) fields = value;
	} catch {
		// The status stands; only its explanation is unreadable.
	}
	const text = typeof fields.message === "string" ? fields.message.slice(0, maxTextLength) : status;
	const declared =
		typeof fields.name === "string" ? reviveDeclared(fields.name, fields.data, text, errors, isJson) : undefined;
	if (declared !== undefined) return declared;
	const outcome =
		(flags & Flag.NOT_STARTED) !== 0 ? "not-started" : (flags & Flag.OUTCOME_UNKNOWN) !== 0 ? "unknown" : "failed";
	return new RpcError(status, text, { outcome, origin: "peer", details: fields.details });
}
