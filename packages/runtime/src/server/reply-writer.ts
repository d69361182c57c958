import { RpcError } from "../errors.js";
import type { MessageWriter } from "../link/link.js";
import type { Codec } from "../protocol/codec.js";
import { END } from "../protocol/header.js";

/** Writes a result as the message's last frame. Throws, with the frame unfinished, when the value cannot be sent. */
export function writeResult(
	writer: MessageWriter,
	codec: Codec<unknown>,
	value: unknown,
	isJson: boolean,
	maxFrameBytes: number,
): void {
	if (isJson) {
		const body = Buffer.from(codec.encodeJson(value));
		assertSize(body.length, maxFrameBytes);
		writer.frame(body, false);
		return;
	}
	let end = codec.encode(writer.buffer, writer.openFrame(), value);
	while (end > writer.buffer.length) {
		assertSize(end - writer.end - 2, maxFrameBytes);
		writer.reserve(end - writer.end);
		end = codec.encode(writer.buffer, writer.openFrame(), value);
	}
	assertSize(end - writer.end - 2, maxFrameBytes);
	writer.closeFrame(end, false);
}

/** The queue's sign that a one-way call is done. */
export function writeEnd(writer: MessageWriter): void {
	writer.frame(Uint8Array.of(END, 0), false);
}

function assertSize(size: number, maxFrameBytes: number): void {
	if (size > maxFrameBytes) {
		throw new RpcError("RESOURCE_EXHAUSTED", `a result of ${size} bytes exceeds maxFrameBytes ${maxFrameBytes}`);
	}
}
