import { platform } from "#platform";
import type { MessageWriter } from "../link/link.js";
import type { Codec } from "./codec.js";

/** A body that is larger than a frame may be. What to tell whom is the writer's business. */
export class BodyTooLarge extends Error {
	override readonly name = "BodyTooLarge";
	/** Unit: bytes. */
	readonly size: number;

	constructor(size: number, maxBytes: number) {
		super(`${size} bytes exceed maxFrameBytes ${maxBytes}; send less, or raise it on all sides`);
		this.size = size;
	}
}

/**
 * Encodes a value as the message's last frame, straight into the peer's queue. Returns its size in bytes.
 * Throws `InvalidValue` or `BodyTooLarge`, with the frame unfinished: the message must then be rolled back.
 */
export function writeBody<T>(writer: MessageWriter, codec: Codec<T>, value: T, maxBytes: number): number {
	let end = codec.encode(writer.buffer, writer.openFrame(), value);
	while (end > writer.buffer.length) {
		assertSize(end - writer.end - 2, maxBytes);
		writer.reserve(end - writer.end);
		end = codec.encode(writer.buffer, writer.openFrame(), value);
	}
	const size = end - writer.end - 2;
	assertSize(size, maxBytes);
	writer.closeFrame(end, false);
	return size;
}

/** Encodes a value into memory of its own. Throws as `writeBody`. */
export function encodeBody<T>(codec: Codec<T>, value: T, maxBytes: number): Uint8Array {
	let buffer = new Uint8Array(256);
	let size = codec.encode(buffer, 0, value);
	while (size > buffer.length) {
		assertSize(size, maxBytes);
		buffer = new Uint8Array(size);
		size = codec.encode(buffer, 0, value);
	}
	assertSize(size, maxBytes);
	return buffer.slice(0, size);
}

/** Writes a body that is text already. */
export function writeTextBody(writer: MessageWriter, text: string, maxBytes: number): number {
	const body = platform.encodeText(text);
	assertSize(body.length, maxBytes);
	writer.frame(body, false);
	return body.length;
}

function assertSize(size: number, maxBytes: number): void {
	if (size > maxBytes) throw new BodyTooLarge(size, maxBytes);
}
