/**
 * Frames inside frames: what a mechanism's cipher does to the traffic on its way out and in. A queue holds plain frames,
 * for it outlives its connection and so its keys; they are sealed as they are handed to the stream. What comes in is opened
 * as it arrives, whether it may be delivered yet or not, and read like any plain octets.
 */
import { ZmtpError } from "../errors.js";
import type { Limits } from "../limits.js";
import type { TrafficCipher } from "../mechanism/mechanism.js";
import { CutFrame } from "../wire/cut-frame.js";
import { COMMAND, LONG, longHeaderBytes, readSize, shortHeaderBytes } from "../wire/frame-header.js";
import type { FrameReader } from "../wire/frame-reader.js";
import { FrameWriter } from "../wire/frame-writer.js";

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
			const stop = this.#cipher.sealFrames(segment, position, this.#sealed);
			if (stop > position) {
				position = stop;
				continue;
			}
			const start = bodyAt(segment, position);
			const flags = segment[position]!;
			if (start === length) {
				this.#cipher.sealFrame(flags, following!, this.#sealed);
				return true;
			}
			position = start + sizeAt(segment, position);
			this.#cipher.sealFrame(flags, segment.subarray(start, position), this.#sealed);
		}
		return false;
	}
}

/** Opens what a peer has sealed, and gives it to a reader of plain frames. */
export class Unsealer {
	readonly #cipher: TrafficCipher;
	readonly #reader: FrameReader;
	/** Most octets in a sealed frame's body. */
	readonly #most: number;
	/** The sealed frame that the last chunk's end cut, or that is too large to go with others. */
	readonly #cut = new CutFrame();
	#isStopped = false;

	constructor(cipher: TrafficCipher, reader: FrameReader, { maxFrameBytes, maxCommandBytes }: Limits) {
		this.#cipher = cipher;
		this.#reader = reader;
		this.#most = Math.max(maxFrameBytes, maxCommandBytes) + cipher.overheadBytes;
	}

	/** Nothing more is opened. */
	stop(): void {
		this.#isStopped = true;
		this.#cut.clear();
	}

	/**
	 * Takes the next chunk, owned from here on, and has the reader deliver what it completes. Returns an error when the peer is
	 * at fault; what came before that has been delivered.
	 */
	push(chunk: Uint8Array): ZmtpError | undefined {
		for (let position = 0; position < chunk.length && !this.#isStopped; ) {
			const next = this.#cut.isEmpty && hasFrame(chunk, position) ? this.#openMany(chunk, position) : position;
			if (typeof next !== "number") return next;
			const end = next > position ? next : this.#mend(chunk, position);
			if (typeof end !== "number") return end;
			position = end;
		}
		return undefined;
	}

	/** Opens the frames that lie whole in the chunk. Returns where it stopped. */
	#openMany(chunk: Uint8Array, position: number): number | ZmtpError {
		const cipher = this.#cipher;
		const stop = cipher.openFrames(chunk, position, this.#most);
		const { openedEnd, fault } = cipher;
		if (openedEnd > position) {
			const error = this.#reader.push(chunk.subarray(position, openedEnd));
			if (error !== undefined) return error;
		}
		return fault === undefined ? stop : this.#end(fault);
	}

	/** Adds to the cut frame, and opens that if it is now whole. Returns where it stopped. */
	#mend(chunk: Uint8Array, from: number): number | ZmtpError {
		const cut = this.#cut;
		let position = from;
		if (!cut.hasBody) {
			position = cut.addHeader(chunk, position);
			if (!cut.hasHeader) return position;
			const error = this.#check(cut.flags, cut.size);
			if (error !== undefined) return this.#end(error);
			cut.accept();
		}
		position = cut.addBody(chunk, position);
		if (!cut.isWhole) return position;
		const plain = this.#open(cut.take());
		return plain instanceof ZmtpError ? this.#end(plain) : (this.#reader.push(plain) ?? position);
	}

	#open(body: Uint8Array): Uint8Array | ZmtpError {
		try {
			return this.#cipher.openFrame(body);
		} catch (error) {
			if (!(error instanceof ZmtpError)) throw error;
			return error;
		}
	}

	/** RFC 26 has sealed frames as commands; libzmq sends messages and drops commands. What is whole is said inside. */
	#check(flags: number, size: number): ZmtpError | undefined {
		if ((flags & ~(LONG | COMMAND)) !== 0) {
			return new ZmtpError("ZMTP_FRAME_FLAGS_INVALID", `a sealed frame has the flags 0x${flags.toString(16)}`);
		}
		if (size <= this.#most) return undefined;
		return new ZmtpError(
			(flags & COMMAND) === 0 ? "ZMTP_FRAME_TOO_LARGE" : "ZMTP_COMMAND_TOO_LARGE",
			`a sealed frame of ${size} bytes exceeds ${this.#most}`,
		);
	}

	/** What was whole before the fault, and is kept because nobody wants it yet, is all there will be. */
	#end(fault: ZmtpError): ZmtpError {
		return this.#reader.drain() ?? fault;
	}
}

/** Whether the frame at `position` ends in the chunk. */
function hasFrame(chunk: Uint8Array, position: number): boolean {
	const start = bodyAt(chunk, position);
	return start <= chunk.length && sizeAt(chunk, position) <= chunk.length - start;
}

/** Where the body of the frame at `position` begins. */
function bodyAt(chunk: Uint8Array, position: number): number {
	return position + ((chunk[position]! & LONG) === 0 ? shortHeaderBytes : longHeaderBytes);
}

/** How large it is, when its header is whole. */
function sizeAt(chunk: Uint8Array, position: number): number {
	return (chunk[position]! & LONG) === 0 ? chunk[position + 1]! : readSize(chunk, position + 1);
}
