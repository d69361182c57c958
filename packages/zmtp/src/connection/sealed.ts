/**
 * Frames inside frames: what a mechanism's cipher does to the traffic on its way out and in. A queue holds plain frames,
 * for it outlives its connection and so its keys; they are sealed as they are handed to the stream.
 */
import type { Limits } from "../limits.js";
import type { TrafficCipher } from "../mechanism/mechanism.js";
import { LONG, longHeaderBytes, readSize, shortHeaderBytes } from "../wire/frame-header.js";
import { FrameReader, type FrameSink } from "../wire/frame-reader.js";
import { FrameWriter } from "../wire/frame-writer.js";
import type { Message } from "../wire/message.js";

/** Seals what waits for a peer. */
export class Sealer {
	readonly #cipher: TrafficCipher;
	readonly #sealed = new FrameWriter();

	constructor(cipher: TrafficCipher) {
		this.#cipher = cipher;
	}

	/**
	 * Takes everything committed out of `plain`. Returns it sealed, to be sent or detached before the next call. Throws when
	 * the cipher has come to its end.
	 */
	seal(plain: FrameWriter): FrameWriter {
		const sealed = this.#sealed;
		const segments = plain.pending();
		for (let i = 0; i < segments.length; i++) if (this.#sealSegment(segments[i]!, segments[i + 1])) i++;
		sealed.messages = plain.messages;
		plain.sent();
		return sealed;
	}

	/** Seals the frames of a segment. True: the last one's body is the segment that follows. */
	#sealSegment(segment: Uint8Array, following: Uint8Array | undefined): boolean {
		const length = segment.length;
		for (let position = 0; position < length; ) {
			const flags = segment[position]!;
			const isLong = (flags & LONG) !== 0;
			const size = isLong ? readSize(segment, position + 1) : segment[position + 1]!;
			const start = position + (isLong ? longHeaderBytes : shortHeaderBytes);
			if (start === length && size > 0) {
				this.#sealFrame(flags, following!, 0, size);
				return true;
			}
			position = start + size;
			this.#sealFrame(flags, segment, start, position);
		}
		return false;
	}

	/** A message frame for each, whatever is in it: see docs/zmtp-profile.md. */
	#sealFrame(flags: number, source: Uint8Array, start: number, end: number): void {
		const sealed = this.#sealed;
		sealed.begin();
		const at = sealed.allot(end - start + this.#cipher.overheadBytes, false);
		this.#cipher.seal(flags, source, start, end, sealed.buffer, at);
		sealed.commit();
	}
}

/** Opens what a peer has sealed, in place, and delivers it as a reader of plain frames would. */
export class Unsealer implements FrameSink {
	readonly #cipher: TrafficCipher;
	readonly #inner: FrameReader;
	readonly #onError: (error: unknown) => void;

	/** `onError`: the peer is at fault; nothing is delivered any more. */
	constructor(cipher: TrafficCipher, sink: FrameSink, limits: Limits, onError: (error: unknown) => void) {
		this.#cipher = cipher;
		this.#inner = new FrameReader(sink, limits);
		this.#inner.acceptsMessages = true;
		this.#onError = onError;
	}

	onMessage(message: Message): void {
		this.onCommand(message.buffers[0]!, message.starts[0]!, message.ends[0]!);
	}

	/** RFC 26 has sealed frames as commands; libzmq sends messages and drops commands. Both are understood here. */
	onCommand(buffer: Uint8Array, start: number, end: number): void {
		try {
			const flags = this.#cipher.open(buffer, start, end);
			const error = this.#inner.take(flags, buffer, start + this.#cipher.overheadBytes, end);
			if (error !== undefined) this.#onError(error);
		} catch (error) {
			this.#onError(error);
		}
	}
}
