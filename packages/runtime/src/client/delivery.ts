/** Answers to calls that were delegated, as calls of their own: the hop that keeps the call says whether it took the answer. */
import { notStarted, type RpcError, statusNumbers } from "../errors.js";
import { type Body, textBody, wholeBody } from "../protocol/body.js";
import { encodeBody } from "../protocol/body-writer.js";
import { type Codec, InvalidValue, voidCodec } from "../protocol/codec.js";
import { type DeclaredErrors, encodeDeclared } from "../protocol/declared-error.js";
import { encodeErrorFor } from "../protocol/error-body.js";
import { foldBody } from "../protocol/fold.js";
import { decodeReplyTo, encodeDeliver, type ReplyTo } from "../protocol/hand-over.js";
import { type Method, unary } from "../service.js";
import { useHeader } from "./request-writer.js";

/** A body that has been encoded already. */
const rawCodec: Codec<readonly [Body]> = {
	encode(buffer, offset, [body], frames) {
		const { octets } = frames === undefined ? foldBody(body) : body;
		frames?.splice(0, frames.length, ...body.frames);
		const end = offset + octets.length;
		if (end <= buffer.length) buffer.set(octets, offset);
		return end;
	},
	decode: (chunk, start, end) => [wholeBody(chunk.subarray(start, end))],
	encodeJson: () => "",
	decodeJson: (text) => [textBody(text)],
};

export interface Delivery {
	readonly method: Method<readonly [Body], void>;
	readonly body: Body;
}

/** What an answer needs to know of the method that was called. */
export interface AnswerableMethod<Result> {
	readonly name: string;
	readonly result: Codec<Result>;
	readonly errors: DeclaredErrors;
}

/** The call that delivers a result. Throws INVALID_ARGUMENT: the right is another method's, or the value not of its type. */
export function deliverResult<Result>(
	to: ReplyTo<Result>,
	method: AnswerableMethod<Result>,
	value: Result,
	maxBytes: number,
): Delivery {
	const { key, isJson, way } = rightOf(to, method.name);
	try {
		const body = isJson ? textBody(method.result.encodeJson(value)) : encodeBody(method.result, value, maxBytes);
		return { method: deliverMethod(encodeDeliver(key, 0, isJson, way)), body };
	} catch (error) {
		if (!(error instanceof InvalidValue)) throw error;
		throw notStarted("INVALID_ARGUMENT", `${method.name}: the result: ${error.message}`, {
			details: { violations: error.violations },
		});
	}
}

/** The call that delivers a failure. Throws INVALID_ARGUMENT as `deliverResult`. */
export function deliverError<Result>(to: ReplyTo<Result>, method: AnswerableMethod<Result>, error: RpcError): Delivery {
	const { key, isJson, way } = rightOf(to, method.name);
	const declared = encodeDeclared(error, method.errors, isJson);
	const body = wholeBody(encodeErrorFor(isJson, error, declared));
	return { method: deliverMethod(encodeDeliver(key, statusNumbers[error.status], isJson, way)), body };
}

function rightOf(to: string, name: string) {
	const right = decodeReplyTo(to);
	if (right.method === name) return right;
	throw notStarted("INVALID_ARGUMENT", `this ReplyTo is for an answer of ${right.method}, not of ${name}`);
}

function deliverMethod(header: Uint8Array): Delivery["method"] {
	const method = unary<readonly [Body], void>({
		name: "an answer by ReplyTo",
		arguments: rawCodec,
		result: voidCodec,
	});
	useHeader(method, header);
	return method;
}
