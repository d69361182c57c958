import { platform } from "#platform";
import { frameHeadBytes, type LinkPeer, type MessageWriter, takesOctets } from "../link/link.js";
import { type Body, bodySize, sizeOfFrames } from "./body.js";
import type { Codec } from "./codec.js";
import { foldBody } from "./fold.js";

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

/** What lies beside the body that is being written: one at a time. */
const beside: Uint8Array[] = [];

/**
 * Encodes a value as the message's last frames, straight into the peer's queue. Returns its size in bytes. `peer`: whom it is for;
 * `undefined` for who takes no frames beside a body, whoever it is. What goes beside it is borrowed until it is sent.
 * Throws `InvalidValue` or `BodyTooLarge`, with the frame unfinished: the message must then be rolled back.
 */
export function writeBody<T>(
	writer: MessageWriter,
	codec: Codec<T>,
	value: T,
	maxBytes: number,
	peer: LinkPeer | undefined,
): number {
	const end = encodeInPlace(writer, codec, value, maxBytes);
	const size = end - writer.end - frameHeadBytes;
	if (beside.length === 0) {
		writer.closeFrame(end, false);
		return size;
	}
	return writeBeside(writer, end, peer, undefined);
}

/** As `writeBody`; `header` goes in front when octets travel beside the body, and only then. */
export function writeResult<T>(
	writer: MessageWriter,
	header: Uint8Array,
	codec: Codec<T>,
	value: T,
	maxBytes: number,
	peer: LinkPeer | undefined,
): void {
	const end = encodeInPlace(writer, codec, value, maxBytes);
	if (beside.length === 0) writer.closeFrame(end, false);
	else writeBeside(writer, end, peer, header);
}

/** A body as it may be sent to a peer; `undefined`: to who takes no frames beside it. Throws as `foldBody`. */
export function bodyFor(peer: LinkPeer | undefined, body: Body): Body {
	return body.frames.length === 0 || (peer !== undefined && takesOctets(peer)) ? body : foldBody(body);
}

/** Writes a body that was encoded before, as the message's last frames. `header`: goes in front when it has frames beside it. */
export function writeEncoded(writer: MessageWriter, { octets, frames }: Body, header?: Uint8Array): void {
	if (header !== undefined && frames.length > 0) writer.frame(header, true);
	writer.frame(octets, frames.length > 0);
	const last = frames.length - 1;
	for (let i = 0; i <= last; i++) writer.frame(frames[i]!, i < last);
}

/** Encodes a value apart from any message. Throws as `writeBody`. */
export function encodeBody<T>(codec: Codec<T>, value: T, maxBytes: number): Body {
	const frames: Uint8Array[] = [];
	const octets = encodeOctets(codec, value, maxBytes, frames);
	return { octets, frames };
}

/** Encodes a value that has nothing beside it. Throws as `writeBody`. */
export function encodeWhole<T>(codec: Codec<T>, value: T, maxBytes: number): Uint8Array {
	return encodeOctets(codec, value, maxBytes, undefined);
}

/** Writes a body that is text already. */
export function writeTextBody(writer: MessageWriter, text: string, maxBytes: number): number {
	const body = platform.encodeText(text);
	assertSize(body.length, maxBytes);
	writer.frame(body, false);
	return body.length;
}

/** Encodes into a frame that is left open, and into `beside`. Returns the end of its body. */
function encodeInPlace<T>(writer: MessageWriter, codec: Codec<T>, value: T, maxBytes: number): number {
	// Setting a length costs more than all else here.
	if (beside.length > 0) beside.length = 0;
	// First: it may change the buffer.
	const start = writer.openFrame();
	const end = codec.encode(writer.buffer, start, value, beside);
	const size = end - writer.end - frameHeadBytes;
	if (end > writer.buffer.length || size > maxBytes || beside.length > 0) {
		return encodeCarefully(writer, codec, value, end, maxBytes);
	}
	return end;
}

/** What is larger than there was room for, than is allowed, or has something beside it. `tried`: where its body would end. */
function encodeCarefully<T>(writer: MessageWriter, codec: Codec<T>, value: T, tried: number, maxBytes: number): number {
	let end = tried;
	while (end > writer.buffer.length) {
		assertSize(end - writer.end - frameHeadBytes, maxBytes);
		writer.reserve(end - writer.end);
		const start = writer.openFrame();
		end = codec.encode(writer.buffer, start, value, beside);
	}
	assertSize(end - writer.end - frameHeadBytes + sizeOfFrames(beside), maxBytes);
	return end;
}

/** Writes the open frame, whose body ends at `end`, and what lies beside it. */
function writeBeside(
	writer: MessageWriter,
	end: number,
	peer: LinkPeer | undefined,
	header: Uint8Array | undefined,
): number {
	const start = writer.end + frameHeadBytes;
	// What lies in the open frame is overwritten by the frame in front of it.
	const octets = Uint8Array.prototype.slice.call(writer.buffer, start, end);
	const body = { octets, frames: beside };
	const size = bodySize(body);
	writeEncoded(writer, bodyFor(peer, body), header);
	beside.length = 0;
	return size;
}

/** Most bodies have room here. */
const firstBytes = 256;

function encodeOctets<T>(codec: Codec<T>, value: T, maxBytes: number, frames: Uint8Array[] | undefined): Uint8Array {
	let buffer = platform.allocate(firstBytes);
	let size = codec.encode(buffer, 0, value, frames);
	while (size > buffer.length) {
		assertSize(size, maxBytes);
		buffer = platform.allocate(size);
		size = codec.encode(buffer, 0, value, frames);
	}
	assertSize(size + (frames === undefined ? 0 : sizeOfFrames(frames)), maxBytes);
	return Uint8Array.prototype.slice.call(buffer, 0, size);
}

function assertSize(size: number, maxBytes: number): void {
	if (size > maxBytes) throw new BodyTooLarge(size, maxBytes);
}
