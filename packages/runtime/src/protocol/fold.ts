/**
 * Messages with frames beside their body, for who takes none: the octets go back into the body, where they would have been. Only a
 * hop whose neighbour does not know of such frames looks into a body for it.
 */
import type { IncomingMessage } from "../link/link.js";
import { putInside } from "./attached.js";
import { type Body, wholeBody } from "./body.js";
import { takeFrames } from "./body-reader.js";
import { ChangedMessage } from "./changed-message.js";
import { Kind, Reply } from "./header.js";

/** Throws an Error when the body does not refer to just these frames. */
export function foldBody(body: Body): Body {
	const { octets, frames } = body;
	return frames.length === 0 ? body : wholeBody(putInside(octets, 0, octets.length, frames));
}

/**
 * A message whose data starts with the header at `header`, without frames beside its body; the same one when it has none. A result's
 * header goes with them. Throws as `foldBody`.
 */
export function foldMessage(message: IncomingMessage, header: number): IncomingMessage {
	const body = header + 1;
	if (body >= message.count || message.size(header) === 0) return message;
	const kind = message.buffers[header]![message.starts[header]!]!;
	const isWhole = kind !== Reply.RESULT && message.count === body + 1;
	if (isWhole || !hasFramesBeside(kind)) return message;
	const octets = putInside(
		message.buffers[body]!,
		message.starts[body]!,
		message.ends[body]!,
		takeFrames(message, body + 1),
	);
	const place = kind === Reply.RESULT ? header : body;
	return new ChangedMessage(message, place, octets, place + 1);
}

function hasFramesBeside(kind: number): boolean {
	switch (kind) {
		case Kind.CALL:
		case Kind.ITEM:
		case Kind.ANSWER:
		case Kind.DELIVER:
		case Reply.ITEM:
		case Reply.CALLBACK:
		case Reply.SURVEYED:
		case Reply.RESULT:
			return true;
		default:
			return false;
	}
}
